"""What compares our search with others has to be right, too."""

import itertools
import math

import optuna
import pytest

from autogen.hpo.objective import Objective
from autogen.hpo.space import Float, SearchSpace
from autogen.hpo.space.shipped import space_names
from autogen.hpo.trial import State, Task, TrialBatch, config_key
from benchmarks.search.chosen import Grid, starting_with
from benchmarks.search.record import Curve, configs, steps_at
from benchmarks.search.replayed import Recorded, ReplayExecutor
from benchmarks.search.suggest import config_of, params_of, suggested
from benchmarks.search.trace import Run, Trace
from benchmarks.search_efficiency import compared, ratio, summary
from benchmarks.search_replay import ours, regret, theirs
from benchmarks.simulation import VirtualClock

SPACE = SearchSpace({"a": {"training.steps": Float(9.0, 10.0), "training.lr": Float(0.0, 1.0)}})


def run(times, losses, *, side="ours", ready=0.0, name="digits"):
    return Run(name, 0, side, 100.0, ready, times, losses, ("a",) * len(times), len(times))


def curve(lr, losses, seconds=(1.0, 2.0, 4.0), steps=9, state="complete"):
    config = {"family": "a", "training.steps": steps, "training.lr": lr}
    return Curve(config, (1 / 9, 1 / 3, 1.0), losses, seconds, state)


def test_the_ratio_is_when_ours_first_has_what_the_other_has_at_the_end():
    ours, other = run((10.0, 30.0, 60.0), (5.0, 3.0, 1.0)), run((20.0, 90.0), (4.0, 2.5), side="tune")
    assert ratio(ours, other).ratio == 0.6
    assert ratio(ours, run((20.0, 101.0), (4.0, 2.5), side="tune")).ratio == 0.3
    assert ratio(other, ours).censored


def test_a_search_that_never_gets_there_counts_as_1_and_is_flagged():
    never = ratio(run((10.0, 101.0), (5.0, 0.0)), run((20.0,), (4.0,), side="tune"))
    assert (never.ratio, never.censored, never.ours, never.other) == (1.0, True, 5.0, 4.0)


def test_any_trial_is_as_good_as_none():
    assert ratio(run((10.0,), (5.0,)), run((), (), side="tune")).ratio == 0.1


def test_without_the_start_both_clocks_begin_with_the_first_trial():
    ours, other = run((15.0,), (1.0,), ready=5.0), run((120.0,), (1.0,), side="tune", ready=30.0)
    assert ratio(ours, other, started=False).ratio == 0.1


def test_the_mean_is_over_sets_and_geometric():
    found = [
        ratio(run((t,), (1.0,)), run((100.0,), (1.0,), side="tune", name=n))
        for n, t in (("x", 10.0), ("y", 40.0))
    ]
    told = summary(found)
    assert told["ratio"] == 0.2
    assert told["interval"] == [0.1, 0.4]
    both = compared([(run((10.0,), (1.0,)), run((100.0,), (1.0,), side="tune"))])
    assert both["reverse_reached"] == 1


@pytest.mark.parametrize("name", [name for name in space_names() if name.endswith("_tiny")])
def test_a_shipped_space_is_the_same_space_to_optuna(name):
    space = SearchSpace.load(name)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(20):
        trial = study.ask()
        config = suggested(trial, space)
        space.validate(config)
        assert config_key(config_of(trial.params, space)) == config_key(config)
        assert params_of(config, space) == trial.params


def test_curves_are_recorded_where_halving_looks():
    assert steps_at(400) == (15, 45, 134, 267, 400)
    assert steps_at(4) == (1, 2, 3, 4)


def test_a_proposal_is_the_nearest_recorded_config_and_none_is_played_twice_before_all_were():
    recorded = Recorded(SPACE, [curve(0.1, (3.0, 2.0, 1.0)), curve(0.8, (6.0, 5.0, 4.0))])
    asked = {"family": "a", "training.steps": 9.0, "training.lr": 0.2}
    assert [recorded.take(asked).config["training.lr"] for _ in range(3)] == [0.1, 0.8, 0.1]


@pytest.mark.parametrize(
    ("losses", "keeps", "state", "seconds"),
    [
        ((3.0, 2.0, 1.0), True, State.COMPLETE, 4.0),
        ((3.0, 2.0, 1.0), False, State.PRUNED, 1.0),
        ((3.0,), True, State.FAILED, 2.0),
    ],
)
def test_a_trial_takes_the_recorded_seconds_and_ends_as_it_did(losses, keeps, state, seconds):
    clock = VirtualClock(charged=False)
    executor = ReplayExecutor(1, Recorded(SPACE, [curve(0.1, losses)]), clock)
    executor.submit(
        TrialBatch((Task(0, {"family": "a", "training.steps": 9, "training.lr": 0.1}, 0, 9, (1, 3, 9)),))
    )
    scores, ended = [], []

    def decide(measured):
        scores.append(measured.score)
        return keeps

    while not ended:
        ended += executor.results(decide)
    assert ended[0].state is state
    assert clock.now == seconds
    assert tuple(scores) == losses[: len(scores)]


def test_a_trace_knows_when_the_first_trial_began_and_what_was_trained_to_the_end():
    now = iter((7.0, 20.0))
    trace = Trace(Objective("auc", direction="maximize"), lambda: next(now))
    trace.measured(0, spent=2.0)
    trace.complete(0.9, "a")
    found = Run.of(trace.lines, "digits", 0, "ours", 60.0)
    assert (found.ready, found.times, found.losses, found.trials) == (5.0, (20.0,), (-0.9,), 1)
    assert found.best(19.0) == math.inf


def recorded_of(space):
    """Curves of 24 configs whose losses fall with their steps; some are good, none is alike."""
    drawn = itertools.islice(configs(space), 24)
    return [
        Curve(
            dict(one),
            (1 / 9, 1 / 3, 1.0),
            (3.0 + n % 7, 2.0 + n % 7, 1.0 + n % 7),
            (0.5, 1.0, 2.0),
            "complete",
        )
        for n, one in enumerate(drawn)
    ]


def test_a_portfolio_of_the_whole_space_fits_the_families_that_a_short_search_has():
    space = SearchSpace.load("image_tiny")
    short = space.within(10.0)
    assert "flow" not in short.families
    portfolio = [space.default("flow"), space.default("vae")]
    assert [one["family"] for one in starting_with(short, portfolio).portfolio] == ["vae"]


def test_a_space_without_recorded_sets_has_an_empty_grid():
    grid = Grid.of(SPACE, {})
    assert (grid.sets, grid.configs, grid.without("digits").sets) == ((), (), ())


@pytest.mark.slow
@pytest.mark.parametrize(("search", "method"), [(ours, "ours"), (theirs, "asha")])
def test_a_search_among_recorded_curves_repeats_itself_and_finds_good_ones(search, method):
    space = SearchSpace.load("image_tiny")
    curves = recorded_of(space)
    first, again = (search("digits", method, curves, 1, 30.0) for _ in range(2))
    assert first == again
    assert first.times == tuple(sorted(first.times))
    assert 0.0 <= regret(first, curves)[1] <= 0.5
