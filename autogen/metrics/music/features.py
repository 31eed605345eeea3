"""Pieces of music as vectors: their musical features, each on the scale of the real pieces."""

from dataclasses import dataclass

import numpy as np

from autogen.data.codec import Codec
from autogen.data.music.codecs import MusicCodec, checked
from autogen.data.specs import Samples
from autogen.errors import DataError, MetricError
from autogen.metrics.features.space import FeatureSpace, standardise
from autogen.metrics.music.descriptors import described

#: Least spread that counts, in the feature's own unit; of shares where none stands here.
_LEAST = {"pitch range": 1.0, "mean pitch": 1.0, "density": 0.1, "polyphony": 0.1, "pitch class entropy": 0.1}
_LEAST_SHARE = 0.02


@dataclass(frozen=True)
class _Known:
    """Mean and scale of each feature of the real pieces, (67,)."""

    mean: np.ndarray
    scale: np.ndarray


class MusicalFeatures(FeatureSpace):
    """Shares of pitch classes, intervals, durations and gaps, and eight numbers from range to groove.

    See ``autogen.metrics.music.descriptors``. Of what sounds, not of how it is written: the same for all
    representations. They know nothing of the order of the notes but the steps between neighbours.

    Each of the twelve weighs the same, however many numbers it has: else a duration that is rare among the
    real pieces would outweigh all the rest where another piece has it.
    """

    name = "music-v1"

    def fit(self, real: Samples, codec: Codec) -> tuple[_Known, np.ndarray]:
        """Scale of the real pieces."""
        if not isinstance(codec, MusicCodec):
            raise MetricError(f"features {self.name} are of music, but the data is {codec.kind}")
        parts = _described(real)
        raw = np.concatenate(list(parts.values()), axis=1)
        scale = np.concatenate([_spread(name, part) for name, part in parts.items()])
        known = _Known(raw.mean(axis=0), scale)
        return known, standardise(raw, known.mean, known.scale)

    def describe(self, known: _Known, samples: Samples) -> np.ndarray:
        """On the scale of the real pieces."""
        raw = np.concatenate(list(_described(samples).values()), axis=1)
        return standardise(raw, known.mean, known.scale)


def _described(pieces: Samples) -> dict[str, np.ndarray]:
    """Each feature, float64 (N, its width), by name."""
    try:
        return described(checked(pieces))
    except DataError as error:
        raise MetricError(str(error)) from error


def _spread(name: str, part: np.ndarray) -> np.ndarray:
    """Root of a feature's total variance, once for each of its numbers, (width,)."""
    total = float(np.sqrt(part.var(axis=0).sum()))
    return np.full(part.shape[1], max(total, _LEAST.get(name, _LEAST_SHARE)))
