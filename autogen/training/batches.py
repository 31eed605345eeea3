"""Batches from data that lies in memory: each epoch has its own keyed order."""

import warnings

import numpy as np
import torch
from torch import Tensor

from autogen.data.specs import Arrays
from autogen.training.noise import SHUFFLING, KeyedNoise


class Batches:
    """Batch i of an endless sequence, a function of (seed, i) alone.

    Rows left over at an epoch's end are passed over; the next epoch's order has them elsewhere.

    Args:
        arrays: Encoded data of N rows.
        size: Rows of a batch; N at most are given.
        seed: The trial's seed.
        device: Where the data is kept.
    """

    def __init__(self, arrays: Arrays, size: int, seed: int, device: torch.device) -> None:
        self.tensors = {name: _tensor(array).to(device) for name, array in arrays.items()}
        self.rows = len(next(iter(self.tensors.values())))
        self.size = min(size, self.rows)
        self._noise = KeyedNoise(seed)
        self._epoch = -1
        self._order = torch.empty(0, dtype=torch.int64)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        """Batch ``index``: name to tensor of ``size`` rows."""
        epoch, position = divmod(index, self.rows // self.size)
        rows = self._order_of(epoch)[position * self.size : (position + 1) * self.size]
        return {name: tensor[rows] for name, tensor in self.tensors.items()}

    def subset(self, rows: int) -> dict[str, Tensor]:
        """A fixed random subset of at most ``rows`` rows."""
        order = self._order_of(0)[:rows]
        return {name: tensor[order] for name, tensor in self.tensors.items()}

    def _order_of(self, epoch: int) -> Tensor:
        if epoch != self._epoch:
            device = next(iter(self.tensors.values())).device
            self._order = self._noise.at(SHUFFLING, epoch).permutation(self.rows).to(device)
            self._epoch = epoch
        return self._order


def _tensor(array: np.ndarray) -> Tensor:
    """A tensor on the array's own memory, which may be shared with other processes: nobody writes to it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The given NumPy array is not writable")
        return torch.from_numpy(np.require(array, requirements=["C"]))
