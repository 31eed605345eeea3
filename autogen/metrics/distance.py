"""The contract of a distance between samples."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar, final

import numpy as np

from autogen.data.specs import Samples

_PAIRS = 400_000


class Distance(ABC):
    """Distances of samples from a pool of M real ones; constructed as ``Distance(pool, codec)``.

    Attributes:
        size: Number M of real samples in the pool.
        half: Factor in this distance's numbers that stands for half as far, default 0.5 (0.25 for squares).
    """

    size: int
    half: ClassVar[float] = 0.5

    @final
    def strips(self, samples: Samples) -> Iterator[np.ndarray]:
        """Yield the distances of N samples in strips, float64 (b, M), so that memory stays bounded."""
        prepared = self.prepare(samples)
        step = max(1, _PAIRS // self.size)
        for first in range(0, len(prepared), step):
            yield self.strip(prepared[first : first + step])

    @abstractmethod
    def prepare(self, samples: Samples) -> np.ndarray:
        """Encode samples for ``strip``: an array of N rows."""

    @abstractmethod
    def strip(self, prepared: np.ndarray) -> np.ndarray:
        """Compute the distances of b prepared samples from the pool, float64 (b, M)."""
