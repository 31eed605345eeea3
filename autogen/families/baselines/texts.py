"""Baselines for texts: independent characters, and their n-grams with interpolated Kneser-Ney smoothing.

For texts read as bytes, these are n-grams of bytes; the tokens of the models make no difference.
"""

from typing import ClassVar

import numpy as np

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.data.texts.codec import TextCodec
from autogen.families.baselines.base import Baseline
from autogen.families.baselines.ngrams import Histories, NGrams, draw_tokens

ORDER = 5


class Unigram(Baseline):
    """As many tokens as a random training text has, each drawn independently."""

    trivial: ClassVar[bool] = True

    def fit(self, train: Samples, codec: Codec) -> None:
        """Keep the tokens."""
        self._codec = _reading(codec)
        self._spec = self._codec.spec
        self._rows = self._codec.encode(train)["tokens"]
        self._symbols = self._rows[self._rows > self._spec.end]

    def sample(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw n texts."""
        rows = self._rows[rng.integers(len(self._rows), size=n)]
        drawn = rng.choice(self._symbols, size=rows.shape) if len(self._symbols) else rows
        return self._codec.decode({"tokens": np.where(rows > self._spec.end, drawn, rows)})


class NGramModel(Baseline):
    """Each token drawn given the four before it, smoothed."""

    def fit(self, train: Samples, codec: Codec) -> None:
        """Count the n-grams."""
        self._codec = _reading(codec)
        self._spec = self._codec.spec
        rows = self._codec.encode(train)["tokens"]
        kept = rows != self._spec.pad
        histories = Histories.of(rows[kept], kept.sum(axis=1), ORDER, self._spec.begin)
        self._grams = NGrams(histories, self._spec.levels, self._spec.begin)
        self._smoothed = self._grams.smoothed()
        tokens = np.unique(rows[kept])
        self._known = tokens

    def sample(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw n texts; those of one long text are as long as its blocks."""
        spec = self._spec
        rows = np.full((n, ORDER - 1 + spec.length), spec.begin, dtype=np.int64)
        going = np.ones(n, dtype=bool)
        for t in range(ORDER - 1, rows.shape[1]):
            drawn = draw_tokens(self._grams, self._smoothed, rows[:, t - ORDER + 1 : t], self._known, rng)
            rows[:, t] = np.where(going, drawn, spec.pad)
            going &= drawn != spec.end
        return self._codec.decode({"tokens": rows[:, ORDER - 1 :]})


def _reading(codec: Codec) -> TextCodec:
    assert isinstance(codec, TextCodec)
    return codec.reading
