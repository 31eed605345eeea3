"""Leaked targets: columns of a table that determine the target on their own.

A column determines the target if rows that are neighbors by it have the same target. Chatterjee's xi
measures this (Chatterjee 2021, https://arxiv.org/abs/1909.10140): 0 for independent columns, 1 for a target
that is a function of the column, whatever the function. Here equal values of a column are ordered by chance.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autogen.data.tables.codec import TableCodec
from autogen.errors import agreed, option

#: Least xi of a column that (nearly) determines classes or a quantity: about one wrong label in 80 rows, or
#: noise of a tenth of the standard deviation.
CLASSES, QUANTITY = 0.95, 0.9
#: Fewest rows, and most rows that are looked at.
_FEWEST, _MOST = 30, 5_000
#: Fewest compared rows that differ from the target's most frequent value.
_MINORITY = 5
#: Most columns that are named.
_NAMED = 5


def is_classes(values: np.ndarray, nominal: bool) -> bool:
    """Tell if a target is predicted by classification: it has categories, or exactly two values.

    Args:
        values: N values of the target, NaN for missing ones.
        nominal: True if its column has categories, False for quantities.
    """
    return nominal or len(np.unique(values[~np.isnan(values)])) == 2


def leaking(features: np.ndarray, categorical: tuple[bool, ...], place: int) -> list[int]:
    """Find the columns that determine the target on their own.

    Args:
        features: N rows of quantities and indices of categories, NaN where missing, float64 (N, D).
        categorical: True for each column of categories, (D,).
        place: index of the target.

    Returns:
        Indices of these columns, ascending.
    """
    rows = features[~np.isnan(features[:, place])]
    rows = np.random.default_rng(0).permutation(rows)[:_MOST]  # also breaks ties by chance
    if len(rows) < _FEWEST or len(np.unique(rows[:, place])) < 2:
        return []
    classes = is_classes(rows[:, place], categorical[place])
    least = CLASSES if classes else QUANTITY
    return [
        other
        for other, nominal in enumerate(categorical)
        if other != place and xi(rows[:, other], rows[:, place], nominal, classes) >= least
    ]


def xi(column: np.ndarray, target: np.ndarray, nominal: bool, classes: bool) -> float:
    """Compute how far a column determines the target, at most 1; about 0 for independent ones.

    Each row is compared to one neighbor: a row of an equal value, so that many values count as few do, else
    the next by value. Categories have no next: a row whose category is its alone counts as by chance.

    Args:
        column: N values in an order by chance, NaN for missing ones.
        target: N values.
        nominal: True if the column has categories.
        classes: True if the target has classes: they are equal or not, and have no order.

    Returns:
        xi; 0 if hardly a row that is compared differs from the most frequent value of the target.
    """
    order = np.argsort(column, kind="stable")
    aims = target[order]
    neighbors, compared = _neighbors(column[order], nominal)
    counts = np.unique(aims[compared], return_counts=True)[1]
    if counts.sum() - counts.max(initial=0) < _MINORITY:
        return 0.0
    if classes:
        shares = np.unique(aims, return_counts=True)[1] / len(aims)
        differ, by_chance = aims != aims[neighbors], 1 - (shares**2).sum()
    else:
        ranks = _ranks(aims)
        differ, by_chance = np.abs(ranks - ranks[neighbors]), _mean_distance(ranks)
    return float(compared.mean() * (1 - differ[compared].mean() / by_chance))


def _neighbors(placed: np.ndarray, nominal: bool) -> tuple[np.ndarray, np.ndarray]:
    """Find the row that each is compared to.

    Args:
        placed: N ascending values, NaN last.
        nominal: True if they are categories.

    Returns:
        Index of each row's neighbor (N,), and which rows have one, bool (N,).
    """
    new = np.ones(len(placed), bool)
    new[1:] = (placed[1:] != placed[:-1]) & ~(np.isnan(placed[1:]) & np.isnan(placed[:-1]))
    starts = np.flatnonzero(new)
    sizes = np.diff(starts, append=len(placed))
    neighbors = np.arange(1, len(placed) + 1)
    neighbors[starts + sizes - 1] = starts  # in a circle: the last of equal values to their first
    alone = starts[sizes == 1]
    compared = np.ones(len(placed), bool)
    if nominal:
        compared[alone] = False
    else:
        neighbors[alone] = np.where(alone + 1 < len(placed), alone + 1, alone - 1)
    return neighbors, compared


def _ranks(values: np.ndarray) -> np.ndarray:
    """Rank N values from 0 to 1, float64 (N,); equal values share their mean rank."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - counts / 2)[places] / len(values))


def _mean_distance(values: np.ndarray) -> float:
    """Compute the mean absolute difference of all pairs of N values."""
    ascending, count = np.sort(values), len(values)
    return float(2 * (ascending * (2 * np.arange(count) - count + 1)).sum() / count**2)


def leak_notes(codec: TableCodec, frame: Any) -> list[str]:
    """Warn of columns that determine the target on their own, with what to do; empty without a target.

    Args:
        codec: codec that was fitted on the rows.
        frame: DataFrame of the training rows.
    """
    if codec.target not in codec.names:
        return []
    names = list(codec.names)
    rows = frame.head(_MOST) if len(frame) <= _MOST else frame.sample(_MOST, random_state=0)
    found = leaking(codec.features(rows), codec.categorical, names.index(codec.target))
    if not found:
        return []
    return [f"Warning: {leak_sentence([names[place] for place in found], codec.target)}"]


def leak_sentence(columns: Sequence[str], target: str) -> str:
    """Say which columns determine the target, what that does to its prediction, and what to do."""
    shown = columns[:_NAMED]
    named = ", ".join(map(repr, shown)) + (f" and {rest} more" if (rest := len(columns) - _NAMED) > 0 else "")
    one, it = agreed(len(columns), "column", "columns"), agreed(len(columns), "it", "them")
    each = agreed(len(columns), "determines", "each determine")
    drops = " ".join(option("column", f"{name}=drop") for name in shown)
    return (
        f"{one} {named} alone {each} the target {target!r} (target leakage), so any model predicts it well "
        f"and usefulness (TSTR) says little. To leave {it} out: {drops}."
    )
