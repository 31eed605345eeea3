"""Reverse n-gram score: bits that real texts cost an n-gram model counted on generated texts.

Train on synthetic, test on real, after Zhao 2018 (https://arxiv.org/abs/1706.04223) and Semeniuta 2018
(https://arxiv.org/abs/1806.04936): an interpolated Kneser-Ney 5-gram model is counted on the generated
texts, and the score is its mean cross-entropy in bits for a token of the real ones. A token is a character
(a byte if there are many different ones), whatever tokens the generators use. So all families have one
scale, also those without a likelihood. The score sees what samples lack (a collapsed generator leaves real
texts unpredicted) and what they have in excess. Its context ends after five tokens.

Kneser-Ney alone hardly notices repeated texts: below the highest order it counts the distinct contexts of a
token, so a text that occurs 200 times counts as one. For 200 copies of one block of Shakespeare it gave 4.97
bits, for independent characters 5.10, for real blocks 2.58. So the bits are the mean over two models of the
same texts. The second counts every occurrence (absolute discounting) and grows more confident the more texts
repeat: 8.43, 5.16 and 2.70. The second alone would not notice one replaced character in twenty, which the
first does.

Documents end in the token ``end``, which has to be predicted; blocks of one long text do not.
Scores depend on the amount of generated text, so compare equal amounts.
"""

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from autogen.data.codec import Codec
from autogen.data.specs import Samples, SequenceSpec
from autogen.data.texts.codec import TextCodec
from autogen.errors import DataError, MetricError
from autogen.families.baselines.ngrams import Histories, NGrams, probabilities
from autogen.hpo.objective import Objective
from autogen.metrics.base import Metric

ORDER = 5
MINIMUM = 10


class Reader(Protocol):
    """Tokenizer of samples: the codec of texts, or the events of music."""

    spec: SequenceSpec

    def flat(self, samples: Samples) -> tuple[np.ndarray, np.ndarray]:
        """Tokenize N samples: all tokens in a row, (P,), and the number of tokens of each sample, (N,)."""
        ...


@dataclass(frozen=True)
class TextReference:
    """Reference of the reverse n-gram score.

    Attributes:
        codec: Tokenizer of texts.
        histories: Positions of the real texts, each with its context.
    """

    codec: Reader
    histories: Histories


class ReverseNGram(Metric):
    """Mean bits that a token of the real texts costs 5-gram models of the generated ones.

    Attributes:
        readings: One entry a model: True if it counts every repetition, False for Kneser-Ney counts.
    """

    about: ClassVar[str] = (
        "Bits that one token of unseen real texts costs a 5-gram model counted on the generated texts "
        "(train on synthetic, test on real). Nothing reaches 0, since language is not predictable: a good "
        "value is near that of real texts."
    )
    kinds: ClassVar[tuple[str, ...]] = ("text",)
    objective = Objective("reverse_ngram[char-kn5-v2]", version=2, direction="minimize")
    readings: ClassVar[tuple[bool, ...]] = (False, True)

    def prepare(self, real: Samples, codec: Codec) -> TextReference:
        """Tokenize N real texts into positions."""
        if not isinstance(codec, TextCodec):
            raise MetricError(f"{self.objective.name} scores texts, but the data is {codec.kind}")
        return TextReference(codec.reading, histories_of(real, codec.reading))

    def score(self, reference: TextReference, fake: Samples) -> float:
        """Compute the mean bits of a token, at least 0."""
        grams = _counted(fake, reference.codec)
        places = grams.places(reference.histories.windows)
        return float(self._bits(reference, grams, places).mean())

    def replicates(self, reference: TextReference, fake: Samples, groups: int) -> np.ndarray:
        """Compute jackknife replicates, float64 (groups,), without a group of both sides.

        Each group has its own counts; the n-grams are looked up only once.
        """
        grams, real = _counted(fake, reference.codec), reference.histories
        if not 2 <= groups <= min(grams.texts, real.texts) // 2:
            raise MetricError(
                f"{groups} groups need at least {2 * groups} real and generated samples each; "
                f"got {real.texts} and {grams.texts}"
            )
        places, left_out = grams.places(real.windows), real.owner % groups
        bits = np.empty(groups)
        for group in range(groups):
            found = self._bits(reference, grams, places, np.arange(grams.texts) % groups != group)
            bits[group] = found[left_out != group].mean()
        return bits

    def _bits(
        self,
        reference: TextReference,
        grams: NGrams,
        places: list[tuple[np.ndarray, np.ndarray]],
        texts: np.ndarray | None = None,
    ) -> np.ndarray:
        """Compute the bits of each position of the real texts, float64 (P,): the mean over the models."""
        levels = _levels(reference.codec)
        smoothed = [grams.smoothed(texts, repeats=repeats) for repeats in self.readings]
        found = [-np.log2(probabilities(places, counts, levels)) for counts in smoothed]
        return np.asarray(np.mean(found, axis=0))


def histories_of(texts: Samples, codec: Reader) -> Histories:
    """Tokenize texts into positions with their contexts; documents end in ``end``.

    Args:
        texts: N samples.
        codec: Tokenizer of them.

    Raises:
        MetricError: the samples are no list of texts, or too few.
    """
    if not isinstance(texts, (list, tuple)):
        raise MetricError(f"samples must be a list, like the real ones; got {type(texts).__name__}")
    if len(texts) < MINIMUM:
        raise MetricError(f"the n-gram metric needs at least {MINIMUM} samples; got {len(texts)}")
    try:
        tokens, lengths = codec.flat(texts)
    except DataError as error:
        raise MetricError(str(error)) from error
    spec = codec.spec
    if not spec.stream:
        tokens = np.insert(tokens, np.cumsum(lengths), spec.end)
        lengths = lengths + 1
    return Histories.of(tokens, lengths, ORDER, spec.begin)


def _counted(texts: Samples, codec: Reader) -> NGrams:
    """Count the n-grams of generated texts."""
    histories = histories_of(texts, codec)
    if not len(histories.windows):
        raise MetricError("all generated samples are empty")
    return NGrams(histories, codec.spec.levels, codec.spec.begin)


def _levels(codec: Reader) -> int:
    """Return the number of tokens that a text can hold: all but pad and begin."""
    return codec.spec.levels - 2
