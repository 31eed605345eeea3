"""Music: a list of pieces, from MIDI, ABC, chorales as JSON, and piano rolls as ``.mat``.

A sample is an excerpt of whole bars, short enough for a model; excerpts of one piece are dealt to one
part of the split, so that none is judged by a repeat of what was learned. MIDI and ABC are modeled as
tokens of notes, sources that are made of frames as frames; the option ``representation`` overrides that.
"""

import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from autogen.data.codec import Codec
from autogen.data.declaration import Declaration, Preview
from autogen.data.kind import DataKind, RawData
from autogen.data.music.codecs import FrameCodec, MusicCodec, NoteCodec, checked
from autogen.data.music.files import CHORALES, LOOSE, ROLLS, holds_frames, holds_music, read_music
from autogen.data.music.midi import write_midi
from autogen.data.music.notes import TICKS, Piece, bars_of, excerpts, joined
from autogen.errors import DataError, reason

#: The most tokens, or frames, of an excerpt unless the option ``length`` says otherwise.
LENGTHS = {"notes": 256, "frames": 128}
#: Frames of a quarter note where the source has none and frames are asked for.
GRID = 4
#: Tokens that notes held across a cut may add to an excerpt.
_HELD = 10


class Music(DataKind):
    """Pieces of notes for one instrument.

    Options: ``representation`` (``notes`` or ``frames``), ``length`` (the most tokens or frames of an
    excerpt, 16..2048) and ``grid`` (frames of a quarter note, which divide 24).
    """

    name = "music"
    suffixes = (*LOOSE, *CHORALES, *ROLLS)
    also = (".zip", ".txt")
    unit = "excerpt"
    written = (".mid", ".midi", ".zip", ".png", "")
    codec: ClassVar[type[Codec]] = NoteCodec
    settings = ("representation", "length", "grid")
    declaration = Declaration(
        metric="reverse_notes",
        features="music",
        spaces=("music", "music_tiny"),
        baselines={
            "train_copy": "autogen.families.baselines.base:TrainCopy",
            "marginals": "autogen.families.baselines.music:NoteMarginals",
            "ngram": "autogen.families.baselines.music:NoteNGrams",
        },
        distance="autogen.metrics.music.distance:MusicDistance",
        preview=Preview(
            ".zip",
            shown=4,
            pairs=3,
            marginals="autogen.data.music.preview:note_marginals",
            tunes="autogen.data.music.preview:playable",
            lines="autogen.data.music.abc_notation:abc_lines",
        ),
        plural="pieces",
        file="samples.zip",
        limits="It knows notes, not instruments, dynamics or tempo.",
    )

    def recognizes(self, source: Any) -> bool:
        """A list of pieces, a path with one of the suffixes, or a folder or zip that holds such files."""
        if isinstance(source, (list, tuple)):
            return bool(source) and all(isinstance(piece, Piece) for piece in source)
        if not isinstance(source, (str, Path)):
            return False
        path = Path(source)
        if path.is_dir() or path.suffix.lower() == ".zip":
            return holds_music(path)
        if path.name.lower().endswith(CHORALES):
            return holds_frames(path)
        return path.name.lower().endswith(self.suffixes)

    def read(self, source: Any, options: Mapping[str, Any]) -> RawData:
        """Read, clean, and cut into excerpts."""
        _check(options)
        grid = options.get("grid")
        if isinstance(source, (list, tuple)):
            pieces, parts, notes, step = list(checked(source)), [""] * len(source), [], None
        else:
            found = read_music(Path(source), grid)
            pieces, parts, notes, step = found.pieces, found.parts, found.notes, found.step
        representation = options.get("representation") or ("notes" if step is None else "frames")
        length = options.get("length") or LENGTHS[representation]
        step = step or TICKS // (grid or GRID)
        cut = [_excerpts(piece, representation, length, step) for piece in pieces]
        owner = np.repeat(np.arange(len(cut)), [len(some) for some in cut])
        samples = [one for some in cut for one in some]
        more = _notes(representation, length, step, len(pieces), len(samples))
        return RawData(
            samples,
            (*notes, *more),
            groups=owner,
            parts=tuple(parts[i] for i in owner),
            meta={"representation": representation, "length": length, "step": step},
        )

    def take(self, samples: Sequence[Piece], rows: np.ndarray) -> list[Piece]:
        """The pieces with these indices."""
        return [samples[row] for row in rows]

    def concatenate(self, parts: Sequence[Sequence[Piece]]) -> list[Piece]:
        """All pieces of all parts."""
        return [piece for part in parts for piece in part]

    def digests(self, samples: Sequence[Piece]) -> list[bytes]:
        """A hash of each piece's notes, length, bar and tempo."""
        return [_digest(piece) for piece in samples]

    def unlike(self, raw: RawData, earlier: Codec) -> str:
        """Excerpts of another length."""
        now, was = raw.meta["length"], getattr(earlier.spec, "length", None)
        return "" if now == was else f"excerpts of at most {now} tokens or frames, not {was}"

    def fit(self, raw: RawData, rows: np.ndarray) -> MusicCodec:
        """Pitches, times and voices of the train split."""
        meta, pieces = raw.meta, self.take(raw.samples, rows)
        if meta["representation"] == "frames":
            return FrameCodec.fit(pieces, meta["length"], meta["step"])
        return NoteCodec.fit(pieces, meta["length"])

    def earlier_options(self, codec: Codec) -> dict[str, Any]:
        """The same representation."""
        return {"representation": "frames" if isinstance(codec, FrameCodec) else "notes"}

    def fit_from(self, raw: RawData, rows: np.ndarray, earlier: Codec) -> MusicCodec:
        """Pitches, times and voices of the earlier codec and of the train split."""
        fresh = self.fit(raw, rows)
        if isinstance(earlier, NoteCodec) and isinstance(fresh, NoteCodec):
            return earlier.extended(fresh)
        if isinstance(earlier, FrameCodec) and isinstance(fresh, FrameCodec):
            return earlier.extended(fresh)
        assert isinstance(earlier, MusicCodec)
        raise DataError(
            f"the earlier model draws music as {earlier.representation}, but the data is read as "
            f"{fresh.representation}; leave the option representation out."
        )

    def save(self, samples: Sequence[Piece], path: Path, codec: Codec | None = None) -> None:
        """Write a ``.mid`` (all pieces one after the other), or a ``.zip`` or new folder of MIDI files.

        A ``.png`` shows the piano rolls.
        """
        path, pieces = Path(path), list(checked(samples))
        suffix = path.suffix.lower()
        writers = {"": _write_folder, ".mid": _write_one, ".midi": _write_one, ".zip": _write_zip}
        try:
            if suffix == ".png":
                from autogen.data.images.files import write_image
                from autogen.data.music.roll_picture import picture

                write_image(picture(pieces), path)
            elif suffix in writers:
                writers[suffix](pieces, path)
            else:
                raise DataError(f"music is written to a folder, .zip, .mid or .png; got {path.name!r}.")
        except OSError as error:
            raise DataError(f"{path} cannot be written: {reason(error)}.") from error


def _excerpts(piece: Piece, representation: str, length: int, step: int) -> list[Piece]:
    """The excerpts of a piece, each of at most ``length`` tokens or frames if its bars allow."""
    bars = max(1, -(-piece.length // piece.bar))
    if representation == "frames":
        ends = np.minimum(np.arange(1, bars + 1) * piece.bar, piece.length)
        return excerpts(piece, np.diff(ends, prepend=0) / step, length)
    onsets = np.unique(piece.notes[:, 0]) // piece.bar
    cost = 1 + 2 * np.bincount(bars_of(piece), minlength=bars) + np.bincount(onsets, minlength=bars)
    return excerpts(piece, cost[:bars], length - 1 - _HELD)


def _notes(representation: str, length: int, step: int, pieces: int, samples: int) -> list[str]:
    unit = (
        "tokens of notes" if representation == "notes" else f"frames of 1/{TICKS // step} of a quarter note"
    )
    notes = [f"Music is modeled as {unit}; velocities, tempo and instruments are not learned."]
    if samples > pieces:
        notes.append(
            f"{pieces} pieces were cut at bars into {samples} excerpts of at most about {length} of these."
        )
    return notes


def _digest(piece: Piece) -> bytes:
    about = f"{piece.length} {piece.bar} {piece.tempo:.3f} ".encode()
    content = np.ascontiguousarray(piece.notes, dtype="<i4").tobytes()
    return hashlib.blake2b(about + content, digest_size=16).digest()


def _write_one(pieces: list[Piece], path: Path) -> None:
    path.write_bytes(write_midi(joined(pieces)))


def _write_folder(pieces: list[Piece], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise DataError(f"{folder} is not empty; music is written to a new folder, a .zip or a .mid.")
    for name, content in _named(pieces):
        (folder / name).write_bytes(content)


def _write_zip(pieces: list[Piece], path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _named(pieces):
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


def _named(pieces: list[Piece]) -> list[tuple[str, bytes]]:
    digits = max(5, len(str(len(pieces) - 1)))
    return [(f"{i:0{digits}d}.mid", write_midi(piece)) for i, piece in enumerate(pieces)]


def _check(options: Mapping[str, Any]) -> None:
    if options.get("representation") not in (None, *LENGTHS):
        raise DataError(f"representation must be notes or frames; got {options['representation']!r}.")
    length, grid = options.get("length"), options.get("grid")
    if length is not None and (not isinstance(length, int) or not 16 <= length <= 2048):
        raise DataError(f"length must be a whole number of tokens or frames from 16 to 2048; got {length!r}.")
    if grid is not None and (not isinstance(grid, int) or grid < 1 or TICKS % grid):
        raise DataError(f"grid must divide {TICKS}, the ticks of a quarter note; got {grid!r}.")
