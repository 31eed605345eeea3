"""Distance of images: thumbnails, over turned, mirrored, shifted and dimmed versions."""

from collections.abc import Iterator
from itertools import product
from typing import ClassVar

import numpy as np

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.errors import MetricError
from autogen.metrics.distance import Distance

#: Most pixels a side of the images that are shifted, and of the thumbnails that are compared.
SHIFTED, THUMBNAIL = 32, 16
#: Pixels by which a copy may be moved down and right.
_STEPS = tuple(step for step in product(range(-2, 3), repeat=2) if any(step))
#: Least and most brightness of a copy, as a factor.
_DIMMEST, _BRIGHTEST = 0.5, 2.0


class ImageDistance(Distance):
    """Squared distance of thumbnails, the least over versions of an image that are as good as the image.

    Versions are mirror images, quarter turns and transposes (of square images), shifts of up to two pixels
    each way, and brightness from half to double. Thumbnails have at most 16 pixels a side. Of those tried,
    pixels found noisy, dimmed and blurred copies best, better than random-convolution features.

    Args:
        pool: Real images, uint8 (M, H, W, C).
    """

    half: ClassVar[float] = 0.25
    rows: ClassVar[int] = 320  # each strip sums the pool's thumbnails anew for every shift
    weight = 6

    def __init__(self, pool: np.ndarray, codec: Codec | None = None) -> None:
        self.size = len(pool)
        self.shape = pool.shape[1:]
        self._pool = _summed(_last(pool), SHIFTED)
        self._whole = _flat(self._pool)

    def prepare(self, samples: Samples) -> np.ndarray:
        """Images of at most 32 pixels a side, (N, h, w, C): whole numbers, so that ties are exact."""
        if not isinstance(samples, np.ndarray) or samples.shape[1:] != self.shape:
            got = getattr(samples, "shape", type(samples).__name__)
            raise MetricError(f"images of shape {self.shape} were expected, like the real ones; got {got}")
        return np.moveaxis(_summed(_last(samples), SHIFTED), -1, 0)

    def strip(self, prepared: np.ndarray) -> np.ndarray:
        """One matrix product for each version, float64 (b, M)."""
        images = _last(prepared)
        found = np.full((len(prepared), self.size), np.inf)
        norms = _norms(self._whole)
        for version in _turned(images):
            mine = _flat(version)
            np.minimum(found, _less_product(_brightness(_norms(mine), norms), mine, self._whole), out=found)
        area = images.shape[0] * images.shape[1]
        for step in _steps(*images.shape[:2]):
            kept, left = _overlap(images, *step), _overlap(self._pool, *(-way for way in step))
            mine, theirs = _flat(kept), _flat(left)
            apart = _less_product(_norms(mine)[:, None] + _norms(theirs), mine, theirs)
            # What was moved out of the picture is lost: the part that both show stands for the whole.
            apart *= area / (kept.shape[0] * kept.shape[1])
            np.minimum(found, apart, out=found)
        return found


def _last(images: np.ndarray) -> np.ndarray:
    """Images (N, H, W, C) as (H, W, C, N), so that sums of pixels are sums of long rows."""
    return np.ascontiguousarray(np.moveaxis(images, 0, -1))


def _norms(vectors: np.ndarray) -> np.ndarray:
    """Squared lengths of vectors (D, N), float64 (N,)."""
    return np.asarray(np.einsum("dn,dn->n", vectors, vectors))


def _less_product(lengths: np.ndarray, mine: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Squared distances: the sum of squared lengths, (b, M), less twice the product of the vectors."""
    found = mine.T @ theirs
    found *= -2
    found += lengths
    return np.asarray(found)


def _brightness(mine: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Sum of squared lengths at the best brightness of either image, (b, M).

    |sqrt(g) x - y / sqrt(g)|^2 is least at g = |y| / |x|, where its first and last term sum to 2 |x| |y|. It
    treats both images alike, so that dark ones are not near to everything. One root of the product of two
    whole numbers is exact for equal images; a product of two roots is not.
    """
    factor = np.sqrt(theirs / np.maximum(mine, 1.0)[:, None])
    equal = 2 * np.sqrt(np.outer(mine, theirs))
    bound = np.clip(factor, _DIMMEST, _BRIGHTEST)
    unequal = np.flatnonzero((bound != factor).any(axis=1))
    if len(unequal):
        part = bound[unequal]
        sums = part * mine[unequal, None] + theirs / part
        equal[unequal] = np.where(part == factor[unequal], equal[unequal], sums)
    return np.asarray(equal)


def _summed(images: np.ndarray, most: int) -> np.ndarray:
    """Sums over square blocks of pixels, at most so many a side: whole numbers as floats, (h, w, C, N)."""
    block = -(-max(images.shape[:2]) // most)
    # Single precision is exact up to 2^24, and takes half the memory.
    single = 255 * (-(-max(images.shape[:2]) // THUMBNAIL)) ** 2 < 2**24
    exact = images if images.dtype != np.uint8 else images.astype(np.float32 if single else np.float64)
    if block == 1:
        return exact
    return _merged(_merged(exact, block).swapaxes(0, 1), block).swapaxes(0, 1)


def _merged(images: np.ndarray, block: int) -> np.ndarray:
    """Sums of so many rows of pixels each, (h, W, C, N); the last sum may be of fewer rows."""
    found = images[::block].copy()
    # Sums of slices: ``np.add.reduceat`` takes ten times as long.
    for offset in range(1, block):
        rows = images[offset::block]
        found[: len(rows)] += rows
    return found


def _flat(images: np.ndarray) -> np.ndarray:
    """Thumbnails as vectors, float64 (D, N)."""
    return _summed(images, THUMBNAIL).reshape(-1, images.shape[-1]).astype(np.float64)


def _turned(images: np.ndarray) -> Iterator[np.ndarray]:
    """The images, their mirror images and, of square ones, those turned and transposed."""
    sides = [images, images.swapaxes(0, 1)] if images.shape[0] == images.shape[1] else [images]
    for version, down, right in product(sides, (1, -1), (1, -1)):
        yield version[::down, ::right]


def _steps(height: int, width: int) -> list[tuple[int, int]]:
    """Moves down and right that leave at least half of each side in the picture."""
    return [(down, right) for down, right in _STEPS if 2 * abs(down) <= height and 2 * abs(right) <= width]


def _overlap(images: np.ndarray, down: int, right: int) -> np.ndarray:
    """The part of images that stays in the picture when it is moved up and left by so many pixels."""
    height, width = images.shape[:2]
    rows, columns = (slice(max(0, way), size + min(0, way)) for way, size in ((down, height), (right, width)))
    return images[rows, columns]
