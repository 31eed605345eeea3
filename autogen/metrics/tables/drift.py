"""How far each column's distribution moved from older to newer rows: permutation tests of all columns."""

import numpy as np

from autogen.data.specs import Samples
from autogen.data.tables.codec import TableCodec
from autogen.metrics.features.permutation import USUAL, Moved
from autogen.metrics.tables.features import table_features


def column_shifts(older: Samples, newer: Samples, codec: TableCodec, dealt: np.ndarray) -> dict[str, Moved]:
    """Compare each column of newer rows with that of older rows.

    The distances are those of ``column_shapes``: Kolmogorov-Smirnov for quantities, total variation for
    categories, both in [0, 1]. Their chance level is that of the same rows, dealt at random to the two sides.
    All columns are dealt together, and the p-value of a column is the share of dealings in which any column
    stands out as much (single-step maxT, Westfall 1993): it is adjusted for the number of columns,
    whatever these have to do with each other.

    Args:
        older: N older rows.
        newer: M newer rows.
        codec: Codec of the data set.
        dealt: Dealings of the rows, older ones first, bool (P, N + M); the first one is as they are.

    Returns:
        Distance, chance level and adjusted p-value by name of the column.
    """
    pooled = np.concatenate([table_features(rows, codec) for rows in (older, newer)])
    codes = [np.unique(column, return_inverse=True)[1] for column in np.nan_to_num(pooled, nan=-np.inf).T]
    pairs = zip(codes, codec.categorical, strict=True)
    found = np.array([_distances(one, dealt, nominal) for one, nominal in pairs])
    usual, spread = found[:, 1:].mean(axis=1), found[:, 1:].std(axis=1)
    # A constant column has no distance, whatever the dealing.
    scaled = (found - usual[:, None]) / np.where(spread > 0, spread, 1.0)[:, None]
    highest = scaled.max(axis=0)
    return {
        name: Moved(
            float(distances[0]), float(np.quantile(distances[1:], USUAL)), float((highest >= own[0]).mean())
        )
        for name, distances, own in zip(codec.names, found, scaled, strict=True)
    }


def _distances(codes: np.ndarray, dealt: np.ndarray, nominal: bool) -> np.ndarray:
    """Compute the distance of a column between the sides of each dealing, float64 (P,).

    Args:
        codes: Rank of each row's value, int64 (N,).
        dealt: True for each newer row, bool (P, N).
        nominal: True for categories, which have no order.
    """
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    newer = np.add.reduceat(dealt[:, order], starts, axis=1, dtype=np.int64)
    older = np.bincount(codes) - newer
    # Whole numbers up to here: the distance of a constant column is zero, and not nearly so.
    gap = newer / newer.sum(axis=1, keepdims=True) - older / older.sum(axis=1, keepdims=True)
    found = np.abs(gap).sum(axis=1) / 2 if nominal else np.abs(np.cumsum(gap, axis=1)).max(axis=1)
    return np.asarray(found)
