"""How far texts lie from others: by the stretches of characters that they share."""

import numpy as np
from scipy import sparse

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.errors import MetricError
from autogen.metrics.distance import Distance

#: Lengths of the stretches that are compared: of texts of a few words, and of longer ones, where
#: short stretches are shared by all.
SHORT, LONG = (2, 3, 5), (8, 16)
#: Texts whose mean is longer than this are long.
_LONG_TEXT = 64
#: Stand before and after a text.
_BEFORE, _AFTER = "\x02", "\x03"


class TextDistance(Distance):
    """One minus Dice's coefficient of the different stretches of 2, 3 and 5 characters (8 and 16 if long).

    A copy has distance 0, also one in other letter case or with other blanks between its words. Texts cut
    from another place of a long one share its stretches, so a window
    over two blocks is about half as far from each as it is from others; a long common substring shows as
    many stretches of 16.

    Args:
        pool: The real texts.
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
        """Hashes of the different stretches of each text: an object array (N,) of uint64 arrays."""
        if not isinstance(samples, list) or not all(isinstance(text, str) for text in samples):
            raise MetricError(
                f"a list of str was expected, like the real texts; got {type(samples).__name__}"
            )
        return _stretches([" ".join(text.casefold().split()) for text in samples], self._lengths)

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


def _different(codes: np.ndarray) -> np.ndarray:
    """Each once, ascending; numpy's own ``unique`` hashes what is hashed already, 20 times as long."""
    ordered = np.sort(codes)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered


def _stretches(texts: list[str], lengths: tuple[int, ...]) -> np.ndarray:
    """Hashes of the different stretches of each text with its ends marked: sorted uint64, in an object array.

    All texts at once: each would take longer to be looked at than to be hashed.
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
    order = np.lexsort((codes, owners))
    owners, codes = owners[order], codes[order]
    first = np.append(True, (np.diff(owners) > 0) | (codes[1:] != codes[:-1]))
    ends = np.cumsum(np.bincount(owners[first], minlength=len(texts)))
    for row, own in enumerate(np.split(codes[first], ends[:-1])):
        found[row] = own
    return found


def _of_length(
    points: np.ndarray, begins: np.ndarray, sizes: np.ndarray, length: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Texts and hashes of all stretches of a length; a text that is shorter is one stretch."""
    owners = np.repeat(np.arange(len(sizes)), sizes)
    starts = np.flatnonzero(np.arange(len(points)) + length <= np.repeat(begins + sizes, sizes))
    found = [(owners[starts], _hashed(points, starts, length))]
    for size in np.unique(sizes[sizes < length]).tolist():
        short = np.flatnonzero(sizes == size)
        found.append((short, _hashed(points, begins[short], size)))
    return found


def _hashed(points: np.ndarray, starts: np.ndarray, size: int) -> np.ndarray:
    """A hash of each stretch with its size, by multiplying and adding modulo 2^64."""
    total = np.zeros(len(starts), dtype=np.uint64)
    for offset in range(size):
        total = (total ^ points[starts + offset]) * np.uint64(0x100000001B3)
        total ^= total >> np.uint64(29)
    return np.asarray(total * np.uint64(64) + np.uint64(size))
