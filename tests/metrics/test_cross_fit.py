"""Equal rows stay in one fold: a classifier that knows one of them knows the other."""

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from autogen.metrics.cross_fit import FOLDS, blocks_of, folds_of, held_out, made_blocks, roc_auc


def recorded_twice(n: int, seed: int) -> np.ndarray:
    """Rows of three quantities, (n, 3), of which more than a third have an equal one."""
    draw = np.random.default_rng(seed)
    rows = draw.normal(size=(n, 3))
    rows[n - n // 5 :] = rows[: n // 5]
    return draw.permutation(rows)


def fitted(real, made):
    model = DecisionTreeClassifier(random_state=0)
    model.fit(np.concatenate([real, made]), np.repeat([0, 1], [len(real), len(made)]))
    return lambda rows: model.predict_proba(rows)[:, 1]


def area(real, made, blocks=None):
    return roc_auc(*held_out(real, made, fitted, blocks=blocks))


def test_rows_that_were_recorded_twice_do_not_help_to_tell_real_from_real_rows():
    pairs = [(recorded_twice(400, 2 * seed), recorded_twice(400, 2 * seed + 1)) for seed in range(12)]
    together = np.mean([area(*pair) for pair in pairs])
    alone = (np.arange(400), np.arange(400))
    apart = np.mean([area(*pair, blocks=alone) for pair in pairs])
    assert abs(together - 0.5) < 0.02
    assert apart > 0.55  # what the folds are for


def test_blocks_are_those_of_equal_rows_and_lie_in_one_fold():
    rows = recorded_twice(200, 0)
    blocks = blocks_of(rows)
    equal = (rows[:, None] == rows[None]).all(axis=2)
    assert np.array_equal(equal, blocks[:, None] == blocks[None])
    assert np.array_equal(blocks[blocks], blocks)  # each is named by its first row
    folds = folds_of(blocks, 1)
    assert (folds[equal.nonzero()[0]] == folds[equal.nonzero()[1]]).all()
    assert np.bincount(folds, minlength=FOLDS).min() > 200 / FOLDS / 2


@pytest.mark.parametrize("seed", [1, 2])
def test_without_equal_rows_the_folds_are_those_of_single_rows(seed):
    blocks = blocks_of(np.random.default_rng(0).normal(size=(103, 2)))
    assert np.array_equal(blocks, np.arange(103))
    expected = np.random.default_rng(seed).permutation(np.arange(103) % FOLDS)
    assert np.array_equal(folds_of(blocks, seed), expected)


def test_missing_cells_and_negative_zeros_are_equal():
    rows = np.repeat(np.arange(60.0)[:, None], 2, axis=1)
    rows[[3, 17]] = np.nan, 0.0
    rows[[4, 20]] = np.nan, -0.0
    assert len({*blocks_of(rows)[[3, 17, 4, 20]].tolist()}) == 1


def test_what_train_holds_too_is_a_value_and_no_duplicate():
    rows = np.array([[0.0], [0.0], [1.0], [1.0], *([float(i)] for i in range(2, 40))])
    assert blocks_of(rows, np.array([[1.0], [7.0]])).tolist() == [0, 0, 2, 3, *range(4, 42)]


def test_a_table_of_few_distinct_rows_has_no_blocks_also_without_train():
    rows = np.random.default_rng(0).integers(0, 3, size=(200, 2)).astype(float)
    assert np.array_equal(blocks_of(rows), np.arange(200))


def test_more_equal_rows_than_half_a_fold_has_are_no_block():
    rows = np.arange(100.0)[:, None]
    rows[:11] = -1
    assert np.array_equal(blocks_of(rows), np.arange(100))


def test_generated_rows_that_repeat_more_often_than_real_ones_are_told_from_these():
    real = recorded_twice(400, 0)
    collapsed = np.random.default_rng(1).normal(size=(10, 3))[np.arange(400) % 10]
    blocks = blocks_of(real)
    assert np.array_equal(made_blocks(collapsed, real, blocks), np.arange(400))
    assert area(real, collapsed) > 0.95


def test_generated_rows_that_equal_a_real_one_are_values():
    real = recorded_twice(100, 0)
    made = np.concatenate([recorded_twice(98, 1), real[:1], real[:1]])
    blocks = made_blocks(made, real, blocks_of(real))
    assert blocks[98:].tolist() == [98, 99]
    assert len(np.unique(blocks[:98])) < 98


def test_a_value_that_generated_rows_lack_is_seen():
    draw = np.random.default_rng(0)
    real = draw.integers(0, 6, size=(300, 2)).astype(float)
    lacking = real[(real != 2).all(axis=1)]
    assert area(real, lacking[draw.integers(len(lacking), size=300)]) > 0.57
