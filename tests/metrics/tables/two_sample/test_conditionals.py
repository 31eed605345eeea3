import numpy as np
import pytest

from autogen.metrics.tables.two_sample.conditionals import Conditionals


def rows(size: int, seed: int) -> np.ndarray:
    """Rows (size, 3): a number, its square, and its sign as a category."""
    numbers = np.random.default_rng(seed).normal(size=size)
    return np.column_stack([numbers, numbers**2, numbers > 0]).astype(float)


KNOWN = Conditionals.fit(rows(1000, 0), (False, False, True))


def test_a_cell_that_the_others_rule_out_makes_its_row_less_plausible():
    fresh = rows(200, 1)
    for column in range(3):
        broken = fresh.copy()
        broken[:, column] = fresh[np.random.default_rng(2).permutation(200), column]
        change = KNOWN.describe(broken) - KNOWN.describe(fresh)
        assert np.median(change[np.abs(broken - fresh)[:, column] > 0.5], axis=0).max() < -1


@pytest.mark.parametrize(
    ("factor", "shift"),
    [(1.0, 1.7e12), (2.0**1000, 0.0), (2.0**1020, 0.0), (2.0**-40, 0.0), (2.0**-1000, 0.0)],
)
def test_numbers_that_single_precision_does_not_hold_are_compared_like_others(factor, shift):
    def moved(size, seed):
        return np.column_stack([rows(size, seed)[:, :2].round(2) * factor + shift, rows(size, seed)[:, 2]])

    known, fresh = Conditionals.fit(moved(1000, 0), (False, False, True)), moved(200, 1)
    broken = fresh.copy()
    broken[:, 0] = np.roll(fresh[:, 0], 1)
    change = known.describe(broken) - known.describe(fresh)
    assert np.median(change[np.abs(broken - fresh)[:, 0] > 0.5 * factor], axis=0).max() < -1
    fresh[:, 0] = 1.7e308  # far beyond what is known
    assert np.isfinite(known.describe(fresh)).all()


def test_known_rows_are_no_less_plausible_than_fresh_ones():
    known, fresh = (KNOWN.describe(rows(1000, seed)).mean(axis=0) for seed in (0, 1))
    assert (known > fresh - 0.1).all()


def test_a_missing_cell_says_nothing_and_an_unknown_category_is_implausible():
    fresh = rows(50, 1)
    gone, strange = fresh.copy(), fresh.copy()
    gone[:, 0] = np.nan
    strange[:, 2] = 7
    assert np.isfinite(KNOWN.describe(gone)).all()
    assert (KNOWN.describe(strange)[:, 1] < KNOWN.describe(fresh)[:, 1]).all()


@pytest.mark.parametrize("width", [0, 2])
def test_columns_that_cannot_be_predicted_give_no_features(width):
    few = rows(40, 0)[:, :width]
    assert Conditionals.fit(few, (False,) * width).describe(few).shape == (40, 0)
