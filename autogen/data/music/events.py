"""Pieces as events of one fixed alphabet, independent of the codec, for n-gram models.

A note is two tokens: its time (shift since the previous note, 0 in a chord, and duration, both rounded to
a coarse ladder), then its pitch. The steps of the ladder are those of notation, from a 24th of a quarter
note to eight quarter notes.
"""

from collections.abc import Sequence

import numpy as np

from autogen.data.music.codecs import checked, nearest
from autogen.data.music.notes import KEYS, LOWEST, Piece
from autogen.data.specs import SequenceSpec

#: Durations in ticks; a shift may also be 0.
LADDER = np.array([1, 2, 3, 4, 6, 8, 9, 12, 16, 18, 24, 30, 32, 36, 42, 48, 60, 72, 84, 96, 120, 144, 192])
_SPECIALS = 4
_TIMES = (len(LADDER) + 1) * len(LADDER)


class Events:
    """Transform of pieces to events and back, with the interface that n-gram models need of a codec."""

    spec = SequenceSpec(_SPECIALS + KEYS + _TIMES, length=1)

    def flat(self, samples: Sequence[Piece]) -> tuple[np.ndarray, np.ndarray]:
        """Tokenize N pieces: the tokens of all pieces in a row, int64, and the length of each, int64 (N,).

        Raises:
            DataError: a sample is no piece.
        """
        parts = [self._tokens(piece) for piece in checked(samples)]
        lengths = np.array([len(part) for part in parts], dtype=np.int64)
        return np.concatenate([np.zeros(0, dtype=np.int64), *parts]), lengths

    def piece(self, tokens: np.ndarray) -> Piece:
        """Decode tokens, int64 (T,), to a piece; tokens without a partner are ignored."""
        is_time = tokens >= _SPECIALS + KEYS
        is_pitch = (tokens >= _SPECIALS) & ~is_time
        time = np.where(is_time, tokens - _SPECIALS - KEYS, 0)
        shift = np.append(0, LADDER)[time // len(LADDER)] * is_time
        now, at = np.cumsum(shift), np.flatnonzero(is_time[:-1] & is_pitch[1:])
        pitch = tokens[at + 1] - _SPECIALS + LOWEST
        return Piece.of(
            np.column_stack([now[at], LADDER[time[at] % len(LADDER)], pitch, np.full(len(at), 90)])
        )

    def _tokens(self, piece: Piece) -> np.ndarray:
        shifts = np.diff(piece.notes[:, 0], prepend=0)
        later = np.where(shifts > 0, 1 + nearest(LADDER, np.maximum(shifts, 1)), 0)
        time = later * len(LADDER) + nearest(LADDER, piece.notes[:, 1])
        pitch = piece.notes[:, 2] - LOWEST
        return np.stack([_SPECIALS + KEYS + time, _SPECIALS + pitch], axis=1).ravel().astype(np.int64)


EVENTS = Events()
