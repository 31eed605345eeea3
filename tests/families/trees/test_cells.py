"""Cells share an interval's rows out, never cross a code, and give frequent values back exactly."""

import numpy as np
import pytest

from autogen.data.specs import ColumnSpec
from autogen.families.trees.cells import ANYWHERE, cells_of

COLUMN = ColumnSpec("x", 12, specials=2, ordered=True, continuous=True)


def scale(n=2000):
    draw = np.random.default_rng(0)
    return np.where(draw.random(n) < 0.2, 0.5 + draw.integers(0, 2, n), 2 + 10 * draw.random(n))


@pytest.mark.parametrize("parts", [1, 3, 8])
def test_no_cell_crosses_the_border_of_a_code(parts):
    cells = cells_of(COLUMN, scale(), parts)
    assert (np.diff(cells.low) > 0).all()
    assert np.isin(np.arange(12), cells.low).all()


def test_cells_of_an_interval_hold_about_equal_shares():
    made = scale(20_000)
    cells = cells_of(COLUMN, made, 4)
    counts = np.bincount(np.searchsorted(cells.low, made, side="right") - 1)[2:]
    assert len(counts) == pytest.approx(40, abs=10)
    assert counts[counts > 20].std() / counts.mean() < 0.2


def test_a_value_that_fills_half_a_cell_comes_back_exactly():
    made = np.concatenate([scale(), np.full(150, 5.25)])
    cells = cells_of(COLUMN, made, 4)
    own = np.searchsorted(cells.low, 5.25, side="right") - 1
    assert cells.value[own] == 5.25
    assert (cells.value[:2] == [0.5, 1.5]).all()
    assert (np.delete(cells.value, [0, 1, own]) == ANYWHERE).all()


def test_an_interval_without_rows_is_one_cell():
    cells = cells_of(COLUMN, np.array([0.5, 3.1, 3.2]), 4)
    assert np.isin(np.arange(12), cells.low).all()


def test_cells_of_a_column_without_intervals_are_its_codes():
    cells = cells_of(ColumnSpec("x", 5), np.array([0.5, 4.5]), 4)
    assert cells.low.tolist() == [0, 1, 2, 3, 4]
    assert cells.value.tolist() == [0.5, 1.5, 2.5, 3.5, 4.5]
