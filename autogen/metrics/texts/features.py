"""Texts as vectors: hashed counts of their character n-grams, n from one to four."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import HashingVectorizer

from autogen.data.codec import Codec
from autogen.data.specs import Samples, SequenceSpec
from autogen.errors import MetricError
from autogen.metrics.features.space import FeatureSpace, scale_of, standardize

WIDTH = 128
_BUCKETS = 2**18
_LONGEST = 4


@dataclass(frozen=True)
class _Known:
    """State of the feature space.

    Attributes:
        weights: Inverse document frequency of each bucket, (2^18,).
        mean: Mean of each feature of the real texts, (128,).
        scale: Scale of each feature of the real texts, (128,).
    """

    weights: np.ndarray
    mean: np.ndarray
    scale: np.ndarray


class CharNGrams(FeatureSpace):
    """Feature space of texts: signed sums of TF-IDF weighted n-gram counts (Weinberger 2009).

    Feature hashing with signs keeps inner products unbiased. Counts enter by their logarithm, weighted by the
    inverse document frequency in the real texts. The space needs no vocabulary and no network, so it works
    for any language. Vectors of longer texts are longer.
    """

    name = "char_ngrams-v1"

    def fit(self, real: Samples, codec: Codec) -> tuple[_Known, np.ndarray]:
        """Fit weights and scale to N real texts, and extract their features, float64 (N, 128)."""
        if not isinstance(codec.spec, SequenceSpec):
            raise MetricError(f"features {self.name} describe texts, but the data is {codec.kind}")
        counts = _counts(real)
        holding = np.bincount(counts.indices, minlength=_BUCKETS)
        weights = np.log((1 + counts.shape[0]) / (1 + holding)) + 1
        raw = _folded(counts, weights)
        mean, scale = scale_of(raw)
        return _Known(weights, mean, scale), standardize(raw, mean, scale)

    def describe(self, known: _Known, samples: Samples) -> np.ndarray:
        """Extract the features of M texts on the scale of the real ones, float64 (M, 128)."""
        return standardize(_folded(_counts(samples), known.weights), known.mean, known.scale)


def _counts(texts: Samples) -> Any:
    """Count n-grams with signs, both ends of a text marked: sparse (N, 2^18)."""
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise MetricError(f"a list of str was expected, like the real texts; got {type(texts).__name__}")
    hashing = HashingVectorizer(
        analyzer="char",
        ngram_range=(1, _LONGEST),
        n_features=_BUCKETS,
        lowercase=False,
        norm=None,
        alternate_sign=True,
    )
    return hashing.transform([f"\x02{text}\x03" for text in texts])


def _folded(counts: Any, weights: np.ndarray) -> np.ndarray:
    """Fold the weighted logarithms of counts to 128 dimensions by bucket modulo 128: (N, 128)."""
    values = np.sign(counts.data) * np.log1p(np.abs(counts.data)) * weights[counts.indices]
    owner = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    folded = sparse.coo_matrix((values, (owner, counts.indices % WIDTH)), shape=(counts.shape[0], WIDTH))
    return np.asarray(folded.toarray())
