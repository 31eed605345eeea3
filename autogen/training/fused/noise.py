"""Noise of trials that train as one program: inside ``vmap`` each trial gets its own keyed draws."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from autogen.families.base import Noise


class FusedNoise:
    """Draws of K trials, of which a function under ``torch.func.vmap`` sees its own.

    Each trial's numbers come from its own source, in the order of the calls, so that they are those that it
    draws alone. Which trial a call is for is a tensor that ``vmap`` maps over: its draws are picked by it.

    Args:
        sources: Noise of each trial, at the place of this step.
        member: Number of the trial, int64 (1,); mapped over, (K, 1), outside.
    """

    def __init__(self, sources: Sequence[Noise], member: Tensor) -> None:
        self._sources, self._member = sources, member

    def normal(self, *shape: int) -> Tensor:
        """Draw standard normal numbers, float32 of the given shape."""
        return self._own(lambda noise: noise.normal(*shape))

    def uniform(self, *shape: int) -> Tensor:
        """Draw uniform numbers in [0, 1), float32 of the given shape."""
        return self._own(lambda noise: noise.uniform(*shape))

    def integers(self, high: int, *shape: int) -> Tensor:
        """Draw uniform integers in 0..high-1, int64 of the given shape."""
        return self._own(lambda noise: noise.integers(high, *shape))

    def spread(self, n: int) -> Tensor:
        """Draw n numbers spread evenly over [0, 1): float32 (n,); see ``Noise.spread``."""
        return self._own(lambda noise: noise.spread(n))

    def permutation(self, n: int) -> Tensor:
        """Draw a uniformly random order of 0..n-1, int64 (n,)."""
        return self._own(lambda noise: noise.permutation(n))

    def _own(self, draw: Callable[[Noise], Tensor]) -> Tensor:
        drawn = torch.stack([draw(source) for source in self._sources])
        return drawn.index_select(0, self._member)[0]
