"""Readers of texts: the texts of a source, and the options of the reader."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autogen.data.texts.bpe import BYTES, LIMIT
from autogen.data.texts.chunking import cleaned, cleaning_notes, is_list_of_lines
from autogen.data.texts.files import parted, read_folder, read_records, read_text
from autogen.errors import DataError

#: Maximum number of different characters; with more, bytes are the tokens.
MOST_SYMBOLS = 256
PLAIN = (".txt", ".txt.gz")
_RECORDS = (".jsonl", ".jsonl.gz", ".csv", ".csv.gz")
_CHOICES = {"documents": ("lines", "blocks"), "tokens": ("characters", "bytes", "bpe")}


def found_texts(source: Any, options: Mapping[str, Any]) -> tuple[list[str], list[str], bool]:
    """Read the texts of a source; return them, notes, and True if they are one long text."""
    wanted = options.get("documents")
    if not isinstance(source, (str, Path)):
        return list(source), [], (len(source) == 1 if wanted is None else wanted == "blocks")
    path = Path(source)
    if path.is_dir():
        texts, notes = read_folder(path, options)
        return texts, notes, (len(texts) == 1 if wanted is None else wanted == "blocks")
    if str(path).lower().endswith(_RECORDS):
        texts, notes = read_records(path, options.get("field"), options.get("encoding"))
        return texts, notes, (len(texts) == 1 if wanted is None else wanted == "blocks")
    text, notes = read_text(path, options.get("encoding"))
    text, counts = cleaned(text)
    notes += cleaning_notes([counts])
    if wanted == "blocks" or (wanted is None and not is_list_of_lines(text)):
        return [text], notes, True
    return text.strip("\n").split("\n"), [*notes, "Each line was read as a text of its own."], False


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
