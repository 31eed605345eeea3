"""Texts to rows of tokens and back."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autogen.data.codec import Codec, HasOpenings
from autogen.data.specs import Arrays, SequenceSpec
from autogen.data.texts.bpe import BytePairs
from autogen.data.texts.chunking import cleaned, without_controls
from autogen.errors import DataError

#: Tokens below stand for no symbol: pad, begin, end, unknown.
SPECIALS = 4
UNKNOWN = "\ufffd"


class TextCodec(Codec, HasOpenings):
    """Texts to tokens and back; where characters are tokens it loses those that the train split lacks.

    Args:
        symbols: The characters that are tokens, ascending; ``None`` where bytes are.
        length: T, the most tokens of a row.
        stream: Whether the texts are blocks of one long one.
        pairs: Join bytes to tokens, where they do; symbols are then what texts are compared by.
        room: With pairs: characters (bytes where symbols are ``None``) of the longest text.

    Attributes:
        reading: The codec of characters or bytes, whatever the tokens: metrics and baselines read texts by
            it, so that scores can be compared across tokens.
    """

    kind = "text"
    spec: SequenceSpec

    def __init__(
        self, symbols: str | None, length: int, stream: bool, pairs: BytePairs | None = None, room: int = 0
    ) -> None:
        self.symbols, self.pairs = symbols, pairs
        known = 256 if symbols is None else len(symbols)
        self.spec = SequenceSpec(SPECIALS + (len(pairs.pieces) if pairs else known), length, stream)
        self.reading = TextCodec(symbols, room, stream) if pairs else self
        self._points = code_points(symbols or "")

    @property
    def unit(self) -> str:
        """What a token is."""
        return "token" if self.pairs else "byte" if self.symbols is None else "character"

    def flat(self, samples: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """The tokens of all texts one after the other, int64, and the number of each text's, (N,)."""
        if isinstance(samples, str) or not all(isinstance(text, str) for text in samples):
            raise DataError("texts must be a list of str, like those in training")
        if self.pairs:
            tokens, lengths = self.pairs.flat(samples)
            return tokens + SPECIALS, lengths
        if self.symbols is None:
            parts = [text.encode("utf-8", "replace") for text in samples]
            tokens = np.frombuffer(b"".join(parts), dtype=np.uint8).astype(np.int64) + SPECIALS
            return tokens, np.array([len(part) for part in parts], dtype=np.int64)
        points = code_points("".join(samples))
        place = np.searchsorted(self._points, points).clip(0, max(0, len(self._points) - 1))
        known = self._points[place] == points if len(self._points) else np.zeros(len(points), dtype=bool)
        tokens = np.where(known, place + SPECIALS, self.spec.unknown)
        return tokens, np.array([len(text) for text in samples], dtype=np.int64)

    def encode(self, samples: Sequence[str]) -> Arrays:
        """``{"tokens": int64 (N, T)}``; what is too long is cut off."""
        spec, (tokens, lengths) = self.spec, self.flat(samples)
        rows = np.full((len(lengths), spec.length), spec.pad, dtype=np.int64)
        owner = np.repeat(np.arange(len(lengths)), lengths)
        place = np.arange(len(tokens)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        room = spec.length if spec.stream else spec.length - 1
        fits = place < room
        rows[owner[fits], place[fits]] = tokens[fits]
        if not spec.stream:
            rows[np.arange(len(lengths)), np.minimum(lengths, room)] = spec.end
        return {"tokens": rows}

    def encode_openings(self, texts: Sequence[str]) -> np.ndarray:
        """First tokens of texts that are to be gone on with, int64 (N, T), ``pad`` after them.

        Of a long text only the last half block is kept, so that there is room to go on.

        Raises:
            DataError: an opening fills a whole text.
        """
        spec, texts = self.spec, [cleaned(text)[0] for text in texts]
        room = spec.length // 2 if spec.stream else spec.length - 2
        rows = np.full((len(texts), spec.length), spec.pad, dtype=np.int64)
        for row, text in enumerate(texts):
            tokens, _ = self.flat([text])
            if not spec.stream and len(tokens) > room:
                raise DataError(
                    f"opening {row + 1} has {len(tokens)} {self.unit}s, but texts of this model have at most "
                    f"{spec.length - 1}, their openings {room}. Shorten it: {text[:40]!r}"
                )
            kept = tokens[-room:]
            rows[row, : len(kept)] = kept
        return rows

    def decode(self, arrays: Arrays, seed: int = 0) -> list[str]:
        """N strings: what stands before the first ``end`` or ``pad``."""
        rows = np.asarray(arrays["tokens"])
        over = (rows == self.spec.end) | (rows == self.spec.pad)
        lengths = np.where(over.any(axis=1), over.argmax(axis=1), rows.shape[1])
        return [self._text(row[:length]) for row, length in zip(rows, lengths, strict=True)]

    def _text(self, tokens: np.ndarray) -> str:
        shown = tokens[tokens >= self.spec.unknown]
        if self.pairs:
            return without_controls(
                self._joined(self.pairs.text((shown[shown >= SPECIALS] - SPECIALS).tolist()))
            )
        if self.symbols is None:
            content = bytes((shown[shown >= SPECIALS] - SPECIALS).astype(np.uint8))
            return without_controls(content.decode("utf-8", "replace"))
        points = np.append(code_points(UNKNOWN * SPECIALS), self._points)[shown]
        characters: bytes = points.astype("<u4").tobytes()
        return characters.decode("utf-32-le")

    def _joined(self, content: bytes) -> str:
        """The text of tokens' bytes, of a block no more than a block has: rows differ in tokens."""
        room = self.reading.spec.length if self.spec.stream else None
        if self.symbols is not None:
            return content.decode("utf-8", "replace")[:room]
        kept = content[:room]
        cut = len(kept) < len(content)  # perhaps inside of a character, which is then left out
        return kept.decode("utf-8", "ignore" if cut else "replace")

    def to_json(self) -> dict[str, Any]:
        """The vocabulary and the length."""
        about: dict[str, Any] = {"kind": self.kind, "symbols": self.symbols}
        about |= {"length": self.spec.length, "stream": self.spec.stream}
        return about | ({"pairs": self.pairs.pairs, "room": self.reading.spec.length} if self.pairs else {})

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "TextCodec":
        """Rebuild from ``to_json``."""
        pairs = BytePairs(record["pairs"]) if "pairs" in record else None
        return cls(record["symbols"], record["length"], record["stream"], pairs, record.get("room", 0))


def code_points(text: str) -> np.ndarray:
    """Code points, uint32."""
    return np.frombuffer(text.encode("utf-32-le", "replace"), dtype="<u4")
