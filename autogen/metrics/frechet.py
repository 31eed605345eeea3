"""Frechet distance of Gaussians fitted to features (Heusel 2017), and its limit for endless samples.

https://arxiv.org/abs/1706.08500; there the features are Inception's and the distance is called FID. It
is biased upwards, more so with fewer samples and, what is worse, by an amount that depends on the model.
``fd_inf`` estimates what endless samples would get (Chong 2020, https://arxiv.org/abs/1911.07023): the
distances of smaller parts of both sides are a line in one over their size, read off at zero.
"""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from autogen.metrics.feature_metric import FeatureMetric

#: Sizes of the parts as shares of all samples, and how many parts of each size are averaged.
SHARES, PARTS = (0.25, 0.33, 0.5, 1.0), 2


def frechet_distance(real: np.ndarray, made: np.ndarray) -> float:
    """|m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^1/2) of features (N, D) and (M, D).

    The trace of the root is the nuclear norm of R1 R2', where Q R are the centred features over the
    root of their number less one: no root of a product of near singular matrices is taken.
    """
    centred = [(side - side.mean(axis=0)) / (len(side) - 1) ** 0.5 for side in (real, made)]
    one, two = (np.asarray(np.linalg.qr(side, mode="r")) for side in centred)
    shared = float(np.linalg.svd(one @ two.T, compute_uv=False).sum())
    apart = float(((real.mean(axis=0) - made.mean(axis=0)) ** 2).sum())
    return apart + sum(float((side**2).sum()) for side in centred) - 2 * shared


class FrechetDistance(FeatureMetric):
    """Frechet distance; to be compared at equal numbers of samples only.

    Where these are few, its bias hides damage: broken off texts have less of it than whole ones.
    """

    label: ClassVar[str] = "fd"
    blind: ClassVar[Mapping[str, tuple[str, ...]]] = {"text": ("halved",)}

    def between(self, real: np.ndarray, made: np.ndarray, prepared: None) -> float:
        """At the numbers given."""
        return frechet_distance(real, made)


class EndlessFrechetDistance(FeatureMetric):
    """Frechet distance extrapolated to endless samples on both sides; 0 for real samples, give or take."""

    label: ClassVar[str] = "fd_inf"
    minimum: ClassVar[int] = 40

    def between(self, real: np.ndarray, made: np.ndarray, prepared: None) -> float:
        """Intercept of the least-squares line through the distances of parts."""
        inverse, found = [], []
        for share in SHARES:
            for part in range(PARTS if share < 1 else 1):
                chosen = [_part(side, share, part) for side in (real, made)]
                inverse.append(sum(1 / len(side) for side in chosen))
                found.append(frechet_distance(*chosen))
        return float(np.polyfit(inverse, found, 1)[1])


def _part(side: np.ndarray, share: float, part: int) -> np.ndarray:
    """The part of that number: parts of one size do not overlap."""
    size = int(share * len(side))
    rows = np.random.default_rng(0).permutation(len(side))
    return side[np.sort(rows[part * size : (part + 1) * size])]
