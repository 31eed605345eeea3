"""Splits by place and not by content, so that no row decides in which split another one is."""

import numpy as np

from autogen.data.split import part_sizes
from autogen.errors import DataError, counted

#: Fewest units with which noise leaves anything to learn.
FEWEST_UNITS = 500


def units_of(groups: np.ndarray | None, rows: int) -> np.ndarray:
    """Number the units of privacy: rows, or groups of rows, 0 .. m - 1, int64 (N,).

    Args:
        groups: Group number of each row, int64 (N,), or ``None``.
        rows: N, number of rows.

    Raises:
        DataError: there are too few units.
    """
    units = np.arange(rows) if groups is None else np.unique(groups, return_inverse=True)[1]
    count = int(units.max()) + 1
    if count < FEWEST_UNITS:
        what = "row" if groups is None else "group"
        raise DataError(
            f"the data has {counted(count, what)}; training with epsilon needs at least {FEWEST_UNITS}, "
            "since the noise hides each of them. Give more data."
        )
    return units.astype(np.int64)


def independent_split(units: np.ndarray, key: int) -> dict[str, np.ndarray]:
    """Split units at random, each by a draw of its own, in about the shares of ``part_sizes``.

    Args:
        units: Number of the unit of each row, int64 (N,).
        key: Secret random number that the split follows from.

    Returns:
        Row indices of each split, int64, ascending; ``select`` is ``tune`` where the data is small.
    """
    count = int(units.max()) + 1
    sizes = part_sizes(count)
    ends = np.cumsum([size / count for size in sizes.values()])
    draws = np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence(key))).random(count)
    part = np.minimum(np.searchsorted(ends, draws, side="right"), len(sizes) - 1)[units]
    rows = {name: np.flatnonzero(part == place) for place, name in enumerate(sizes)}
    rows.setdefault("select", rows["tune"])
    return rows
