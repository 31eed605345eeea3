"""Codecs of music: pieces to tokens of notes or to frames of a piano roll, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autogen.data.codec import Codec, CodeNames
from autogen.data.music.notes import KEYS, LOWEST, TICKS, VELOCITY, Piece, piece_of_roll, roll_of
from autogen.data.specs import Arrays, FrameSpec, SequenceSpec
from autogen.errors import DataError

#: Number of special tokens, which come first: pad, begin, end, unknown.
SPECIALS = 4
#: Semitones beyond the training pitches that have tokens too, so that pieces can be transposed.
MARGIN = 6
#: Maximum number of durations, and of time shifts, with tokens of their own.
MOST_TIMES = 64


@dataclass(frozen=True)
class Manner:
    """Tempo, metre and velocity of decoded pieces, which the arrays do not hold.

    Attributes:
        tempo: quarter notes per minute.
        bar: length of a bar, in ticks.
        velocity: MIDI velocity of each note.
    """

    tempo: float = 120.0
    bar: int = 4 * TICKS
    velocity: int = VELOCITY

    @classmethod
    def of(cls, pieces: Sequence[Piece]) -> "Manner":
        """Take the median tempo and velocity, and the most frequent bar, of training pieces."""
        bars, counts = np.unique([piece.bar for piece in pieces], return_counts=True)
        velocities = np.concatenate([piece.notes[:, 3] for piece in pieces])
        tempo = float(np.median([piece.tempo for piece in pieces]))
        return cls(tempo, int(bars[counts.argmax()]), int(np.median(velocities)))

    def piece(
        self, onset: np.ndarray, duration: np.ndarray, pitch: np.ndarray, length: int = 0, bar: int = 0
    ) -> Piece:
        """Make a piece with this tempo and velocity.

        Args:
            onset: ticks, int (N,).
            duration: ticks, int (N,).
            pitch: MIDI pitches, int (N,).
            length: minimum length of the piece, in ticks.
            bar: length of a bar in ticks; 0 for the default.
        """
        rows = np.column_stack([onset, duration, pitch, np.full(len(onset), self.velocity)])
        return Piece.of(rows, length, self.tempo, bar or self.bar)


class MusicCodec(Codec):
    """Base of the codecs of both representations; its ``from_json`` chooses between them."""

    kind = "music"
    representation: str

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "MusicCodec":
        """Rebuild from ``to_json``."""
        manner = Manner(**record["manner"])
        if record["representation"] == "frames":
            return FrameCodec(record["length"], record["step"], record["voices"], manner)
        low, high = record["pitches"]
        return NoteCodec(
            (low, high), record["durations"], record["shifts"], record["bars"], record["length"], manner
        )


class NoteCodec(MusicCodec):
    """Codec of pieces as tokens of bars, time shifts, pitches and durations, in the order of the notes.

    Each bar begins with a token of its metre, as in Huang 2020 (https://arxiv.org/abs/2002.00212). A time
    shift before the first note of each onset counts from the previous onset in the bar, or from the beginning
    of the bar (Oore 2018, https://arxiv.org/abs/1808.03715). Each note is its pitch, then its duration. So
    pieces cannot drift off the beat, and there are few different shifts. Pitches are contiguous, so that
    adding to tokens transposes a piece. These are lost: velocities, tempo, silence at the end, and durations
    and shifts that the training split lacks, which become the nearest ones.

    Args:
        pitches: lowest and highest MIDI pitch.
        durations: durations with tokens, in ticks, ascending.
        shifts: time shifts with tokens, in ticks, ascending.
        bars: lengths of bars with tokens, in ticks, ascending.
        length: T, the maximum number of tokens in a row.
        manner: tempo, metre and velocity of decoded pieces.
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
        # Layout of the vocabulary: specials, pitches, durations, shifts, bars.
        self._first_duration = SPECIALS + self.high - self.low + 1
        self._first_shift = self._first_duration + len(self.durations)
        self.first_bar = self._first_shift + len(self.shifts)
        levels = self.first_bar + len(self.bars)
        ticks = tuple(tuple(map(int, part)) for part in times)
        self.spec = SequenceSpec(levels, length, pitches=(SPECIALS, self._first_duration), ticks=ticks)

    @classmethod
    def fit(cls, pieces: Sequence[Piece], length: int) -> "NoteCodec":
        """Find the pitches, times and bars of the training pieces.

        Args:
            pieces: training pieces.
            length: T, the maximum number of tokens in a row.
        """
        notes = np.concatenate([piece.notes for piece in pieces])
        shifts = np.concatenate([_steps(piece.notes[:, 0], piece.bar)[2] for piece in pieces])
        low = max(LOWEST, int(notes[:, 2].min()) - MARGIN)
        high = min(LOWEST + KEYS - 1, int(notes[:, 2].max()) + MARGIN)
        bars = _commonest(np.array([piece.bar for piece in pieces]))
        durations, later = _commonest(notes[:, 1]), _commonest(shifts[shifts > 0])
        return cls((low, high), durations, later, bars, length, Manner.of(pieces))

    def extended(self, other: "NoteCodec") -> "NoteCodec":
        """Return a codec with the pitches and times of both, and the other's length and manner."""
        pitches = min(self.low, other.low), max(self.high, other.high)
        pairs = (self.durations, other.durations), (self.shifts, other.shifts), (self.bars, other.bars)
        durations, shifts, bars = (np.union1d(own, more).tolist() for own, more in pairs)
        return NoteCodec(pitches, durations, shifts, bars, other.spec.length, other.manner)

    def code_names(self) -> CodeNames:
        """Name the tokens by their pitch or their ticks."""
        parts: dict[str, list[int]] = {
            "special": list(range(SPECIALS)),
            "pitch": list(range(self.low, self.high + 1)),
            "duration": self.durations.tolist(),
            "shift": self.shifts.tolist(),
            "bar": self.bars.tolist(),
        }
        return (("tokens", tuple((part, value) for part, values in parts.items() for value in values)),)

    def encode(self, samples: Sequence[Piece]) -> Arrays:
        """Encode N pieces as ``{"tokens": int64 (N, T)}``; long pieces are cut off after a whole note."""
        rows = np.full((len(samples), self.spec.length), self.spec.pad, dtype=np.int64)
        for row, piece in zip(rows, checked(samples), strict=True):
            tokens = self.tokens_of(piece)[: self.spec.length - 1]
            whole = np.flatnonzero((tokens >= self._first_duration) & (tokens < self._first_shift))
            tokens = tokens[: whole[-1] + 1] if len(whole) else tokens[:0]
            row[: len(tokens)] = tokens
            row[len(tokens)] = self.spec.end
        return {"tokens": rows}

    def decode(self, arrays: Arrays, seed: int = 0) -> list[Piece]:
        """Decode tokens, (N, T), to N pieces; a pitch or a duration without its partner is ignored."""
        return [self._piece(row) for row in np.asarray(arrays["tokens"])]

    def augmentation_views(self, samples: Sequence[Piece]) -> Arrays:
        """Encode each piece at half and double speed, ``slow`` and ``fast``, int64 (N, T) each.

        A piece stays as it is if one of its times would have no token, or would fall off the grid of ticks.
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

    def tokens_of(self, piece: Piece) -> np.ndarray:
        """Write a piece of any length as tokens, int64; empty if it has no notes."""
        (metre,) = nearest(self.bars, np.array([piece.bar]))
        onset, duration, pitch = piece.notes[:, :3].T.astype(np.int64)
        bars, begun, shift = _steps(onset, int(self.bars[metre]))
        pitch = SPECIALS + pitch - self.low  # pitches and durations alternate; bars and shifts come between
        pitch = np.where((pitch < SPECIALS) | (pitch >= self._first_duration), self.spec.unknown, pitch)
        lasting = self._first_duration + nearest(self.durations, duration)
        tokens = np.stack([pitch, lasting], axis=1).ravel()
        later = np.flatnonzero(shift)
        steps = self._first_shift + nearest(self.shifts, shift[later])
        marks = [np.full(bars, self.first_bar + metre), steps]
        where = [np.repeat(np.arange(len(begun)), begun), later]
        return np.insert(tokens, 2 * np.concatenate(where), np.concatenate(marks))

    def _piece(self, row: np.ndarray) -> Piece:
        over = np.flatnonzero((row == self.spec.end) | (row == self.spec.pad))
        row = row[: over[0]] if len(over) else row
        is_bar = row >= self.first_bar
        is_shift = (row >= self._first_shift) & ~is_bar
        bars = np.where(is_bar, self.bars[np.where(is_bar, row - self.first_bar, 0)], 0)
        shifts = np.where(is_shift, self.shifts[np.where(is_shift, row - self._first_shift, 0)], 0)
        # The time at each token: the start of its bar, plus the shifts since that bar began.
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
        """Describe the vocabulary, the length and the defaults of decoded pieces."""
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
    """Codec of pieces as frames: the 88 keys of a piano, and a flag that is 1 until the piece ends.

    These are lost: velocities, tempo, times between frames, and repeated strokes of a key without a rest.

    Args:
        length: T, the maximum number of frames.
        step: length of a frame, in ticks.
        voices: maximum number of keys in a frame.
        manner: tempo, metre and velocity of decoded pieces.
    """

    representation = "frames"
    spec: FrameSpec

    def __init__(self, length: int, step: int, voices: int, manner: Manner) -> None:
        self.step, self.manner = step, manner
        self.spec = FrameSpec(KEYS, length, voices)

    @classmethod
    def fit(cls, pieces: Sequence[Piece], length: int, step: int) -> "FrameCodec":
        """Find the maximum number of keys in a frame of the training pieces.

        Args:
            pieces: training pieces.
            length: T, the maximum number of frames.
            step: length of a frame, in ticks.
        """
        voices = max(int(roll_of(piece, step).sum(axis=1).max(initial=1)) for piece in pieces)
        return cls(length, step, min(KEYS, voices + 2), Manner.of(pieces))

    def extended(self, other: "FrameCodec") -> "FrameCodec":
        """Return a codec with the voices of both, and the other's length and manner.

        Raises:
            DataError: their frames have other lengths.
        """
        if self.step != other.step:
            raise DataError(
                f"the earlier model's frames last 1/{TICKS // self.step} of a quarter note, but those of the "
                f"data 1/{TICKS // other.step}; set the option grid to {TICKS // self.step}."
            )
        return FrameCodec(
            other.spec.length, self.step, max(self.spec.voices, other.spec.voices), other.manner
        )

    def encode(self, samples: Sequence[Piece]) -> Arrays:
        """Encode N pieces as ``{"frames": uint8 (N, T, 1 + 88)}``.

        Frames beyond T are cut off, and so are the lowest keys of a frame with more than ``voices``.
        """
        frames = np.zeros((len(samples), self.spec.length, 1 + KEYS), dtype=np.uint8)
        for row, piece in zip(frames, checked(samples), strict=True):
            roll = roll_of(piece, self.step)[: self.spec.length]
            # Keys that sound at or above each key: melodies lie on top, so the highest keys are kept.
            above = np.cumsum(roll[:, ::-1], axis=1)[:, ::-1]
            row[: len(roll), 0] = 1
            row[: len(roll), 1:] = roll & (above <= self.spec.voices)
        return {"frames": frames}

    def decode(self, arrays: Arrays, seed: int = 0) -> list[Piece]:
        """Decode frames, (N, T, 1 + 88), to N pieces, each up to the first frame whose flag is 0."""
        return [self._piece(row) for row in np.asarray(arrays["frames"])]

    def _piece(self, row: np.ndarray) -> Piece:
        over = np.flatnonzero(row[:, 0] == 0)
        length = int(over[0]) if len(over) else len(row)
        found = piece_of_roll(row[:length, 1:] > 0, self.step)
        onset, duration, pitch, _ = found.notes.T
        return self.manner.piece(onset, duration, pitch, length * self.step)

    def to_json(self) -> dict[str, Any]:
        """Describe the length, the step, the voices and the defaults of decoded pieces."""
        about = {"kind": self.kind, "representation": self.representation, "length": self.spec.length}
        return about | {"step": self.step, "voices": self.spec.voices, "manner": vars(self.manner)}


def checked(samples: Sequence[Piece]) -> Sequence[Piece]:
    """Check that samples are pieces, and return them.

    Raises:
        DataError: a sample is something else.
    """
    if not isinstance(samples, list | tuple) or not all(isinstance(piece, Piece) for piece in samples):
        raise DataError("music must be a list of autogen.data.music.notes.Piece, as in training")
    return samples


def nearest(times: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Find the index of the nearest time by ratio for each wanted time, int64 (N,).

    Args:
        times: ticks, int (M,).
        wanted: ticks, int (N,).
    """
    if not len(times) or not len(wanted):
        return np.zeros(len(wanted), dtype=np.int64)
    apart = np.abs(np.log(wanted[:, None]) - np.log(times)[None, :])
    return np.asarray(apart.argmin(axis=1))


def _steps(onset: np.ndarray, bar: int) -> tuple[int, np.ndarray, np.ndarray]:
    """Count bars: in all, begun before each note since the previous note, (N,), and time shifts, (N,)."""
    index, place = np.divmod(onset.astype(np.int64), bar)
    begun = np.diff(index, prepend=-1)
    shift = place - np.where(begun > 0, 0, np.append(0, place[:-1]))
    return int(begun.sum()), begun, shift


def _commonest(times: np.ndarray) -> list[int]:
    """List the most frequent times, ascending; at least one."""
    values, counts = np.unique(times, return_counts=True)
    chosen = values[np.argsort(-counts, kind="stable")[:MOST_TIMES]]
    return sorted(int(value) for value in chosen) or [TICKS]
