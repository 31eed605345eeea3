"""Rows of a batch that one of several ranks trains on, and means over the rows of all of them.

A loss is written for a whole batch. Where its nets begin it calls ``shard``, which returns the rows of this
rank; what mixes rows (swapped cells, pairs, cuts to the first rows) comes before. Without other ranks all of
these functions change nothing.
"""

from typing import Protocol, TypeVar, runtime_checkable

from torch import Tensor

from autogen.families.base import Batch, Noise

Rows = TypeVar("Rows", Tensor, Batch)


@runtime_checkable
class ShardedNoise(Protocol):
    """Noise of one of several ranks that share each batch.

    Attributes:
        weight: Weight of this rank's loss in that of the whole batch; the weights of all ranks sum to one.
        own: Source of draws that are this rank's alone.
    """

    weight: float
    own: Noise

    def take(self, rows: int, unit: int) -> slice:
        """Return the rows of this rank; from here on, draws for as many rows are those of these rows.

        Args:
            rows: B, rows of the whole batch.
            unit: Rows that stay together.

        Raises:
            SpaceError: there are fewer units than ranks.
        """
        ...

    def mean(self, values: Tensor) -> Tensor:
        """Compute the weighted mean over all ranks of values (...), differentiable as this rank's share."""
        ...


def shard(data: Rows, noise: Noise | None, unit: int = 1) -> Rows:
    """Return the rows of this rank.

    Args:
        data: Rows (B, ...), or a batch, name to (B, ...).
        noise: Source of the random draws; later draws for these rows are those of the whole batch. All rows
            are this rank's where ``None``.
        unit: Rows that stay together: packs of so many.

    Raises:
        SpaceError: there are fewer rows than ranks.
    """
    if not isinstance(noise, ShardedNoise):
        return data
    if isinstance(data, Tensor):
        return data[noise.take(len(data), unit)]
    rows = noise.take(len(next(iter(data.values()))), unit)
    return {name: tensor[rows] for name, tensor in data.items()}


def mean_of(total: Tensor, count: Tensor, noise: Noise | None) -> Tensor:
    """Divide this rank's sum by the count of the whole batch, so that the ranks' weighted mean is the mean.

    Args:
        total: Sum over the rows of this rank, a scalar.
        count: What the sum is divided by, of all rows, a scalar.
        noise: Source of the random draws, after ``shard``.
    """
    return total / (count * noise.weight) if isinstance(noise, ShardedNoise) else total / count


def mean_over_rows(values: Tensor, noise: Noise) -> Tensor:
    """Compute the mean of values (B, ...) over the rows of the whole batch: (...)."""
    mean = values.mean(0)
    return noise.mean(mean) if isinstance(noise, ShardedNoise) else mean
