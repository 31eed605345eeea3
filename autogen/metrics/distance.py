"""The contract of a distance between samples."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar, final

import numpy as np

from autogen.data.specs import Samples

_PAIRS = 400_000


class Distance(ABC):
    """Distances of samples from a pool of M real ones; made of (pool, codec).

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
