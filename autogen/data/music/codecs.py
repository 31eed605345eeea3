"""Pieces to arrays and back: as tokens of notes, or as the frames of a piano roll."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autogen.data.codec import Codec
from autogen.data.music.notes import KEYS, LOWEST, TICKS, VELOCITY, Piece, piece_of_roll, roll_of
from autogen.data.specs import Arrays, FrameSpec, SequenceSpec
from autogen.errors import DataError

#: Tokens below stand for no event: pad, begin, end, unknown.
SPECIALS = 4
#: Semitones beyond the pitches of training that tokens are kept for, so that pieces can be transposed.
MARGIN = 6
#: The most different durations, and shifts of time, that have tokens of their own.
MOST_TIMES = 64


@dataclass(frozen=True)
class Manner:
    """What all decoded pieces are given, since no array tells it.

    Attributes:
        tempo: Quarter notes a minute.
        bar: Ticks of a bar.
        velocity: Of each note.
    """

    tempo: float = 120.0
    bar: int = 4 * TICKS
    velocity: int = VELOCITY

    @classmethod
    def of(cls, pieces: Sequence[Piece]) -> "Manner":
        """The median tempo and velocity, and the commonest bar."""
        bars, counts = np.unique([piece.bar for piece in pieces], return_counts=True)
        velocities = np.concatenate([piece.notes[:, 3] for piece in pieces])
        tempo = float(np.median([piece.tempo for piece in pieces]))
        return cls(tempo, int(bars[counts.argmax()]), int(np.median(velocities)))

    def piece(
        self, onset: np.ndarray, duration: np.ndarray, pitch: np.ndarray, length: int = 0, bar: int = 0
    ) -> Piece:
        """A piece in this manner, with bars of its own where they are told."""
        rows = np.column_stack([onset, duration, pitch, np.full(len(onset), self.velocity)])
        return Piece.of(rows, length, self.tempo, bar or self.bar)


class MusicCodec(Codec):
    """What the codecs of both representations share; any one's ``from_json`` knows which is meant."""

    kind = "music"
    representation: str

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "MusicCodec":
        """Rebuild from ``to_json``."""
        manner = Manner(**record["manner"])
        if record["representation"] == "frames":
            return FrameCodec(record["length"], record["step"], record["voices"], manner)
        low, high = record["pitches"]
        return NoteCodec(
            (low, high), record["durations"], record["shifts"], record["bars"], record["length"], manner
        )


class NoteCodec(MusicCodec):
    """Tokens of bars, of shifts of time, of pitches and of durations, in the order of the notes.

    Each bar begins with a token of its metre, as in Huang 2020 (https://arxiv.org/abs/2002.00212); before the
    first note of each onset stands how much later that is than the onset before it in the bar, or than the
    bar's beginning (Oore 2018, https://arxiv.org/abs/1808.03715); each note is its pitch, then its duration.
    So pieces cannot drift off the beat, and different shifts are few. Pitches are contiguous, so that a piece
    can be transposed by adding to its tokens. Lost are velocities, tempo, silence at the end, and durations
    and shifts that training has not: the nearest is taken.

    Args:
        pitches: The lowest and the highest MIDI pitch.
        durations: Ticks that have tokens, ascending.
        shifts: The same of onsets since the one before, or since the beginning of their bar.
        bars: The same of bars.
        length: T, the most tokens of a row.
        manner: Of decoded pieces.
    """

    representation = "notes"
    spec: SequenceSpec

    def __init__(
        self,
        pitches: tuple[int, int],
        durations: Sequence[int],
        shifts: Sequence[int],
        bars: Sequence[int],
        length: int,
        manner: Manner,
    ) -> None:
        self.low, self.high = pitches
        times = (durations, shifts, bars)
        self.durations, self.shifts, self.bars = (np.asarray(ticks, dtype=np.int64) for ticks in times)
        self.manner = manner
        self._first_duration = SPECIALS + self.high - self.low + 1
        self._first_shift = self._first_duration + len(self.durations)
        self._first_bar = self._first_shift + len(self.shifts)
        levels = self._first_bar + len(self.bars)
        self.spec = SequenceSpec(levels, length, pitches=(SPECIALS, self._first_duration))

    @classmethod
    def fit(cls, pieces: Sequence[Piece], length: int) -> "NoteCodec":
        """Find the pitches, times and metres of the training pieces."""
        notes = np.concatenate([piece.notes for piece in pieces])
        shifts = np.concatenate([_steps(piece.notes[:, 0], piece.bar)[2] for piece in pieces])
        low = max(LOWEST, int(notes[:, 2].min()) - MARGIN)
        high = min(LOWEST + KEYS - 1, int(notes[:, 2].max()) + MARGIN)
        bars = _commonest(np.array([piece.bar for piece in pieces]))
        durations, later = _commonest(notes[:, 1]), _commonest(shifts[shifts > 0])
        return cls((low, high), durations, later, bars, length, Manner.of(pieces))

    def encode(self, samples: Sequence[Piece]) -> Arrays:
        """``{"tokens": int64 (N, T)}``; what is too long is cut off after a note."""
        rows = np.full((len(samples), self.spec.length), self.spec.pad, dtype=np.int64)
        for row, piece in zip(rows, checked(samples), strict=True):
            tokens = self._tokens(piece)[: self.spec.length - 1]
            whole = np.flatnonzero((tokens >= self._first_duration) & (tokens < self._first_shift))
            tokens = tokens[: whole[-1] + 1] if len(whole) else tokens[:0]
            row[: len(tokens)] = tokens
            row[len(tokens)] = self.spec.end
        return {"tokens": rows}

    def decode(self, arrays: Arrays, seed: int = 0) -> list[Piece]:
        """N pieces; a pitch without a duration, or a duration without a pitch, is passed over."""
        return [self._piece(row) for row in np.asarray(arrays["tokens"])]

    def variants(self, samples: Sequence[Piece]) -> Arrays:
        """Tokens of each piece at half and at double speed, ``slow`` and ``fast``, as of ``encode``.

        A piece is itself there if any of its times had no token, or fell off the grid.
        """
        return {
            name: self.encode([self._paced(piece, *factor) for piece in checked(samples)])["tokens"]
            for name, factor in (("slow", (2, 1)), ("fast", (1, 2)))
        }

    def _paced(self, piece: Piece, times: int, parts: int) -> Piece:
        metre = self.bars[nearest(self.bars, np.array([piece.bar]))]
        notes = piece.notes.copy()
        notes[:, :2], left = np.divmod(notes[:, :2] * times, parts)
        shifts = np.append(0, self.shifts)
        known = np.isin(notes[:, 1], self.durations) & np.isin(_steps(notes[:, 0], int(metre[0]))[2], shifts)
        paced = Piece.of(notes, 0, piece.tempo, piece.bar)
        return paced if known.all() and not left.any() else piece

    def _tokens(self, piece: Piece) -> np.ndarray:
        metre = int(nearest(self.bars, np.array([piece.bar]))[0])
        onset, duration, pitch = piece.notes[:, :3].T.astype(np.int64)
        bars, begun, shift = _steps(onset, int(self.bars[metre]))
        pitch = SPECIALS + pitch - self.low
        pitch = np.where((pitch < SPECIALS) | (pitch >= self._first_duration), self.spec.unknown, pitch)
        lasting = self._first_duration + nearest(self.durations, duration)
        tokens = np.stack([pitch, lasting], axis=1).ravel()
        later = np.flatnonzero(shift)
        steps = self._first_shift + nearest(self.shifts, shift[later])
        marks = [np.full(bars, self._first_bar + metre), steps]
        where = [np.repeat(np.arange(len(begun)), begun), later]
        return np.insert(tokens, 2 * np.concatenate(where), np.concatenate(marks))

    def _piece(self, row: np.ndarray) -> Piece:
        over = np.flatnonzero((row == self.spec.end) | (row == self.spec.pad))
        row = row[: over[0]] if len(over) else row
        is_bar = row >= self._first_bar
        is_shift = (row >= self._first_shift) & ~is_bar
        bars = np.where(is_bar, self.bars[np.where(is_bar, row - self._first_bar, 0)], 0)
        shifts = np.where(is_shift, self.shifts[np.where(is_shift, row - self._first_shift, 0)], 0)
        count, gone = np.cumsum(is_bar), np.cumsum(shifts)
        starts = np.append(0, np.cumsum(bars) - bars)[np.append(0, 1 + np.flatnonzero(is_bar))]
        now = starts[count] + gone - np.append(0, gone[is_bar])[count]
        is_pitch = (row >= SPECIALS) & (row < self._first_duration)
        is_duration = (row >= self._first_duration) & (row < self._first_shift)
        at = np.flatnonzero(is_pitch[:-1] & is_duration[1:])
        duration = self.durations[row[at + 1] - self._first_duration]
        found = np.unique(bars[is_bar], return_counts=True)
        bar = int(found[0][found[1].argmax()]) if is_bar.any() else self.manner.bar
        return self.manner.piece(now[at], duration, row[at] - SPECIALS + self.low, bar=bar)

    def to_json(self) -> dict[str, Any]:
        """The vocabulary, the length and the manner."""
        return {
            "kind": self.kind,
            "representation": self.representation,
            "pitches": [self.low, self.high],
            "durations": self.durations.tolist(),
            "shifts": self.shifts.tolist(),
            "bars": self.bars.tolist(),
            "length": self.spec.length,
            "manner": vars(self.manner),
        }


class FrameCodec(MusicCodec):
    """The 88 keys of a piano at each frame, and whether the piece still goes on.

    Lost are velocities, tempo, times between frames, and whether a key was struck again.

    Args:
        length: T, the most frames.
        step: Ticks of a frame.
        voices: The most keys of a frame.
        manner: Of decoded pieces.
    """

    representation = "frames"
    spec: FrameSpec

    def __init__(self, length: int, step: int, voices: int, manner: Manner) -> None:
        self.step, self.manner = step, manner
        self.spec = FrameSpec(KEYS, length, voices)

    @classmethod
    def fit(cls, pieces: Sequence[Piece], length: int, step: int) -> "FrameCodec":
        """Find the most keys of a frame."""
        voices = max(int(roll_of(piece, step).sum(axis=1).max(initial=1)) for piece in pieces)
        return cls(length, step, min(KEYS, voices + 2), Manner.of(pieces))

    def encode(self, samples: Sequence[Piece]) -> Arrays:
        """``{"frames": uint8 (N, T, 1 + 88)}``; what is too long, and keys below too many, are cut off."""
        frames = np.zeros((len(samples), self.spec.length, 1 + KEYS), dtype=np.uint8)
        for row, piece in zip(frames, checked(samples), strict=True):
            roll = roll_of(piece, self.step)[: self.spec.length]
            above = np.cumsum(roll[:, ::-1], axis=1)[:, ::-1]
            row[: len(roll), 0] = 1
            row[: len(roll), 1:] = roll & (above <= self.spec.voices)
        return {"frames": frames}

    def decode(self, arrays: Arrays, seed: int = 0) -> list[Piece]:
        """N pieces, each until the first frame at which it does not go on."""
        return [self._piece(row) for row in np.asarray(arrays["frames"])]

    def _piece(self, row: np.ndarray) -> Piece:
        over = np.flatnonzero(row[:, 0] == 0)
        length = int(over[0]) if len(over) else len(row)
        found = piece_of_roll(row[:length, 1:] > 0, self.step)
        onset, duration, pitch, _ = found.notes.T
        return self.manner.piece(onset, duration, pitch, length * self.step)

    def to_json(self) -> dict[str, Any]:
        """The length, the step, the voices and the manner."""
        about = {"kind": self.kind, "representation": self.representation, "length": self.spec.length}
        return about | {"step": self.step, "voices": self.spec.voices, "manner": vars(self.manner)}


def checked(samples: Sequence[Piece]) -> Sequence[Piece]:
    """The samples, if they are pieces.

    Raises:
        DataError: they are something else.
    """
    if not isinstance(samples, list | tuple) or not all(isinstance(piece, Piece) for piece in samples):
        raise DataError("music must be a list of autogen.data.music.notes.Piece, like that in training")
    return samples


def nearest(times: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Place of the time that is nearest to each wanted one by ratio, int64."""
    if not len(times) or not len(wanted):
        return np.zeros(len(wanted), dtype=np.int64)
    apart = np.abs(np.log(wanted[:, None]) - np.log(times)[None, :])
    return np.asarray(apart.argmin(axis=1))


def _steps(onset: np.ndarray, bar: int) -> tuple[int, np.ndarray, np.ndarray]:
    """Bars in all, bars that begin before each note since the one before, and its shift of time within."""
    index, place = np.divmod(onset.astype(np.int64), bar)
    begun = np.diff(index, prepend=-1)
    shift = place - np.where(begun > 0, 0, np.append(0, place[:-1]))
    return int(begun.sum()), begun, shift


def _commonest(times: np.ndarray) -> list[int]:
    """The commonest times, ascending; at least one."""
    values, counts = np.unique(times, return_counts=True)
    chosen = values[np.argsort(-counts, kind="stable")[:MOST_TIMES]]
    return sorted(int(value) for value in chosen) or [TICKS]
