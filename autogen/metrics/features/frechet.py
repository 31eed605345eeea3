"""Frechet distance of Gaussians fitted to features (Heusel 2017), and its limit for endless samples.

https://arxiv.org/abs/1706.08500; there the features are Inception's and the distance is called FID. It
is biased upwards, more so with fewer samples and, what is worse, by an amount that depends on the model.
``fd_inf`` estimates what endless samples would get (Chong 2020, https://arxiv.org/abs/1911.07023): the
distances of smaller parts of both sides are a line in one over their size, read off at zero.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from autogen.metrics.features.metric import FeatureMetric

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
        return _intercept(real, made, _parts(len(real)), _parts(len(made)))

    def left_out(self, real: np.ndarray, made: np.ndarray, groups: int) -> np.ndarray:
        """The score, moved by what each group makes of the mean of all of them.

        Each part loses a group's rows; other parts for each group would be noise of their own. Smaller
        parts bias all replicates alike, which says nothing of how far the score is from its mean.
        """
        sides = _parts(len(real)), _parts(len(made))
        found = [
            _intercept(real, made, *([part[part % groups != group] for part in parts] for parts in sides))
            for group in range(groups)
        ]
        return np.asarray(np.array(found) - np.mean(found) + _intercept(real, made, *sides))


def _intercept(
    real: np.ndarray, made: np.ndarray, of_real: Sequence[np.ndarray], of_made: Sequence[np.ndarray]
) -> float:
    """The distance at no noise: parts of both sides, and how it falls with their sizes."""
    inverse = [1 / len(ours) + 1 / len(theirs) for ours, theirs in zip(of_real, of_made, strict=True)]
    pairs = zip(of_real, of_made, strict=True)
    found = [frechet_distance(real[ours], made[theirs]) for ours, theirs in pairs]
    return float(np.polyfit(inverse, found, 1)[1])


def _parts(size: int) -> list[np.ndarray]:
    """Rows of each part; parts of one size do not overlap."""
    rows = np.random.default_rng(0).permutation(size)
    parts = []
    for share in SHARES:
        length = int(share * size)
        count = PARTS if share < 1 else 1
        parts += [np.sort(rows[part * length : (part + 1) * length]) for part in range(count)]
    return parts
