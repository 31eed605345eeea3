"""Readers of music: folders and zips of MIDI and ABC, chorales as JSON, piano rolls as ``.mat``."""

import codecs
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from autogen.data.decoding import file_bytes, first_bytes, link_notes, unpacked
from autogen.data.music import abc as abc_notation
from autogen.data.music import midi as midi_files
from autogen.data.music.notes import KEYS, LOWEST, TICKS, Piece, piece_of_roll
from autogen.documents import parse_json
from autogen.errors import DataError, agreed, counted, reason
from autogen.files import entries, leads_out

LOOSE = (*midi_files.SUFFIXES, *abc_notation.SUFFIXES)
CHORALES, ROLLS = (".json", ".json.gz"), (".mat",)
#: Frames per quarter note in chorales (sixteenths, as is usual) and in piano rolls (eighths).
_CHORALE_GRID, _ROLL_GRID = 4, 2
#: Tunes that a note names; what becomes of fields that cannot be read.
_TUNES = 5
_PASSED = "with fields that cannot be read", "read without these"
#: Most bytes of a file of one piece, packed or not, so that a small one cannot fill the memory.
_MOST_BYTES = 2**26
#: Names of official splits in folders and keys, to our names.
_PARTS = {"train": "train", "training": "train", "test": "test", "testing": "test"}
_PARTS |= dict.fromkeys(("valid", "val", "validation", "dev", "tune"), "tune")


@dataclass
class Found:
    """Pieces that were read from a source.

    Attributes:
        pieces: all pieces that could be read, (N,).
        parts: official split of each piece, (N,); empty strings if there is none.
        notes: decisions of reading, one sentence each.
        step: length of a frame in ticks, if the source consists of frames.
    """

    pieces: list[Piece] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    step: int | None = None


def holds_music(path: Path) -> bool:
    """Tell if a folder or zip has a MIDI or ABC file in it; false for a broken zip."""
    try:
        return next(_names(path), None) is not None
    except (OSError, zipfile.BadZipFile):
        return False


def holds_frames(path: Path) -> bool:
    """Tell if a JSON file begins with lists of lists of lists, as chorales do; reads its beginning alone."""
    start = first_bytes(path)
    return bool(re.match(rb"(\xef\xbb\xbf)?\s*(\{\s*\"[^\"]*\"\s*:\s*)?\[\s*(\]|\[\s*[\[\]])", start))


def read_music(path: Path, grid: int | None) -> Found:
    """Read all pieces of a folder, a zip or a file.

    Args:
        path: folder, zip or file.
        grid: frames per quarter note of a source that consists of frames; ``None`` for the usual number.

    Raises:
        DataError: the source cannot be read, holds no music, or more than half of its files are damaged.
    """
    name = path.name.lower()
    if name.endswith(CHORALES):
        return _read_chorales(path, TICKS // (grid or _CHORALE_GRID))
    if name.endswith(ROLLS):
        return _read_rolls(path, TICKS // (grid or _ROLL_GRID))
    return _read_loose(path)


def _read_loose(path: Path) -> Found:
    """Read MIDI and ABC files, one piece per file or tune."""
    found, counts, broken, files = Found(), Counter[str](), dict[str, str](), 0
    try:
        for name, content in _contents(path):
            files += 1
            try:
                pieces, changes, more = _parsed(name, content())
            except DataError as error:
                broken[name] = str(error)
                continue
            found.pieces += pieces
            found.parts += [_part_of(name)] * len(pieces)
            counts.update(changes)
            found.notes += more if len(found.notes) < _TUNES else []
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} cannot be read: {reason(error)}.") from error
    if not files:
        raise DataError(f"{path} holds no music files; expected files with {', '.join(LOOSE)}.")
    if len(broken) * 2 > files:
        first, why = next(iter(broken.items()))
        raise DataError(
            f"{path}: {len(broken)} of {files} music files cannot be used, for example {first}: {why}. "
            f"At least half must be usable; remove or repair the others."
        )
    found.notes += [*link_notes(_links(path)), *_notes_on(counts, broken, files)]
    return found


def _parsed(name: str, content: bytes) -> tuple[list[Piece], dict[str, int], list[str]]:
    """Read the pieces of one file, count the changes, and note tunes that are not read as they are."""
    if name.lower().endswith(midi_files.SUFFIXES):
        piece, counts = midi_files.read_midi(content)
        return [piece], counts, []
    content = unpacked(content, "it", _MOST_BYTES) if name.lower().endswith(".gz") else content
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = content.decode("utf-16" if marked else "utf-8", "replace")
    pieces, counts, lost, told = [], Counter[str](), list[str](), list[str]()
    for tune in abc_notation.tunes_of(text):
        try:
            passed: list[str] = []
            piece, moved = abc_notation.read_abc(tune, passed)
        except DataError as error:
            lost.append(f"{abc_notation.name_of(tune)} ({error})")
            continue
        if passed:
            told.append(f"{abc_notation.name_of(tune)} ({', '.join(passed[:3])})")
        pieces.append(piece)
        counts.update(moved=moved, notes=len(piece))
    if not pieces:
        why = f" that can be used: {lost[0]}" if lost else ""
        raise DataError(f"it holds no tune in ABC notation{why}")
    return pieces, dict(counts), [*_tunes(lost, "cannot be used and", "left out"), *_tunes(told, *_PASSED)]


def _tunes(found: Sequence[str], before: str, after: str) -> list[str]:
    """Note what became of some tunes; nothing without any."""
    if not found:
        return []
    shown = ", ".join(found[:_TUNES]) + (" ..." if len(found) > _TUNES else "")
    return [f"{counted(len(found), 'tune')} {before} {agreed(len(found), 'was', 'were')} {after}: {shown}."]


def _notes_on(counts: Counter[str], broken: dict[str, str], files: int) -> list[str]:
    total, keys = counts["notes"], "outside of the 88 keys of a piano"
    near = "between 24ths of a quarter note"
    sentences = {  # for one and for several
        "drums": ("{} drum note was left out.", "{} drum notes were left out."),
        "moved": (
            f"{{}} of {total} notes lies {keys} and was moved by octaves.",
            f"{{}} of {total} notes lie {keys} and were moved by octaves.",
        ),
        "shifted": (
            f"{{}} of {total} notes begins {near} and was moved to the nearest.",
            f"{{}} of {total} notes begin {near} and were moved to the nearest.",
        ),
        "tempi": (
            "{} file changes its tempo; the first tempo is kept.",
            "{} files change their tempo; the first tempo is kept.",
        ),
        "metres": (
            "{} file changes its metre; the bars of the first metre are used throughout.",
            "{} files change their metre; the bars of the first metre are used throughout.",
        ),
    }
    notes = [
        agreed(counts[name], one, many).format(counts[name])
        for name, (one, many) in sentences.items()
        if counts[name]
    ]
    if broken:
        first, why = next(iter(broken.items()))
        named = ", ".join(list(broken)[:5]) + (" ..." if len(broken) > 5 else "")
        notes.append(
            f"{len(broken)} of {files} music files cannot be used and {agreed(len(broken), 'was', 'were')} "
            f"left out: {named} "
            f"({first}: {why})."
        )
    return notes


def _read_chorales(path: Path, step: int) -> Found:
    """Read lists of frames, each a list of pitches; in one list or one per official split."""
    try:
        record = parse_json(file_bytes(path))
    except (OSError, ValueError, DataError) as error:
        raise DataError(f"{path} cannot be read: {reason(error)}.") from error
    sets = record if isinstance(record, dict) else {"": record}
    found = Found(step=step)
    for name, pieces in sets.items():
        if not isinstance(pieces, list):
            raise DataError(f"{path}: {name!r} must be a list of pieces, which are lists of frames.")
        for place, frames in enumerate(pieces):
            roll = _roll_of_frames(frames, f"{path}: piece {place} of {name or 'the list'}")
            found.pieces.append(piece_of_roll(roll, step))
            found.parts.append(_PARTS.get(name.lower().removesuffix("data"), ""))
    return _checked(found, path)


def _roll_of_frames(frames: Any, name: str) -> np.ndarray:
    """Convert T lists of pitches to a piano roll, bool (T, 88); negative or missing pitches are silent."""
    if not isinstance(frames, list) or not all(isinstance(frame, list) for frame in frames):
        raise DataError(f"{name} must be a list of frames, each a list of MIDI pitches.")
    roll = np.zeros((len(frames), KEYS), dtype=bool)
    for t, frame in enumerate(frames):
        for pitch in frame:
            if pitch is None or (isinstance(pitch, int | float) and pitch < 0):
                continue
            if not isinstance(pitch, int | float) or not LOWEST <= pitch < LOWEST + KEYS:
                raise DataError(f"{name}, frame {t}: expected a MIDI pitch from 21 to 108; got {pitch!r}.")
            roll[t, round(pitch) - LOWEST] = True
    return roll


def _read_rolls(path: Path, step: int) -> Found:
    """Read piano rolls, (T, 88), from cells; the name of a variable is its official split."""
    from scipy import io as scipy_io

    try:
        variables = scipy_io.loadmat(io.BytesIO(file_bytes(path)))
    except Exception as error:  # loadmat raises many classes on damaged files
        raise DataError(f"{path} cannot be read as a MATLAB file: {reason(error)}.") from error
    found = Found(step=step)
    for name, value in variables.items():
        if name.startswith("__"):
            continue
        rolls = list(np.ravel(value)) if getattr(value, "dtype", np.dtype(float)).kind == "O" else [value]
        for roll in rolls:
            if getattr(roll, "ndim", 0) != 2 or roll.shape[1] != KEYS or roll.dtype.kind not in "biuf":
                shape = getattr(roll, "shape", type(roll).__name__)
                raise DataError(f"{path}: {name} must hold piano rolls (frames, 88); got {shape}.")
            found.pieces.append(piece_of_roll(np.asarray(roll) > 0, step))
            found.parts.append(_PARTS.get(name.lower().removesuffix("data"), ""))
    return _checked(found, path)


def _checked(found: Found, path: Path) -> Found:
    """Keep pieces that hold a note, and note how many were left out and the length of a frame."""
    kept = [place for place, piece in enumerate(found.pieces) if len(piece)]
    if not kept:
        raise DataError(f"{path} holds no notes in any piece; give pieces with notes.")
    if empty := len(found.pieces) - len(kept):
        verbs = agreed(empty, "holds no notes and was", "hold no notes and were")
        found.notes.append(f"{empty} of {len(found.pieces)} pieces {verbs} left out.")
    found.pieces = [found.pieces[place] for place in kept]
    found.parts = [found.parts[place] for place in kept]
    frames = TICKS // (found.step or TICKS)
    found.notes.append(
        f"A frame is read as 1/{frames} of a quarter note; a key that sounds in successive frames is held."
    )
    return found


def _contents(path: Path) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """List the name and a reader of each music file."""
    if path.is_dir():
        for name in sorted(_names(path)):
            yield name, partial(_regular, path / name)
    elif path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            for name in sorted(_names(path)):
                yield name, lambda name=name: _member(archive, name)  # type: ignore[misc]
    else:
        yield path.name, partial(_regular, path)


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        with archive.open(name) as file:
            content = file.read(_MOST_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError) as error:
        raise DataError(f"it cannot be unpacked: {reason(error)}") from error
    if len(content) > _MOST_BYTES:
        raise DataError(f"it unpacks to more than {_MOST_BYTES:,} bytes")
    return content


def _regular(path: Path) -> bytes:
    """Read a file; a pipe or a device would never end."""
    if not path.is_file():
        raise DataError("it is no regular file")
    return path.read_bytes()


def _links(path: Path) -> list[str]:
    """List the music files below a folder that are links to files elsewhere."""
    return [name for name in _listed(path) if leads_out(path / name, path)] if path.is_dir() else []


def _names(path: Path) -> Iterator[str]:
    """List the music files below a folder or in a zip, without links to files elsewhere."""
    for name in _listed(path):
        if not path.is_dir() or not leads_out(path / name, path):
            yield name


def _listed(path: Path) -> Iterator[str]:
    """List all music files below a folder or in a zip, in posix form, without hidden ones."""
    if path.is_dir():
        found: Iterator[str] = (entry.relative_to(path).as_posix() for entry in entries(path))
    else:
        with zipfile.ZipFile(path) as archive:
            found = iter(archive.namelist())
    for name in found:
        hidden = any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)
        if name.lower().endswith(LOOSE) and not hidden:
            yield name


def _part_of(name: str) -> str:
    """Find the official split that a parent folder names; empty if none does."""
    folders: Sequence[str] = PurePosixPath(name).parts[:-1]
    return next((_PARTS[folder.lower()] for folder in folders if folder.lower() in _PARTS), "")
