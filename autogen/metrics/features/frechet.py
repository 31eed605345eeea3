"""Frechet distance of Gaussians fitted to features (Heusel 2017), and its limit for infinitely many samples.

https://arxiv.org/abs/1706.08500; there the features are Inception's and the distance is called FID. It
is biased upwards, more so with fewer samples and, what is worse, by an amount that depends on the model.
``fd_inf`` estimates the score of infinitely many samples (Chong 2020, https://arxiv.org/abs/1911.07023):
the distances of subsets of both sides fall on a line in 1 / size, and its intercept is the estimate.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from autogen.metrics.features.metric import FeatureMetric

#: Sizes of the subsets as shares of all samples, and the number of subsets of each size.
SHARES, PARTS = (0.25, 0.33, 0.5, 1.0), 2


def frechet_distance(real: np.ndarray, made: np.ndarray) -> float:
    """Compute |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^1/2) of features (N, D) and (M, D).

    Args:
        real: Features of real samples, (N, D).
        made: Features of generated samples, (M, D).
    """
    centered = [(side - side.mean(axis=0)) / (len(side) - 1) ** 0.5 for side in (real, made)]
    # tr (S1 S2)^1/2 is the nuclear norm of R1 R2', with Q R the scaled centered features. So no root of a
    # product of nearly singular matrices is taken, which loses digits and may turn complex.
    one, two = (np.asarray(np.linalg.qr(side, mode="r")) for side in centered)
    shared = float(np.linalg.svd(one @ two.T, compute_uv=False).sum())
    shift = float(((real.mean(axis=0) - made.mean(axis=0)) ** 2).sum())
    return shift + sum(float((side**2).sum()) for side in centered) - 2 * shared


class FrechetDistance(FeatureMetric):
    """Frechet distance; comparable only at equal numbers of samples.

    With few samples its bias hides damage: truncated texts have less bias than whole ones.
    """

    about: ClassVar[str] = (
        "Fréchet distance between the features of generated and of unseen real samples. It falls with the "
        "number of samples, and even real samples are above 0: a good value is near theirs."
    )
    label: ClassVar[str] = "fd"
    insensitive_to: ClassVar[Mapping[str, tuple[str, ...]]] = {"text": ("halved",)}

    def compare(self, real: np.ndarray, made: np.ndarray, prepared: None) -> float:
        """Compute the distance at these numbers of samples; no correction of its bias."""
        return frechet_distance(real, made)


class EndlessFrechetDistance(FeatureMetric):
    """Frechet distance extrapolated to infinitely many samples on both sides; about 0 for real samples."""

    about: ClassVar[str] = (
        "Fréchet distance between features, extrapolated to infinitely many samples. Real samples have "
        "about 0; there is no upper end."
    )
    label: ClassVar[str] = "fd_inf"
    minimum: ClassVar[int] = 40

    def compare(self, real: np.ndarray, made: np.ndarray, prepared: None) -> float:
        """Compute the intercept of the least-squares line through the distances of subsets."""
        return _intercept(real, made, _parts(len(real)), _parts(len(made)))

    def left_out(self, real: np.ndarray, made: np.ndarray, groups: int) -> np.ndarray:
        """Compute jackknife replicates, float64 (groups,), centered on the score.

        Each subset loses the group's rows; drawing other subsets for each group would add noise. Smaller
        subsets bias all replicates alike, so their mean is replaced by the score.
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
    """Extrapolate the distance to infinite size from pairs of subsets, given by their rows."""
    inverse = [1 / len(ours) + 1 / len(theirs) for ours, theirs in zip(of_real, of_made, strict=True)]
    pairs = zip(of_real, of_made, strict=True)
    found = [frechet_distance(real[ours], made[theirs]) for ours, theirs in pairs]
    return float(np.polyfit(inverse, found, 1)[1])


def _parts(size: int) -> list[np.ndarray]:
    """Draw the rows of each subset, ascending; subsets of one size do not overlap."""
    rows = np.random.default_rng(0).permutation(size)
    parts = []
    for share in SHARES:
        length = int(share * size)
        count = PARTS if share < 1 else 1
        parts += [np.sort(rows[part * length : (part + 1) * length]) for part in range(count)]
    return parts
