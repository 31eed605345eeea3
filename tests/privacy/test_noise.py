"""Noise of the operating system: its distribution, and that no seed gives it again."""

import numpy as np
import torch
from scipy.stats import kstest

from autogen.privacy.noise import noisy_counts, secret_generator, secret_normal, secret_uniform


def test_normal_numbers_are_standard_normal():
    assert kstest(secret_normal(20_000), "norm").pvalue > 1e-6


def test_uniform_numbers_are_uniform_and_never_0_or_1():
    found = secret_uniform(200, 100)
    assert found.shape == (200, 100)
    assert found.min() > 0
    assert found.max() < 1
    assert kstest(found.ravel(), "uniform").pvalue > 1e-6


def test_no_seed_repeats_the_noise():
    draws = []
    for _ in range(2):
        np.random.seed(0)  # noqa: NPY002
        torch.manual_seed(0)
        draws.append((secret_normal(3), secret_generator().random(3)))
    assert not np.array_equal(draws[0][0], draws[1][0])
    assert not np.array_equal(draws[0][1], draws[1][1])


def test_noisy_counts_are_whole_and_as_far_off_as_the_noise():
    counts = np.arange(20_000)
    noisy = noisy_counts(counts, 7.0)
    assert noisy.dtype == np.int64
    off = noisy - counts
    assert abs(off.mean()) < 0.4
    assert abs(off.std() - np.sqrt(7.0**2 + 1 / 12)) < 0.2  # rounding adds a twelfth to the variance
