"""Invented music, for tests: tunes over chords, in files of every kind that is read."""

import gzip
import json
import zipfile
from pathlib import Path

import numpy as np

from autogen.data.music.midi import write_midi
from autogen.data.music.notes import LOWEST, Piece, roll_of

_SCALE = (0, 2, 4, 5, 7, 9, 11)
_CHORDS = ((0, 4, 7), (5, 9, 12), (7, 11, 14), (-3, 0, 4))


def tunes(n: int, seed: int = 0, bars: int = 4) -> list[Piece]:
    """Tunes of a few bars: a melody that walks over a chord a bar, in one of four keys."""
    rng = np.random.default_rng(seed)
    return [_tune(rng, bars) for _ in range(n)]


def _tune(rng: np.random.Generator, bars: int) -> Piece:
    key, place = 60 + int(rng.choice([0, 2, 5, 7])), 3
    rows = []
    for bar in range(bars):
        chord = _CHORDS[(bar + int(rng.random() < 0.3)) % 4]
        rows += [[bar * 96, 96, key - 12 + step, 60] for step in chord]
        now = 0
        while now < 96:
            duration = int(min(rng.choice([12, 24, 24, 48]), 96 - now))
            place = int(np.clip(place + rng.choice([-2, -1, 0, 1, 2]), 0, 13))
            rows.append([bar * 96 + now, duration, key + _SCALE[place % 7] + 12 * (place // 7), 90])
            now += duration
    return Piece.of(np.array(rows))


def midi_folder(folder: Path, n: int, bars: int = 4) -> Path:
    """A folder of MIDI files."""
    folder.mkdir(parents=True)
    for i, piece in enumerate(tunes(n, bars=bars)):
        (folder / f"{i:04d}.mid").write_bytes(write_midi(piece))
    return folder


def midi_zip(path: Path, n: int) -> Path:
    """A zip of MIDI files."""
    with zipfile.ZipFile(path, "w") as archive:
        for i, piece in enumerate(tunes(n)):
            archive.writestr(f"tunes/{i:04d}.mid", write_midi(piece))
    return path


def chorales(path: Path, sizes: dict[str, int]) -> Path:
    """A ``.json`` of frames of pitches, by part of the split."""
    found = {
        name: [_frames(piece) for piece in tunes(n, seed)] for seed, (name, n) in enumerate(sizes.items())
    }
    content = json.dumps(found).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def rolls(path: Path, sizes: dict[str, int]) -> Path:
    """A ``.mat`` with piano rolls by part of the split."""
    from scipy import io

    found = {}
    for seed, (name, n) in enumerate(sizes.items()):
        cells = np.empty((1, n), dtype=object)
        for i, piece in enumerate(tunes(n, seed)):
            cells[0, i] = roll_of(piece, 12).astype(np.float64)
        found[name] = cells
    io.savemat(path, found)
    return path


def _frames(piece: Piece) -> list[list[int]]:
    return [[int(key) + LOWEST for key in np.flatnonzero(frame)] or [-1] for frame in roll_of(piece, 6)]
