"""Permutation tests: their size where nothing moved, their power where something did."""

import numpy as np
import pytest

from autogen.metrics.features.permutation import PERMUTATIONS, dealings, kernel_test

SIDES = np.repeat([False, True], [60, 40])


def test_the_first_dealing_is_as_the_rows_are_and_all_have_equal_sizes():
    dealt = dealings(SIDES)
    assert dealt.shape == (1 + PERMUTATIONS, 100)
    assert (dealt[0] == SIDES).all()
    assert (dealt.sum(axis=1) == 40).all()


def test_units_are_dealt_whole():
    units = np.arange(100) // 5
    dealt = dealings(SIDES, units)
    assert all(len(np.unique(row[units == unit])) == 1 for row in dealt for unit in range(20))


@pytest.mark.slow
def test_equal_distributions_are_told_apart_as_often_as_chance_does():
    draw = np.random.default_rng(0)
    values = [
        kernel_test(draw.normal(size=(100, 3)), dealings(SIDES, seed=1 + n)).p_value for n in range(100)
    ]
    assert np.mean(np.array(values) <= 0.1) == pytest.approx(0.1, abs=0.08)


def test_a_dependence_that_no_single_feature_shows_is_found():
    draw = np.random.default_rng(0)
    x = draw.normal(size=(100, 2))
    x[60:, 1] = x[60:, 0] + 0.1 * x[60:, 1]
    found = kernel_test(x, dealings(SIDES))
    assert found.p_value < 0.01
    assert found.distance > found.chance > 0
