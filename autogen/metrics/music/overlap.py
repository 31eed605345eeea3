"""Overlap area of musical features: similarity of distances within the real set and across both sets.

Yang and Lerch 2020, https://doi.org/10.1007/s00521-018-3849-7. For each feature the distances among real
pieces, and those between real and generated pieces, get a kernel density each. The overlap area of both
densities is 1 if generated pieces are as far from real ones as these from each other. It is a diagnostic
and never selects a model: copies have 1 as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from autogen.data.codec import Codec
from autogen.data.music.codecs import MusicCodec, checked
from autogen.data.music.notes import Piece
from autogen.data.specs import Samples
from autogen.errors import DataError, MetricError
from autogen.hpo.objective import Objective
from autogen.metrics.base import Metric
from autogen.metrics.music.descriptors import described

MINIMUM = 3
#: Most pieces of each side that are compared, and number of points of a density.
_MOST, _POINTS = 200, 512


@dataclass(frozen=True)
class OverlapReference:
    """Reference of the overlap area.

    Attributes:
        features: Features of at most 200 real pieces, float64 (N, width of the feature), by name.
    """

    features: dict[str, np.ndarray]


class OverlapArea(Metric):
    """Mean of the overlap areas of all musical features."""

    about: ClassVar[str] = (
        "Overlap of generated with real music in the distributions of musical features, averaged over the "
        "features: 1 if they are equal, 0 if they do not overlap."
    )
    kinds: ClassVar[tuple[str, ...]] = ("music",)
    diagnostic: ClassVar[bool] = True
    objective = Objective("overlap_area[music-v1]", version=1, direction="maximize")

    def prepare(self, real: Samples, codec: Codec) -> OverlapReference:
        """Compute the features of the real pieces."""
        if not isinstance(codec, MusicCodec):
            raise MetricError(f"{self.objective.name} scores music, but the data is {codec.kind}")
        return OverlapReference(_described(real))

    def score(self, reference: OverlapReference, fake: Samples) -> float:
        """Compute the mean overlap area, in [0, 1]; 1 if the distances have the same distributions."""
        return _mean(_areas(reference.features, _described(fake)))

    def replicates(self, reference: OverlapReference, fake: Samples, groups: int) -> np.ndarray:
        """Compute the score without each group of both sides, float64 (groups,)."""
        sides = reference.features, _described(fake)
        fewest = min(len(next(iter(side.values()))) for side in sides)
        if not 2 <= groups <= fewest // 2:
            raise MetricError(f"{groups} groups need at least {2 * groups} pieces of each side; got {fewest}")
        return np.array(
            [_mean(_areas(*(_without(side, groups, g) for side in sides))) for g in range(groups)]
        )


def overlap_areas(real: Sequence[Piece], fake: Sequence[Piece]) -> dict[str, float]:
    """Compute the overlap area of each musical feature, from 0 (disjoint) to 1 (equal).

    Args:
        real: N real pieces.
        fake: M generated pieces.

    Raises:
        MetricError: fewer than three pieces of either side.
    """
    return _areas(_described(real), _described(fake))


def _described(pieces: Samples) -> dict[str, np.ndarray]:
    try:
        found = described(checked(pieces)[:_MOST])
    except DataError as error:
        raise MetricError(str(error)) from error
    if len(pieces) < MINIMUM:
        raise MetricError(f"overlap areas need at least {MINIMUM} pieces of each side; got {len(pieces)}")
    return found


def _without(features: dict[str, np.ndarray], groups: int, group: int) -> dict[str, np.ndarray]:
    return {name: rows[np.arange(len(rows)) % groups != group] for name, rows in features.items()}


def _mean(areas: dict[str, float]) -> float:
    return float(np.mean(list(areas.values())))


def _areas(real: dict[str, np.ndarray], fake: dict[str, np.ndarray]) -> dict[str, float]:
    return {name: _overlap(real[name], fake[name]) for name in real}


def _overlap(real: np.ndarray, fake: np.ndarray) -> float:
    """Compute the overlap area of one feature, (N, width) and (M, width)."""
    within = _distances(real, real)[np.triu_indices(len(real), 1)]
    across = _distances(real, fake).ravel()
    spread = max(np.ptp(within), np.ptp(across))
    if min(within.std(), across.std()) <= 1e-9 * max(1.0, spread):  # a density needs a bandwidth above 0
        return float(abs(within.mean() - across.mean()) <= 1e-9 and spread <= 1e-9)
    widths = [side.std(ddof=1) * len(side) ** -0.2 for side in (within, across)]  # Scott's rule
    both, margin = np.concatenate([within, across]), 4 * max(widths)
    grid = np.linspace(both.min() - margin, both.max() + margin, _POINTS)
    densities = [_density(side, grid, width) for side, width in zip((within, across), widths, strict=True)]
    return float(np.clip(np.minimum(*densities).sum() * (grid[1] - grid[0]), 0, 1))


def _density(values: np.ndarray, grid: np.ndarray, width: float) -> np.ndarray:
    """Estimate the density of values, (K,), at the points of a grid, (G,)."""
    # Linear binning: each value is shared between the grid points beside it. One convolution then replaces
    # K x G evaluations of the kernel.
    step = grid[1] - grid[0]
    place = (values - grid[0]) / step
    low = place.astype(np.int64)
    part = place - low
    counts = np.bincount(low, 1 - part, len(grid)) + np.bincount(low + 1, part, len(grid))
    reach = min(len(grid) // 2 - 1, int(np.ceil(5 * width / step)))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * step / width) ** 2)
    return np.asarray(np.convolve(counts, kernel / kernel.sum(), mode="same") / (len(values) * step))


def _distances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Compute Euclidean distances of rows (N, width) and (M, width): (N, M)."""
    return np.asarray(np.sqrt(np.square(one[:, None] - other[None]).sum(axis=2)))
