"""Baselines for texts: independent characters, and their n-grams with interpolated Kneser-Ney smoothing.

For texts read as bytes, these are n-grams of bytes; the tokens of the models make no difference.
"""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.data.texts.codec import TextCodec
from autogen.families.baselines.base import Baseline, HasState
from autogen.families.baselines.ngrams import Histories, NGrams, draw_tokens, from_state, state_of

ORDER = 5


class Unigram(Baseline, HasState):
    """As many tokens as a random training text has, each drawn independently."""

    trivial: ClassVar[bool] = True

    def fit(self, train: Samples, codec: Codec) -> None:
        """Keep the tokens."""
        self._codec = _reading(codec)
        self._spec = self._codec.spec
        rows = self._codec.encode(train)["tokens"]
        self._symbols = np.sort(rows[rows > self._spec.end])
        self._rows = np.minimum(rows, self._spec.end + 1)  # where there is a token, and not which

    def sample(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw n texts."""
        rows = self._rows[rng.integers(len(self._rows), size=n)]
        drawn = rng.choice(self._symbols, size=rows.shape) if len(self._symbols) else rows
        return self._codec.decode({"tokens": np.where(rows > self._spec.end, drawn, rows)})

    def state(self) -> dict[str, np.ndarray]:
        """How often each token occurs, and the lengths of texts."""
        symbols, counts = np.unique(self._symbols, return_counts=True)
        return {"symbols": symbols, "counts": counts, "rows": self._rows}

    def restore(self, state: Mapping[str, np.ndarray], codec: Codec) -> None:
        """Take the place of ``fit``."""
        self._codec = _reading(codec)
        self._spec = self._codec.spec
        self._symbols, self._rows = np.repeat(state["symbols"], state["counts"]), state["rows"]


class NGramModel(Baseline, HasState):
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

    def state(self) -> dict[str, np.ndarray]:
        """Smoothed counts of n-grams."""
        return {"known": self._known} | state_of(self._grams, self._smoothed)

    def restore(self, state: Mapping[str, np.ndarray], codec: Codec) -> None:
        """Take the place of ``fit``."""
        self._codec = _reading(codec)
        self._spec = self._codec.spec
        self._known = state["known"]
        self._grams, self._smoothed = from_state(state, self._spec.levels)


def _reading(codec: Codec) -> TextCodec:
    assert isinstance(codec, TextCodec)
    return codec.reading
