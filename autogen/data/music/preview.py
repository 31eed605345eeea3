"""Pieces as notes in seconds and as MIDI files, and the distributions of their notes."""

import base64
import tempfile
from pathlib import Path

import numpy as np

from autogen.data.marginals import Record, binned, counted
from autogen.data.module import DataModule
from autogen.data.music.notes import TICKS, Piece
from autogen.data.specs import Samples


def playable(data: DataModule, pieces: Samples) -> list[Record]:
    """Pieces as notes in seconds, and as MIDI files."""
    told = []
    with tempfile.TemporaryDirectory() as folder:
        for piece in pieces:
            path = Path(folder) / "piece.mid"
            data.kind.save([piece], path, data.codec)
            midi = base64.b64encode(path.read_bytes()).decode()
            told.append({"notes": _in_seconds(piece), "midi": midi})
    return told


def _in_seconds(piece: Piece) -> list[tuple[float, float, int]]:
    """Start, length and pitch of each note."""
    tick = 60 / (piece.tempo * TICKS)
    return [
        (round(on * tick, 4), round(long * tick, 4), int(key)) for on, long, key, *_ in piece.notes.tolist()
    ]


def note_marginals(real: np.ndarray, fake: np.ndarray) -> list[Record]:
    """Pitch classes, pitches, and lengths in quarter notes."""
    names = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
    classes = [[names[pitch % 12] for pitch in notes[:, 2]] for notes in (real, fake)]
    lengths = [[f"{length / TICKS:.3g}" for length in notes[:, 1]] for notes in (real, fake)]
    pitches = [notes[:, 2].astype(float) for notes in (real, fake)]
    return [
        counted("pitch class", *classes),
        binned("pitch (MIDI)", *pitches),
        counted("length in quarter notes", *lengths),
    ]
