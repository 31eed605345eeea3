"""Diversity of texts: the share of distinct n-grams, and the repetition within a text.

They are diagnostics, to be compared with those of real texts: random characters are the most diverse.
N-grams are of characters, since not all languages mark words: n is three if the real texts are short (names,
titles), else eight.
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.data.texts.codec import TextCodec
from autogen.errors import MetricError
from autogen.hpo.objective import Objective
from autogen.metrics.base import Metric

#: Characters of an n-gram in short and in long texts; mean number of characters above which texts are long.
SHORT, LONG, LONG_TEXT = 3, 8, 64
MINIMUM = 10


@dataclass(frozen=True)
class NGramReference:
    """Reference of the diversity metrics.

    Attributes:
        size: Number of characters of an n-gram.
        texts: Number of real texts.
    """

    size: int
    texts: int


class _OfNGrams(Metric):
    """Metric of the n-grams of generated texts; the real ones only set n."""

    kinds: ClassVar[tuple[str, ...]] = ("text",)
    diagnostic: ClassVar[bool] = True

    def prepare(self, real: Samples, codec: Codec) -> NGramReference:
        """Choose n by the mean length of the real texts."""
        if not isinstance(codec, TextCodec):
            raise MetricError(f"{self.objective.name} scores texts, but the data is {codec.kind}")
        _check(real)
        long = sum(map(len, real)) > LONG_TEXT * len(real)
        return NGramReference(LONG if long else SHORT, len(real))

    def score(self, reference: NGramReference, fake: Samples) -> float:
        """Compute the share, in [0, 1]."""
        _check(fake)
        return self.of(*_ngrams(fake, reference.size))

    def replicates(self, reference: NGramReference, fake: Samples, groups: int) -> np.ndarray:
        """Compute jackknife replicates, float64 (groups,), centered on the score.

        Fewer texts have more distinct n-grams; that bias is the same for all groups and is subtracted.
        """
        _check(fake)
        if not 2 <= groups <= min(len(fake), reference.texts) // 2:
            raise MetricError(
                f"{groups} groups need at least {2 * groups} real and generated texts each; "
                f"got {reference.texts} and {len(fake)}"
            )
        codes, owner = _ngrams(fake, reference.size)
        kept = [owner % groups != group for group in range(groups)]
        found = np.array([self.of(codes[rows], owner[rows]) for rows in kept])
        return np.asarray(found - found.mean() + self.of(codes, owner))

    @abstractmethod
    def of(self, codes: np.ndarray, owner: np.ndarray) -> float:
        """Compute the score.

        Args:
            codes: Id of each n-gram, equal for equal ones, int64 (S,).
            owner: Index of the text of each n-gram, int64 (S,).
        """


class DistinctStretches(_OfNGrams):
    """distinct-n: number of different n-grams by the number of all n-grams (Li 2016).

    https://arxiv.org/abs/1510.03055. It falls with the number of texts, so compare equally many.
    """

    about: ClassVar[str] = (
        "Share of different ones among all n-grams of the samples: 1 if none repeats. Noise scores best, so "
        "a good value is near that of real texts."
    )
    objective = Objective("distinct_n[char-v1]", version=1, direction="maximize")
    insensitive_to: ClassVar[Mapping[str, tuple[str, ...]]] = {"text": ("typos", "shuffled", "halved")}

    def of(self, codes: np.ndarray, owner: np.ndarray) -> float:
        """Divide the number of different n-grams by that of all."""
        return len(np.unique(codes)) / len(codes)


class Repetition(_OfNGrams):
    """Mean share of a text's n-grams that occurred in it before (Welleck 2020).

    https://arxiv.org/abs/1908.04319. It detects texts that are stuck in a loop, and nothing else.
    """

    about: ClassVar[str] = (
        "Mean share of a text's n-grams that already occurred in it: 0 if nothing repeats, near 1 for texts "
        "stuck in a loop. A good value is near that of real texts."
    )
    objective = Objective("repetition[char-v1]", version=1, direction="minimize")
    insensitive_to: ClassVar[Mapping[str, tuple[str, ...]]] = {"text": ("typos", "shuffled", "few", "halved")}

    def of(self, codes: np.ndarray, owner: np.ndarray) -> float:
        """Average the share of repeated n-grams over the texts."""
        # Text and n-gram in one number: its distinct values are the distinct n-grams of each text.
        texts, place, sizes = np.unique(owner, return_inverse=True, return_counts=True)
        pairs = np.unique(place * (int(codes.max()) + 1) + codes) // (int(codes.max()) + 1)
        different = np.bincount(pairs, minlength=len(texts))
        return float((1 - different / sizes).mean())


def _ngrams(texts: list[str], size: int) -> tuple[np.ndarray, np.ndarray]:
    """List id and text of each n-gram, int64 (S,) both; a text shorter than n is one n-gram."""
    numbers: dict[str, int] = {}
    codes, owner = [], []
    for row, text in enumerate(texts):
        for first in range(max(1, len(text) - size + 1)):
            codes.append(numbers.setdefault(text[first : first + size], len(numbers)))
            owner.append(row)
    return np.array(codes), np.array(owner)


def _check(texts: Samples) -> None:
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise MetricError(f"a list of str was expected, like the real texts; got {type(texts).__name__}")
    if len(texts) < MINIMUM:
        raise MetricError(f"diversity needs at least {MINIMUM} texts; got {len(texts)}")
