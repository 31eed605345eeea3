"""The numbers that splits are judged by: their variances add up to Gini's index and to the CRPS."""

import numpy as np
import pytest

from autogen.data.specs import ColumnSpec
from autogen.families.trees.targets import OUTPUTS, ranks_of, targets_of

RNG = np.random.default_rng


def test_the_variances_of_few_categories_add_up_to_the_gini_index():
    codes = RNG(0).integers(0, 5, 500)
    targets = targets_of(ColumnSpec("x", 5), codes + 0.5, RNG(0))
    shares = np.bincount(codes) / 500
    assert targets.var(axis=0).sum() == pytest.approx(1 - (shares**2).sum())


def test_random_signs_keep_the_gini_index_of_many_categories_in_the_mean():
    codes = RNG(0).integers(0, 200, 500) * RNG(1).integers(0, 2, 500)
    column = ColumnSpec("x", 200)
    found = [targets_of(column, codes + 0.5, RNG(seed)).var(axis=0).sum() for seed in range(200)]
    shares = np.bincount(codes) / 500
    assert np.shape(targets_of(column, codes + 0.5, RNG(0))) == (500, OUTPUTS)
    assert np.mean(found) == pytest.approx(1 - (shares**2).sum(), abs=0.03)


def test_a_change_of_spread_alone_moves_the_numbers_of_a_quantity():
    wide, narrow = np.linspace(1, 9, 200), np.linspace(4.5, 5.5, 200)
    column = ColumnSpec("x", 9, ordered=True, continuous=True)
    targets = targets_of(column, np.concatenate([wide, narrow]), RNG(0))
    assert np.abs(targets[:200].mean(axis=0) - targets[200:].mean(axis=0)).max() > 0.2


def test_special_cells_are_told_by_marks_of_their_own_and_by_nothing_else():
    column = ColumnSpec("x", 9, specials=2, ordered=True, continuous=True)
    scale = np.concatenate([[0.5, 1.5], np.linspace(2, 8.9, 98)])
    targets = targets_of(column, scale, RNG(0))
    assert targets[:, :2].sum(axis=0).tolist() == [1, 1]
    assert targets[0, 2:] == pytest.approx(targets[2:, 2:].mean(axis=0))


def test_categories_are_put_in_the_order_of_what_they_mean_for_the_target():
    codes = RNG(0).integers(0, 6, 3000)
    effect = np.array([3.0, 0.0, 5.0, 1.0, 4.0, 2.0])
    targets = (effect[codes] + RNG(1).normal(0, 0.1, 3000))[:, None]
    places = ranks_of(codes, 6, targets)
    assert np.array_equal(places, effect) or np.array_equal(places, 5 - effect)


def test_a_rare_category_stands_near_the_middle():
    codes = np.repeat([0, 1, 2], [500, 500, 1])
    targets = np.repeat([0.0, 1.0, 1.5], [500, 500, 1])[:, None]
    assert sorted(ranks_of(codes, 3, targets)) == [0, 1, 2]
    assert ranks_of(codes, 3, targets)[2] == 1
