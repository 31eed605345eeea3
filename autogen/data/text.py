"""Texts: a list of strings, from ``.txt``, ``.jsonl`` or Python; a token is a character, a byte, or several.

Characters are tokens unless the data has more than 256 different ones; then the bytes of UTF-8 are.
The vocabulary is that of the train split; a character it lacks becomes the token ``unknown``, which is
decoded as U+FFFD, and no byte is unknown. With ``tokens = "bpe"`` tokens are pairs of bytes, joined again and
again, that the train split has often: ``autogen.data.text_bpe``.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from autogen.data.base import Arrays, Codec, DataKind, RawData, SequenceSpec
from autogen.data.reason import reason
from autogen.data.text_bpe import BytePairs, usual_size
from autogen.data.text_files import write_json_lines, write_lines
from autogen.data.text_pieces import (
    LENGTH,
    LENGTH_IN_PAIRS,
    blocks_of,
    cleaned,
    cleaning_notes,
    documents_of,
    widths,
    without_controls,
)
from autogen.data.text_reading import PLAIN, check_options, found_texts, in_bytes, parted_texts
from autogen.errors import DataError

#: Tokens below stand for no symbol: pad, begin, end, unknown.
SPECIALS = 4
_UNKNOWN = "\ufffd"


class TextCodec(Codec):
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
        self._points = _points(symbols or "")

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
        points = _points("".join(samples))
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
        points = np.append(_points(_UNKNOWN * SPECIALS), self._points)[shown]
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


class Texts(DataKind):
    """Documents, one a line, a record or an item of a list; or one long text in blocks.

    Options: ``field`` (of a ``.jsonl`` or ``.csv`` that holds the text), ``documents`` (``lines`` or
    ``blocks``; see ``autogen.data.text_pieces``), ``tokens`` (``characters``, ``bytes`` or ``bpe``),
    ``length`` (the most tokens of a text, 16..4096; with ``bpe``, whose tokens are learnt after texts are
    cut, the most characters or bytes) and ``vocabulary`` (of ``bpe``: the most tokens that there are). A
    ``.csv`` is read where the kind is named.
    """

    name = "text"
    suffixes = (*PLAIN, ".jsonl", ".jsonl.gz")
    unit = "text"
    codec: ClassVar[type[Codec]] = TextCodec
    settings = ("field", "documents", "length", "tokens", "vocabulary")

    def recognises(self, source: Any) -> bool:
        """A list of strings, or a path with one of the suffixes."""
        if isinstance(source, (str, Path)):
            return str(source).lower().endswith(self.suffixes)
        return isinstance(source, (list, tuple)) and bool(source) and all(isinstance(t, str) for t in source)

    def read(self, source: Any, options: Mapping[str, Any]) -> RawData:
        """Read, clean, and cut into documents or blocks."""
        check_options(options)
        name = str(source) if isinstance(source, (str, Path)) else "the list"
        texts, notes, as_blocks = found_texts(source, options)
        pairs = [cleaned(text) for text in texts]
        texts = [text for text, _ in pairs]
        notes += cleaning_notes([counts for _, counts in pairs])
        if not any(text.strip() for text in texts):
            raise DataError(f"{name} holds no text.")
        by_bytes, in_pairs = in_bytes(texts, options), options.get("tokens") == "bpe"
        notes += ["Texts are read in bytes of UTF-8."] if by_bytes else []
        length, most = options.get("length"), LENGTH_IN_PAIRS if in_pairs else LENGTH
        if as_blocks:
            samples, room, more = blocks_of("\n".join(texts), length, by_bytes, name, most)
        else:
            samples, more = documents_of(texts, length or most, by_bytes)
            room = 1 + max(int(widths(text, by_bytes).sum()) for text in samples)
        meta: dict[str, Any] = {"bytes": by_bytes, "length": room, "stream": as_blocks}
        meta |= {"pairs": in_pairs, "vocabulary": options.get("vocabulary")}
        return RawData(samples, (*notes, *more), meta=meta)

    def read_like(self, source: Any, codec: Codec, options: Mapping[str, Any]) -> RawData:
        """Texts cut and spelt as the codec's are: lines or blocks, characters or bytes."""
        assert isinstance(codec, TextCodec)
        given: dict[str, Any] = {name: value for name, value in options.items() if name == "field"}
        given["tokens"] = "bytes" if codec.symbols is None else "characters"
        given |= {"length": LENGTH_IN_PAIRS} if codec.pairs else {}
        texts = parted_texts(source)
        if not codec.spec.stream:
            return self.read(source if texts is None else texts, given | {"documents": "lines"})
        if texts is None and isinstance(source, (str, Path)) and str(source).lower().endswith(PLAIN):
            return self.read(source, given | {"documents": "blocks", "length": codec.reading.spec.length})
        texts = found_texts(source, given)[0] if texts is None else texts
        return RawData([cleaned(text)[0] for text in texts if text])

    def take(self, samples: Sequence[str], rows: np.ndarray) -> list[str]:
        """M strings."""
        return [samples[row] for row in rows]

    def concatenate(self, parts: Sequence[Sequence[str]]) -> list[str]:
        """All strings in order."""
        return [text for part in parts for text in part]

    def digests(self, samples: Sequence[str]) -> list[bytes]:
        """One of each text's characters."""
        return [hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest() for text in samples]

    def fit(self, raw: RawData, rows: np.ndarray) -> TextCodec:
        """The vocabulary of the training texts; the length is that of the longest text of all."""
        told, train = raw.meta, self.take(raw.samples, rows)
        found = "".join(sorted({c for text in train for c in text}))
        symbols = None if told["bytes"] else found.replace(_UNKNOWN, "")
        if not told["pairs"]:
            return TextCodec(symbols, told["length"], told["stream"])
        size = told["vocabulary"] or usual_size(sum(len(text.encode("utf-8", "replace")) for text in train))
        pairs = BytePairs.learn(train, size)
        longest = int(pairs.flat(raw.samples)[1].max()) + (not told["stream"])
        return TextCodec(symbols, longest, told["stream"], pairs, told["length"])

    def save(self, samples: Sequence[str], path: Path, codec: Codec | None = None) -> None:
        """Write a ``.jsonl`` with the field ``text``, or a ``.txt`` with one text a line.

        Where a text of a ``.txt`` has several lines, a line ``%%%`` stands before each text.
        """
        path = Path(path)
        writers = {".txt": write_lines, ".jsonl": write_json_lines}
        if path.suffix.lower() not in writers:
            raise DataError(f"texts are written to .txt or .jsonl; got {path.name!r}.")
        try:
            writers[path.suffix.lower()](samples, path)
        except OSError as error:
            raise DataError(f"{path} cannot be written: {reason(error)}.") from error


def _points(text: str) -> np.ndarray:
    """Code points, uint32."""
    return np.frombuffer(text.encode("utf-32-le", "replace"), dtype="<u4")
