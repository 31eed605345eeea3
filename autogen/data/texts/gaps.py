"""Texts with gaps: which tokens are known, and texts whose gaps are filled by drawn tokens."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autogen.data.specs import Arrays
from autogen.data.texts.chunking import cleaned
from autogen.data.texts.codec import TextCodec
from autogen.errors import DataError

#: A part of a text: what is known, or a gap of so many tokens, or one of any length.
Part = str | int | None


@dataclass(frozen=True)
class TextsWithGaps:
    """Encoded texts with gaps.

    Attributes:
        texts: Parts of each of N texts.
        sizes: Number of tokens of each part; 0 for a gap of any length.
        arrays: ``tokens`` int64 (N, T), ``known`` bool (N, T) and ``gap`` int64 (N,), as
            ``autogen.families.base.HasConditioning.complete`` takes them.
    """

    texts: Sequence[Sequence[Part]]
    sizes: Sequence[Sequence[int]]
    arrays: Arrays

    def filled(self, codec: TextCodec, rows: np.ndarray) -> list[str]:
        """Put drawn tokens into the gaps; known parts are what they were.

        Args:
            codec: Codec of the texts.
            rows: Drawn rows, int64 (N, T).
        """
        over = (rows == codec.spec.end) | (rows == codec.spec.pad)
        lengths = np.where(over.any(1), over.argmax(1), rows.shape[1])
        gaps: list[np.ndarray] = []
        for parts, sizes, row, length in zip(self.texts, self.sizes, rows, lengths, strict=True):
            place = 0
            for part, size in zip(parts, sizes, strict=True):
                size = int(length) - sum(sizes) if part is None else size
                if not isinstance(part, str):
                    gaps.append(row[place : place + size])
                place += size
        padded = np.full((len(gaps), codec.spec.length), codec.spec.pad, dtype=np.int64)
        for line, gap in zip(padded, gaps, strict=True):
            line[: len(gap)] = gap
        written = iter(codec.decode({"tokens": padded}))
        return [
            "".join(part if isinstance(part, str) else next(written) for part in parts)
            for parts in self.texts
        ]


def with_gaps(codec: TextCodec, texts: Sequence[Sequence[Part]]) -> TextsWithGaps:
    """Encode texts with gaps.

    In a stream, whose rows are full, what comes after a text is drawn with it and left out.

    Args:
        codec: Codec of the texts.
        texts: Parts of each of N texts: str, and gaps: their number of tokens, or ``None``.

    Raises:
        DataError: a text is no such list, has no gap, is too long, or has a character that the model lacks.
    """
    spec = codec.spec
    tokens = np.full((len(texts), spec.length), spec.unknown if spec.stream else spec.pad, dtype=np.int64)
    known = np.full(tokens.shape, not spec.stream)
    gap, sizes = np.full(len(texts), -1), []
    for number, parts in enumerate(texts):
        _check(codec, number + 1, parts)
        pieces = [_tokens(codec, number + 1, part) for part in parts]
        row = np.concatenate(pieces)
        sizes.append([len(piece) for piece in pieces])
        if None in parts:
            gap[number] = sum(sizes[-1][: parts.index(None)])
        room = spec.length - (not spec.stream)
        if len(row) + (None in parts) > room:
            asked = sum(
                part if isinstance(part, int) else size for part, size in zip(parts, sizes[-1], strict=True)
            )
            raise DataError(
                f"text {number + 1} has {asked:,} {codec.unit}s, gaps included; texts of this model have at "
                f"most {room}. Shorten it"
            )
        tokens[number, : len(row)] = row
        known[number, : len(row)] = row != spec.unknown
        if not spec.stream:
            tokens[number, len(row)] = spec.end
    return TextsWithGaps(texts, sizes, {"tokens": tokens, "known": known, "gap": gap})


def _tokens(codec: TextCodec, number: int, part: Part) -> np.ndarray:
    """Tokens of a part, int64; those of a gap are ``unknown``."""
    if not isinstance(part, str):
        size = min(int(part or 0), codec.spec.length + 1)  # one more than any text has is refused as well
        return np.full(size, codec.spec.unknown, dtype=np.int64)
    text = cleaned(part)[0]
    found = codec.flat([text])[0]
    if (strange := np.flatnonzero(found == codec.spec.unknown)).size:
        raise DataError(
            f"text {number} has {text[strange[0]]!r}, which no training text of this model has; replace it"
        )
    return found


def _check(codec: TextCodec, number: int, parts: Sequence[Part]) -> None:
    """Refuse what is no text with gaps."""
    sound = isinstance(parts, list | tuple) and all(
        part is None or isinstance(part, str) or (type(part) is int and part > 0) for part in parts
    )
    if not sound or all(isinstance(part, str) for part in parts):
        raise DataError(
            f'text {number} must be a list of its parts with a gap among them, such as ["A ", None, " sat"], '
            f"or a number of {codec.unit}s for None; got {parts!r:.80}"
        )
    if list(parts).count(None) > 1:
        raise DataError(f"text {number} has several gaps of None; give the {codec.unit}s of all but one")
    if None in parts and codec.spec.stream:
        raise DataError(
            f"text {number} has a gap of None, but the texts of this model are blocks of one long text, all "
            f"of the same length; give its number of {codec.unit}s"
        )
