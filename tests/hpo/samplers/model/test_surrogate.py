import math

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from autogen.hpo.samplers.bayesian import BayesianSampler
from autogen.hpo.samplers.model import surrogate
from autogen.hpo.samplers.model.gaussian_process import GaussianProcess, Kernel
from autogen.hpo.samplers.model.surrogate import best_first
from autogen.hpo.space import Float, SearchSpace
from autogen.hpo.trial import Outcome, State

KERNEL = Kernel(np.array([math.log(0.2)]), 0.0, math.log(1e-4))
X = np.array([[0.0], [0.5], [1.0]])


def order(points: list[float], count: int) -> list[int]:
    process = GaussianProcess(KERNEL, X, np.array([0.0, 1.0, 0.1]), np.array([0]))
    return best_first(process.predict(np.array(points)[:, None]), 0.0, count)


def test_what_is_picked_alone_is_followed_by_the_next_best_however_near():
    assert order([0.5, 0.11, 0.1, 0.85], 1) == [1, 2, 3, 0]


def test_what_is_picked_in_a_batch_keeps_apart():
    assert order([0.5, 0.11, 0.1, 0.85], 2) == [1, 3, 2, 0]


def test_each_point_is_ranked_once_though_more_are_wanted_than_there_are():
    for count in range(1, 9):
        assert sorted(order([0.5, 0.11, 0.1, 0.85], count)) == [0, 1, 2, 3]


def test_proposals_leave_the_cores_to_the_trials(monkeypatch: pytest.MonkeyPatch):
    seen = []

    def fit(*given):
        seen.append({library["num_threads"] for library in threadpool_info()})
        return real(*given)

    real = surrogate.fit_kernel
    monkeypatch.setattr(surrogate, "fit_kernel", fit)
    sampler = BayesianSampler(SearchSpace({"a": {"x": Float(0.0, 1.0)}}))
    with threadpool_limits(2):
        for number, config in enumerate(sampler.ask(4)):
            sampler.tell([Outcome(number, State.COMPLETE, float(config["x"]))])
        sampler.ask()
        assert 2 in {library["num_threads"] for library in threadpool_info()}
    assert seen == [{1}]
