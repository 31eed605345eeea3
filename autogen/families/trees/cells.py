"""The cells that a column is cut into: what trees count in their leaves and draw from them."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from autogen.data.specs import ColumnSpec

#: In place of a cell's value: any place in it is as likely.
ANYWHERE = -1.0
_ALONE = 2  # rows below which a value is never a cell of its own


@dataclass(frozen=True)
class Cells:
    """The cells of one column, in ascending order on its scale: code + position.

    A cell is a whole code where a column has no intervals. An interval is cut into cells of about equal
    shares of its rows, and a value that alone fills half a cell has one of its own, so that it comes back
    exactly. No cell crosses the border of a code.

    Attributes:
        low: Lower ends, float64 (C,).
        value: The place on the scale that the cell always gives, float64 (C,); ``ANYWHERE`` where a
            place in it is drawn uniformly.
    """

    low: np.ndarray
    value: np.ndarray


def cells_of(column: ColumnSpec, scale: np.ndarray, parts: int) -> Cells:
    """Cut a column into cells.

    Args:
        column: Of the table.
        scale: Code + position of the training rows, float64 (N,).
        parts: Cells that an interval is cut into.
    """
    if not column.continuous:
        codes = np.arange(column.levels, dtype=np.float64)
        return Cells(codes, codes + 0.5)
    specials = np.arange(column.specials, dtype=np.float64)
    lows, values = [specials], [specials + 0.5]
    uniques, counts = np.unique(scale, return_counts=True)
    borders = np.searchsorted(uniques, np.arange(column.specials, column.levels + 1))
    for code, (first, end) in enumerate(pairwise(borders), column.specials):
        low, value = _cut(float(code), uniques[first:end], counts[first:end], parts)
        lows.append(low)
        values.append(value)
    return Cells(np.concatenate(lows), np.concatenate(values))


def _cut(code: float, places: np.ndarray, counts: np.ndarray, parts: int) -> tuple[np.ndarray, np.ndarray]:
    """Lower ends and values of the cells of one interval, given its distinct places and their rows."""
    target = max(1.0, counts.sum() / parts)
    alone = counts >= max(_ALONE, target / 2)
    group = np.floor((np.cumsum(counts) - counts) / target)
    starts = np.ones(len(places), bool)
    starts[1:] = alone[1:] | alone[:-1] | (np.diff(group) > 0)
    begins = np.flatnonzero(starts)
    if not len(begins):
        return np.array([code]), np.array([ANYWHERE])
    low = (places[begins] + places[np.maximum(begins - 1, 0)]) / 2
    low[0] = code
    return low, np.where(alone[begins], places[begins], ANYWHERE)
