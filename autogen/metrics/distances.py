"""How far one sample lies from another: what the search for copies of training samples goes by."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar, final

import numpy as np

from autogen.data.base import Codec, ImageSpec, Samples
from autogen.data.tabular import TableCodec
from autogen.data.text import TextCodec
from autogen.errors import MetricError
from autogen.metrics.tables import table_features

THUMBNAIL = 16
_PAIRS = 400_000
_MIRRORS = ((1, 1), (1, -1), (-1, 1), (-1, -1))
_STEPS = ((0, 1), (0, -1), (1, 0), (-1, 0))


class Distance(ABC):
    """Distances of samples from a pool of M real ones.

    Attributes:
        size: M.
        half: What half as far is in this distance's numbers.
    """

    size: int
    half: ClassVar[float] = 0.5

    @final
    def strips(self, samples: Samples) -> Iterator[np.ndarray]:
        """Distances of some samples after others, float64 (b, M), until all N have had theirs."""
        prepared = self.prepare(samples)
        step = max(1, _PAIRS // self.size)
        for first in range(0, len(prepared), step):
            yield self.strip(prepared[first : first + step])

    @abstractmethod
    def prepare(self, samples: Samples) -> np.ndarray:
        """Samples as ``strip`` wants them, N rows."""

    @abstractmethod
    def strip(self, prepared: np.ndarray) -> np.ndarray:
        """Distances of a few prepared samples from the pool, (b, M)."""


class ImageDistance(Distance):
    """Squared distance of thumbnails, the least over mirror images and steps of one pixel.

    Thumbnails have at most 16 pixels a side. Of those tried, pixels found noisy, dimmed and blurred
    copies best, better than random-convolution features; mirrored and shifted copies are found
    because they are compared as such.

    Args:
        pool: uint8 (M, H, W, C).
    """

    half: ClassVar[float] = 0.25

    def __init__(self, pool: np.ndarray) -> None:
        self.size = len(pool)
        self.shape = pool.shape[1:]
        self._pool = _thumbnails(pool).reshape(len(pool), -1)
        self._norms = (self._pool**2).sum(axis=1)

    def prepare(self, samples: Samples) -> np.ndarray:
        """float64 (N, h, w, C): whole numbers, so that equal distances come out equal."""
        if not isinstance(samples, np.ndarray) or samples.shape[1:] != self.shape:
            got = getattr(samples, "shape", type(samples).__name__)
            raise MetricError(f"images of shape {self.shape} were expected, like the real ones; got {got}")
        return _thumbnails(samples)

    def strip(self, prepared: np.ndarray) -> np.ndarray:
        """Each version's distances by one matrix product."""
        nearest = np.full((len(prepared), self.size), np.inf)
        for version in _versions(prepared):
            flat = version.reshape(len(version), -1)
            product = flat @ self._pool.T
            product *= -2
            product += self._norms
            product += (flat**2).sum(axis=1)[:, None]
            np.minimum(nearest, product, out=nearest)
        return nearest


class TableDistance(Distance):
    """Mean over columns of the difference of ranks, or of being another category (after Gower 1971).

    A number's place is its rank among the pool's, from 0 to 1; a missing cell is 1 from any other
    and 0 from a missing one.

    Args:
        pool: The real rows.
        codec: Of the data set.
    """

    def __init__(self, pool: Samples, codec: TableCodec) -> None:
        self._codec = codec
        features = table_features(pool, codec)
        self.size = len(features)
        self._ladders = [np.sort(column[~np.isnan(column)]) for column in features.T]
        self._pool = self._ranked(features)

    def prepare(self, samples: Samples) -> np.ndarray:
        """float64 (N, D): ranks, indices of categories, NaN."""
        return self._ranked(table_features(samples, self._codec))

    def strip(self, prepared: np.ndarray) -> np.ndarray:
        """Column by column."""
        total = np.zeros((len(prepared), self.size))
        for place, nominal in enumerate(self._codec.categorical):
            mine, theirs = prepared[:, place, None], self._pool[None, :, place]
            apart = np.abs(mine - theirs)
            if nominal:
                apart = np.where(apart > 0, 1.0, apart)
            absent = np.isnan(mine), np.isnan(theirs)
            if absent[0].any() or absent[1].any():
                apart = np.where(absent[0] | absent[1], (absent[0] != absent[1]) * 1.0, apart)
            total += apart
        return np.asarray(total / prepared.shape[1])

    def _ranked(self, features: np.ndarray) -> np.ndarray:
        columns = [
            column if nominal or not len(ladder) else _ranks(column, ladder)
            for column, ladder, nominal in zip(
                features.T, self._ladders, self._codec.categorical, strict=True
            )
        ]
        return np.stack(columns, axis=1)


def distance_to(pool: Samples, codec: Codec) -> Distance:
    """The distance that fits a kind of data.

    Raises:
        MetricError: there is none.
    """
    if isinstance(codec.spec, ImageSpec):
        return ImageDistance(pool)
    if isinstance(codec, TableCodec):
        return TableDistance(pool, codec)
    if isinstance(codec, TextCodec):
        from autogen.metrics.text_distance import TextDistance

        return TextDistance(pool)
    if codec.kind == "music":
        from autogen.metrics.music_distance import MusicDistance

        return MusicDistance(pool)
    raise MetricError(f"no distance between samples is known for {codec.kind} data")


def _ranks(column: np.ndarray, ladder: np.ndarray) -> np.ndarray:
    """Mid-rank of each number among the ladder's, in [0, 1]; NaN stays."""
    middle = (ladder.searchsorted(column, "left") + ladder.searchsorted(column, "right")) / 2
    return np.where(np.isnan(column), np.nan, middle / len(ladder))


def _thumbnails(images: np.ndarray) -> np.ndarray:
    """Sums over blocks of pixels, at most 16 a side: float64 (N, h, w, C)."""
    block = -(-max(images.shape[1:3]) // THUMBNAIL)
    rows, columns = (np.arange(0, size, block) for size in images.shape[1:3])
    sums = np.add.reduceat(images, rows, axis=1, dtype=np.float64)
    return np.asarray(np.add.reduceat(sums, columns, axis=2))


def _versions(images: np.ndarray) -> Iterator[np.ndarray]:
    """The images, their mirror images, and the images one step to each side (edges repeated)."""
    for down, right in _MIRRORS:
        yield images[:, ::down, ::right]
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    height, width = images.shape[1:3]
    for down, right in _STEPS:
        yield padded[:, 1 + down : 1 + down + height, 1 + right : 1 + right + width]
