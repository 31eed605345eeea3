"""Keyed noise: every random draw of a trial is a function of the trial's seed and of the place of the draw.

No draw depends on torch's global generator, on other trials or on the order of work, so that a trial's
numbers are the same alone, fused, resumed or retried.
"""

from typing import Self

import torch
from torch import Tensor

#: First element of a key: the use of the draws, so that no two uses of one seed share draws.
TRAINING, SHUFFLING, INITIALIZING, FITTING, SAMPLING = range(5)

_MASK = (1 << 64) - 1


def fold(key: int, value: int) -> int:
    """Mix a value into a 64-bit key by the finalizer of SplitMix64.

    Steele 2014, https://doi.org/10.1145/2660193.2660195.
    """
    z = (key + (value + 1) * 0x9E3779B97F4A7C15) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


def key_of(seed: int, *place: int) -> int:
    """Return the 64-bit key of a seed and a place (use, step, phase ...); each element counts."""
    key = fold(0, seed)
    for value in place:
        key = fold(key, value)
    return key


class KeyedNoise:
    """Random draws keyed by (seed, place, number of draws before it at this place).

    One generator is reseeded for each draw, which costs about 2 microseconds. On a CPU torch seeds
    its generator with the key's low 32 bits.

    Args:
        seed: Seed of the trial.
        place: Key of the draws: use, step, phase, repeat ...
        device: Device on which the draws are made.
    """

    def __init__(self, seed: int, *place: int, device: torch.device | str = "cpu") -> None:
        self.seed = seed
        self.device = torch.device(device)
        self._generator = torch.Generator(self.device)
        self.at(*place)

    def at(self, *place: int) -> Self:
        """Move to another place; its draws are counted from the first."""
        self._key = key_of(self.seed, *place)
        self._draws = 0
        return self

    def normal(self, *shape: int) -> Tensor:
        """Draw standard normal numbers, float32 of the given shape."""
        return torch.randn(shape, generator=self._next(), device=self.device)

    def uniform(self, *shape: int) -> Tensor:
        """Draw uniform numbers in [0, 1), float32 of the given shape."""
        return torch.rand(shape, generator=self._next(), device=self.device)

    def integers(self, high: int, *shape: int) -> Tensor:
        """Draw uniform integers in 0..high-1, int64 of the given shape."""
        return torch.randint(high, shape, generator=self._next(), device=self.device)

    def permutation(self, n: int) -> Tensor:
        """Draw a uniformly random order of 0..n-1, int64 (n,)."""
        return torch.randperm(n, generator=self._next(), device=self.device)

    def spread(self, n: int) -> Tensor:
        """Draw n numbers spread evenly over [0, 1), one in each n-th of it, in random order: float32 (n,)."""
        return (self.permutation(n) + self.uniform(n)) / n

    def _next(self) -> torch.Generator:
        """Return the generator, seeded for the next draw."""
        self._generator.manual_seed(fold(self._key, self._draws))
        self._draws += 1
        return self._generator
