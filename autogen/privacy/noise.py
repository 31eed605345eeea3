"""Noise that nobody can predict: random numbers of the operating system, of which none is written down.

The noise of a trial is keyed by its seed, which the journal records: whoever reads it could subtract that
noise again. So what protects rows comes from ``os.urandom`` instead, and a run cannot be replayed to the same
numbers. Against attacks by way of the last digits of floating-point numbers (Mironov 2012,
https://doi.org/10.1145/2382196.2382264) noisy counts are rounded; weights are not, of which only those after
many steps are ever written.
"""

import os
import secrets

import numpy as np
from scipy.special import ndtri

_BITS = 52  # with a half added they are exact in float64, so that no number is rounded to 1


def secret_uniform(*shape: int) -> np.ndarray:
    """Draw uniform numbers in (0, 1), float64 of the given shape."""
    count = int(np.prod(shape))
    words = np.frombuffer(os.urandom(8 * count), np.uint64) >> np.uint64(64 - _BITS)
    return ((words.astype(np.float64) + 0.5) / 2.0**_BITS).reshape(shape)


def secret_normal(*shape: int) -> np.ndarray:
    """Draw standard normal numbers, float64 of the given shape."""
    return np.asarray(ndtri(secret_uniform(*shape)))


def secret_generator() -> np.random.Generator:
    """Make a fast generator with a secret seed, for draws of which only what they train is published."""
    return np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence(secrets.randbits(256))))


def noisy_counts(counts: np.ndarray, scale: float) -> np.ndarray:
    """Add normal noise to counts and round: int64 of the same shape.

    Args:
        counts: Numbers of units, each of which is counted at most once.
        scale: Standard deviation of the noise, in units.
    """
    return np.rint(counts + scale * secret_normal(*counts.shape)).astype(np.int64)
