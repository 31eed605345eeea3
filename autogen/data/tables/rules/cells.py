"""Columns of a table while they are encoded or derived: cells, and their numbers in comparable units."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from autogen.data.tables.encoders import Categories, ColumnEncoder, Numbers
from autogen.data.tables.quantizer import DecimalGrid, SignificantDigits, find_rounding
from autogen.data.tables.rules.check import microseconds
from autogen.data.tables.rules.plan import Bound

#: Most steps, each twice as long as the one before, in which a number is moved to the right side of a bound.
_MOST_STEPS = 70


class Cells:
    """Columns of N rows by name, and their numbers.

    Args:
        encoders: encoder of each column of the table.
        columns: N cells of some columns.
    """

    def __init__(
        self, encoders: Mapping[str, ColumnEncoder], columns: Mapping[str, pd.Series] | None = None
    ) -> None:
        self.encoders = encoders
        self.columns: dict[str, pd.Series] = dict(columns or {})
        self._numbers: dict[str, np.ndarray] = {}

    def put(self, name: str, column: pd.Series) -> None:
        """Set the cells of a column."""
        self.columns[name] = column
        self._numbers.pop(name, None)

    def put_numbers(self, name: str, numbers: np.ndarray) -> None:
        """Set a column by its numbers, float64 (N,)."""
        self.columns[name] = pd.Series(numbers)
        self._numbers[name] = np.asarray(numbers)

    def numbers(self, name: str) -> np.ndarray:
        """Return a column as quantities or indices of categories, float64 (N,), NaN if missing."""
        if name not in self._numbers:
            self._numbers[name] = self.encoders[name].feature(self.columns[name])
        return self._numbers[name]

    def absent(self, name: str) -> np.ndarray:
        """Tell which cells of a column are missing, bool (N,)."""
        return np.asarray(np.isnan(self.numbers(name)))

    def bound(self, bounds: Iterable[Bound], like: str, lowest: bool) -> np.ndarray:
        """Return the closest of the numbers that bound a column, in its unit, float64 (N,); NaN without any.

        Args:
            bounds: columns that bound it.
            like: name of the column that is bounded.
            lowest: True if it must not be below them, False if it must not be above.
        """
        found = np.full(len(next(iter(self.columns.values()))), np.nan)
        closer = np.fmax if lowest else np.fmin
        for name, _ in bounds:
            unit = microseconds(self.encoders[name]) / microseconds(self.encoders[like])
            found = closer(found, self.numbers(name) * unit)
        return found

    def outside(self, name: str, numbers: np.ndarray, bounds: Iterable[Bound], lowest: bool) -> np.ndarray:
        """Tell which numbers of a column are on the wrong side of a bound, bool (N,)."""
        wrong = np.zeros(len(numbers), bool)
        for bound, strict in bounds:
            limit = self.bound([(bound, strict)], name, lowest)
            below = numbers < limit if lowest else numbers > limit
            wrong |= below | (strict & (numbers == limit))
        return wrong


def within(
    cells: Cells,
    name: str,
    numbers: np.ndarray,
    lows: Iterable[Bound],
    highs: Iterable[Bound],
    free: np.ndarray,
) -> np.ndarray:
    """Move numbers of a column to the right side of their bounds, as little as its precision allows.

    Args:
        cells: columns that bound it.
        name: name of the column.
        numbers: its numbers, float64 (N,); those that are NaN stay.
        lows: columns that it must not be below.
        highs: columns that it must not be above.
        free: rows whose numbers may be moved, bool (N,).

    Returns:
        float64 (N,). A number stays on the wrong side only if no number lies between its bounds.
    """
    encoder, lows, highs = cells.encoders[name], tuple(lows), tuple(highs)
    numbers = numbers.copy()
    for sign, bounds, others in ((1.0, lows, highs), (-1.0, highs, lows)):
        if not bounds:
            continue
        limit = cells.bound(bounds, name, lowest=sign > 0)
        # Where the steps of the column leave no room, one of the bounds is met exactly.
        nearest = cells.bound(others, name, lowest=sign < 0) if any(strict for _, strict in bounds) else limit
        for step in range(_MOST_STEPS):
            # The number that can be read from the cell counts: dates may be printed without seconds.
            seen = encoder.feature(encoder.cells(numbers))
            wrong = free & cells.outside(name, seen, bounds, lowest=sign > 0)
            if not wrong.any():
                break
            numbers[wrong] = _moved(encoder, limit[wrong], sign, step)
            stuck = wrong & cells.outside(name, numbers, others, lowest=sign < 0)
            numbers[stuck] = nearest[stuck]
    return numbers


def rounded(encoder: ColumnEncoder, numbers: np.ndarray) -> np.ndarray:
    """Round numbers to the precision of a column's training cells."""
    grid = _grid(encoder)
    return numbers if grid is None else grid.round(numbers)


def decimals(encoders: Sequence[ColumnEncoder]) -> int | None:
    """Return the digits after the point that differences of columns have; ``None`` if these are not few."""
    grids = [_grid(encoder) for encoder in encoders]
    if len({microseconds(encoder) for encoder in encoders}) > 1:
        return None
    found = [grid.decimals for grid in grids if isinstance(grid, DecimalGrid)]
    return max(found) if len(found) == len(grids) else None


def has_room(encoder: ColumnEncoder, bounds: Sequence[ColumnEncoder]) -> bool:
    """Tell if a column has a value between any two values of its bounds: real numbers, or the same steps."""
    if encoder.form.kind == "continuous" and not encoder.form.dtype.lower().startswith(("int", "uint")):
        return True
    grids = [_grid(one) for one in (encoder, *bounds)]
    units = {microseconds(one) for one in (encoder, *bounds)}
    steps = {(grid.step, grid.decimals) for grid in grids if isinstance(grid, DecimalGrid)}
    places = {grid.base % grid.step for grid in grids if isinstance(grid, DecimalGrid)}
    return None not in grids and len(units) == len(steps) == len(places) == 1


def _moved(encoder: ColumnEncoder, limit: np.ndarray, sign: float, step: int) -> np.ndarray:
    """Move from a bound away by a step, and on to the grid of the column."""
    grid = _grid(encoder)
    if isinstance(grid, DecimalGrid):
        width = grid.step / 10.0**grid.decimals
        return grid.round(limit + sign * width * (2.0**step - 0.5 - 1e-9))
    eps = np.finfo(np.float32 if encoder.form.dtype.lower().startswith("float32") else np.float64).eps
    return np.asarray(limit + sign * (2.0**step - 1) * eps * np.maximum(np.abs(limit), 1e-30))


def _grid(encoder: ColumnEncoder) -> DecimalGrid | SignificantDigits | None:
    """Find the grid of a column's training numbers; ``None`` for categories."""
    if isinstance(encoder, Categories):
        return None
    assert isinstance(encoder, Numbers)
    if encoder.bins is not None:
        return encoder.bins.rounding
    known = encoder.values  # noqa: PD011 - of an encoder, no frame
    if known is None or not len(known):
        return None
    return find_rounding(known, encoder.form.dtype == "float32")
