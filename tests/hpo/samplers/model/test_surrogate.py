import math

import numpy as np

from autogen.hpo.samplers.model.gaussian_process import GaussianProcess, Kernel
from autogen.hpo.samplers.model.surrogate import best_first

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
