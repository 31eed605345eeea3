"""Codec of texts: texts to rows of tokens and back."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autogen.data.codec import Codec, CodeNames, HasOpenings
from autogen.data.specs import Arrays, SequenceSpec
from autogen.data.texts.bpe import BytePairs
from autogen.data.texts.chunking import cleaned, without_controls
from autogen.errors import DataError

#: Number of special tokens, which come first: pad, begin, end, unknown.
SPECIALS = 4
UNKNOWN = "\ufffd"


class TextCodec(Codec, HasOpenings):
    """Tokenizer of texts; with characters as tokens, characters that the training split lacks are lost.

    Args:
        symbols: characters that are tokens, ascending; ``None`` if bytes are tokens.
        length: T, the maximum number of tokens in a row.
        stream: True if the texts are blocks of one long text.
        pairs: byte-pair encoding, or ``None``; with it, ``symbols`` only serve metrics and baselines.
        room: maximum length of a text in characters (bytes if ``symbols`` is ``None``), with ``pairs``.

    Attributes:
        reading: codec of characters or bytes, independent of the tokens: metrics and baselines use it, so
            that scores compare across tokenizers.
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
        """Name of one token: ``token``, ``byte`` or ``character``."""
        return "token" if self.pairs else "byte" if self.symbols is None else "character"

    def code_names(self) -> CodeNames:
        """Name the tokens: special ones by their meaning, the others by what they stand for."""
        if self.pairs:
            known: tuple[Any, ...] = tuple(self.pairs.pieces)
        else:
            known = tuple(range(256)) if self.symbols is None else tuple(self.symbols)
        return (("tokens", ("<pad>", "<begin>", "<end>", "<unknown>", *known)),)

    def flat(self, samples: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Tokenize N texts: tokens of all texts in a row, int64, and the length of each, int64 (N,)."""
        if isinstance(samples, str) or not all(isinstance(text, str) for text in samples):
            raise DataError("texts must be a list of str, as in training")
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
        """Encode N texts as ``{"tokens": int64 (N, T)}``; tokens beyond T are cut off."""
        spec, (tokens, lengths) = self.spec, self.flat(samples)
        rows = np.full((len(lengths), spec.length), spec.pad, dtype=np.int64)
        # Row and column of each token in the padded array.
        owner = np.repeat(np.arange(len(lengths)), lengths)
        place = np.arange(len(tokens)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        room = spec.length if spec.stream else spec.length - 1
        fits = place < room
        rows[owner[fits], place[fits]] = tokens[fits]
        if not spec.stream:
            rows[np.arange(len(lengths)), np.minimum(lengths, room)] = spec.end
        return {"tokens": rows}

    def encode_openings(self, texts: Sequence[str]) -> np.ndarray:
        """Encode prompts for N texts as int64 (N, T), padded with ``pad``.

        In a stream only the last half block of a prompt is kept, to leave room for the continuation.

        Raises:
            DataError: a prompt leaves no room for a continuation.
        """
        texts = [cleaned(text)[0] for text in texts]
        return opening_rows(texts, [self.flat([text])[0] for text in texts], self.spec, self.unit)

    def decode(self, arrays: Arrays, seed: int = 0) -> list[str]:
        """Decode tokens, (N, T), to N strings, each up to the first ``end`` or ``pad``."""
        rows = np.asarray(arrays["tokens"])
        over = (rows == self.spec.end) | (rows == self.spec.pad)
        lengths = np.where(over.any(axis=1), over.argmax(axis=1), rows.shape[1])
        return [self._text(row[:length]) for row, length in zip(rows, lengths, strict=True)]

    def _text(self, tokens: np.ndarray) -> str:
        shown = tokens[tokens >= self.spec.unknown]
        if self.pairs:
            return without_controls(
                self.joined(self.pairs.text((shown[shown >= SPECIALS] - SPECIALS).tolist()))
            )
        if self.symbols is None:
            content = bytes((shown[shown >= SPECIALS] - SPECIALS).astype(np.uint8))
            return without_controls(content.decode("utf-8", "replace"))
        points = np.append(code_points(UNKNOWN * SPECIALS), self._points)[shown]
        characters: bytes = points.astype("<u4").tobytes()
        return characters.decode("utf-32-le")

    def joined(self, content: bytes) -> str:
        """Decode bytes to text; in a stream cut it to the length of a block, since tokens vary in length."""
        room = self.reading.spec.length if self.spec.stream else None
        if self.symbols is not None:
            return content.decode("utf-8", "replace")[:room]
        kept = content[:room]
        cut = len(kept) < len(content)  # possibly inside of a character, which ``ignore`` then drops
        return kept.decode("utf-8", "ignore" if cut else "replace")

    def to_json(self) -> dict[str, Any]:
        """Describe the vocabulary and the length."""
        about: dict[str, Any] = {"kind": self.kind, "symbols": self.symbols}
        about |= {"length": self.spec.length, "stream": self.spec.stream}
        return about | ({"pairs": self.pairs.pairs, "room": self.reading.spec.length} if self.pairs else {})

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "TextCodec":
        """Rebuild from ``to_json``."""
        pairs = BytePairs(record["pairs"]) if "pairs" in record else None
        return cls(record["symbols"], record["length"], record["stream"], pairs, record.get("room", 0))


def opening_rows(
    texts: Sequence[str], tokens: Sequence[np.ndarray], spec: SequenceSpec, unit: str
) -> np.ndarray:
    """Lay the tokens of prompts in rows, int64 (N, T), padded with ``pad``.

    Args:
        texts: N prompts, for the message.
        tokens: Tokens of each, int64.
        spec: Spec of the rows; in a stream only the last half block of a prompt is kept.
        unit: What a token is, such as ``character``.

    Raises:
        DataError: a prompt leaves no room for a continuation.
    """
    room = spec.length // 2 if spec.stream else spec.length - 2
    rows = np.full((len(texts), spec.length), spec.pad, dtype=np.int64)
    for row, (text, found) in enumerate(zip(texts, tokens, strict=True)):
        if not spec.stream and len(found) > room:
            raise DataError(
                f"prompt {row + 1} has {len(found)} {unit}s; texts of this model have at most "
                f"{spec.length - 1}, so prompts at most {room}. Shorten it: {text[:40]!r}"
            )
        kept = found[len(found) - min(room, len(found)) :]
        rows[row, : len(kept)] = kept
    return rows


def code_points(text: str) -> np.ndarray:
    """Convert a text to its code points, uint32 (number of characters,)."""
    return np.frombuffer(text.encode("utf-32-le", "replace"), dtype="<u4")
