"""The contract of a distance between samples."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar, final

import numpy as np

from autogen.data.specs import Samples

#: Pairs whose distances are held at once.
_PAIRS = 400_000


class Distance(ABC):
    """Distances of samples from a pool of M real ones; made of (pool, codec).

    Attributes:
        size: M.
        half: Factor of a distance that is half as far; .25 for squared distances.
        rows: Fewest samples of a strip, where each strip costs something of its own.
        weight: Cost of a pair beside that of a plain distance; the hard tests look at fewer pairs.
    """

    size: int
    half: ClassVar[float] = 0.5
    rows: ClassVar[int] = 1
    weight: ClassVar[int] = 1

    @final
    def strips(self, samples: Samples) -> Iterator[np.ndarray]:
        """Distances of some samples after others, float64 (b, M), until all N have had theirs."""
        for whole, _ in self.strips_with_part(samples):
            yield whole

    @final
    def strips_with_part(self, samples: Samples) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
        """Distances as of ``strips``, each beside those without the part that is least alike, both (b, M)."""
        prepared = self.prepare(samples)
        step = max(self.rows, _PAIRS // self.size)
        for first in range(0, len(prepared), step):
            yield self.strip_with_part(prepared[first : first + step])

    def strip_with_part(self, prepared: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Distances of a few prepared samples, and those without the part of a pair that is least alike.

        A copy with one cell changed is far off by the first and at no distance by the second. ``None`` where
        a kind of data has no such parts.
        """
        return self.strip(prepared), None

    @abstractmethod
    def prepare(self, samples: Samples) -> np.ndarray:
        """Samples as ``strip`` wants them, N rows."""

    @abstractmethod
    def strip(self, prepared: np.ndarray) -> np.ndarray:
        """Distances of a few prepared samples from the pool, (b, M)."""
