"""Texts: a list of strings, from ``.txt``, ``.jsonl`` or Python; a token is a character or a byte.

Characters are tokens unless the data has more than 256 different ones; then the bytes of UTF-8 are.
The vocabulary is that of the train split; a character it lacks becomes the token ``unknown``, which is
decoded as U+FFFD, and no byte is unknown.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from autogen.data.base import Arrays, Codec, DataKind, RawData, SequenceSpec
from autogen.data.reason import reason
from autogen.data.text_files import parted, read_records, read_text, write_json_lines, write_lines
from autogen.data.text_pieces import (
    LENGTH,
    blocks_of,
    cleaned,
    cleaning_notes,
    documents_of,
    is_list_of_lines,
    widths,
)
from autogen.errors import DataError

#: More different characters than this, and bytes are the tokens.
MOST_SYMBOLS = 256
#: Tokens below stand for no symbol: pad, begin, end, unknown.
SPECIALS = 4
_UNKNOWN = "\ufffd"
_PLAIN = (".txt", ".txt.gz")
_RECORDS = (".jsonl", ".jsonl.gz", ".csv", ".csv.gz")


class TextCodec(Codec):
    """Characters or bytes to tokens and back; loses characters that the train split lacks.

    Args:
        symbols: The characters that are tokens, ascending; ``None`` where bytes are.
        length: T, the most tokens of a row.
        stream: Whether the texts are blocks of one long one.
    """

    kind = "text"
    spec: SequenceSpec

    def __init__(self, symbols: str | None, length: int, stream: bool) -> None:
        self.symbols = symbols
        self.spec = SequenceSpec(SPECIALS + (256 if symbols is None else len(symbols)), length, stream)
        self._points = _points(symbols or "")

    @property
    def unit(self) -> str:
        """What a token is."""
        return "byte" if self.symbols is None else "character"

    def flat(self, samples: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """The tokens of all texts one after the other, int64, and the number of each text's, (N,)."""
        if isinstance(samples, str) or not all(isinstance(text, str) for text in samples):
            raise DataError("texts must be a list of str, like those in training")
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
        if self.symbols is None:
            return bytes((shown[shown >= SPECIALS] - SPECIALS).astype(np.uint8)).decode("utf-8", "replace")
        points = np.append(_points(_UNKNOWN * SPECIALS), self._points)[shown]
        content: bytes = points.astype("<u4").tobytes()
        return content.decode("utf-32-le")

    def to_json(self) -> dict[str, Any]:
        """The vocabulary and the length."""
        about = {"kind": self.kind, "symbols": self.symbols}
        return about | {"length": self.spec.length, "stream": self.spec.stream}

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "TextCodec":
        """Rebuild from ``to_json``."""
        return cls(record["symbols"], record["length"], record["stream"])


class Texts(DataKind):
    """Documents, one a line, a record or an item of a list; or one long text in blocks.

    Options: ``field`` (of a ``.jsonl`` or ``.csv`` that holds the text), ``documents`` (``lines`` or
    ``blocks``; see ``autogen.data.text_pieces``), ``length`` (the most tokens of a text, 16..4096) and
    ``tokens`` (``characters`` or ``bytes``). A ``.csv`` is read where the kind is named.
    """

    name = "text"
    suffixes = (*_PLAIN, ".jsonl", ".jsonl.gz")
    unit = "text"
    codec: ClassVar[type[Codec]] = TextCodec
    settings = ("field", "documents", "length", "tokens")

    def recognises(self, source: Any) -> bool:
        """A list of strings, or a path with one of the suffixes."""
        if isinstance(source, (str, Path)):
            return str(source).lower().endswith(self.suffixes)
        return isinstance(source, (list, tuple)) and bool(source) and all(isinstance(t, str) for t in source)

    def read(self, source: Any, options: Mapping[str, Any]) -> RawData:
        """Read, clean, and cut into documents or blocks."""
        _check(options)
        name = str(source) if isinstance(source, (str, Path)) else "the list"
        texts, notes, as_blocks = _found(source, options)
        pairs = [cleaned(text) for text in texts]
        texts = [text for text, _ in pairs]
        notes += cleaning_notes([counts for _, counts in pairs])
        if not any(text.strip() for text in texts):
            raise DataError(f"{name} holds no text.")
        in_bytes = _in_bytes(texts, options)
        notes += ["Tokens are the bytes of UTF-8."] if in_bytes else []
        length = options.get("length")
        if as_blocks:
            samples, room, more = blocks_of("\n".join(texts), length, in_bytes, name)
        else:
            samples, more = documents_of(texts, length or LENGTH, in_bytes)
            room = 1 + max(int(widths(text, in_bytes).sum()) for text in samples)
        meta = {"bytes": in_bytes, "length": room, "stream": as_blocks}
        return RawData(samples, (*notes, *more), meta=meta)

    def read_like(self, source: Any, codec: Codec, options: Mapping[str, Any]) -> RawData:
        """Texts cut and spelt as the codec's are: lines or blocks, characters or bytes."""
        assert isinstance(codec, TextCodec)
        given: dict[str, Any] = {name: value for name, value in options.items() if name == "field"}
        given["tokens"] = "bytes" if codec.symbols is None else "characters"
        texts = _parted(source)
        if not codec.spec.stream:
            return self.read(source if texts is None else texts, given | {"documents": "lines"})
        if texts is None and isinstance(source, (str, Path)) and str(source).lower().endswith(_PLAIN):
            return self.read(source, given | {"documents": "blocks", "length": codec.spec.length})
        texts = _found(source, given)[0] if texts is None else texts
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
        """The vocabulary of the training texts; the length is the reader's."""
        told, found = raw.meta, "".join(sorted({c for text in self.take(raw.samples, rows) for c in text}))
        symbols = None if told["bytes"] else found.replace(_UNKNOWN, "")
        return TextCodec(symbols, told["length"], told["stream"])

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


def _found(source: Any, options: Mapping[str, Any]) -> tuple[list[str], list[str], bool]:
    """Texts as they are, notes, and whether they are one long text."""
    wanted = options.get("documents")
    if not isinstance(source, (str, Path)):
        return list(source), [], (len(source) == 1 if wanted is None else wanted == "blocks")
    path = Path(source)
    if str(path).lower().endswith(_RECORDS):
        texts, notes = read_records(path, options.get("field"))
        return texts, notes, (len(texts) == 1 if wanted is None else wanted == "blocks")
    text, notes = read_text(path)
    text, counts = cleaned(text)
    notes += cleaning_notes([counts])
    if wanted == "blocks" or (wanted is None and not is_list_of_lines(text)):
        return [text], notes, True
    return text.strip("\n").split("\n"), [*notes, "Each line is a text of its own."], False


def _parted(source: Any) -> list[str] | None:
    """The texts of a ``.txt`` that ``save`` wrote with a line ``%%%`` before each; else ``None``."""
    if not isinstance(source, (str, Path)) or not str(source).lower().endswith(_PLAIN):
        return None
    text, _ = read_text(Path(source))
    return parted(text)


def _in_bytes(texts: Sequence[str], options: Mapping[str, Any]) -> bool:
    if options.get("tokens") is not None:
        return bool(options["tokens"] == "bytes")
    return len(set().union(*map(set, texts))) > MOST_SYMBOLS


def _check(options: Mapping[str, Any]) -> None:
    choices = {"documents": ("lines", "blocks"), "tokens": ("characters", "bytes")}
    for name, known in choices.items():
        if options.get(name) not in (None, *known):
            raise DataError(f"{name} must be {' or '.join(known)}; got {options[name]!r}.")
    length = options.get("length")
    if length is not None and (not isinstance(length, int) or not 16 <= length <= 4096):
        raise DataError(f"length must be a whole number of tokens from 16 to 4096; got {length!r}.")


def _points(text: str) -> np.ndarray:
    """Code points, uint32."""
    return np.frombuffer(text.encode("utf-32-le", "replace"), dtype="<u4")
