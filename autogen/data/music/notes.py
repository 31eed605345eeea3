"""Pieces of music: notes on a grid of 24ths of a quarter note, and operations on them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

#: Ticks per quarter note: its thirds, quarters and eighths are whole numbers of ticks.
TICKS = 24
#: MIDI pitch of the lowest key of a piano (A0), and the number of its keys.
LOWEST, KEYS = 21, 88
#: Default velocity of notes.
VELOCITY = 90
_FOREVER = np.iinfo(np.int32).max


@dataclass(frozen=True, eq=False)
class Piece:
    """Notes of a piece of music, or of an excerpt.

    Attributes:
        notes: onset (ticks), duration (ticks, at least 1), pitch (MIDI, 21..108) and velocity (1..127),
            int32 (N, 4), ascending by onset, then pitch; no two notes of one pitch overlap.
        length: length in ticks, at least the end of the last note.
        tempo: quarter notes per minute.
        bar: length of a bar, in ticks.
    """

    notes: np.ndarray
    length: int
    tempo: float = 120.0
    bar: int = 4 * TICKS

    @classmethod
    def of(cls, notes: np.ndarray, length: int = 0, tempo: float = 120.0, bar: int = 4 * TICKS) -> "Piece":
        """Make a piece of notes in any order, int (N, 4); a note ends where the next of its pitch begins."""
        rows = np.array(notes, dtype=np.int32).reshape(-1, 4)
        # By pitch, then onset, the longest first: of equal onsets only the longest note stays.
        rows = rows[np.lexsort((-rows[:, 1], rows[:, 0], rows[:, 2]))]
        again = (rows[1:, 0] == rows[:-1, 0]) & (rows[1:, 2] == rows[:-1, 2])
        rows = rows[np.append(True, ~again)] if len(rows) else rows
        room = np.where(rows[1:, 2] == rows[:-1, 2], rows[1:, 0] - rows[:-1, 0], _FOREVER)
        rows[:, 1] = np.clip(rows[:, 1], 1, np.append(room, _FOREVER)[: len(rows)])
        rows = np.ascontiguousarray(rows[np.lexsort((rows[:, 2], rows[:, 0]))])
        end = int((rows[:, 0] + rows[:, 1]).max(initial=0))
        return cls(rows, max(length, end), float(tempo), int(bar))

    def __len__(self) -> int:
        return len(self.notes)

    def __repr__(self) -> str:
        return f"Piece({len(self.notes)} notes, {self.length / TICKS:g} quarters)"


def on_keys(notes: np.ndarray) -> tuple[np.ndarray, int]:
    """Move pitches of notes, int (N, 4), by octaves onto the piano; return the notes and how many moved."""
    pitch = notes[:, 2]
    low, high = LOWEST, LOWEST + KEYS - 1
    moved = np.where(pitch < low, pitch + 12 * -((pitch - low) // 12), pitch)
    moved = np.where(moved > high, moved - 12 * -((high - moved) // 12), moved)
    found = notes.copy()
    found[:, 2] = moved
    return found, int((moved != pitch).sum())


def roll_of(piece: Piece, step: int) -> np.ndarray:
    """Convert a piece to a piano roll, bool (T, 88); every note sounds for at least one frame.

    Args:
        piece: piece of music.
        step: length of a frame in ticks; onsets and ends are rounded to the nearest frame.
    """
    frames = -(-piece.length // step)
    first = np.rint(piece.notes[:, 0] / step).astype(int).clip(0, max(0, frames - 1))
    last = np.rint((piece.notes[:, 0] + piece.notes[:, 1]) / step).astype(int)
    # +1 where a note begins and -1 where it ends: the running sum counts the notes that sound.
    edges = np.zeros((frames + 1, KEYS), dtype=np.int64)
    key = piece.notes[:, 2] - LOWEST
    np.add.at(edges, (first, key), 1)
    np.add.at(edges, (np.clip(last, first + 1, frames), key), -1)
    return np.asarray(np.cumsum(edges[:-1], axis=0) > 0)


def piece_of_roll(roll: np.ndarray, step: int, tempo: float = 120.0, bar: int = 4 * TICKS) -> Piece:
    """Convert a piano roll, bool (T, 88), to a piece; each run of frames in which a key sounds is a note."""
    edges = np.diff(np.pad(roll.astype(np.int8), ((1, 1), (0, 0))), axis=0)
    key, first = np.nonzero(edges.T > 0)
    _, last = np.nonzero(edges.T < 0)
    rows = np.stack([first * step, (last - first) * step, key + LOWEST, np.full_like(key, VELOCITY)], axis=1)
    return Piece.of(rows, len(roll) * step, tempo, bar)


def excerpt(piece: Piece, first: int, last: int) -> Piece:
    """Cut a piece to the notes that sound between two ticks; time starts at the first tick."""
    notes = piece.notes
    begin = np.maximum(notes[:, 0], first)
    end = np.minimum(notes[:, 0] + notes[:, 1], last)
    inside = begin < end
    rows = np.column_stack([begin - first, end - begin, notes[:, 2], notes[:, 3]])[inside]
    return Piece.of(rows, last - first, piece.tempo, piece.bar)


def excerpts(piece: Piece, cost: np.ndarray, most: float) -> list[Piece]:
    """Cut a piece into excerpts of whole bars with about equal cost, at most ``most`` if bars allow.

    Args:
        piece: piece of any length.
        cost: cost of each bar, float64 (bars,).
        most: maximum cost of an excerpt; a single bar may exceed it.
    """
    if cost.sum() <= most:
        return [piece]
    ladder = np.append(0, np.cumsum(cost))
    for parts in range(int(np.ceil(cost.sum() / most)), len(cost) + 1):
        wanted = ladder[-1] * np.arange(1, parts) / parts
        inner = np.unique(np.searchsorted(ladder, wanted).clip(1, len(cost) - 1))
        cuts = np.concatenate([[0], inner, [len(cost)]])
        if (np.diff(ladder[cuts]) <= most).all() or parts == len(cost):
            break
    ends = [int(cut) * piece.bar for cut in cuts[:-1]] + [piece.length]
    found = [excerpt(piece, a, b) for a, b in pairwise(ends) if b > a]
    return [one for one in found if len(one)]


def bars_of(piece: Piece) -> np.ndarray:
    """Compute the bar in which each note begins, int64 (N,)."""
    return np.asarray(piece.notes[:, 0] // piece.bar, dtype=np.int64)


def joined(pieces: Sequence[Piece]) -> Piece:
    """Concatenate pieces with a quarter note's rest between them, in the tempo of the first."""
    rows, start = [np.zeros((0, 4), dtype=np.int32)], 0
    for piece in pieces:
        rows.append(piece.notes + np.array([start, 0, 0, 0], dtype=np.int32))
        start += -(-piece.length // TICKS) * TICKS + TICKS
    whole = Piece.of(np.concatenate(rows), max(0, start - TICKS))
    return replace(whole, tempo=pieces[0].tempo, bar=pieces[0].bar) if pieces else whole
