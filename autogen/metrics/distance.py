"""Base class of distances between samples."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar, final

import numpy as np

from autogen.data.specs import Samples

#: Pairs whose distances are held at once.
PAIRS = 400_000


class Distance(ABC):
    """Distances of samples from a pool of M real ones; constructed as ``Distance(pool, codec)``.

    Attributes:
        size: Number M of real samples in the pool.
        half: Factor of a distance that is half as far, default 0.5; 0.25 for squared distances.
        rows: Fewest samples of a strip, for distances with a fixed cost a strip.
        weight: Cost of a pair relative to a plain distance; the hard tests compare fewer costly pairs.
    """

    size: int
    half: ClassVar[float] = 0.5
    rows: ClassVar[int] = 1
    weight: int = 1

    @final
    def strips(self, samples: Samples) -> Iterator[np.ndarray]:
        """Yield the distances of N samples in strips, float64 (b, M), so that memory stays bounded."""
        for whole, _ in self.strips_with_part(samples):
            yield whole

    @final
    def strips_with_part(self, samples: Samples) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
        """Yield strips of distances with and without the least similar part of each pair, (b, M) both."""
        prepared = self.prepare(samples)
        step = max(self.rows, PAIRS // self.size)
        for first in range(0, len(prepared), step):
            yield self.strip_with_part(prepared[first : first + step])

    def strip_with_part(self, prepared: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Compute the distances of b prepared samples, and those without the least similar part, (b, M) both.

        A copy with one changed cell is far by the first and at distance 0 by the second, which is ``None``
        for kinds of data without such parts.
        """
        return self.strip(prepared), None

    @abstractmethod
    def prepare(self, samples: Samples) -> np.ndarray:
        """Encode samples for ``strip``: an array of N rows."""

    @abstractmethod
    def strip(self, prepared: np.ndarray) -> np.ndarray:
        """Compute the distances of b prepared samples from the pool, float64 (b, M)."""
