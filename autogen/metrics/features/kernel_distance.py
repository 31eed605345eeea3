"""Kernel distance: unbiased polynomial MMD^2 in a named feature space (Binkowski 2018).

https://arxiv.org/abs/1801.01401, where the space is Inception's and the distance is called KID.
"""

from typing import ClassVar

import numpy as np

from autogen.metrics.features.metric import FeatureMetric

_ROWS = 1024


class KernelDistance(FeatureMetric):
    """Unbiased MMD^2 with the kernel (x·y / D + 1)^3; 0 in the mean for real samples, so often below."""

    label: ClassVar[str] = "kd"

    def of_real(self, real: np.ndarray) -> float:
        """Sum of the kernel over all pairs of different real samples."""
        return float(_sums(real, real).sum() - _own(real).sum())

    def between(self, real: np.ndarray, made: np.ndarray, prepared: float) -> float:
        """MMD^2 between real and generated samples, which may be of unequal number."""
        n, m = len(real), len(made)
        across = float(_sums(real, made).sum())
        within = float(_sums(made, made).sum() - _own(made).sum())
        return prepared / (n * (n - 1)) + within / (m * (m - 1)) - 2 * across / (n * m)

    def left_out(self, real: np.ndarray, made: np.ndarray, groups: int) -> np.ndarray:
        """From sums over the blocks of the kernel matrices."""
        n, m = (len(rows) - np.bincount(np.arange(len(rows)) % groups) for rows in (real, made))
        of_real = _without_each(_blocks(real, real, groups, diagonal=False))
        of_fake = _without_each(_blocks(made, made, groups, diagonal=False))
        across = _without_each(_blocks(real, made, groups))
        return np.asarray(of_real / (n * (n - 1)) + of_fake / (m * (m - 1)) - 2 * across / (n * m))


def _kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(N, M)."""
    return np.asarray((x @ y.T / x.shape[1] + 1) ** 3)


def _own(x: np.ndarray) -> np.ndarray:
    """The kernel of each row with itself, (N,)."""
    return np.asarray(((x**2).mean(axis=1) + 1) ** 3)


def _sums(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Sum of each row of the kernel matrix, (N,), never holding more than a strip of it."""
    return np.concatenate([_kernel(x[i : i + _ROWS], y).sum(axis=1) for i in range(0, len(x), _ROWS)])


def _blocks(x: np.ndarray, y: np.ndarray, groups: int, *, diagonal: bool = True) -> np.ndarray:
    """Sums of the kernel over each pair of groups, (groups, groups); row i is in group i % groups."""
    sums = np.stack([_sums(x, y[g::groups]) for g in range(groups)], axis=1)
    blocks = np.stack([sums[g::groups].sum(axis=0) for g in range(groups)])
    if not diagonal:
        own = _own(x)
        blocks[np.diag_indices(groups)] -= [own[g::groups].sum() for g in range(groups)]
    return blocks


def _without_each(blocks: np.ndarray) -> np.ndarray:
    """Total of the blocks without each group's row and column, (groups,)."""
    rest = blocks.sum() - blocks.sum(axis=0) - blocks.sum(axis=1) + np.diag(blocks)
    return np.asarray(rest)
