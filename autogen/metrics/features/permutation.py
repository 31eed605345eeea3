"""Permutation tests of two samples: random dealings of the rows, and a kernel test of whole samples."""

from dataclasses import dataclass

import numpy as np

#: Random dealings of rows to the two sides; the least p-value is one over one more.
PERMUTATIONS = 999
#: Share of the dealings whose distances a distance by chance keeps below.
USUAL = 0.95


@dataclass(frozen=True)
class Moved:
    """Distance of two samples beside its chance level.

    Attributes:
        distance: Distance of the two sides.
        chance: Distance that 19 of 20 random dealings of the same rows stay below.
        p_value: Share of dealings, this one included, with a distance as large.
    """

    distance: float
    chance: float
    p_value: float


def dealings(newer: np.ndarray, units: np.ndarray | None = None, seed: int = 0) -> np.ndarray:
    """Deal rows to two sides: as they are, then at random, bool (1 + PERMUTATIONS, N).

    Args:
        newer: True for each row of the second side, bool (N,).
        units: Number of what each row belongs to and is dealt with, int64 (N,); default each row on its own.
        seed: Random seed; one that differs between data sets, or all share the chance of the same dealings.
    """
    rng = np.random.default_rng(seed)
    if units is None:
        return np.array([newer, *(rng.permutation(newer) for _ in range(PERMUTATIONS))])
    # What both sides have is one unit on each side: rows stay together as they were drawn.
    owner = np.unique(np.stack([units, newer]), axis=1, return_inverse=True)[1].reshape(-1)
    side = np.zeros(owner.max() + 1, bool)
    side[owner] = newer
    return np.array([newer, *(rng.permutation(side)[owner] for _ in range(PERMUTATIONS))])


def kernel_test(features: np.ndarray, dealt: np.ndarray) -> Moved:
    """Test if two samples have one distribution, by their squared MMD (Gretton 2012).

    The kernel is that of the kernel distance, (x·y / D + 1)^3; its chance level is that of random dealings.
    https://jmlr.org/papers/v13/gretton12a.html

    Args:
        features: Features of the rows of both sides, float64 (N, D), standardized.
        dealt: Dealings of the rows, as of ``dealings``, bool (P, N).
    """
    kernel = (features @ features.T / features.shape[1] + 1) ** 3
    sizes = dealt.sum(axis=1, keepdims=True)
    weights = np.where(dealt, 1 / sizes, -1 / (dealt.shape[1] - sizes))
    found = ((weights @ kernel) * weights).sum(axis=1)
    p_value = float((found >= found[0]).mean())
    return Moved(float(found[0]), float(np.quantile(found[1:], USUAL)), p_value)
