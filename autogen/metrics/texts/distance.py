"""Distance of texts by the character n-grams that they share."""

import numpy as np
from scipy import sparse

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.errors import MetricError
from autogen.metrics.distance import Distance

#: Lengths n of the n-grams in texts of a few words, and in longer ones, where all texts share short n-grams.
SHORT, LONG = (2, 3, 5), (8, 16)
#: Mean number of characters above which texts are long.
_LONG_TEXT = 64
#: Marks before and after a text.
_BEFORE, _AFTER = "\x02", "\x03"


class TextDistance(Distance):
    """One minus the Dice coefficient of the distinct n-grams, n = 2, 3 and 5 (8 and 16 for long texts).

    A copy has distance 0, also with other letter case or other blanks between its words. Texts cut from
    another place of a long one share its n-grams, so a window over two blocks is about half as far from each
    as it is from others. A long common substring contains many 16-grams.

    Args:
        pool: M real texts.
        codec: Codec of the data set; unused.
    """

    def __init__(self, pool: Samples, codec: Codec | None = None) -> None:
        self.size = len(pool)
        mean = sum(map(len, pool)) / max(1, len(pool))
        self._lengths = LONG if mean > _LONG_TEXT else SHORT
        found = self.prepare(pool)
        self._codes = _different(np.concatenate(found)) if len(found) else np.empty(0, np.uint64)
        self._counts = np.array([len(codes) for codes in found], dtype=np.float64)
        self._pool = self._incidence(found).T.tocsr()

    def prepare(self, samples: Samples) -> np.ndarray:
        """Hash the distinct n-grams of N texts: an object array (N,) of uint64 arrays."""
        if not isinstance(samples, list) or not all(isinstance(text, str) for text in samples):
            raise MetricError(
                f"a list of str was expected, like the real texts; got {type(samples).__name__}"
            )
        return _ngrams([" ".join(text.casefold().split()) for text in samples], self._lengths)

    def strip(self, prepared: np.ndarray) -> np.ndarray:
        """Compute the distances of b texts from the pool, float64 (b, M), by one sparse matrix product."""
        counts = np.array([len(codes) for codes in prepared], dtype=np.float64)
        shared = (self._incidence(prepared) @ self._pool).toarray()
        return np.asarray(1 - 2 * shared / np.maximum(counts[:, None] + self._counts, 1))

    def _incidence(self, prepared: np.ndarray) -> sparse.csr_matrix:
        """Build the sparse 0/1 matrix of texts and the pool's n-grams, (N, G)."""
        owner = np.repeat(np.arange(len(prepared)), [len(codes) for codes in prepared])
        codes = np.concatenate(prepared) if len(prepared) else np.empty(0, np.uint64)
        place = np.searchsorted(self._codes, codes).clip(0, len(self._codes) - 1)
        known = self._codes[place] == codes
        shape = (len(prepared), len(self._codes))
        return sparse.csr_matrix(
            (np.ones(known.sum(), np.float32), (owner[known], place[known])), shape=shape
        )


def _different(codes: np.ndarray) -> np.ndarray:
    """Return the distinct codes, ascending; ``np.unique`` would hash the hashes again, 20 times as slow."""
    ordered = np.sort(codes)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered


def _ngrams(texts: list[str], lengths: tuple[int, ...]) -> np.ndarray:
    """Hash the distinct n-grams of each text, both ends marked: an object array (N,) of ascending uint64.

    All texts are hashed at once, since a Python loop over them takes longer than the hashing.
    """
    found = np.empty(len(texts), dtype=object)
    if not texts:
        return found
    marked = [_BEFORE + text + _AFTER for text in texts]
    points = np.frombuffer("".join(marked).encode("utf-32-le", "replace"), dtype="<u4").astype(np.uint64)
    sizes = np.array([len(text) for text in marked])
    begins = np.cumsum(sizes) - sizes
    parts = [part for length in lengths for part in _of_length(points, begins, sizes, length)]
    owners, codes = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(owners, kind="stable")
    ends = np.cumsum(np.bincount(owners, minlength=len(texts)))
    # A sort of each text's own hashes takes a third of the time of one of all hashes by text and hash.
    for row, own in enumerate(np.split(codes[order], ends[:-1])):
        found[row] = _different(own)
    return found


def _of_length(
    points: np.ndarray, begins: np.ndarray, sizes: np.ndarray, length: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """List text and hash of all n-grams of a length; a text that is shorter is one n-gram."""
    owners = np.repeat(np.arange(len(sizes)), sizes)
    starts = np.flatnonzero(np.arange(len(points)) + length <= np.repeat(begins + sizes, sizes))
    found = [(owners[starts], _hashed(points, starts, length))]
    for size in np.unique(sizes[sizes < length]).tolist():
        short = np.flatnonzero(sizes == size)
        found.append((short, _hashed(points, begins[short], size)))
    return found


def _hashed(points: np.ndarray, starts: np.ndarray, size: int) -> np.ndarray:
    """Hash the n-grams at some positions together with their size, FNV-like modulo 2^64, uint64 (K,)."""
    total = np.zeros(len(starts), dtype=np.uint64)
    for offset in range(size):
        total = (total ^ points[starts + offset]) * np.uint64(0x100000001B3)
        total ^= total >> np.uint64(29)
    return np.asarray(total * np.uint64(64) + np.uint64(size))
