"""Texts in and out of files: ``.txt``, ``.jsonl``, either one gzipped, and columns of ``.csv``."""

import csv
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autogen.data.decoding import (
    MOST_UNPACKED,
    decoded,
    file_bytes,
    first_bytes,
    likely_wide,
    link_notes,
    listed,
    refuse_foreign,
    without_packing,
)
from autogen.data.feedback.marks import Marked, column_of, numbers_of
from autogen.data.tables.sources.arrow import column_types, holds_data_set, read_data_set
from autogen.data.tables.sources.delimited import read_records
from autogen.documents import parse_json
from autogen.errors import DataError, agreed, counted, reason
from autogen.files import entries, leads_out

#: Suffixes of files whose rows have cells.
DELIMITED = (".csv", ".tsv")
#: Line between the texts of a ``.txt`` file if some of them have several lines.
SEPARATOR = "%%%"
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")
_NOTES = {
    b"\xef\xbb\xbf": "The byte order mark at the beginning of the file was removed.",
    b"\xff\xfe": "The file is UTF-16.",
    b"\xfe\xff": "The file is UTF-16.",
}
#: Maximum share of zero bytes in a text file, and of broken lines in a .jsonl file.
_MAX_BROKEN = 0.01


def read_text(path: Path, encoding: str | None = None) -> tuple[str, list[str]]:
    """Read and decode a text file, and note its encoding.

    Args:
        path: file to read, gzipped or not.
        encoding: the encoding, if the user names it.

    Raises:
        DataError: the file cannot be read or decoded, or is binary.
    """
    content = file_bytes(path)
    refuse_foreign(content, str(path), table=False)
    wide = encoding is not None or content.startswith(_WIDE)
    if not wide and content.count(0) > _MAX_BROKEN * len(content):
        raise DataError(
            f"{path} holds binary data; expected a text file. If it is one, name its encoding: "
            f"--option encoding={likely_wide(content)}"
        )
    text, notes = decoded(content, str(path), encoding)
    note = next((note for mark, note in _NOTES.items() if content.startswith(mark)), None)
    return text, [note, *notes] if note else notes


def read_field(path: Path, field: str | None, encoding: str | None = None) -> tuple[list[str], list[str]]:
    """Read one text from each object of a ``.jsonl`` or each row of a ``.csv``, and notes.

    Args:
        path: file to read.
        field: field that holds the texts; by default ``text``, or the only field with strings.
        encoding: the encoding, if the user names it.

    Raises:
        DataError: the file cannot be read, or has no such field.
    """
    records, notes = _records(path, encoding)
    chosen = field or _only_field(records, path)
    texts = [record[chosen] for record in records if isinstance(record.get(chosen), str)]
    if not texts:
        raise DataError(f"{path} has no texts in field {chosen!r}; it has the fields {_fields(records)}.")
    if missing := len(records) - len(texts):
        have, were = agreed(missing, "has", "have"), agreed(missing, "was", "were")
        notes.append(f"{missing} of {len(records)} records {have} no text in {chosen!r} and {were} left out.")
    return texts, [*notes, f"The texts were read from the field {chosen!r}."]


def read_marked_texts(path: Path, column: str, field: str | None, encoding: str | None = None) -> Marked:
    """Read texts that users marked from a ``.jsonl`` or ``.csv``: a text and a mark in each record.

    Args:
        path: file to read.
        column: field that holds the marks; empty for one of the usual names.
        field: field that holds the texts of the data; if the file has none of this name, ``text``, or the
            only other field with strings.
        encoding: the encoding, if the user names it.

    Raises:
        DataError: the file cannot be read, or a record has no text or no mark.
    """
    records, notes = _records(path, encoding)
    names = list({str(name): 0 for record in records for name in record})
    marked = column_of(names, (), column, str(path))
    others = [{name: value for name, value in record.items() if name != marked} for record in records]
    chosen = field if field in names else _only_field(others, path)
    for place, record in enumerate(others, 1):
        if not isinstance(record.get(chosen), str):
            raise DataError(f"{path}: record {place} has no text in field {chosen!r}; remove or complete it.")
    marks = numbers_of([record.get(marked) for record in records], marked, str(path))
    return Marked([record[chosen] for record in others], marks, tuple(notes))


def _records(path: Path, encoding: str | None) -> tuple[list[dict[str, Any]], list[str]]:
    """Read the records of a ``.jsonl`` or ``.csv``, and notes."""
    content, notes = read_text(path, encoding)
    records: list[dict[str, Any]]
    if without_packing(path.name.lower()).endswith(DELIMITED):
        records = [*read_records(content, path)]
    elif without_packing(path.name.lower()).endswith(".json"):
        records = _strings(content, path)
    else:
        records, more = _json_records(content, path)
        notes += more
    if not records:
        raise DataError(f"{path} holds no records; expected one JSON object per line or rows of a table.")
    return records, notes


def read_folder(path: Path, options: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Read one text from each ``.txt`` below a folder, or from the rows of a data set saved there, and notes.

    Raises:
        DataError: a file cannot be read, or all together are too large.
    """
    if holds_data_set(path):
        table, notes = read_data_set(path, options.get("split"))
        field = options.get("field") or "text"
        if field not in table.column_names:
            raise DataError(f"{path} has no field {field!r}; it has {', '.join(table.column_names)}.")
        cells = table.column(field).to_pylist()
        texts = [cell for cell in cells if isinstance(cell, str)]
        if missing := len(cells) - len(texts):
            have, were = agreed(missing, "has", "have"), agreed(missing, "was", "were")
            notes.append(f"{missing} of {len(cells)} rows {have} no text in {field!r} and {were} left out.")
        return texts, notes
    texts, total = [], 0
    about: dict[str, list[str]] = {}
    files = text_files(path)
    for file in files:
        text, more = read_text(file, options.get("encoding"))
        total += len(text)
        if total > MOST_UNPACKED:
            raise DataError(
                f"{path} holds texts of more than {MOST_UNPACKED:,} characters; give a part of them."
            )
        texts.append(text)
        for note in more:
            about.setdefault(note, []).append(file.relative_to(path).as_posix())
    notes = [f"{listed(names)}: {note}" for note, names in about.items()] + link_notes(_linked(path))
    return texts, [*notes, f"Each of the {len(files)} .txt files was read as a text of its own."]


def holds_strings(path: Path) -> bool:
    """Tell if a JSON file begins with a list of strings."""
    return are_strings(first_bytes(path))


def are_strings(start: bytes) -> bool:
    """Tell if the beginning of a JSON file is a list of strings."""
    return bool(re.match(rb"(\xef\xbb\xbf)?\s*\[\s*\"", start))


def holds_texts(path: Path) -> bool:
    """Tell if a folder holds mainly ``.txt`` files, or a saved data set with a field ``text``."""
    if holds_data_set(path):
        return "string" in column_types(path).get("text", "")
    texts = len(text_files(path))
    return texts > 1 and 2 * texts > sum(_is_visible(entry, path) for entry in entries(path))


def text_files(path: Path) -> list[Path]:
    """List the ``.txt`` files below a folder by name, without hidden ones and links to files elsewhere."""
    return [file for file in _text_entries(path) if not leads_out(file, path)]


def _linked(path: Path) -> list[str]:
    return [file.relative_to(path).as_posix() for file in _text_entries(path) if leads_out(file, path)]


def _text_entries(path: Path) -> list[Path]:
    return sorted(file for file in entries(path) if file.suffix.lower() == ".txt" and _is_visible(file, path))


def _is_visible(path: Path, folder: Path) -> bool:
    """Tell if a path is a file, and no part of it below a folder is hidden."""
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return not hidden and path.is_file()


def write_lines(texts: Sequence[str], path: Path) -> None:
    """Write one text per line, or a line ``%%%`` before each text if one has several lines."""
    several = any("\n" in text for text in texts)
    path.write_text("".join(f"{SEPARATOR}\n{t}\n" if several else f"{t}\n" for t in texts), encoding="utf-8")


def read_lines(path: Path) -> list[str]:
    """Read the texts that ``write_lines`` wrote."""
    content = path.read_text(encoding="utf-8")
    return parted(content) or content.removesuffix("\n").split("\n")


def parted(content: str) -> list[str] | None:
    """Split the content of a file with a line ``%%%`` before each text; ``None`` for any other file."""
    if not content.startswith(SEPARATOR + "\n"):
        return None
    return content.removesuffix("\n").removeprefix(SEPARATOR + "\n").split(f"\n{SEPARATOR}\n")


def write_json_lines(texts: Sequence[str], path: Path) -> None:
    """Write one JSON object with the field ``text`` per line."""
    lines = (json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)
    path.write_text("".join(lines), encoding="utf-8")


def write_csv(texts: Sequence[str], path: Path) -> None:
    """Write a table with the column ``text``, which spreadsheets open."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([["text"], *([text] for text in texts)])


def _json_records(content: str, path: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Parse one object per line, and note broken lines; a line may be a list of objects, or a string."""
    found, broken = [], []
    for number, line in enumerate(content.split("\n"), 1):
        try:
            parsed = parse_json(line) if line.strip() else []
        except ValueError as error:
            broken.append(f"line {number} is no JSON: {reason(error)}")
            continue
        found += parsed if isinstance(parsed, list) else [parsed]
    if len(broken) > _MAX_BROKEN * len(found):
        raise DataError(
            f"{path}: {broken[0]}. A .jsonl file needs one JSON object per line; "
            f"{counted(len(broken), 'line')} {agreed(len(broken), 'has', 'have')} none."
        )
    notes = [f"Broken lines were left out: {len(broken)} in all, {broken[0]}."] if broken else []
    return [record if isinstance(record, dict) else {"text": record} for record in found], notes


def _strings(content: str, path: Path) -> list[dict[str, Any]]:
    """Parse a list of strings."""
    try:
        found = parse_json(content)
    except ValueError as error:
        raise DataError(f"{path} is no JSON: {reason(error)}.") from error
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise DataError(f"{path} must hold a list of strings to be read as texts; it does not.")
    return [{"text": one} for one in found]


def _only_field(records: list[dict[str, Any]], path: Path) -> str:
    if any("text" in record for record in records):
        return "text"
    names = list({name: 0 for record in records for name, value in record.items() if isinstance(value, str)})
    if len(names) != 1:
        raise DataError(
            f"{path} has no field 'text'; choose one of {_fields(records)} with the option field."
        )
    return names[0]


def _fields(records: list[dict[str, Any]]) -> str:
    names = list({str(name): 0 for record in records for name in record})
    return ", ".join(map(repr, names[:12])) + (" ..." if len(names) > 12 else "") or "none"
