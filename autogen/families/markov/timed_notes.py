"""Rows of notes that a Markov model reads of music that is encoded as tokens.

In the tokens of the codec a shift counts from the beginning of its bar, or from the note before it. So the
same step of a tune has several forms, and a note takes three tokens. Here it takes two, as in the n-gram
baseline: its time (gap to the note before it, and duration), then its pitch. Bars are counted again when
samples are written.
"""

import numpy as np

from autogen.data.specs import Arrays, FrameSpec, SequenceSpec
from autogen.families.base import Batch
from autogen.families.markov.alphabet import END, PAD, Alphabet, Notes, Tokens

#: What a Markov model reads: the tokens of the codec, or notes.
UNITS = ("tokens", "notes")
#: Largest gap between the beginnings of two notes, in ticks of 24 a quarter note: eight quarter notes.
MOST_GAP = 192


def alphabet_of(spec: SequenceSpec | FrameSpec, units: str) -> Alphabet:
    """Return the alphabet of sequences or piano rolls; ``notes`` is for music, other sequences are tokens."""
    if isinstance(spec, FrameSpec):
        return Notes(spec)
    durations, _, bars = spec.ticks or ((), (), ())
    return TimedNotes(spec) if units == "notes" and durations and bars else Tokens(spec)


class TimedNotes(Alphabet):
    """Notes as two tokens each, time and pitch, after a token for the metre of the row; then ``END``.

    Rows have one metre, that of their first bar; gaps of more than ``MOST_GAP`` ticks become that long.

    Args:
        spec: Spec of music as tokens.
    """

    def __init__(self, spec: SequenceSpec) -> None:
        self.spec = spec
        self._durations, self._shifts, self._bars = (np.array(part, dtype=np.int64) for part in spec.ticks)
        self._first_duration = spec.pitches[1]
        self._first_shift = self._first_duration + len(self._durations)
        self._first_bar = self._first_shift + len(self._shifts)
        self._times = spec.pitches[1]  # pitches keep their codes
        self._metres = self._times + (MOST_GAP + 1) * len(self._durations)
        self.levels = self._metres + len(self._bars)

    def tokens(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """A metre, two tokens a note in the order of the notes, and ``END``."""
        rows = batch["tokens"].numpy()
        is_bar = rows >= self._first_bar
        is_shift = (rows >= self._first_shift) & ~is_bar
        is_duration = (rows >= self._first_duration) & (rows < self._first_shift)
        is_pitch = (rows >= self.spec.pitches[0]) & (rows < self._first_duration)
        row, at = (is_pitch[:, :-1] & is_duration[:, 1:]).nonzero()
        onset, pitch = self._now(rows, is_bar, is_shift)[row, at], rows[row, at]
        lasting = rows[row, at + 1] - self._first_duration
        gap = np.diff(onset, prepend=0)
        first = np.flatnonzero(np.diff(row, prepend=-1))
        gap[first] = onset[first]
        time = self._times + np.clip(gap, 0, MOST_GAP) * len(self._durations) + lasting
        opening = np.where(is_bar.any(1), rows[np.arange(len(rows)), is_bar.argmax(1)] - self._first_bar, 0)
        notes = np.bincount(row, minlength=len(rows))
        ends = np.cumsum(2 * notes + 2)
        flat = np.full(ends[-1] if len(ends) else 0, END, dtype=np.int64)
        flat[ends - 2 * notes - 2] = self._metres + opening
        places = 2 * np.arange(len(row)) + 2 * row + 1
        flat[places], flat[places + 1] = time, pitch
        return flat, 2 * notes + 2

    def _now(self, rows: np.ndarray, is_bar: np.ndarray, is_shift: np.ndarray) -> np.ndarray:
        """Time at each token, in ticks: the start of its bar, and the shifts since."""
        bars = np.where(is_bar, self._bars[np.where(is_bar, rows - self._first_bar, 0)], 0)
        known = self._shifts if len(self._shifts) else np.zeros(1, dtype=np.int64)
        gone = np.cumsum(
            np.where(is_shift, known[np.where(is_shift, rows - self._first_shift, 0)], 0), axis=1
        )
        begun = np.where(is_bar, np.cumsum(bars, axis=1) - bars, 0)
        before = np.where(is_bar, gone, 0)
        return np.asarray(np.maximum.accumulate(begun, axis=1) + gone - np.maximum.accumulate(before, axis=1))

    def longest(self, lengths: np.ndarray) -> int:
        """As in training."""
        return int(lengths.max())

    def encoded(self, rows: np.ndarray) -> Arrays:
        """Tokens of bars, shifts, pitches and durations; what does not fit a row is cut off after a note."""
        is_time = (rows >= self._times) & (rows < self._metres)
        is_pitch = (rows >= self.spec.pitches[0]) & (rows < self.spec.pitches[1])
        gap, lasting = np.divmod(np.where(is_time, rows - self._times, 0), len(self._durations))
        row, at = (is_time[:, :-1] & is_pitch[:, 1:]).nonzero()
        is_metre = rows >= self._metres
        metre = np.where(is_metre.any(1), rows[np.arange(len(rows)), is_metre.argmax(1)] - self._metres, 0)[
            row
        ]
        bar, place = np.divmod(np.cumsum(gap, axis=1)[row, at], self._bars[metre])
        opens = np.diff(row, prepend=-1) > 0
        begun = np.where(opens, bar + 1, np.diff(bar, prepend=0))
        shift = place - np.where(begun > 0, 0, np.append(0, place[:-1]))
        shifted = (shift > 0) & (len(self._shifts) > 0)
        # Where each note ends in its row, if it holds its bars, its shift, its pitch and its duration.
        sizes = begun + shifted + 2
        ends = np.cumsum(sizes)
        ends -= (ends - sizes)[np.maximum.accumulate(np.where(opens, np.arange(len(row)), 0))]
        found = np.full((len(rows), self.spec.length), PAD, dtype=np.int64)
        kept = ends < self.spec.length
        row, at, metre, begun, ends = (part[kept] for part in (row, at, metre, begun, ends))
        shift, shifted, sizes = shift[kept], shifted[kept], sizes[kept]
        found[row, ends - 2], found[row, ends - 1] = (
            rows[row, at + 1],
            self._first_duration + lasting[row, at],
        )
        if len(self._shifts):
            found[row[shifted], ends[shifted] - 3] = self._first_shift + _nearest(
                self._shifts, shift[shifted]
            )
        nth = np.arange(begun.sum()) - np.repeat(np.cumsum(begun) - begun, begun)
        found[np.repeat(row, begun), np.repeat(ends - sizes, begun) + nth] = self._first_bar + np.repeat(
            metre, begun
        )
        last = np.zeros(len(rows), dtype=np.int64)
        np.maximum.at(last, row, ends)
        found[np.arange(len(rows)), last] = END
        return {"tokens": found}


def _nearest(known: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Index of the nearest of known values, ascending, to each value."""
    above = np.searchsorted(known, values).clip(1, max(1, len(known) - 1))
    if len(known) == 1:
        return np.zeros(len(values), dtype=np.int64)
    return np.asarray(above - (values - known[above - 1] <= known[above] - values))
