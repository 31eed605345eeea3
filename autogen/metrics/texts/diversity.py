"""How varied texts are: the share of different stretches, and how much a text repeats itself.

To be looked at beside real texts only: random characters are the most varied of all. Stretches are of
characters, since words are not marked in all languages: three long where the real texts are short (names,
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

#: Characters of a stretch in short texts and in long ones; the mean from which on texts are long.
SHORT, LONG, LONG_TEXT = 3, 8, 64
MINIMUM = 10


@dataclass(frozen=True)
class StretchReference:
    """What is known of the real texts.

    Attributes:
        size: Characters of a stretch.
        texts: How many they are.
    """

    size: int
    texts: int


class _OfStretches(Metric):
    """A number of the stretches of generated texts; the real ones only set the length of a stretch."""

    kinds: ClassVar[tuple[str, ...]] = ("text",)
    diagnostic: ClassVar[bool] = True

    def prepare(self, real: Samples, codec: Codec) -> StretchReference:
        """Choose the length of a stretch."""
        if not isinstance(codec, TextCodec):
            raise MetricError(f"{self.objective.name} scores texts, but the data is {codec.kind}")
        _refuse(real)
        long = sum(map(len, real)) > LONG_TEXT * len(real)
        return StretchReference(LONG if long else SHORT, len(real))

    def score(self, reference: StretchReference, fake: Samples) -> float:
        """In [0, 1]."""
        _refuse(fake)
        return self.of(*_stretches(fake, reference.size))

    def replicates(self, reference: StretchReference, fake: Samples, groups: int) -> np.ndarray:
        """The score without each group of generated texts, less what all of them gain by being fewer."""
        _refuse(fake)
        if not 2 <= groups <= min(len(fake), reference.texts) // 2:
            raise MetricError(
                f"{groups} groups need at least {2 * groups} real and generated texts each; "
                f"got {reference.texts} and {len(fake)}"
            )
        codes, owner = _stretches(fake, reference.size)
        kept = [owner % groups != group for group in range(groups)]
        found = np.array([self.of(codes[rows], owner[rows]) for rows in kept])
        return np.asarray(found - found.mean() + self.of(codes, owner))

    @abstractmethod
    def of(self, codes: np.ndarray, owner: np.ndarray) -> float:
        """The score.

        Args:
            codes: Number of each stretch, equal for equal ones, (S,).
            owner: Which text it is of, (S,).
        """


class DistinctStretches(_OfStretches):
    """Share of the stretches of all texts that are different ones (Li 2016).

    https://arxiv.org/abs/1510.03055. It falls as there are more texts, so compare equally many.
    """

    objective = Objective("distinct_n[char-v1]", version=1, direction="maximize")
    blind: ClassVar[Mapping[str, tuple[str, ...]]] = {"text": ("typos", "shuffled", "halved")}

    def of(self, codes: np.ndarray, owner: np.ndarray) -> float:
        """Different stretches by all stretches."""
        return len(np.unique(codes)) / len(codes)


class Repetition(_OfStretches):
    """Mean share of a text's stretches that have been in it before (Welleck 2020).

    https://arxiv.org/abs/1908.04319. It sees the loops that a text gets stuck in, and nothing else.
    """

    objective = Objective("repetition[char-v1]", version=1, direction="minimize")
    blind: ClassVar[Mapping[str, tuple[str, ...]]] = {"text": ("typos", "shuffled", "few", "halved")}

    def of(self, codes: np.ndarray, owner: np.ndarray) -> float:
        """Mean over the texts."""
        texts, place, sizes = np.unique(owner, return_inverse=True, return_counts=True)
        pairs = np.unique(place * (int(codes.max()) + 1) + codes) // (int(codes.max()) + 1)
        different = np.bincount(pairs, minlength=len(texts))
        return float((1 - different / sizes).mean())


def _stretches(texts: list[str], size: int) -> tuple[np.ndarray, np.ndarray]:
    """Number and text of each stretch, int64 (S,) both; a text that is shorter is one stretch."""
    numbers: dict[str, int] = {}
    codes, owner = [], []
    for row, text in enumerate(texts):
        for first in range(max(1, len(text) - size + 1)):
            codes.append(numbers.setdefault(text[first : first + size], len(numbers)))
            owner.append(row)
    return np.array(codes), np.array(owner)


def _refuse(texts: Samples) -> None:
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise MetricError(f"a list of str was expected, like the real texts; got {type(texts).__name__}")
    if len(texts) < MINIMUM:
        raise MetricError(f"variety needs at least {MINIMUM} texts; got {len(texts)}")
