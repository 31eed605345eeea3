"""Batches of data that lies in memory, in a keyed order for each epoch."""

import warnings

import numpy as np
import torch
from torch import Tensor

from autogen.data.specs import Arrays
from autogen.training.noise import SHUFFLING, KeyedNoise


class Batches:
    """Endless sequence of batches; batch i is a function of (seed, i) alone.

    Rows left over at an epoch's end are skipped; the next epoch's order has other ones there.

    Args:
        arrays: Encoded data, name to (N, ...).
        size: B, rows in a batch; at most N.
        seed: Seed of the trial.
        device: Device that keeps the data.
    """

    def __init__(self, arrays: Arrays, size: int, seed: int, device: torch.device) -> None:
        self.tensors = {name: _tensor(array).to(device) for name, array in arrays.items()}
        self.rows = len(next(iter(self.tensors.values())))
        self.size = min(size, self.rows)
        self._noise = KeyedNoise(seed)
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
            self._order = self._noise.at(SHUFFLING, epoch).permutation(self.rows).to(device)
            self._epoch = epoch
        return self._order


def _tensor(array: np.ndarray) -> Tensor:
    """Wrap an array without a copy; its memory may be shared with other processes and is never written to."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The given NumPy array is not writable")
        return torch.from_numpy(np.require(array, requirements=["C"]))
