"""Pieces of which an opening, or parts around gaps, are known: encoded, and put together after the draw."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from autogen.data.music.codecs import FrameCodec, MusicCodec, NoteCodec, nearest
from autogen.data.music.notes import KEYS, LOWEST, TICKS, Piece
from autogen.data.specs import Arrays
from autogen.errors import DataError

#: Choices of the numbers of tokens in a piece's gaps, of which the first that fits is taken.
_CHOICES = 16
#: Gap of a piece, or a part of it in one bar: its first tick, and the one after its last.
Span = tuple[int, int]


@dataclass(frozen=True)
class PartlyKnown:
    """Encoded pieces of which a part is known.

    Attributes:
        pieces: N pieces with the known notes, at their times.
        known: Places of the rows that are known, bool (N, T).
        arrays: ``tokens`` int64 (N, T) or ``frames`` uint8 (N, T, 1 + 88), ``known`` where parts are known
            that are no openings, and ``barred`` where tokens have gaps, as
            ``autogen.families.base.HasConditioning.complete`` takes them.
        gaps: Gaps of each piece of tokens, outside of which no drawn note is kept; ``None`` for openings.
    """

    pieces: Sequence[Piece]
    known: np.ndarray
    arrays: Arrays
    gaps: Sequence[Sequence[Span]] | None = None

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
            if self.gaps is not None:
                new = [_inside(piece, gaps) for piece, gaps in zip(new, self.gaps[rows], strict=True)]
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
    for number, piece in enumerate(prompts, 1):
        _check_pitches(codec, "prompt", number, piece)
    if isinstance(codec, FrameCodec):
        sizes = [frames_of(codec, piece) for piece in prompts]
        for number, size in enumerate(sizes, 1):
            _check_room(number, size, codec.spec.length, "frames", codec.spec.length - 1)
        frames = codec.encode(prompts)["frames"]
        return PartlyKnown(prompts, frames[..., 0] > 0, {"frames": frames})
    assert isinstance(codec, NoteCodec)
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


def with_gaps(
    codec: MusicCodec, parts: Sequence[Sequence[Piece | int]], seed: int, like: Callable[[], Sequence[Piece]]
) -> PartlyKnown:
    """Encode N pieces with gaps.

    Frames know their times. Of tokens only the bars do: a gap has these, and in each of them as many shifts
    and notes as the same stretch of a bar of the known parts, drawn at random, in its order.

    Args:
        codec: Codec of the pieces.
        parts: Parts of each of N pieces: pieces, and gaps: their length in ticks. Of piano rolls a part
            begins and ends with a frame; it is as much longer as that needs.
        seed: Seed of this choice of bars.
        like: Called where no bar of a piece is known; its pieces take the place of the known parts.

    Raises:
        DataError: a piece is no such list, has a pitch that the model lacks, or is too long.
    """
    for number, own in enumerate(parts, 1):
        _check(number, own)
        for part in own:
            if isinstance(part, Piece):
                _check_pitches(codec, "piece", number, part)
    if isinstance(codec, FrameCodec):
        return _frames_with_gaps(codec, parts)
    assert isinstance(codec, NoteCodec)
    return _notes_with_gaps(codec, parts, np.random.default_rng(seed), like)


def _frames_with_gaps(codec: FrameCodec, parts: Sequence[Sequence[Piece | int]]) -> PartlyKnown:
    """Encode N pieces with gaps as piano rolls."""
    frames = np.zeros((len(parts), codec.spec.length, 1 + KEYS), dtype=np.uint8)
    known = np.zeros(frames.shape[:2], dtype=bool)
    pieces = []
    for number, own in enumerate(parts):
        sizes = [frames_of(codec, part) for part in own]
        _check_room(number + 1, sum(sizes), codec.spec.length, "frames", codec.spec.length, "piece")
        place = 0
        for part, size in zip(own, sizes, strict=True):
            frames[number, place : place + size, 0] = 1
            if isinstance(part, Piece):
                known[number, place : place + size] = True
                frames[number, place : place + size] = codec.encode([part])["frames"][0, :size]
            place += size
        pieces.append(_one_piece(codec, own, [size * codec.step for size in sizes]))
    return PartlyKnown(pieces, known, {"frames": frames, "known": known})


def _notes_with_gaps(
    codec: NoteCodec,
    parts: Sequence[Sequence[Piece | int]],
    rng: np.random.Generator,
    like: Callable[[], Sequence[Piece]],
) -> PartlyKnown:
    """Encode N pieces with gaps as tokens."""
    spec = codec.spec
    tokens = np.full((len(parts), spec.length), spec.pad, dtype=np.int64)
    known = np.ones(tokens.shape, dtype=bool)
    barred = np.zeros((*tokens.shape, spec.levels), dtype=bool)
    first, last = spec.pitches
    sort = np.searchsorted(
        [first, last, last + len(codec.durations), codec.first_bar], range(spec.levels), "right"
    )
    pieces, gaps = [], []
    for number, own in enumerate(parts):
        sizes = [part.length if isinstance(part, Piece) else part for part in own]
        piece, ends = _one_piece(codec, own, sizes), np.cumsum(sizes).tolist()
        spans = [
            (end - size, end)
            for part, size, end in zip(own, sizes, ends, strict=True)
            if not isinstance(part, Piece)
        ]
        bars = -(-piece.length // _metre(codec, piece.bar))
        _check_room(number + 1, bars, spec.length, "tokens", spec.length - 1, "piece")
        row = _row(codec, piece, spans, rng, like)
        _check_room(number + 1, len(row), spec.length, "tokens", spec.length - 1, "piece")
        tokens[number, : len(row)] = np.where(row < 0, spec.unknown, row)
        known[number, : len(row)] = row >= 0
        barred[number, : len(row)] = sort != sort[abs(row)][:, None]
        tokens[number, len(row)] = spec.end
        pieces.append(piece)
        gaps.append(spans)
    return PartlyKnown(pieces, known, {"tokens": tokens, "known": known, "barred": barred}, gaps)


def _row(
    codec: NoteCodec,
    piece: Piece,
    spans: Sequence[Span],
    rng: np.random.Generator,
    like: Callable[[], Sequence[Piece]],
) -> np.ndarray:
    """Write the tokens of a piece with gaps, int64; in a gap minus a token of the sort to be drawn there."""
    bar = _metre(codec, piece.bar)
    firsts = range(0, piece.length, bar)
    whole = [first for first in firsts if first + bar <= piece.length]
    bars = [(piece, first, 1.0) for first in whole if not _parts_of(spans, first, first + bar)]
    for other in () if bars else like():
        own = _metre(codec, other.bar)
        bars += [(other, first, own / bar) for first in range(0, max(other.length - own, 0) + 1, own)]
    row = np.zeros(0, dtype=np.int64)
    for _ in range(_CHOICES):
        row = np.concatenate([_bar(codec, piece, spans, first, bars, rng) for first in firsts])
        last = int(np.flatnonzero(abs(row) < codec.first_bar).max(initial=-1))
        row = row[: last + 1]  # ends with no empty bar
        if len(row) < codec.spec.length:
            break
    return row


def _bar(
    codec: NoteCodec,
    piece: Piece,
    spans: Sequence[Span],
    first: int,
    bars: Sequence[tuple[Piece, int, float]],
    rng: np.random.Generator,
) -> np.ndarray:
    """Write the tokens of a bar of a piece with gaps, int64, those in gaps negative.

    Args:
        codec: Codec of the pieces.
        piece: Piece with the known notes.
        spans: Gaps of the piece.
        first: First tick of the bar.
        bars: Bars of which one tells the sorts of tokens: their piece, first tick, and ticks for one of this
            bar.
        rng: Source of the draws.
    """
    last = first + _metre(codec, piece.bar)
    found, place = [np.array([codec.first_bar + _nearest_bar(codec, piece.bar)])], first
    inside = _parts_of(spans, first, last)
    for begin, end in [*inside, (last, last)]:
        written = _within(codec, piece, first, place, begin)
        if place > first:
            written[:1] *= -1  # this time shift counts from the last note of the gap
        found.append(written)
        if begin < end:
            other, start, ratio = bars[int(rng.integers(len(bars)))]
            stretch = [start + round((tick - first) * ratio) for tick in (begin, end)]
            found.append(-_within(codec, other, start, *stretch))
        place = end
    return np.concatenate(found)


def _nearest_bar(codec: NoteCodec, bar: int) -> int:
    """Find which of the lengths of bars that have a token is nearest to one in ticks."""
    return int(nearest(codec.bars, np.array([bar]))[0])


def _metre(codec: NoteCodec, bar: int) -> int:
    """Return that length in ticks."""
    return int(codec.bars[_nearest_bar(codec, bar)])


def _within(codec: NoteCodec, piece: Piece, bar: int, first: int, last: int) -> np.ndarray:
    """Write the notes that begin between two ticks of the bar that begins at a tick as tokens, int64."""
    onset = piece.notes[:, 0]
    notes = piece.notes[(onset >= first) & (onset < last)] - np.array([bar, 0, 0, 0], dtype=np.int32)
    return codec.tokens_of(Piece.of(notes, 0, piece.tempo, piece.bar))[1:]


def _parts_of(spans: Sequence[Span], first: int, last: int) -> list[Span]:
    """Cut gaps to what lies between two ticks."""
    cut = [(max(begin, first), min(end, last)) for begin, end in spans]
    return [(begin, end) for begin, end in cut if begin < end]


def _one_piece(codec: FrameCodec | NoteCodec, parts: Sequence[Piece | int], sizes: Sequence[int]) -> Piece:
    """Put the parts of a piece at their times, with the tempo and metre of the first; sizes are in ticks."""
    place, notes = 0, [np.zeros((0, 4), dtype=np.int32)]
    for part, size in zip(parts, sizes, strict=True):
        if isinstance(part, Piece):
            notes.append(part.notes + np.array([place, 0, 0, 0], dtype=np.int32))
        place += size
    like = next((part for part in parts if isinstance(part, Piece)), codec.manner)
    return Piece.of(np.concatenate(notes), place, like.tempo, like.bar)


def _inside(drawn: Piece, gaps: Sequence[Span]) -> Piece:
    """Keep the notes that begin in a gap, up to its end."""
    onset, duration = drawn.notes[:, :2].T
    room = np.zeros(len(onset), dtype=np.int64)
    for first, last in gaps:
        room = np.where((onset >= first) & (onset < last), last - onset, room)
    notes = drawn.notes.copy()
    notes[:, 1] = np.minimum(duration, room)
    return Piece.of(notes[room > 0])


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


def _check_pitches(codec: MusicCodec, what: str, number: int, piece: Piece) -> None:
    """Refuse pitches that the model lacks."""
    low, high = (codec.low, codec.high) if isinstance(codec, NoteCodec) else (LOWEST, LOWEST + KEYS - 1)
    strange = piece.notes[(piece.notes[:, 2] < low) | (piece.notes[:, 2] > high), 2]
    if len(strange):
        raise DataError(
            f"{what} {number} has the pitch {strange[0]}; pieces of this model have pitches from "
            f"{low} to {high}. Transpose it"
        )


def _check_room(number: int, size: int, length: int, unit: str, most: int, what: str = "prompt") -> None:
    """Refuse what does not fit."""
    if size > most:
        raise DataError(
            f"{what} {number} takes {size:,} {unit} or more; pieces of this model have at most {length:,}, "
            f"so it may take {most:,}. Cut it: autogen.data.music.notes.excerpt(piece, 0, {4 * TICKS}) keeps "
            "four quarter notes"
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
