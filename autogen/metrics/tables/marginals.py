"""What is wrong with generated samples: numbers to look at, never to select by.

Independent columns get better column shapes and pair trends than fitted models do, and precision
and its kin depend on k and on the number of samples; so none of these is an objective.
"""

from itertools import combinations

import numpy as np

from autogen.data.specs import Samples
from autogen.data.tables.codec import TableCodec
from autogen.metrics.tables.features import table_features

BINS = 10


def column_shapes(real: Samples, fake: Samples, codec: TableCodec) -> dict[str, float]:
    """How alike each column's own distribution is: 1 if equal, 0 if apart.

    One minus the Kolmogorov-Smirnov distance for quantities, the total variation distance for
    categories; missing cells count as the lowest quantity, or as a category.
    """
    columns = zip(
        *(np.nan_to_num(table_features(f, codec), nan=-np.inf).T for f in (real, fake)), strict=True
    )
    found = {}
    for (one, two), column, nominal in zip(columns, codec.spec.columns, codec.categorical, strict=True):
        values = np.union1d(one, two)
        shares = [
            np.bincount(values.searchsorted(side), minlength=len(values)) / len(side) for side in (one, two)
        ]
        gap = shares[0] - shares[1]
        apart = np.abs(gap).sum() / 2 if nominal else np.abs(np.cumsum(gap)).max()
        found[column.name] = float(1 - apart)
    return found


def pair_trends(real: Samples, fake: Samples, codec: TableCodec) -> dict[tuple[str, str], float]:
    """How alike each pair of columns is distributed: one minus the total variation of its table.

    Quantities are cut at the tenths of the real column, for both sides alike; all pairs count.
    """
    names = [column.name for column in codec.spec.columns]
    one, two = _binned(real, fake, codec)
    found = {}
    for i, j in combinations(range(len(names)), 2):
        size = int(max(one[:, j].max(), two[:, j].max())) + 1
        cells = [side[:, i] * size + side[:, j] for side in (one, two)]
        length = int(max(cell.max() for cell in cells)) + 1
        shares = [np.bincount(cell, minlength=length) / len(cell) for cell in cells]
        found[names[i], names[j]] = float(1 - np.abs(shares[0] - shares[1]).sum() / 2)
    return found


def _binned(real: Samples, fake: Samples, codec: TableCodec) -> list[np.ndarray]:
    """Both tables as small whole numbers, (N, D): 0 for missing, bins of real quantities, categories."""
    tables = [table_features(frame, codec) for frame in (real, fake)]
    for place, nominal in enumerate(codec.categorical):
        known = tables[0][:, place]
        known = known[~np.isnan(known)]
        if not nominal and len(known):
            cuts = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1]))
            for table in tables:
                absent = np.isnan(table[:, place])
                table[:, place] = np.where(absent, np.nan, cuts.searchsorted(table[:, place], side="right"))
    return [np.nan_to_num(table + 1, nan=0).astype(np.int64) for table in tables]
