"""Column shapes and pair trends: diagnostics of single columns and pairs, never objectives.

Independent columns get better column shapes than fitted models do, so that neither can select a model.
"""

from itertools import combinations

import numpy as np

from autogen.data.specs import Samples
from autogen.data.tables.codec import TableCodec
from autogen.metrics.tables.features import table_features

BINS = 10
#: Pairs that are compared at most.
MOST_PAIRS = 5_000


def column_shapes(real: Samples, fake: Samples, codec: TableCodec) -> dict[str, float]:
    """Compute the similarity of each column's distribution: 1 if equal, 0 if disjoint.

    It is one minus the Kolmogorov-Smirnov distance for quantities, and one minus the total variation
    distance for categories. Missing cells count as the lowest quantity, or as a category.

    Args:
        real: N real rows.
        fake: M generated rows.
        codec: Codec of the data set.

    Returns:
        Similarity in [0, 1] by name of the column.
    """
    columns = zip(
        *(np.nan_to_num(table_features(f, codec), nan=-np.inf).T for f in (real, fake)), strict=True
    )
    found = {}
    for (one, two), name, nominal in zip(columns, codec.names, codec.categorical, strict=True):
        values = np.union1d(one, two)
        shares = [
            np.bincount(values.searchsorted(side), minlength=len(values)) / len(side) for side in (one, two)
        ]
        gap = shares[0] - shares[1]
        distance = np.abs(gap).sum() / 2 if nominal else np.abs(np.cumsum(gap)).max()
        found[name] = float(1 - distance)
    return found


def pair_trends(real: Samples, fake: Samples, codec: TableCodec) -> dict[tuple[str, str], float]:
    """Compute the similarity of each pair's joint distribution: one minus its total variation distance.

    Quantities are cut into ten bins at quantiles of the real column, for both sides alike. Of more than 5,000
    pairs (100 columns), 5,000 random ones are compared, the same for all samples.

    Args:
        real: N real rows.
        fake: M generated rows.
        codec: Codec of the data set.

    Returns:
        Similarity in [0, 1] by names of both columns.
    """
    names = list(codec.names)
    one, two = _binned(real, fake, codec)
    found = {}
    places = list(combinations(range(len(names)), 2))
    if len(places) > MOST_PAIRS:
        kept = np.sort(np.random.default_rng(0).permutation(len(places))[:MOST_PAIRS])
        places = [places[place] for place in kept]
    for i, j in places:
        # Both codes in one number: a cell of the contingency table.
        size = int(max(one[:, j].max(), two[:, j].max())) + 1
        cells = [side[:, i] * size + side[:, j] for side in (one, two)]
        length = int(max(cell.max() for cell in cells)) + 1
        shares = [np.bincount(cell, minlength=length) / len(cell) for cell in cells]
        found[names[i], names[j]] = float(1 - np.abs(shares[0] - shares[1]).sum() / 2)
    return found


def _binned(real: Samples, fake: Samples, codec: TableCodec) -> list[np.ndarray]:
    """Encode both tables as bin ids, int64 (N, D) and (M, D): 0 for missing, then bins or categories."""
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
