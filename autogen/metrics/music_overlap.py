"""How alike two sets of pieces are, feature by feature: overlap of distances within and across sets.

Yang and Lerch 2020, https://doi.org/10.1007/s00521-018-3849-7: distances of a feature between real pieces,
and between real and generated ones, are smoothed by a kernel; the overlap area of the two densities is 1
where a generated piece lies from real ones as these from each other. A number to look at, never to
select by: copies have 1 as well.
"""

from collections.abc import Sequence

import numpy as np
from scipy.stats import gaussian_kde

from autogen.data.notes import Piece
from autogen.errors import MetricError
from autogen.metrics.music_features import described

MINIMUM = 3
#: Pieces of each side that are looked at, and points at which densities are compared.
_MOST, _POINTS = 200, 512


def overlap_areas(real: Sequence[Piece], fake: Sequence[Piece]) -> dict[str, float]:
    """Overlap area of each musical feature, from 0 (apart) to 1 (alike).

    Raises:
        MetricError: fewer than three pieces of either.
    """
    if min(len(real), len(fake)) < MINIMUM:
        raise MetricError(
            f"overlap areas need at least {MINIMUM} pieces; got {len(real)} real, {len(fake)} generated"
        )
    ours, theirs = (described(side[:_MOST]) for side in (real, fake))
    return {name: _overlap(ours[name], theirs[name]) for name in ours}


def _overlap(real: np.ndarray, fake: np.ndarray) -> float:
    """Of one feature, (N, width) and (M, width)."""
    within = _distances(real, real)[np.triu_indices(len(real), 1)]
    across = _distances(real, fake).ravel()
    spread = max(np.ptp(within), np.ptp(across))
    if min(within.std(), across.std()) <= 1e-9 * max(1.0, spread):  # a kernel needs some spread
        return float(abs(within.mean() - across.mean()) <= 1e-9 and spread <= 1e-9)
    densities = [gaussian_kde(distances) for distances in (within, across)]
    margin = 3 * max(d.std() * kde.factor for d, kde in zip((within, across), densities, strict=True))
    both = np.concatenate([within, across])
    grid = np.linspace(both.min() - margin, both.max() + margin, _POINTS)
    least = np.minimum(*(kde(grid) for kde in densities))
    return float(np.clip(np.trapezoid(least, grid), 0, 1))


def _distances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Euclidean distances, (N, M)."""
    return np.asarray(np.sqrt(np.square(one[:, None] - other[None]).sum(axis=2)))
