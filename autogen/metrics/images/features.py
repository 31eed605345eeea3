"""Images in the space of frozen random convolutions, on the scale of the real ones."""

from dataclasses import dataclass

import numpy as np

from autogen.data.codec import Codec
from autogen.data.specs import ImageSpec, Samples
from autogen.errors import MetricError
from autogen.metrics.features.space import FeatureSpace, scale_of, standardize
from autogen.metrics.images.random_conv import FEATURE_SPACE, random_conv


@dataclass(frozen=True)
class _Known:
    """State of the feature space.

    Attributes:
        codec: Codec of the data set.
        shape: Shape of one raw image, (H, W, C).
        mean: Mean of each feature of the real images, (D,).
        scale: Scale of each feature of the real images, (D,).
    """

    codec: Codec
    shape: tuple[int, ...]
    mean: np.ndarray
    scale: np.ndarray


class RandomConv(FeatureSpace):
    """Feature space of ``autogen.metrics.images.random_conv``.

    The features are standardized by mean and standard deviation of the *reference's* rows, since a metric
    sees only the evaluation split. On ``digits``, 240 against 240 real images, that shifts the mean of the
    kernel distance of real images by a fourteenth of its standard deviation.
    """

    name = FEATURE_SPACE

    def fit(self, real: Samples, codec: Codec) -> tuple[_Known, np.ndarray]:
        """Fit the scale to N real images, and extract their features, float64 (N, D), with mean 0."""
        if not isinstance(codec.spec, ImageSpec):
            raise MetricError(f"features {self.name} describe images, but the data is {codec.kind}")
        raw = _described(real, real.shape[1:], codec)
        mean, scale = scale_of(raw)
        return _Known(codec, real.shape[1:], mean, scale), standardize(raw, mean, scale)

    def describe(self, known: _Known, samples: Samples) -> np.ndarray:
        """Extract the features of M images on the scale of the real ones, float64 (M, D)."""
        return standardize(_described(samples, known.shape, known.codec), known.mean, known.scale)


def _described(images: Samples, shape: tuple[int, ...], codec: Codec) -> np.ndarray:
    """Check shape and type of images, and extract their features, float64 (N, D)."""
    if not isinstance(images, np.ndarray) or images.dtype != np.uint8 or images.shape[1:] != shape:
        expected = f"uint8 (N, {', '.join(map(str, shape))})"
        got = f"{images.dtype} {images.shape}" if isinstance(images, np.ndarray) else type(images).__name__
        raise MetricError(f"expected images {expected}, like the real ones; got {got}")
    assert isinstance(codec.spec, ImageSpec)
    return random_conv(codec.encode(images)["pixels"], codec.spec.levels)
