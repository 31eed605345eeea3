"""Pieces as notes in seconds and as MIDI files, and the distributions of their notes."""

import base64
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from autogen.data.codec import Codec
from autogen.data.kind import DataKind
from autogen.data.marginals import Record, binned, counted
from autogen.data.music.notes import TICKS, Piece
from autogen.data.specs import Samples


def playable(kind: DataKind, codec: Codec, pieces: Samples) -> list[Record]:
    """Pieces as notes in seconds, and as MIDI files."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for piece in pieces:
            path = Path(folder) / "piece.mid"
            kind.save([piece], path, codec)
            midi = base64.b64encode(path.read_bytes()).decode()
            found.append({"notes": _in_seconds(piece), "midi": midi})
    return found


def _in_seconds(piece: Piece) -> list[tuple[float, float, int]]:
    """Start, length and pitch of each note."""
    tick = 60 / (piece.tempo * TICKS)
    return [
        (round(on * tick, 4), round(long * tick, 4), int(key)) for on, long, key, *_ in piece.notes.tolist()
    ]


def note_marginals(real: Sequence[Piece], fake: Sequence[Piece], codec: Codec) -> list[Record]:  # noqa: ARG001
    """Compute the distributions of notes, and of the sizes of pieces.

    Of notes: pitch classes, pitches, and lengths in quarter notes. Of pieces: how long they are, in quarter
    notes, how many notes they have, and how many of these begin together on average.
    """
    sides = [np.concatenate([piece.notes for piece in pieces]) for pieces in (real, fake)]
    names = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
    classes = [[names[pitch % 12] for pitch in notes[:, 2]] for notes in sides]
    lengths = [[f"{length / TICKS:.3g}" for length in notes[:, 1]] for notes in sides]
    pitches = [notes[:, 2].astype(float) for notes in sides]
    spans, sizes, chords = zip(*(_sizes(pieces) for pieces in (real, fake)), strict=True)
    return [
        counted("pitch class", *classes),
        binned("pitch (MIDI)", *pitches),
        counted("length in quarter notes", *lengths),
        binned("length of a piece in quarter notes", *spans),
        binned("notes in a piece", *sizes),
        binned("notes that begin together", *chords),
    ]


def _sizes(pieces: Sequence[Piece]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """End of each piece in quarter notes, its number of notes, and of those at an onset, (N,) each."""
    notes = [piece.notes for piece in pieces]
    ends = [float((one[:, 0] + one[:, 1]).max()) / TICKS if len(one) else 0.0 for one in notes]
    counts = np.array([len(one) for one in notes], dtype=float)
    onsets = np.array([max(1, len(np.unique(one[:, 0]))) for one in notes], dtype=float)
    return np.array(ends), counts, counts / onsets
