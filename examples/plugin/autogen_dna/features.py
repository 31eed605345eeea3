"""Shares of k-mers of strands: a feature space, and a distance for the memorization test."""

from typing import Any

import numpy as np

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.errors import MetricError
from autogen.metrics.distance import Distance
from autogen.metrics.features.space import FeatureSpace
from autogen_dna.codec import BASES

#: Bases of a k-mer.
K = 3


def kmer_counts(strands: Samples) -> np.ndarray:
    """How often each k-mer is in each strand, float64 (N, 4^K)."""
    if not isinstance(strands, list) or not all(isinstance(strand, str) for strand in strands):
        raise MetricError(f"a list of str was expected, like the real ones; got {type(strands).__name__}")
    counts = np.zeros((len(strands), len(BASES) ** K))
    for row, strand in zip(counts, strands, strict=True):
        codes = np.array([BASES.index(base) for base in strand], dtype=np.int64)
        if len(codes) >= K:
            words = np.lib.stride_tricks.sliding_window_view(codes, K) @ len(BASES) ** np.arange(K)
            np.add.at(row, words, 1)
    return counts


def kmer_shares(strands: Samples) -> np.ndarray:
    """Shares of the k-mers of each strand, float64 (N, 4^K)."""
    counts = kmer_counts(strands)
    return np.asarray(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))


class Kmers(FeatureSpace):
    """Square roots of the shares, so that inner products are Bhattacharyya coefficients."""

    name = "kmers-v1"

    def fit(self, real: Samples, codec: Codec) -> tuple[Any, np.ndarray]:
        """Nothing has to be known of the real strands."""
        return None, self.describe(None, real)

    def describe(self, known: Any, samples: Samples) -> np.ndarray:
        """(N, 4^K)."""
        return np.asarray(np.sqrt(kmer_shares(samples)))


class KmerDistance(Distance):
    """Euclidean distance of shares: 0 for a copy, also for one with a shifted start.

    Args:
        pool: The real strands.
        codec: Codec of the data set.
    """

    def __init__(self, pool: Samples, codec: Codec) -> None:
        self._pool = kmer_shares(pool)
        self.size = len(self._pool)

    def prepare(self, samples: Samples) -> np.ndarray:
        """Shares, (N, 4^K)."""
        return kmer_shares(samples)

    def strip(self, prepared: np.ndarray) -> np.ndarray:
        """(b, M)."""
        return np.asarray(np.linalg.norm(prepared[:, None] - self._pool[None], axis=2))
