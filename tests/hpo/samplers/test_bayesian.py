import subprocess
import sys
import warnings

import numpy as np
import optuna
import pytest

from autogen.hpo.samplers import bayesian
from autogen.hpo.samplers.base import Sampler
from autogen.hpo.samplers.bayesian import BayesianSampler
from autogen.hpo.samplers.model.history import Basis
from autogen.hpo.samplers.model.surrogate import Surrogate
from autogen.hpo.samplers.random import RandomSampler
from autogen.hpo.space import Choice, Float, Int, SearchSpace
from autogen.hpo.trial import Config, Outcome, State
from autogen.testing.samplers import LARGE, Make, SamplerContract, play
from tests.lines import lines_of

SPACE = SearchSpace(
    {
        "good": {
            "kind": Choice(("a", "b")),
            "x": Float(0.0, 1.0),
            "y": Float(1e-4, 1.0, log=True),
            "z": Int(1, 20, when={"kind": "b"}),
        },
        "bad": {"x": Float(0.0, 1.0), "y": Float(0.0, 1.0)},
    }
)


def loss(config: Config) -> float:
    if config["family"] == "bad":
        return 1.0 + float(config["x"])
    off = (float(config["x"]) - 0.7) ** 2 + (np.log10(float(config["y"])) / 4 + 0.3) ** 2
    return off + (0.2 if config["kind"] == "a" else abs(int(config["z"]) - 13) / 20)


def searched(sampler: Sampler, count: int) -> list[float]:
    losses = []
    for number in range(count):
        (config,) = sampler.ask()
        losses.append(loss(config))
        sampler.tell([Outcome(number, State.COMPLETE, losses[-1])])
    return losses


class TestBeyondTheGaussianProcess(SamplerContract):
    """The contract where TPE proposes from the fifth result of a family on."""

    @pytest.fixture
    def make(self, monkeypatch: pytest.MonkeyPatch) -> Make:
        monkeypatch.setattr(bayesian, "PROCESS", 4)
        return BayesianSampler


def test_each_familys_defaults_come_first():
    sampler = BayesianSampler(SPACE, 3)
    assert sampler.ask(2) == [SPACE.default("good"), SPACE.default("bad")]


def test_the_portfolio_comes_between_the_first_defaults_and_those_of_the_other_families():
    branches = {family: {"x": Int(0, 9, default=0)} for family in "abc"}
    portfolio = ({"family": "a", "x": 3}, {"family": "c", "x": 7})
    space = SearchSpace(branches, first=["b"], portfolio=portfolio)
    asked = BayesianSampler(space).ask(5)
    assert asked == [
        {"family": "b", "x": 0},
        *portfolio,
        {"family": "a", "x": 0},
        {"family": "c", "x": 0},
    ]
    assert BayesianSampler(space).ask(3, fixed={"family": "c"})[:2] == [asked[2], asked[4]]


def test_fixed_values_that_exclude_the_defaults_do_not_lose_them():
    sampler = BayesianSampler(SPACE, 3)
    sampler.ask(2, fixed={"family": "good", "kind": "b"})
    assert sampler.ask(2) == [SPACE.default("good"), SPACE.default("bad")]


@pytest.mark.slow
def test_it_finds_better_configs_than_random_search():
    ours = [min(searched(BayesianSampler(SPACE, seed), 35)) for seed in range(3)]
    random = [min(searched(RandomSampler(SPACE, seed), 35)) for seed in range(3)]
    assert np.median(ours) < 0.25 * np.median(random)


@pytest.mark.slow
def test_tpe_too_proposes_better_configs_than_chance(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bayesian, "PROCESS", 8)
    ours = [loss for seed in range(3) for loss in searched(BayesianSampler(SPACE, seed), 40)[20:]]
    random = [loss for seed in range(3) for loss in searched(RandomSampler(SPACE, seed), 40)[20:]]
    assert np.median(ours) < 0.5 * np.median(random)


@pytest.mark.slow
def test_most_trials_go_to_the_better_family():
    sampler = BayesianSampler(SPACE, 0)
    searched(sampler, 40)
    families = [config["family"] for config in sampler.asked]
    assert families.count("good") > 25


@pytest.mark.slow
def test_pending_trials_are_kept_away_from():
    sampler = BayesianSampler(SPACE, 0)
    searched(sampler, 30)
    asked = sampler.ask(6)
    assert len({round(float(config["x"]), 3) for config in asked}) > 1


def test_where_seconds_count_the_better_default_is_followed_at_once():
    for seconds, families in ((0.0, {"good", "bad"}), (5.0, {"good"})):
        sampler = BayesianSampler(SPACE, 0)
        sampler.tell(
            Outcome(number, State.COMPLETE, loss(config), seconds=seconds)
            for number, config in enumerate(sampler.ask(2))
        )
        assert {config["family"] for config in sampler.ask(2)} == families


@pytest.mark.slow
def test_of_configs_that_promise_as_much_the_quicker_one_is_proposed():
    def cheap(seconds: bool) -> float:
        sampler = BayesianSampler(SPACE.restrict(("bad",)), 0)
        for number in range(30):
            (config,) = sampler.ask()
            took = 10.0 ** (2 * float(config["x"])) if seconds else 0.0
            off = (float(config["y"]) - 0.5) ** 2
            sampler.tell([Outcome(number, State.COMPLETE, off, seconds=took)])
        return float(np.mean([float(config["x"]) for config in sampler.asked[6:]]))

    assert cheap(True) < cheap(False) - 0.1


def crowded(results: int = 60, pending: int = 200) -> BayesianSampler:
    """A sampler with the two families' batches of 6 proposals at most."""
    sampler = BayesianSampler(SPACE, 0)
    for config in RandomSampler(SPACE, 0).ask(results + pending):
        sampler.replay(config)
    sampler.tell(Outcome(n, State.COMPLETE, loss(sampler.asked[n])) for n in range(results))
    sampler.ask(2)  # the defaults
    return sampler


def test_where_many_trials_are_pending_one_fit_serves_a_batch(monkeypatch: pytest.MonkeyPatch):
    fits: list[Basis] = []
    ranked = Surrogate.ranked

    def counted(self, basis, *rest):
        fits.append(basis)
        return ranked(self, basis, *rest)

    monkeypatch.setattr(Surrogate, "ranked", counted)
    sampler = crowded()
    sampler.ask(24)
    assert 0 < len(fits) <= 6


@pytest.mark.slow
def test_a_trial_cut_short_with_a_low_loss_does_not_lead_the_search():
    sampler = BayesianSampler(SPACE, 0)
    searched(sampler, 30)
    config = {"family": "bad", "x": 0.999, "y": 0.5}
    sampler.replay(config)
    sampler.tell([Outcome(30, State.PRUNED, -5.0, fidelity=0.1)])
    assert [one["family"] for one in sampler.ask(5)].count("good") >= 4


def test_a_trial_told_twice_counts_once():
    once, twice = BayesianSampler(SPACE, 0), BayesianSampler(SPACE, 0)
    searched(once, 12)
    searched(twice, 12)
    twice.tell([Outcome(3, State.COMPLETE, -100.0)])
    assert once.ask(3) == twice.ask(3)


def test_optuna_stays_silent_and_as_it_was(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(bayesian, "PROCESS", 4)
    optuna.logging.set_verbosity(optuna.logging.INFO)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        play(BayesianSampler(LARGE, 0), LARGE, 20)
    assert optuna.logging.get_verbosity() == optuna.logging.INFO
    assert not caught
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_a_replayed_trial_and_the_next_proposal_take_as_much_work_after_ten_thousand_trials_as_after_one():
    asked = RandomSampler(LARGE, 0).ask(10_000)
    sampler = BayesianSampler(LARGE, 0)

    def replay(first, end):
        for number, config in enumerate(asked[first:end], first):
            sampler.replay(config)
            sampler.tell([Outcome(number, State.COMPLETE, float(number % 977))])

    early = lines_of(lambda: replay(0, 1000)) / 1000
    assert early < 120
    sampler.ask(2)  # the defaults
    few = lines_of(lambda: sampler.ask(2))
    replay(1000, 9000)
    assert lines_of(lambda: replay(9000, 10_000)) / 1000 == pytest.approx(early, rel=0.05)
    assert lines_of(lambda: sampler.ask(2)) < 2 * few


def test_neither_torch_nor_optuna_is_imported_with_other_samplers():
    code = (
        "import sys; from autogen.registry import get; get('sampler', 'random'); get('sampler', 'grid');"
        "assert not {'optuna', 'torch', 'scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_where_seconds_count_defaults_wait_for_a_half_of_them():
    space = SearchSpace({family: {"x": Float(0, 1, default=0.5)} for family in "abcd"}, first=["a"])
    sampler, now, running, story = BayesianSampler(space), 0.0, [], []
    while now < 100:
        while len(running) < 2:  # two workers; a trial of "a" takes a second, others ten
            (config,) = sampler.ask()
            number, default = len(sampler.asked) - 1, config["x"] == 0.5
            running.append((now + (1 if config["family"] == "a" else 10), number, config, default))
            story.append((now, config["family"], default))
        running.sort(key=lambda one: one[:2])
        now, number, config, _ = running.pop(0)
        seconds = 1.0 if config["family"] == "a" else 10.0
        sampler.tell(
            [Outcome(number, State.COMPLETE, "abcd".index(config["family"]) + config["x"], seconds=seconds)]
        )
        assert sum(default for *_, default in running) < 2
    begun = {family: at for at, family, default in story if default}
    assert set(begun) == set("abcd")
    assert begun["b"] == 0 < 10 < begun["c"] < begun["c"] + 10 <= begun["d"]
    assert sum(family == "a" for _, family, _ in story) > 50


def test_a_default_no_longer_waits_where_what_is_known_is_used_up():
    space = SearchSpace({"few": {"x": Int(0, 2, default=1)}, "other": {"x": Int(0, 9, default=5)}})
    sampler = BayesianSampler(space)
    for number in range(5):
        (config,) = sampler.ask()
        seconds = 10.0 if number == 0 else 1.0
        sampler.tell([Outcome(number, State.COMPLETE, float(config["x"]), seconds=seconds)])
    assert [config["family"] for config in sampler.asked[:3]] == ["few"] * 3
    assert sampler.asked[3] == space.default("other")
