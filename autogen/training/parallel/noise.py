"""Noise of one of several ranks, whose draws are rows of those of one process."""

from collections.abc import Callable
from typing import Self

import torch
from torch import Tensor

from autogen.errors import SpaceError, counted
from autogen.training.noise import KeyedNoise

#: First element of the key of draws that are a rank's alone; uses of one process are 0 to 4.
_RANK = 5


class RankNoise:
    """Keyed noise of one rank.

    Until ``take`` draws are those of one process, the same on all ranks. After it, draws whose first axis is
    the rank's rows are these rows of the whole batch's draws: a trial's numbers are the same on one rank and
    on several. Whole draws cost little beside the nets, but for dropout masks, which come from ``own``.

    Args:
        seed: Seed of the trial.
        rank: Number of this part of a batch, from 0: of the rank, or of the micro-batch.
        size: N, number of parts.
        device: Device on which the draws are made.
        total: Sums values (...) over all parts; ``None`` where they are not computed at the same time.
        own: Place of the draws that are this part's alone; by default ``rank``.

    Attributes:
        weight: Weight of this rank's loss in that of the whole batch.
        own: Source of draws that are this rank's alone.
        units: What ``take`` has dealt to the parts: rows, or packs of them; 0 before.
    """

    units = 0

    def __init__(
        self,
        seed: int,
        rank: int,
        size: int,
        device: torch.device,
        total: Callable[[Tensor], Tensor] | None = None,
        own: int | None = None,
    ) -> None:
        self._rank, self._size, self._total = rank, size, total
        self._key = rank if own is None else own
        self._whole = KeyedNoise(seed, device=device)
        self.own = KeyedNoise(seed, device=device)
        self.at()

    def at(self, *place: int) -> Self:
        """Move to another place, with the whole batch."""
        self._whole.at(*place)
        self.own.at(_RANK, self._key, *place)
        self.weight = 1 / self._size
        self._parts: dict[int, tuple[int, slice]] = {}
        return self

    def take(self, rows: int, unit: int = 1) -> slice:
        """Return the rows of this rank; see ``ShardedNoise.take``."""
        units, size, rank = rows // unit, self._size, self._rank
        self.units = units
        if units < size:
            packs = () if unit == 1 else (f"pack of {unit} rows", f"packs of {unit} rows")
            count = counted(units, *(packs or ("row",)))
            raise SpaceError(
                f"a step trains on {count}, fewer than the {size} replicas; raise training.batch_size or "
                "training.tokens in the search space, or lower --replicas"
            )
        first, last = units * rank // size, units * (rank + 1) // size
        # rows that fill no pack stay with the last rank, as they do at the end of a whole batch
        own = slice(first * unit, rows if rank == size - 1 else last * unit)
        self.weight = (last - first) / units
        self._parts = {last - first: (units, slice(first, last)), own.stop - own.start: (rows, own)}
        return own

    def mean(self, values: Tensor) -> Tensor:
        """Compute the weighted mean over all ranks of values (...); see ``ShardedNoise.mean``."""
        if self._total is None:
            raise SpaceError(
                "the loss of this family takes means over the rows of a batch, which the parts of a pipeline "
                "see one after the other; take parallel = data"
            )
        mean = self._total(values.detach() * self.weight)
        return values + (mean - values).detach()  # the gradients of all ranks are summed later

    def normal(self, *shape: int) -> Tensor:
        """Draw standard normal numbers, float32 of the given shape."""
        whole, own = self._place(shape)
        return self._whole.normal(*whole)[own]

    def uniform(self, *shape: int) -> Tensor:
        """Draw uniform numbers in [0, 1), float32 of the given shape."""
        whole, own = self._place(shape)
        return self._whole.uniform(*whole)[own]

    def integers(self, high: int, *shape: int) -> Tensor:
        """Draw uniform integers in 0..high-1, int64 of the given shape."""
        whole, own = self._place(shape)
        return self._whole.integers(high, *whole)[own]

    def spread(self, n: int) -> Tensor:
        """Draw n numbers spread evenly over [0, 1), (n,), of the whole batch."""
        whole, own = self._place((n,))
        return self._whole.spread(*whole)[own]

    def permutation(self, n: int) -> Tensor:
        """Draw a uniformly random order of 0..n-1, int64 (n,), before rows are taken.

        Raises:
            SpaceError: rows were taken, of which an order would mix only these.
        """
        if self._parts:
            raise SpaceError(
                "the loss of this family orders the rows of a batch, which several replicas share; "
                "train with --replicas 1"
            )
        return self._whole.permutation(n)

    def _place(self, shape: tuple[int, ...]) -> tuple[tuple[int, ...], slice]:
        """Return the shape of the whole batch's draw, and which of its rows are this rank's."""
        whole, own = self._parts.get(shape[0], (shape[0], slice(None))) if shape else (0, slice(None))
        return (whole, *shape[1:]) if shape else (), own
