"""Pieces of music as vectors: their musical features, each on the scale of the real pieces."""

from dataclasses import dataclass

import numpy as np

from autogen.data.codec import Codec
from autogen.data.music.codecs import MusicCodec, checked
from autogen.data.specs import Samples
from autogen.errors import DataError, MetricError
from autogen.metrics.features.space import FeatureSpace, standardize
from autogen.metrics.music.descriptors import described

#: Smallest scale of a feature, in its own unit; the features that are not listed are shares.
_LEAST = {"pitch range": 1.0, "mean pitch": 1.0, "density": 0.1, "polyphony": 0.1, "pitch class entropy": 0.1}
_LEAST_SHARE = 0.02


@dataclass(frozen=True)
class _Known:
    """State of the feature space: mean and scale of each feature of the real pieces, (67,) both."""

    mean: np.ndarray
    scale: np.ndarray


class MusicalFeatures(FeatureSpace):
    """Feature space of music: four histograms (pitch classes, intervals, durations, gaps) and eight numbers.

    See ``autogen.metrics.music.descriptors``. The features depend on the notes alone, so they are the same
    for all representations. They know the order of the notes only by the intervals between neighbors.

    All twelve features have the same weight, whatever their width: otherwise a duration that is rare in the
    real pieces would outweigh all other features.
    """

    name = "music-v1"

    def fit(self, real: Samples, codec: Codec) -> tuple[_Known, np.ndarray]:
        """Fit the scale to N real pieces, and extract their features, float64 (N, 67)."""
        if not isinstance(codec, MusicCodec):
            raise MetricError(f"features {self.name} describe music, but the data is {codec.kind}")
        parts = _described(real)
        raw = np.concatenate(list(parts.values()), axis=1)
        scale = np.concatenate([_spread(name, part) for name, part in parts.items()])
        known = _Known(raw.mean(axis=0), scale)
        return known, standardize(raw, known.mean, known.scale)

    def describe(self, known: _Known, samples: Samples) -> np.ndarray:
        """Extract the features of M pieces on the scale of the real ones, float64 (M, 67)."""
        raw = np.concatenate(list(_described(samples).values()), axis=1)
        return standardize(raw, known.mean, known.scale)


def _described(pieces: Samples) -> dict[str, np.ndarray]:
    """Compute each feature of N pieces, float64 (N, width of the feature), by name."""
    try:
        return described(checked(pieces))
    except DataError as error:
        raise MetricError(str(error)) from error


def _spread(name: str, part: np.ndarray) -> np.ndarray:
    """Compute the root of a feature's total variance, repeated for each of its numbers, (width,)."""
    total = float(np.sqrt(part.var(axis=0).sum()))
    return np.full(part.shape[1], max(total, _LEAST.get(name, _LEAST_SHARE)))
