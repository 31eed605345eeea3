"""Dropout with masks from the keyed noise of a trial."""

from torch import Tensor

from autogen.families.base import Noise
from autogen.families.nets.shards import ShardedNoise


class Dropout:
    """Dropout; the identity without noise.

    Args:
        noise: Source of the masks; ``None`` in evaluation.
        rate: Share of the activations that are zeroed, a number or a tensor ().
    """

    def __init__(self, noise: Noise | None = None, rate: float | Tensor = 0.0) -> None:
        self.noise = noise
        self.rate = rate

    def __call__(self, x: Tensor) -> Tensor:
        """Zero part of x (...) by a fresh mask and scale up the rest; the shape stays."""
        if self.noise is None or (isinstance(self.rate, float) and self.rate == 0):
            return x
        # a whole batch's masks on each of several ranks would cost as much as its nets
        noise = self.noise.own if isinstance(self.noise, ShardedNoise) else self.noise
        keep = noise.uniform(*x.shape) >= self.rate
        return x * keep / (1 - self.rate)
