"""Baselines for music: independent notes, and n-grams of events with interpolated Kneser-Ney smoothing."""

from typing import ClassVar

import numpy as np

from autogen.data.codec import Codec
from autogen.data.music.codecs import Manner
from autogen.data.music.events import EVENTS
from autogen.data.music.notes import Piece
from autogen.data.specs import Samples
from autogen.families.baselines.base import Baseline
from autogen.families.baselines.ngrams import Histories, NGrams, draw_tokens

#: Tokens of a window: the note at hand and the two before it, two tokens each.
ORDER = 6


class NoteMarginals(Baseline):
    """As many notes as a random training piece has, each pitch and time drawn independently."""

    trivial: ClassVar[bool] = True

    def fit(self, train: Samples, codec: Codec) -> None:
        """Keep the events."""
        tokens, lengths = EVENTS.flat(train)
        self._times, self._pitches, self._lengths = tokens[::2], tokens[1::2], lengths // 2
        self._manner = Manner.of(train)

    def sample(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw n pieces."""
        return [self._piece(size, rng) for size in rng.choice(self._lengths, size=n)]

    def _piece(self, size: int, rng: np.random.Generator) -> Piece:
        drawn = rng.choice(self._times, size=size), rng.choice(self._pitches, size=size)
        return in_manner(EVENTS.piece(np.stack(drawn, axis=1).ravel()), self._manner)


class NoteNGrams(Baseline):
    """Each event drawn given the five before it, smoothed."""

    def fit(self, train: Samples, codec: Codec) -> None:
        """Count the n-grams."""
        tokens, lengths = EVENTS.flat(train)
        spec = EVENTS.spec
        self._manner, self._longest = Manner.of(train), int(lengths.max())
        tokens = np.insert(tokens, np.cumsum(lengths), spec.end)
        self._grams = NGrams(Histories.of(tokens, lengths + 1, ORDER, spec.begin), spec.levels, spec.begin)
        self._smoothed, self._known = self._grams.smoothed(), np.unique(tokens)

    def sample(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw n pieces, none longer than the longest of training."""
        spec = EVENTS.spec
        rows = np.full((n, ORDER - 1 + self._longest), spec.begin, dtype=np.int64)
        going = np.ones(n, dtype=bool)
        for t in range(ORDER - 1, rows.shape[1]):
            drawn = draw_tokens(self._grams, self._smoothed, rows[:, t - ORDER + 1 : t], self._known, rng)
            rows[:, t] = np.where(going, drawn, spec.pad)
            going &= drawn != spec.end
        return [in_manner(EVENTS.piece(row[ORDER - 1 :]), self._manner) for row in rows]


def in_manner(piece: Piece, manner: Manner) -> Piece:
    """Return a piece with the tempo, the bars and the velocity of the training data."""
    onset, duration, pitch, _ = piece.notes.T
    return manner.piece(onset, duration, pitch)
