"""Kernel distance of images: unbiased polynomial MMD^2 in a named feature space (Binkowski 2018).

https://arxiv.org/abs/1801.01401, where the space is Inception's and the distance is called KID. The
features are put on one scale by mean and standard deviation of the *reference's* rows: a metric
sees the evaluation split alone. Measured on ``digits``, 240 against 240 real images, that shifts
the mean of the score of real images by a fourteenth of its standard deviation.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from autogen.data.base import Codec, ImageSpec, Samples
from autogen.errors import MetricError
from autogen.metrics.base import Metric
from autogen.metrics.random_conv import FEATURE_SPACE, random_conv, scale_of, standardise
from autogen.objective import Objective

MINIMUM = 10
_ROWS = 1024


@dataclass(frozen=True)
class ImageReference:
    """Real images as the kernel distance sees them.

    Attributes:
        codec: Of the data set.
        shape: Of one raw image.
        mean: Of each feature over the real images, (D,).
        scale: Of each feature over the real images, (D,).
        features: Of the real images, on one scale, (N, D).
        within: Sum of the kernel over all pairs of different real images.
    """

    codec: Codec
    shape: tuple[int, ...]
    mean: np.ndarray
    scale: np.ndarray
    features: np.ndarray
    within: float


class KernelDistance(Metric):
    """Unbiased MMD^2 with the kernel (x·y / D + 1)^3; 0 in the mean for real images, so often below."""

    kinds: ClassVar[tuple[str, ...]] = ("image",)
    objective: ClassVar[Objective] = Objective(f"kd[{FEATURE_SPACE}]", version=1, direction="minimize")

    def prepare(self, real: Samples, codec: Codec) -> ImageReference:
        """Describe the real images once."""
        if not isinstance(codec.spec, ImageSpec):
            raise MetricError(f"{self.objective.name} scores images, but the data is {codec.kind}")
        raw = _features(_checked(real, real.shape[1:]), codec)
        mean, scale = scale_of(raw)
        features = standardise(raw, mean, scale)
        within = float(_sums(features, features).sum() - _own(features).sum())
        return ImageReference(codec, real.shape[1:], mean, scale, features, within)

    def score(self, reference: ImageReference, fake: Samples) -> float:
        """MMD^2 between real and generated images, which may be of unequal number."""
        real, made = reference.features, self._described(reference, fake)
        n, m = len(real), len(made)
        across = float(_sums(real, made).sum())
        within = float(_sums(made, made).sum() - _own(made).sum())
        return reference.within / (n * (n - 1)) + within / (m * (m - 1)) - 2 * across / (n * m)

    def replicates(self, reference: ImageReference, fake: Samples, groups: int) -> np.ndarray:
        """The score without each group, from sums over the blocks of the kernel matrices."""
        real, made = reference.features, self._described(reference, fake)
        if groups < 2 or min(len(real), len(made)) < 2 * groups:
            raise MetricError(
                f"{groups} groups need at least {2 * groups} real and generated images each; "
                f"got {len(real)} and {len(made)}"
            )
        n, m = (len(rows) - np.bincount(np.arange(len(rows)) % groups) for rows in (real, made))
        of_real = _without_each(_blocks(real, real, groups, diagonal=False))
        of_fake = _without_each(_blocks(made, made, groups, diagonal=False))
        across = _without_each(_blocks(real, made, groups))
        return np.asarray(of_real / (n * (n - 1)) + of_fake / (m * (m - 1)) - 2 * across / (n * m))

    def _described(self, reference: ImageReference, fake: Samples) -> np.ndarray:
        raw = _features(_checked(fake, reference.shape), reference.codec)
        return standardise(raw, reference.mean, reference.scale)


def _checked(images: Samples, shape: tuple[int, ...]) -> np.ndarray:
    """The images, all right in number, shape and type."""
    if not isinstance(images, np.ndarray) or images.dtype != np.uint8 or images.shape[1:] != shape:
        expected = f"uint8 (N, {', '.join(map(str, shape))})"
        got = f"{images.dtype} {images.shape}" if isinstance(images, np.ndarray) else type(images).__name__
        raise MetricError(f"the kernel distance expects images {expected} like the real ones; got {got}")
    if len(images) < MINIMUM:
        raise MetricError(f"the kernel distance needs at least {MINIMUM} images; got {len(images)}")
    return images


def _features(images: np.ndarray, codec: Codec) -> np.ndarray:
    assert isinstance(codec.spec, ImageSpec)
    return random_conv(codec.encode(images)["pixels"], codec.spec.levels)


def _kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(N, M)."""
    return np.asarray((x @ y.T / x.shape[1] + 1) ** 3)


def _own(x: np.ndarray) -> np.ndarray:
    """The kernel of each row with itself, (N,)."""
    return np.asarray(((x**2).mean(axis=1) + 1) ** 3)


def _sums(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Sum of each row of the kernel matrix, (N,), never holding more than a strip of it."""
    return np.concatenate([_kernel(x[i : i + _ROWS], y).sum(axis=1) for i in range(0, len(x), _ROWS)])


def _blocks(x: np.ndarray, y: np.ndarray, groups: int, *, diagonal: bool = True) -> np.ndarray:
    """Sums of the kernel over each pair of groups, (groups, groups); row i is in group i % groups."""
    sums = np.stack([_sums(x, y[g::groups]) for g in range(groups)], axis=1)
    blocks = np.stack([sums[g::groups].sum(axis=0) for g in range(groups)])
    if not diagonal:
        own = _own(x)
        blocks[np.diag_indices(groups)] -= [own[g::groups].sum() for g in range(groups)]
    return blocks


def _without_each(blocks: np.ndarray) -> np.ndarray:
    """Total of the blocks without each group's row and column, (groups,)."""
    rest = blocks.sum() - blocks.sum(axis=0) - blocks.sum(axis=1) + np.diag(blocks)
    return np.asarray(rest)
