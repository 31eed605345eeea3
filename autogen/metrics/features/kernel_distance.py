"""Kernel distance: unbiased polynomial MMD^2 in a named feature space (Binkowski 2018).

https://arxiv.org/abs/1801.01401, where the space is Inception's and the distance is called KID.
"""

from typing import ClassVar

import numpy as np

from autogen.metrics.features.metric import FeatureMetric

ROWS = 1024


class KernelDistance(FeatureMetric):
    """Unbiased MMD^2 with the kernel (x·y / D + 1)^3; mean 0 for real samples, so it may be negative."""

    about: ClassVar[str] = (
        "Kernel distance (unbiased squared MMD) between generated and unseen real samples in a feature "
        "space. Real samples have about 0, by chance also a little less; there is no upper end, so compare "
        "it with the values of real samples and of the trivial baselines."
    )
    label: ClassVar[str] = "kd"

    def of_real(self, real: np.ndarray) -> float:
        """Sum the kernel over all pairs of different real samples, (N, D)."""
        return float(_sums(real, real).sum() - _own(real).sum())

    def compare(self, real: np.ndarray, made: np.ndarray, prepared: float) -> float:
        """Compute MMD^2 between real (N, D) and generated (M, D) features; N and M may differ."""
        n, m = len(real), len(made)
        across = float(_sums(real, made).sum())
        within = float(_sums(made, made).sum() - _own(made).sum())
        return prepared / (n * (n - 1)) + within / (m * (m - 1)) - 2 * across / (n * m)

    def left_out(self, real: np.ndarray, made: np.ndarray, groups: int) -> np.ndarray:
        """Compute jackknife replicates, float64 (groups,), from block sums of the kernel matrices."""
        # Each kernel value is computed once: a replicate subtracts its group's rows and columns of blocks.
        n, m = (len(rows) - np.bincount(np.arange(len(rows)) % groups) for rows in (real, made))
        of_real = _without_each(_blocks(real, real, groups, diagonal=False))
        of_fake = _without_each(_blocks(made, made, groups, diagonal=False))
        across = _without_each(_blocks(real, made, groups))
        return np.asarray(of_real / (n * (n - 1)) + of_fake / (m * (m - 1)) - 2 * across / (n * m))


def _kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Compute the kernel matrix of rows (N, D) and (M, D): (N, M)."""
    return np.asarray((x @ y.T / x.shape[1] + 1) ** 3)


def _own(x: np.ndarray) -> np.ndarray:
    """Compute the kernel of each row with itself, (N,)."""
    return np.asarray(((x**2).mean(axis=1) + 1) ** 3)


def _sums(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Sum each row of the kernel matrix, (N,), with only a strip of it in memory."""
    return np.concatenate([_kernel(x[i : i + ROWS], y).sum(axis=1) for i in range(0, len(x), ROWS)])


def _blocks(x: np.ndarray, y: np.ndarray, groups: int, *, diagonal: bool = True) -> np.ndarray:
    """Sum the kernel over each pair of groups, (groups, groups); row i is in group i % groups.

    Without ``diagonal`` the kernel of a row with itself is left out: the unbiased estimate needs that.
    """
    sums = np.stack([_sums(x, y[g::groups]) for g in range(groups)], axis=1)
    blocks = np.stack([sums[g::groups].sum(axis=0) for g in range(groups)])
    if not diagonal:
        own = _own(x)
        blocks[np.diag_indices(groups)] -= [own[g::groups].sum() for g in range(groups)]
    return blocks


def _without_each(blocks: np.ndarray) -> np.ndarray:
    """Sum the blocks without each group's row and column, (groups,)."""
    # The diagonal block is in the group's row and in its column, so it is subtracted twice: add it once.
    rest = blocks.sum() - blocks.sum(axis=0) - blocks.sum(axis=1) + np.diag(blocks)
    return np.asarray(rest)
