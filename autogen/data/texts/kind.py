"""Texts: a list of strings, from ``.txt``, ``.jsonl`` or Python; a token is a character, a byte, or several.

Characters are tokens unless the data has more than 256 different ones; then the bytes of UTF-8 are.
The vocabulary is that of the train split; a character it lacks becomes the token ``unknown``, which is
decoded as U+FFFD, and no byte is unknown. With ``tokens = "bpe"`` tokens are pairs of bytes, joined again and
again, that the train split has often: ``autogen.data.texts.bpe``.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from autogen.data.codec import Codec
from autogen.data.declaration import Declaration, Preview
from autogen.data.decoding import without_packing
from autogen.data.feedback.marks import Marked
from autogen.data.kind import DataKind, RawData
from autogen.data.texts.bpe import BytePairs, usual_size
from autogen.data.texts.chunking import (
    LENGTH,
    LENGTH_IN_PAIRS,
    blocks_of,
    cleaned,
    cleaning_notes,
    documents_of,
    widths,
)
from autogen.data.texts.codec import UNKNOWN, TextCodec
from autogen.data.texts.files import (
    DELIMITED,
    holds_strings,
    holds_texts,
    read_marked_texts,
    write_csv,
    write_json_lines,
    write_lines,
)
from autogen.data.texts.reading import (
    PLAIN,
    check_options,
    found_texts,
    in_bytes,
    parted_texts,
    zipped_texts,
)
from autogen.errors import DataError, reason


class Texts(DataKind):
    """Documents, one per line, a record or an item of a list; or one long text in blocks.

    Options: ``field`` (of a ``.jsonl`` or ``.csv`` that holds the text), ``documents`` (``lines`` or
    ``blocks``; see ``autogen.data.texts.chunking``), ``tokens`` (``characters``, ``bytes`` or ``bpe``),
    ``length`` (the most tokens of a text, 16..4096; with ``bpe``, whose tokens are learned after texts are
    cut, the most characters or bytes), ``vocabulary`` (of ``bpe``: the most tokens that there are) and
    ``encoding`` (of the file). A ``.csv`` is read where the kind is named.
    """

    name = "text"
    suffixes = (*PLAIN, ".jsonl", ".jsonl.gz")
    also = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".json", ".json.gz", ".zip", ".bz2", ".xz", ".zst")
    unit = "text"
    written = (".txt", ".jsonl", ".csv")
    codec: ClassVar[type[Codec]] = TextCodec
    settings = ("field", "documents", "length", "tokens", "vocabulary", "encoding", "split")
    declaration = Declaration(
        metric="reverse_ngram",
        features="char_ngrams",
        spaces=("text", "text_tiny"),
        baselines={
            "train_copy": "autogen.families.baselines.base:TrainCopy",
            "unigram": "autogen.families.baselines.texts:Unigram",
            "ngram": "autogen.families.baselines.texts:NGramModel",
        },
        distance="autogen.metrics.texts.distance:TextDistance",
        evidence={"copied_span": "autogen.metrics.texts.copied_span:copied_span"},
        likelihood="autogen.data.texts.preview:bits_a_byte",
        preview=Preview(".txt", 10, 5, marginals="autogen.data.texts.preview:length_marginals"),
        plural="texts",
        file="samples.txt",
        limits="It imitates spelling and style; what it says is not true because it reads well.",
    )

    def recognizes(self, source: Any) -> bool:
        """A list of strings, a path with one of the suffixes, or a folder of texts."""
        if isinstance(source, (str, Path)):
            if Path(source).is_dir():
                return holds_texts(Path(source))
            if str(source).lower().endswith(".zip"):
                return bool(zipped_texts(Path(source)))
            name = without_packing(str(source).lower())
            return name.endswith(self.suffixes) or (name.endswith(".json") and holds_strings(Path(source)))
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
        """Texts cut and encoded as the codec's are: lines or blocks, characters or bytes."""
        assert isinstance(codec, TextCodec)
        given: dict[str, Any] = {
            name: value for name, value in options.items() if name in ("field", "encoding")
        }
        given["tokens"] = "bytes" if codec.symbols is None else "characters"
        given |= {"length": LENGTH_IN_PAIRS} if codec.pairs else {}
        texts = parted_texts(source)
        if not codec.spec.stream:
            return self.read(source if texts is None else texts, given | {"documents": "lines"})
        if texts is None and isinstance(source, (str, Path)) and str(source).lower().endswith(PLAIN):
            return self.read(source, given | {"documents": "blocks", "length": codec.reading.spec.length})
        texts = found_texts(source, given)[0] if texts is None else texts
        return RawData([cleaned(text)[0] for text in texts if text])

    def read_marked(self, source: str, column: str, codec: Codec, options: Mapping[str, Any]) -> Marked:
        """A ``.csv``, ``.tsv`` or ``.jsonl`` with a text and a mark in each record."""
        if not without_packing(source.lower()).endswith((*DELIMITED, ".jsonl")):
            raise DataError(
                f"marked texts are read from {', '.join(DELIMITED)} or .jsonl with a text and a mark in each "
                f"row; got {source}."
            )
        found = read_marked_texts(Path(source), column, options.get("field"), options.get("encoding"))
        return replace(found, samples=[cleaned(text)[0] for text in found.samples])

    def take(self, samples: Sequence[str], rows: np.ndarray) -> list[str]:
        """M strings."""
        return [samples[row] for row in rows]

    def concatenate(self, parts: Sequence[Sequence[str]]) -> list[str]:
        """All strings in order."""
        return [text for part in parts for text in part]

    def digests(self, samples: Sequence[str]) -> list[bytes]:
        """One of each text's characters."""
        return [hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest() for text in samples]

    def unlike(self, raw: RawData, earlier: Codec) -> str:
        """Blocks of another length, or documents against blocks."""
        assert isinstance(earlier, TextCodec)
        now, was = raw.meta["length"], earlier.reading.spec.length
        if raw.meta["stream"] != earlier.spec.stream:
            return "documents, not blocks" if earlier.spec.stream else "blocks, not documents"
        return f"blocks of {now} tokens, not {was}" if earlier.spec.stream and now != was else ""

    def fit(self, raw: RawData, rows: np.ndarray) -> TextCodec:
        """The vocabulary of the training texts; the length is that of the longest text of all."""
        meta, train = raw.meta, self.take(raw.samples, rows)
        found = "".join(sorted({c for text in train for c in text}))
        symbols = None if meta["bytes"] else found.replace(UNKNOWN, "")
        if not meta["pairs"]:
            return TextCodec(symbols, meta["length"], meta["stream"])
        size = meta["vocabulary"] or usual_size(sum(len(text.encode("utf-8", "replace")) for text in train))
        return self._in_pairs(raw, symbols, BytePairs.learn(train, size))

    def earlier_options(self, codec: Codec) -> dict[str, Any]:
        """The same tokens: characters, bytes or byte pairs."""
        assert isinstance(codec, TextCodec)
        return {"tokens": "bpe" if codec.pairs else "bytes" if codec.symbols is None else "characters"}

    def fit_from(self, raw: RawData, rows: np.ndarray, earlier: Codec) -> TextCodec:
        """The earlier symbols and those of the training texts; of byte pairs the earlier ones alone."""
        assert isinstance(earlier, TextCodec)
        meta, train = raw.meta, self.take(raw.samples, rows)
        was, is_now = earlier.unit, "token" if meta["pairs"] else "byte" if meta["bytes"] else "character"
        if was != is_now:
            raise DataError(
                f"the earlier model reads {was}s, but the option tokens asks for {is_now}s; leave it out."
            )
        symbols = None
        if earlier.symbols is not None:
            symbols = "".join(sorted({*earlier.symbols, *(c for text in train for c in text)} - {UNKNOWN}))
        if not earlier.pairs:
            return TextCodec(symbols, meta["length"], meta["stream"])
        return self._in_pairs(raw, symbols, earlier.pairs)

    def _in_pairs(self, raw: RawData, symbols: str | None, pairs: BytePairs) -> TextCodec:
        """Codec of byte pairs whose rows have room for the longest text of all."""
        longest = int(pairs.flat(raw.samples)[1].max()) + (not raw.meta["stream"])
        return TextCodec(symbols, longest, raw.meta["stream"], pairs, raw.meta["length"])

    def save(self, samples: Sequence[str], path: Path, codec: Codec | None = None) -> None:
        """Write a ``.jsonl`` or ``.csv`` with the field ``text``, or a ``.txt`` with one text a line.

        Where a text of a ``.txt`` has several lines, a line ``%%%`` stands before each text.
        """
        path = Path(path)
        writers = {".txt": write_lines, ".jsonl": write_json_lines, ".csv": write_csv}
        if path.suffix.lower() not in writers:
            raise DataError(f"texts are written to .txt, .jsonl or .csv; got {path.name!r}.")
        try:
            writers[path.suffix.lower()](samples, path)
        except OSError as error:
            raise DataError(f"{path} cannot be written: {reason(error)}.") from error
