"""Pieces of which an opening, or parts around gaps, are known: encoded, and put together after the draw."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autogen.data.music.codecs import FrameCodec, MusicCodec, NoteCodec
from autogen.data.music.notes import KEYS, TICKS, Piece
from autogen.data.specs import Arrays
from autogen.errors import DataError


@dataclass(frozen=True)
class PartlyKnown:
    """Encoded pieces of which a part is known.

    Attributes:
        pieces: N pieces with the known notes, at their times.
        known: Places of the rows that are known, bool (N, T).
        arrays: ``tokens`` int64 (N, T) or ``frames`` uint8 (N, T, 1 + 88), and ``known`` where parts are
            known that are no openings, as ``autogen.families.base.HasConditioning.complete`` takes them.
    """

    pieces: Sequence[Piece]
    known: np.ndarray
    arrays: Arrays

    def completed(self, codec: MusicCodec, drawn: Arrays, rows: slice) -> list[Piece]:
        """Put the known notes of some of the pieces, and what was drawn beside them, together.

        A drawn note that begins while a known one of its pitch sounds is left out.

        Args:
            codec: Codec of the pieces.
            drawn: Drawn rows, name to (n, ...).
            rows: Which of the N pieces they are.
        """
        known = self.known[rows]
        if isinstance(codec, NoteCodec):
            first, last = codec.spec.pitches
            tokens = np.asarray(drawn["tokens"])
            pitches = known & (tokens >= first) & (tokens < last)
            new = codec.decode({"tokens": np.where(pitches, codec.spec.unknown, tokens)})
        else:
            frames = np.array(drawn["frames"])
            frames[..., 1:] *= ~known[..., None]
            new = codec.decode({"frames": frames})
        return [_beside(old, more) for old, more in zip(self.pieces[rows], new, strict=True)]


def openings(codec: MusicCodec, prompts: Sequence[Piece]) -> PartlyKnown:
    """Encode openings of N pieces.

    Raises:
        DataError: a prompt is no piece, has a pitch that the model lacks, or leaves no room.
    """
    if not isinstance(prompts, list | tuple) or not all(isinstance(piece, Piece) for piece in prompts):
        raise DataError(
            f"prompts of this model must be a list of pieces (autogen.data.music.notes.Piece), as it draws; "
            f"got {prompts!r:.80}"
        )
    if isinstance(codec, FrameCodec):
        sizes = [frames_of(codec, piece) for piece in prompts]
        for number, size in enumerate(sizes, 1):
            _check_room(number, size, codec.spec.length, "frames", codec.spec.length - 1)
        frames = codec.encode(prompts)["frames"]
        return PartlyKnown(prompts, frames[..., 0] > 0, {"frames": frames})
    assert isinstance(codec, NoteCodec)
    for number, piece in enumerate(prompts, 1):
        strange = piece.notes[(piece.notes[:, 2] < codec.low) | (piece.notes[:, 2] > codec.high), 2]
        if len(strange):
            raise DataError(
                f"prompt {number} has the pitch {strange[0]}; pieces of this model have pitches from "
                f"{codec.low} to {codec.high}. Transpose it"
            )
    tokens = codec.encode(prompts)["tokens"]
    tokens[tokens == codec.spec.end] = codec.spec.pad
    known = tokens != codec.spec.pad
    first, last = codec.spec.pitches
    notes, sizes = ((tokens >= first) & (tokens < last)).sum(1), known.sum(1).tolist()
    for number, (piece, kept, size) in enumerate(zip(prompts, notes, sizes, strict=True), 1):
        # what does not fit is cut off; a note has two tokens, and a piece one for its end
        shown = size if kept == len(piece) else codec.spec.length
        _check_room(number, shown, codec.spec.length, "tokens", codec.spec.length - 3)
    return PartlyKnown(prompts, known, {"tokens": tokens})


def with_gaps(codec: MusicCodec, parts: Sequence[Sequence[Piece | int]]) -> PartlyKnown:
    """Encode N pieces with gaps, as piano rolls.

    Args:
        codec: Codec of the pieces.
        parts: Parts of each of N pieces: pieces, and gaps: their length in ticks. A part begins and ends
            with a frame; it is as much longer as that needs.

    Raises:
        DataError: the model draws notes, not frames; or a piece is no such list, or too long.
    """
    if not isinstance(codec, FrameCodec):
        raise DataError(
            "gaps in music need a model of piano rolls, which know their times: search with --option "
            "representation=frames --families flow"
        )
    frames = np.zeros((len(parts), codec.spec.length, 1 + KEYS), dtype=np.uint8)
    known = np.zeros(frames.shape[:2], dtype=bool)
    pieces = []
    for number, own in enumerate(parts):
        _check(number + 1, own)
        sizes = [frames_of(codec, part) for part in own]
        _check_room(number + 1, sum(sizes), codec.spec.length, "frames", codec.spec.length, "piece")
        place, notes = 0, [np.zeros((0, 4), dtype=np.int32)]
        for part, size in zip(own, sizes, strict=True):
            frames[number, place : place + size, 0] = 1
            if isinstance(part, Piece):
                known[number, place : place + size] = True
                frames[number, place : place + size] = codec.encode([part])["frames"][0, :size]
                notes.append(part.notes + np.array([place * codec.step, 0, 0, 0], dtype=np.int32))
            place += size
        like = next((part for part in own if isinstance(part, Piece)), None)
        manner = (like.tempo, like.bar) if like else (codec.manner.tempo, codec.manner.bar)
        pieces.append(Piece.of(np.concatenate(notes), place * codec.step, *manner))
    return PartlyKnown(pieces, known, {"frames": frames, "known": known})


def frames_of(codec: FrameCodec, part: Piece | int) -> int:
    """Count the frames that a piece, or a gap of so many ticks, takes."""
    return -(-int(part.length if isinstance(part, Piece) else part) // codec.step)


def _beside(known: Piece, drawn: Piece) -> Piece:
    """Add drawn notes to known ones, which stay as they are."""
    mine, new = known.notes, drawn.notes
    begun = (new[:, None, 0] >= mine[None, :, 0]) & (new[:, None, 0] < (mine[:, 0] + mine[:, 1])[None])
    inside = (begun & (new[:, None, 2] == mine[None, :, 2])).any(1)
    notes = np.concatenate([mine, new[~inside]])
    return Piece.of(notes, max(known.length, drawn.length), known.tempo, known.bar)


def _check_room(number: int, size: int, length: int, unit: str, most: int, what: str = "prompt") -> None:
    """Refuse what does not fit."""
    if size > most:
        raise DataError(
            f"{what} {number} takes {size} {unit} or more; pieces of this model have at most {length}, so it "
            f"may take {most}. Cut it: autogen.data.music.notes.excerpt(piece, 0, {4 * TICKS}) keeps four "
            "quarter notes"
        )


def _check(number: int, parts: Sequence[Piece | int]) -> None:
    """Refuse what is no piece with gaps."""
    sound = isinstance(parts, list | tuple) and all(
        isinstance(part, Piece) or (type(part) is int and part > 0) for part in parts
    )
    if not sound or all(isinstance(part, Piece) for part in parts):
        raise DataError(
            f"piece {number} must be a list of its parts with a gap among them, in ticks ({TICKS} are a "
            f"quarter note), such as [piece, 96, piece]; got {parts!r:.80}"
        )
