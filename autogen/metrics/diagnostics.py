"""What is wrong with generated samples: numbers to look at, never to select by.

Independent columns get better column shapes and pair trends than fitted models do, and precision
and its kin depend on k and on the number of samples; so none of these is an objective.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from autogen.data.base import Samples
from autogen.data.tabular import TableCodec
from autogen.errors import MetricError
from autogen.metrics.tables import table_features

BINS = 10


@dataclass(frozen=True)
class Neighbourhoods:
    """How generated samples lie in the neighbourhoods of real ones (Naeem 2020).

    Attributes:
        precision: Share of generated samples that lie in the neighbourhood of some real one.
        recall: Share of real samples that lie in the neighbourhood of some generated one.
        density: Mean number of real neighbourhoods that a generated sample lies in, divided by k.
        coverage: Share of real neighbourhoods that hold a generated sample.
    """

    precision: float
    recall: float
    density: float
    coverage: float


def neighbourhoods(real: np.ndarray, fake: np.ndarray, k: int = 5) -> Neighbourhoods:
    """Compare two samples by balls that reach to the k-th neighbour (https://arxiv.org/abs/2002.09797).

    Args:
        real: Features of real samples, (N, D).
        fake: Features of generated samples, (M, D).
        k: The neighbour at which a sample's ball ends.

    Raises:
        MetricError: there are not more than k samples of each.
    """
    if min(len(real), len(fake)) <= k:
        raise MetricError(
            f"neighbourhoods of {k} need more samples; got {len(real)} real, {len(fake)} generated"
        )
    across = _squared(real, fake)
    real_reach, fake_reach = (np.sort(_squared(rows, rows), axis=1)[:, k] for rows in (real, fake))
    inside = across <= real_reach[:, None]
    return Neighbourhoods(
        precision=float(inside.any(axis=0).mean()),
        recall=float((across <= fake_reach).any(axis=1).mean()),
        density=float(inside.sum(axis=0).mean() / k),
        coverage=float(inside.any(axis=1).mean()),
    )


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


def _squared(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Squared distances, (N, M)."""
    apart = (x**2).sum(axis=1)[:, None] + (y**2).sum(axis=1) - 2 * x @ y.T
    return np.asarray(np.maximum(apart, 0))
