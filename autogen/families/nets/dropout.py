"""Dropout whose masks come from the keyed noise of a trial."""

from torch import Tensor

from autogen.families.base import Noise


class Dropout:
    """Zeroes activations with a given rate and scales the rest up; the identity without noise.

    Args:
        noise: Where the masks come from; ``None`` when evaluating.
        rate: Share of activations to drop, a number or a 0-d tensor.
    """

    def __init__(self, noise: Noise | None = None, rate: float | Tensor = 0.0) -> None:
        self.noise = noise
        self.rate = rate

    def __call__(self, x: Tensor) -> Tensor:
        """Apply a fresh mask to x of any shape."""
        if self.noise is None or (isinstance(self.rate, float) and self.rate == 0):
            return x
        keep = self.noise.uniform(*x.shape) >= self.rate
        return x * keep / (1 - self.rate)
