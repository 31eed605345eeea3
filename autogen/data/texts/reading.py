"""Readers of texts: the texts of a source, and the options of the reader."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autogen.data.decoding import without_packing
from autogen.data.tables.sources.archive import (
    only_file,
    start_of_member,
    table_in,
    texts_in,
    unpacked_members,
)
from autogen.data.texts.bpe import BYTES, LIMIT
from autogen.data.texts.chunking import cleaned, cleaning_notes, is_list_of_lines
from autogen.data.texts.files import are_strings, parted, read_field, read_folder, read_text
from autogen.errors import DataError

#: Maximum number of different characters; with more, bytes are the tokens.
MOST_SYMBOLS = 256
PLAIN = (".txt", ".txt.gz")
RECORDS = (".jsonl", ".csv", ".json")
#: Lines that are looked at for a table, and what its numbers look like.
_LOOKED, _DELIMITERS, _NUMBERS = 50, (",", ";", "\t", "|"), 0.3
_NUMBER = re.compile(r"\s*[+-]?\d+([.,]\d+)?\s*")
_CHOICES = {"documents": ("lines", "blocks"), "tokens": ("characters", "bytes", "bpe")}


def found_texts(source: Any, options: Mapping[str, Any]) -> tuple[list[str], list[str], bool]:
    """Read the texts of a source; return them, notes, and True if they are one long text."""
    wanted = options.get("documents")
    if not isinstance(source, (str, Path)):
        return list(source), [], (len(source) == 1 if wanted is None else wanted == "blocks")
    path = Path(source)
    if path.suffix.lower() == ".zip" and (names := zipped_texts(path)):
        with unpacked_members(path, names) as (folder, notes):
            texts, more, as_blocks = found_texts(only_file(folder) if len(names) == 1 else folder, options)
        return texts, [*notes, *more], as_blocks
    if path.is_dir():
        texts, notes = read_folder(path, options)
        return texts, notes, (len(texts) == 1 if wanted is None else wanted == "blocks")
    if without_packing(str(path).lower()).endswith(RECORDS):
        texts, notes = read_field(path, options.get("field"), options.get("encoding"))
        return texts, notes, (len(texts) == 1 if wanted is None else wanted == "blocks")
    text, notes = read_text(path, options.get("encoding"))
    text, counts = cleaned(text)
    notes += cleaning_notes([counts])
    if wanted == "blocks" or (wanted is None and not is_list_of_lines(text)):
        return [text], notes, True
    lines = text.strip("\n").split("\n")
    return lines, [*notes, "Each line was read as a text of its own.", *_table_notes(lines)], False


def zipped_texts(path: Path) -> list[str]:
    """List the files of texts in a zip: ``.txt`` files, or one of JSON records that are no table."""
    if found := texts_in(path):
        return found
    name = table_in(path)
    plain = without_packing(name.lower())
    if not plain.endswith((".jsonl", ".json")):
        return []
    start = start_of_member(path, name)
    return [name] if (plain.endswith(".jsonl") and start) or are_strings(start) else []


def _table_notes(lines: Sequence[str]) -> list[str]:
    """Warn of lines that look like the rows of a table: as many cells in each, and many numbers."""
    first = lines[:_LOOKED]
    for sign in _DELIMITERS:
        rows = [line.split(sign) for line in first]
        cells = [cell for row in rows for cell in row]
        numbers = sum(bool(_NUMBER.fullmatch(cell)) for cell in cells)
        if len({len(row) for row in rows}) == 1 and len(rows[0]) > 1 and _NUMBERS * len(cells) <= numbers:
            return [
                f"Warning: the lines look like rows of a table with {len(rows[0])} columns; --kind tabular "
                "reads them so."
            ]
    return []


def parted_texts(source: Any) -> list[str] | None:
    """Read the texts of a ``.txt`` that ``save`` wrote with a line ``%%%`` before each; else ``None``."""
    if not isinstance(source, (str, Path)) or not str(source).lower().endswith(PLAIN):
        return None
    text, _ = read_text(Path(source))
    return parted(text)


def in_bytes(texts: Sequence[str], options: Mapping[str, Any]) -> bool:
    """Tell if texts are counted and cut in bytes rather than in characters."""
    if options.get("tokens") not in (None, "bpe"):
        return bool(options["tokens"] == "bytes")
    return len(set().union(*map(set, texts))) > MOST_SYMBOLS


def check_options(options: Mapping[str, Any]) -> None:
    """Check the values of the options.

    Raises:
        DataError: a value is not allowed.
    """
    for name, known in _CHOICES.items():
        if options.get(name) not in (None, *known):
            raise DataError(f"{name} must be {' or '.join(known)}; got {options[name]!r}.")
    length = options.get("length")
    if length is not None and (not isinstance(length, int) or not 16 <= length <= 4096):
        raise DataError(f"length must be a whole number of tokens from 16 to 4096; got {length!r}.")
    size = options.get("vocabulary")
    if size is not None and options.get("tokens") != "bpe":
        raise DataError("vocabulary needs tokens = 'bpe'; remove it for characters or bytes.")
    if size is not None and (not isinstance(size, int) or not BYTES < size <= LIMIT):
        raise DataError(f"vocabulary must be a whole number from {BYTES + 1} to {LIMIT}; got {size!r}.")
