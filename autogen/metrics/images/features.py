"""Images in the space of frozen random convolutions, on the scale of the real ones."""

from dataclasses import dataclass

import numpy as np

from autogen.data.codec import Codec
from autogen.data.specs import ImageSpec, Samples
from autogen.errors import MetricError
from autogen.metrics.features.space import FeatureSpace, scale_of, standardise
from autogen.metrics.images.random_conv import FEATURE_SPACE, random_conv


@dataclass(frozen=True)
class _Known:
    """Codec, shape of one raw image, and mean and scale of each feature of the real ones, (D,)."""

    codec: Codec
    shape: tuple[int, ...]
    mean: np.ndarray
    scale: np.ndarray


class RandomConv(FeatureSpace):
    """See ``autogen.metrics.images.random_conv``.

    The features are put on one scale by mean and standard deviation of the *reference's* rows: a
    metric sees the evaluation split alone. Measured on ``digits``, 240 against 240 real images, that
    shifts the mean of the kernel distance of real images by a fourteenth of its standard deviation.
    """

    name = FEATURE_SPACE

    def fit(self, real: Samples, codec: Codec) -> tuple[_Known, np.ndarray]:
        """Their own mean is 0 and their scale 1."""
        if not isinstance(codec.spec, ImageSpec):
            raise MetricError(f"features {self.name} are of images, but the data is {codec.kind}")
        raw = _described(real, real.shape[1:], codec)
        mean, scale = scale_of(raw)
        return _Known(codec, real.shape[1:], mean, scale), standardise(raw, mean, scale)

    def describe(self, known: _Known, samples: Samples) -> np.ndarray:
        """On the scale of the real images."""
        return standardise(_described(samples, known.shape, known.codec), known.mean, known.scale)


def _described(images: Samples, shape: tuple[int, ...], codec: Codec) -> np.ndarray:
    """Features of images that are all right in shape and type."""
    if not isinstance(images, np.ndarray) or images.dtype != np.uint8 or images.shape[1:] != shape:
        expected = f"uint8 (N, {', '.join(map(str, shape))})"
        got = f"{images.dtype} {images.shape}" if isinstance(images, np.ndarray) else type(images).__name__
        raise MetricError(f"images {expected} are expected, like the real ones; got {got}")
    assert isinstance(codec.spec, ImageSpec)
    return random_conv(codec.encode(images)["pixels"], codec.spec.levels)
