"""Musical features of a piece: pitch classes, intervals, durations, density, groove.

The scalar features are those of muspy 0.5 (Dong 2020, https://arxiv.org/abs/2008.01951) and mgeval
(Yang 2020, https://doi.org/10.1007/s00521-018-3849-7), on a grid of 24ths of a quarter note.
"""

from collections.abc import Callable, Sequence

import numpy as np

from autogen.data.music.notes import TICKS, Piece

#: Bin edges, in ticks, of durations and gaps between onsets.
EDGES = np.array([5, 7, 10, 14, 20, 28, 40, 60, 84, 120])
#: Largest melodic interval in semitones; larger ones are clipped to an octave.
WIDEST = 12
_MAJOR, _MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)


def pitch_classes(piece: Piece) -> np.ndarray:
    """Compute the share of each pitch class among the notes, (12,)."""
    return _shares(np.bincount(piece.notes[:, 2] % 12, minlength=12))


def intervals(piece: Piece) -> np.ndarray:
    """Compute the share of each interval of the melody, -12 to 12 semitones, (25,).

    The melody is made of the highest notes of successive onsets.
    """
    steps = np.diff(_melody(piece)).clip(-WIDEST, WIDEST)
    return _shares(np.bincount(steps + WIDEST, minlength=2 * WIDEST + 1))


def durations(piece: Piece) -> np.ndarray:
    """Compute the share of each bin of durations, (11,)."""
    classes = np.searchsorted(EDGES, piece.notes[:, 1])
    return _shares(np.bincount(classes, minlength=len(EDGES) + 1))


def gaps(piece: Piece) -> np.ndarray:
    """Compute the share of each bin of times between successive onsets, (11,)."""
    classes = np.searchsorted(EDGES, np.diff(np.unique(piece.notes[:, 0])))
    return _shares(np.bincount(classes, minlength=len(EDGES) + 1))


def pitch_range(piece: Piece) -> float:
    """Compute the semitones from the lowest to the highest note; 0 without notes."""
    pitch = piece.notes[:, 2]
    return float(pitch.max() - pitch.min()) if len(pitch) else 0.0


def mean_pitch(piece: Piece) -> float:
    """Compute the mean MIDI pitch of the notes; 0 without notes."""
    return float(piece.notes[:, 2].mean()) if len(piece) else 0.0


def density(piece: Piece) -> float:
    """Compute the number of notes per quarter."""
    return len(piece) * TICKS / max(1, piece.length)


def polyphony(piece: Piece) -> float:
    """Compute the mean number of sounding notes over the ticks that are not silent."""
    sounding = _sounding(piece)
    return float(sounding[sounding > 0].mean()) if sounding.any() else 0.0


def empty_beats(piece: Piece) -> float:
    """Compute the share of silent quarters."""
    sounding = _sounding(piece)
    beats = np.pad(sounding, (0, -len(sounding) % TICKS)).reshape(-1, TICKS)
    return float((beats.max(axis=1) == 0).mean()) if len(beats) else 1.0


def pitch_class_entropy(piece: Piece) -> float:
    """Compute the entropy of the distribution of pitch classes, in bits."""
    shares = pitch_classes(piece)
    shares = shares[shares > 0]
    return float(-(shares * np.log2(shares)).sum())


def scale_consistency(piece: Piece) -> float:
    """Compute the share of the notes in the major or minor scale that holds the most of them."""
    shares = pitch_classes(piece)
    scales = [[(root + step) % 12 for step in scale] for root in range(12) for scale in (_MAJOR, _MINOR)]
    return float(max(shares[scale].sum() for scale in scales))


def groove_consistency(piece: Piece) -> float:
    """Compute one minus the mean share of ticks at which only one of two successive bars has an onset."""
    bars = max(1, -(-piece.length // piece.bar))
    onsets = np.zeros(bars * piece.bar, dtype=bool)
    onsets[piece.notes[:, 0].clip(max=len(onsets) - 1)] = True
    grid = onsets.reshape(bars, piece.bar)
    return 1.0 if bars < 2 else float(1 - (grid[1:] != grid[:-1]).mean())


HISTOGRAMS: dict[str, Callable[[Piece], np.ndarray]] = {
    "pitch classes": pitch_classes,
    "intervals": intervals,
    "durations": durations,
    "gaps": gaps,
}
SCALARS: dict[str, Callable[[Piece], float]] = {
    "pitch range": pitch_range,
    "mean pitch": mean_pitch,
    "density": density,
    "polyphony": polyphony,
    "empty beats": empty_beats,
    "pitch class entropy": pitch_class_entropy,
    "scale consistency": scale_consistency,
    "groove consistency": groove_consistency,
}


def described(pieces: Sequence[Piece]) -> dict[str, np.ndarray]:
    """Compute each feature of N pieces, float64 (N, width of the feature), by name."""
    found = {name: np.array([of(piece) for piece in pieces]) for name, of in HISTOGRAMS.items()}
    return found | {name: np.array([[of(piece)] for piece in pieces]) for name, of in SCALARS.items()}


def _melody(piece: Piece) -> np.ndarray:
    """Return the highest pitch of each onset, int64 (onsets,)."""
    # Notes are sorted by onset, then pitch: the last note of an onset is its highest.
    onsets = piece.notes[:, 0]
    last = np.append(onsets[1:] != onsets[:-1], True) if len(onsets) else np.zeros(0, dtype=bool)
    return np.asarray(piece.notes[last, 2], dtype=np.int64)


def _sounding(piece: Piece) -> np.ndarray:
    """Count the notes that sound at each tick, int64 (length,)."""
    # +1 where a note begins, -1 where it ends: the running sum is the number of sounding notes.
    edges = np.zeros(piece.length + 1, dtype=np.int64)
    np.add.at(edges, piece.notes[:, 0], 1)
    np.add.at(edges, piece.notes[:, 0] + piece.notes[:, 1], -1)
    return np.asarray(np.cumsum(edges)[:-1])


def _shares(counts: np.ndarray) -> np.ndarray:
    """Normalize counts to sum to 1; all zeros stay zeros."""
    return np.asarray(counts / max(1, counts.sum()), dtype=np.float64)
