"""Rows of tokens that a Markov model reads and writes: texts and notes as they are, piano rolls as notes."""

from abc import ABC, abstractmethod

import numpy as np

from autogen.data.specs import Arrays, FrameSpec, SequenceSpec
from autogen.families.base import Batch

#: The special tokens of all alphabets are those of ``SequenceSpec``.
PAD, BEGIN, END, UNKNOWN = SequenceSpec.pad, SequenceSpec.begin, SequenceSpec.end, SequenceSpec.unknown
_SPECIALS = 4


class Alphabet(ABC):
    """Turns encoded samples into rows of tokens and back.

    Attributes:
        levels: Number of tokens.
        stream: True if rows end anywhere, and without ``END``.
        closing: Number of tokens that close a row, ``END`` among them.
    """

    levels: int
    stream: bool = False
    closing: int = 1

    @abstractmethod
    def tokens(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """All tokens of encoded rows one after the other, int64 (P,), and each row's number, int64 (N,)."""

    @abstractmethod
    def longest(self, lengths: np.ndarray) -> int:
        """Most tokens of a row that is drawn, given the numbers of tokens of training rows, (N,)."""

    @abstractmethod
    def encoded(self, rows: np.ndarray) -> Arrays:
        """Encoded samples for rows of tokens, int64 (N, L), padded."""

    def closes(self, tokens: np.ndarray) -> np.ndarray:
        """Tell which tokens close a row, bool like tokens."""
        return np.asarray(tokens == END)

    @property
    def drawable(self) -> np.ndarray:
        """Tokens that a row may hold, int64 (K,); where nothing is known, all are equally likely."""
        symbols = np.arange(_SPECIALS, self.levels)
        return symbols if self.stream else np.append(END, symbols)


class Tokens(Alphabet):
    """Tokens as they are.

    Args:
        spec: Spec of the sequences.
    """

    def __init__(self, spec: SequenceSpec) -> None:
        self.spec, self.levels, self.stream = spec, spec.levels, spec.stream

    def tokens(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """All tokens but the padding."""
        rows = batch["tokens"].numpy()
        kept = rows != PAD
        return rows[kept], kept.sum(axis=1)

    def longest(self, lengths: np.ndarray) -> int:
        """As the spec says."""
        return self.spec.length

    def encoded(self, rows: np.ndarray) -> Arrays:
        """The rows."""
        return {"tokens": rows}


class Notes(Alphabet):
    """Piano rolls as notes, two tokens each: time (frames since the note before, frames it sounds) and key.

    A row ends with the time from the last note to the end of the piece, of no frames that sound, and ``END``.

    Args:
        spec: Spec of the piano rolls.
    """

    closing = 2

    def __init__(self, spec: FrameSpec) -> None:
        self.spec = spec
        self._times = _SPECIALS + spec.keys
        self._step = spec.length + 1
        self.levels = self._times + self._step**2

    def tokens(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """Two tokens a note, ordered by time and key, and two for the end."""
        frames = batch["frames"].numpy()
        sounding = np.pad(frames[..., 1:].transpose(0, 2, 1) > 0, ((0, 0), (0, 0), (1, 1))).astype(np.int8)
        edges = np.diff(sounding, axis=2)
        piece, key, start = (edges > 0).nonzero()
        sounds = (edges < 0).nonzero()[2] - start
        order = np.lexsort((key, start, piece))
        piece, key, start, sounds = (part[order] for part in (piece, key, start, sounds))
        notes = np.bincount(piece, minlength=len(frames))
        first = np.cumsum(notes) - notes
        since = np.diff(start, prepend=0)
        since[first[notes > 0]] = start[first[notes > 0]]
        pairs = np.stack([self._time(since, sounds), _SPECIALS + key], axis=1)
        last = np.where(notes > 0, np.append(start, 0)[first + notes - 1], 0)
        rest = frames[..., 0].sum(axis=1, dtype=np.int64) - last
        closing = np.stack([self._time(rest, np.zeros_like(rest)), np.full(len(rest), END)], axis=1)
        return np.insert(pairs.ravel(), np.repeat(2 * (first + notes), 2), closing.ravel()), 2 * notes + 2

    def closes(self, tokens: np.ndarray) -> np.ndarray:
        """``END``, and times of no frames that sound."""
        silent = (tokens >= self._times) & ((tokens - self._times) % self._step == 0)
        return np.asarray(silent | (tokens == END))

    def _time(self, since: np.ndarray, sounds: np.ndarray) -> np.ndarray:
        return np.asarray(self._times + since * self._step + sounds)

    def longest(self, lengths: np.ndarray) -> int:
        """As in training."""
        return int(lengths.max())

    def encoded(self, rows: np.ndarray) -> Arrays:
        """Frames of the notes, at most as many keys at once as the spec allows, the highest ones."""
        spec = self.spec
        is_time = rows >= self._times
        since, sounds = np.divmod(np.where(is_time, rows - self._times, 0), self._step)
        now = np.minimum(np.cumsum(since, axis=1), spec.length)
        is_key = (rows >= _SPECIALS) & ~is_time
        row, at = (is_time[:, :-1] & is_key[:, 1:]).nonzero()
        start, key = now[row, at], rows[row, at + 1] - _SPECIALS
        stop = np.minimum(start + sounds[row, at], spec.length)
        edges = np.zeros((len(rows), spec.length + 1, spec.keys), dtype=np.int64)
        np.add.at(edges, (row, start, key), 1)
        np.add.at(edges, (row, stop, key), -1)
        sounding = np.cumsum(edges, axis=1)[:, :-1] > 0
        sounding &= np.cumsum(sounding[..., ::-1], axis=2)[..., ::-1] <= spec.voices
        going = np.arange(spec.length) < np.maximum(now[:, -1:], 1)
        frames = np.concatenate([going[..., None], sounding & going[..., None]], axis=2)
        return {"frames": frames.astype(np.uint8)}
