"""Draws of a loss for many rows: noted once for one row, then made for all rows at once.

Under ``vmap`` a loss runs once for all rows, and what it draws inside would be the same for each of them. So
its draws are made before, independently for each row, and handed in along with the rows.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from autogen.privacy.noise import secret_generator

#: A draw that a loss asks for: its name, its shape, then further arguments.
Draw = tuple[Any, ...]


class Recorder:
    """Noise that notes what a loss draws for one row."""

    def __init__(self, device: torch.device) -> None:
        self.draws: list[Draw] = []
        self._device = device

    def normal(self, *shape: int) -> Tensor:
        """Draw standard normal numbers, float32 of the given shape."""
        return self._note("normal", shape)

    def uniform(self, *shape: int) -> Tensor:
        """Draw uniform numbers in [0, 1), float32 of the given shape."""
        return self._note("uniform", shape)

    def integers(self, high: int, *shape: int) -> Tensor:
        """Draw uniform integers in 0..high-1, int64 of the given shape."""
        return self._note("integers", shape, high)

    def permutation(self, n: int) -> Tensor:
        """Draw a uniformly random order of 0..n-1, int64 (n,)."""
        return self._note("permutation", (n,))

    def _note(self, name: str, shape: tuple[int, ...], *more: int) -> Tensor:
        self.draws.append((name, shape, *more))
        return torch.from_numpy(drawn(secret_generator(), self.draws[-1], 1)[0]).to(self._device)


class Replayed:
    """Noise of one row: draws that were made before, in the order in which a loss asks for them."""

    def __init__(self, draws: Sequence[Tensor]) -> None:
        self._left = iter(draws)

    def normal(self, *shape: int) -> Tensor:
        """Draw standard normal numbers, float32 of the given shape."""
        return self._next(shape)

    def uniform(self, *shape: int) -> Tensor:
        """Draw uniform numbers in [0, 1), float32 of the given shape."""
        return self._next(shape)

    def integers(self, high: int, *shape: int) -> Tensor:
        """Draw uniform integers in 0..high-1, int64 of the given shape."""
        return self._next(shape)

    def permutation(self, n: int) -> Tensor:
        """Draw a uniformly random order of 0..n-1, int64 (n,)."""
        return self._next((n,))

    def _next(self, shape: tuple[int, ...]) -> Tensor:
        found = next(self._left)
        assert tuple(found.shape) == shape, "a loss must draw the same for every row"
        return found


def drawn(generator: np.random.Generator, draw: Draw, rows: int) -> np.ndarray:
    """Draw for each of B rows: (B, *shape)."""
    name, shape, *more = draw
    full = (rows, *shape)
    makers: dict[str, Callable[[], np.ndarray]] = {
        "normal": lambda: generator.standard_normal(full, np.float32),
        "uniform": lambda: generator.random(full, np.float32),
        "integers": lambda: generator.integers(more[0], size=full),
        "permutation": lambda: generator.permuted(np.tile(np.arange(*shape), (rows, 1)), axis=1),
    }
    return makers[name]()
