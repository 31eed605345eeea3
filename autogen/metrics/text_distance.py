"""How far texts lie from others: by the stretches of characters that they share."""

import numpy as np
from scipy import sparse

from autogen.data.base import Samples
from autogen.errors import MetricError
from autogen.metrics.distances import Distance

#: Lengths of the stretches that are compared: of texts of a few words, and of longer ones, where
#: short stretches are shared by all.
SHORT, LONG = (2, 3, 5), (8, 16)
#: Texts whose mean is longer than this are long.
_LONG_TEXT = 64
#: Stand before and after a text.
_BEFORE, _AFTER = "\x02", "\x03"


class TextDistance(Distance):
    """One minus Dice's coefficient of the different stretches of 2, 3 and 5 characters (8 and 16 if long).

    A copy has distance 0. Texts cut from another place of a long one share its stretches, so a window
    over two blocks is about half as far from each as it is from others; a long common substring shows as
    many stretches of 16.

    Args:
        pool: The real texts.
    """

    def __init__(self, pool: Samples) -> None:
        self.size = len(pool)
        mean = sum(map(len, pool)) / max(1, len(pool))
        self._lengths = LONG if mean > _LONG_TEXT else SHORT
        found = self.prepare(pool)
        self._codes = np.unique(np.concatenate(found)) if len(found) else np.empty(0, np.uint64)
        self._counts = np.array([len(codes) for codes in found], dtype=np.float64)
        self._pool = self._incidence(found).T.tocsr()

    def prepare(self, samples: Samples) -> np.ndarray:
        """Hashes of the different stretches of each text: an object array (N,) of uint64 arrays."""
        if not isinstance(samples, list) or not all(isinstance(text, str) for text in samples):
            raise MetricError(
                f"a list of str was expected, like the real texts; got {type(samples).__name__}"
            )
        prepared = np.empty(len(samples), dtype=object)
        for row, text in enumerate(samples):
            prepared[row] = _stretches(text, self._lengths)
        return prepared

    def strip(self, prepared: np.ndarray) -> np.ndarray:
        """By one sparse matrix product."""
        counts = np.array([len(codes) for codes in prepared], dtype=np.float64)
        shared = (self._incidence(prepared) @ self._pool).toarray()
        return np.asarray(1 - 2 * shared / np.maximum(counts[:, None] + self._counts, 1))

    def _incidence(self, prepared: np.ndarray) -> sparse.csr_matrix:
        """Which texts hold which of the pool's stretches, (N, G)."""
        owner = np.repeat(np.arange(len(prepared)), [len(codes) for codes in prepared])
        codes = np.concatenate(prepared) if len(prepared) else np.empty(0, np.uint64)
        place = np.searchsorted(self._codes, codes).clip(0, len(self._codes) - 1)
        known = self._codes[place] == codes
        shape = (len(prepared), len(self._codes))
        return sparse.csr_matrix(
            (np.ones(known.sum(), np.float32), (owner[known], place[known])), shape=shape
        )


def _stretches(text: str, lengths: tuple[int, ...]) -> np.ndarray:
    """Hashes of the different stretches of a text with its ends marked, sorted uint64."""
    marked = _BEFORE + text + _AFTER
    points = np.frombuffer(marked.encode("utf-32-le", "replace"), dtype="<u4").astype(np.uint64)
    found = []
    for length in lengths:
        size = min(length, len(points))  # a text that is shorter is one stretch
        windows = np.lib.stride_tricks.sliding_window_view(points, size)
        found.append(_hashed(windows) * np.uint64(64) + np.uint64(size))
    return np.unique(np.concatenate(found))


def _hashed(windows: np.ndarray) -> np.ndarray:
    """A hash of each row, by multiplying and adding modulo 2^64."""
    total = np.zeros(len(windows), dtype=np.uint64)
    for column in windows.T:
        total = (total ^ column) * np.uint64(0x100000001B3)
        total ^= total >> np.uint64(29)
    return total
