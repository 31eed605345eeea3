import numpy as np
import pytest

from autogen.hpo.earlier import EarlierStudy
from autogen.hpo.samplers.bayesian import BayesianSampler
from autogen.hpo.samplers.model.encoding import Encoding
from autogen.hpo.samplers.model.prior import Prior
from autogen.hpo.space import Float, SearchSpace
from autogen.hpo.trial import Config, Outcome, State

SPACE = SearchSpace({"a": {"x": Float(0.0, 1.0, default=0.5), "y": Float(0.0, 1.0, default=0.5)}})
ENCODING = Encoding(SPACE.branch("a"))


def loss(config: Config, best: float = 0.8) -> float:
    return (float(config["x"]) - best) ** 2 + 0.1 * float(config["y"])


def study(best: float, count: int = 30, source: str = "runs/one") -> EarlierStudy:
    rng = np.random.default_rng(1)
    configs = [SPACE.sample(rng) for _ in range(count)]
    outcomes = [Outcome(n, State.COMPLETE, loss(config, best)) for n, config in enumerate(configs)]
    return EarlierStudy(source, tuple(zip(configs, outcomes, strict=True)))


def own(count: int, best: float = 0.8) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(2)
    configs = [SPACE.sample(rng) for _ in range(count)]
    return ENCODING.rows(configs).reshape(count, 2), np.array([loss(config, best) for config in configs])


def test_a_study_is_believed_until_own_results_contradict_it():
    prior = Prior("a", ENCODING, [study(0.8), study(0.2)])
    assert np.allclose(prior.weights(*own(0)), 0.5)
    few, many = prior.weights(*own(3)), prior.weights(*own(20))
    assert many[0] > 0.2
    assert many[1] < 0.05 * many[0]
    assert few[1] / few[0] > many[1] / many[0]


def test_larger_differences_than_expected_scale_the_mean():
    prior, (X, y) = Prior("a", ENCODING, [study(0.8)]), own(12)
    assert prior.weights(X, 3 * y).sum() > 1.5 * prior.weights(X, y).sum()
    assert prior.weights(X, -y).sum() < 0.05


def test_too_few_trials_or_another_family_teach_nothing():
    assert not Prior("a", ENCODING, [study(0.8, count=3)])
    assert not Prior("b", ENCODING, [study(0.8)])
    assert Prior("a", ENCODING, [study(0.8)])
    assert Prior("a", ENCODING, []).weights(*own(5)).shape == (0,)


def searched(earlier: list[EarlierStudy], count: int, seed: int) -> float:
    sampler = BayesianSampler(SPACE, seed, earlier)
    best = np.inf
    for number in range(count):
        (config,) = sampler.ask()
        value = loss(config)
        sampler.tell([Outcome(number, State.COMPLETE, value)])
        best = min(best, value)
    return best


@pytest.mark.slow
def test_a_search_that_learns_from_a_like_study_is_ahead_of_one_from_nothing():
    fresh = [searched([], 6, seed) for seed in range(6)]
    learned = [searched([study(0.75)], 6, seed) for seed in range(6)]
    assert np.median(learned) < 0.3 * np.median(fresh)


@pytest.mark.slow
def test_a_study_of_another_problem_does_not_ruin_the_search():
    assert max(searched([study(0.1)], 12, seed) for seed in range(4)) < 0.01


def test_the_best_configs_of_each_study_are_tried_again_before_the_other_defaults():
    one, two = study(0.8), study(0.2, source="runs/two")
    asked = BayesianSampler(SPACE, 0, [one, two]).ask(5)
    assert asked[0] == one.best()[0]
    assert asked[1] == two.best()[0]
    assert asked[4] == SPACE.default("a")


def test_a_study_that_learns_proposes_the_same_after_a_replay():
    earlier, outcomes = [study(0.75)], []
    sampler = BayesianSampler(SPACE, 3, earlier)
    for number in range(9):
        (config,) = sampler.ask()
        outcomes.append(Outcome(number, State.COMPLETE, loss(config)))
        sampler.tell(outcomes[-1:])
    again = BayesianSampler(SPACE, 3, [EarlierStudy.from_json(earlier[0].to_json())])
    for config, outcome in zip(sampler.asked, outcomes, strict=True):
        again.replay(config)
        again.tell([outcome])
    assert again.ask(1) == sampler.ask(1)
