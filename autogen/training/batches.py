"""Batches of data that lies in memory, in a keyed order for each epoch."""

import warnings

import numpy as np
import torch
from torch import Tensor

from autogen.data.specs import Arrays
from autogen.training.noise import SHUFFLING, KeyedNoise


class Batches:
    """Endless sequence of batches; batch i is a function of (seed, i) alone.

    Rows left over at an epoch's end are skipped; the next epoch's order has other ones there. With weights,
    an epoch draws as many rows again, each as often as its share of all weights says, rounded at random: a
    row of weight 0 never comes.

    Args:
        arrays: Encoded data, name to (N, ...).
        size: B, rows in a batch; at most N.
        seed: Seed of the trial.
        device: Device that keeps the data.
        weights: Weight of each row, float64 (N,), at least 0; default all equal.
    """

    def __init__(
        self,
        arrays: Arrays,
        size: int,
        seed: int,
        device: torch.device,
        weights: np.ndarray | None = None,
    ) -> None:
        self.tensors = {name: _tensor(array).to(device) for name, array in arrays.items()}
        self.rows = len(next(iter(self.tensors.values())))
        self.size = min(size, self.rows)
        self._noise = KeyedNoise(seed)
        self._weights = None if weights is None or np.ptp(weights) == 0 else torch.from_numpy(weights)
        self._epoch = -1
        self._order = torch.empty(0, dtype=torch.int64)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        """Return batch ``index``: name to tensor (B, ...)."""
        epoch, position = divmod(index, self.rows // self.size)
        rows = self._order_of(epoch)[position * self.size : (position + 1) * self.size]
        return {name: tensor[rows] for name, tensor in self.tensors.items()}

    def subset(self, rows: int) -> dict[str, Tensor]:
        """Return a fixed random subset of at most ``rows`` rows, name to tensor."""
        order = self._order_of(0)[:rows]
        return {name: tensor[order] for name, tensor in self.tensors.items()}

    def _order_of(self, epoch: int) -> Tensor:
        if epoch != self._epoch:
            device = next(iter(self.tensors.values())).device
            noise = self._noise.at(SHUFFLING, epoch)
            order = noise.permutation(self.rows)
            if self._weights is not None:
                drawn = systematic(self._weights[order] * (self.rows / float(self._weights.sum())), noise)
                order = order[drawn[: self.rows]][noise.permutation(self.rows)]
            self._order = order.to(device)
            self._epoch = epoch
        return self._order


def systematic(expected: Tensor, noise: KeyedNoise) -> Tensor:
    """Draw rows so often that each has its expected number of copies, rounded up or down at random.

    Systematic sampling: one uniform number decides all, so that the number of rows that are drawn is the sum
    of what is expected, rounded.

    Args:
        expected: Expected number of copies of each row, float64 (N,), at least 0.
        noise: Source of the one number.

    Returns:
        Rows in ascending order, int64.
    """
    ends = expected.cumsum(0)
    total = float(ends[-1])
    points = torch.arange(round(total), dtype=torch.float64) + noise.uniform(1).double()
    rows = torch.searchsorted(ends, points * (total / max(1, round(total))), right=True)
    return rows.clamp(max=int(expected.nonzero().max()))


def copies(weights: Tensor, noise: KeyedNoise) -> Tensor:
    """Draw rows by ``systematic``, each as often as it weighs, but together no more rows than there are.

    So a scale of marks from 0 to 100 means what it means from 0 to 1, and takes no more time and memory.

    Args:
        weights: Weight of each row, float64 (N,), at least 0.
        noise: Source of the one number.
    """
    return systematic(weights / max(1.0, float(weights.mean())), noise)


def _tensor(array: np.ndarray) -> Tensor:
    """Wrap an array without a copy; its memory may be shared with other processes and is never written to."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The given NumPy array is not writable")
        return torch.from_numpy(np.require(array, requirements=["C"]))
