"""Reverse n-gram bits: a model counted on generated texts says what real texts cost.

Train on synthetic, test on real, after Zhao 2018 (https://arxiv.org/abs/1706.04223) and Semeniuta 2018
(https://arxiv.org/abs/1806.04936): an interpolated Kneser-Ney model of five tokens is counted on the
generated texts; the score is the mean of the bits that it needs for a token of the real ones, which is a
character (a byte where there are many different), whatever the tokens of the models. It is one
scale for all families, those without a likelihood too. It sees what samples lack (a collapsed generator
leaves real texts unpredicted) and what they hold in excess. It cannot see further back than five tokens.

Kneser-Ney alone hardly sees that texts repeat: below the highest order it counts in how many surroundings
a token stands, and a text that is there 200 times counts as if it were there once. Of 200 blocks of
Shakespeare that were one block, it said 4.97 bits, of independent characters 5.10, of real blocks 2.58. So
the bits are the mean over two models of the same texts, the second of which counts every occurrence
(absolute discounting), and is the surer the more texts repeat: 8.43, 5.16 and 2.70. That one
alone would not see a character in twenty replaced, which the first does.

The texts of documents end in ``end``, which has to be predicted; blocks of one long text do not.
Scores depend on the amount of generated text, so that is to be the same for all.
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
    """Cuts samples into tokens: the codec of texts, or the events of music."""

    spec: SequenceSpec

    def flat(self, samples: Samples) -> tuple[np.ndarray, np.ndarray]:
        """Tokens of all samples one after the other, and the number of each one's."""
        ...


@dataclass(frozen=True)
class TextReference:
    """Real texts as the metric sees them.

    Attributes:
        codec: Cuts texts into tokens.
        histories: Positions of the real texts.
    """

    codec: Reader
    histories: Histories


class ReverseNGram(Metric):
    """Bits that a token of the real texts costs 5-gram models of the generated ones.

    Attributes:
        readings: Of the models: whether each counts every repetition.
    """

    kinds: ClassVar[tuple[str, ...]] = ("text",)
    objective = Objective("reverse_ngram[char-kn5-v2]", version=2, direction="minimize")
    readings: ClassVar[tuple[bool, ...]] = (False, True)

    def prepare(self, real: Samples, codec: Codec) -> TextReference:
        """Cut the real texts into positions once."""
        if not isinstance(codec, TextCodec):
            raise MetricError(f"{self.objective.name} scores texts, but the data is {codec.kind}")
        return TextReference(codec.reading, histories_of(real, codec.reading))

    def score(self, reference: TextReference, fake: Samples) -> float:
        """Bits a token."""
        grams = _counted(fake, reference.codec)
        places = grams.places(reference.histories.windows)
        return float(self._bits(reference, grams, places).mean())

    def replicates(self, reference: TextReference, fake: Samples, groups: int) -> np.ndarray:
        """The score without each group of real and of generated texts: counted anew, but not sought anew."""
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
        """Of each position of the real texts, (P,): the mean over the models."""
        levels = _levels(reference.codec)
        smoothed = [grams.smoothed(texts, repeats=repeats) for repeats in self.readings]
        found = [-np.log2(probabilities(places, counts, levels)) for counts in smoothed]
        return np.asarray(np.mean(found, axis=0))


def histories_of(texts: Samples, codec: Reader) -> Histories:
    """Positions of texts; those of documents end in ``end``.

    Raises:
        MetricError: they are no texts, or too few.
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
    histories = histories_of(texts, codec)
    if not len(histories.windows):
        raise MetricError("all generated samples are empty")
    return NGrams(histories, codec.spec.levels, codec.spec.begin)


def _levels(codec: Reader) -> int:
    """Tokens that a text can hold: all but pad and begin."""
    return codec.spec.levels - 2
