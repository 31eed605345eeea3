"""Delimited text files to frames of text cells: encoding, delimiter, header and ragged rows."""

import csv
import io
import re
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from autogen.data.decoding import decoded, file_bytes, likely_wide, refuse_foreign, without_packing
from autogen.data.tables.sources.delimited import NO_ROWS, SNIFFED_LINES, sniffed
from autogen.data.tables.sources.footer import undrawn, without_footer, without_rules
from autogen.data.tables.sources.header import (
    are_counted,
    has_header,
    names_groups,
    with_lower_headers,
    without_preface,
)
from autogen.errors import DataError, agreed, reason

LARGEST_RAGGED_SHARE = 0.1
MOST_COLUMNS = 2048
#: Characters that nobody sees, at the ends of cells: zero-width spaces, byte order marks, marks of direction.
_NO_WIDTH = "\u200b\u2060\ufeff\u200e\u200f\u202a\u202b\u202c"


def read_cells(path: Path, options: Mapping[str, Any] | None = None) -> tuple[pd.DataFrame, list[str]]:
    """Read a file as text cells, with a name for each column.

    Args:
        path: file to read.
        options: ``encoding``, ``delimiter`` and ``header`` (``none``, or the number of its line, from 1).

    Returns:
        Cells as strings, empty if a row ended early; and notes on what was decided.

    Raises:
        DataError: the file is no text, is empty, has no rows under the header, or is mostly ragged.
    """
    options = options or {}
    text, notes = _text(path, options.get("encoding"))
    if not text.strip():
        raise DataError(f"{path} is empty; give a table with a header and rows.")
    given = _delimiter(options.get("delimiter"))
    text, drawn = undrawn(text) if given in (None, "|") else (text, [])
    given = "|" if drawn else given
    known = given or ("\t" if without_packing(path.name.lower()).endswith(".tsv") else None)
    header = _header(options.get("header"))
    text, found, more = without_preface(text, known or sniffed(text), max(0, (header or 1) - 1))
    delimiter = known or found or sniffed(text)
    text, cleaned = _without_marks(text, delimiter)
    notes += [*drawn, *more, *cleaned]
    short_header = header != 0 and _one_short(text, delimiter)
    cells, ragged = _parsed(delimiter + text.lstrip("\r\n") if short_header else text, delimiter, path)
    cells, ends = _without_ends(cells) if short_header else (cells, [])
    refuse_too_wide(cells.shape[1], str(path))
    names, body, header_notes = named(cells, header)
    if body.empty:
        raise DataError(NO_ROWS.format(path=path))
    body.columns = pd.Index(names)
    body, below = without_footer(body) if header != 0 else (body, [])
    short = _short_rows(text, delimiter) if (body.iloc[:, -1] == "").any() else []
    return body, [*notes, *ragged, *ends, *header_notes, *below, *short]


def refuse_too_wide(columns: int, name: str) -> None:
    """Raise ``DataError`` for a table with more columns than can be read and learned in reasonable time."""
    if columns > MOST_COLUMNS:
        raise DataError(
            f"{name} has {columns:,} columns; at most {MOST_COLUMNS:,} can be modeled. Choose some."
        )


def _text(path: Path, encoding: str | None) -> tuple[str, list[str]]:
    """Read and decode a file of text."""
    raw = file_bytes(path)
    refuse_foreign(raw, str(path), table=True)
    if b"\0" in raw and encoding is None and not raw.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
        raise DataError(
            f"{path} is not a text file: it has zero bytes. Give a .csv, .tsv or .parquet file, or name the "
            f"encoding of the text: --option encoding={likely_wide(raw)}"
        )
    return decoded(raw, str(path), encoding)


def _delimiter(given: Any) -> str | None:
    """Check the option delimiter: one sign, or ``tab``; ``None`` for an unset option."""
    sign = {"\\t": "\t", "tab": "\t"}.get(str(given), given)
    if sign is not None and (not isinstance(sign, str) or len(sign) != 1 or sign in '\r\n"'):
        raise DataError(f"delimiter must be one sign, such as ; or |, or tab; got {given!r}.")
    return sign


def _header(given: Any) -> int | None:
    """Check the option header: 0 for none, else the number of its line; ``None`` for an unset option."""
    if given is None:
        return None
    if str(given).lower() == "none":
        return 0
    if not re.fullmatch("[1-9][0-9]{0,8}", str(given)):
        raise DataError(f"header must be none or the number of the header's line, from 1; got {given!r}.")
    return int(given)


def _one_short(text: str, delimiter: str) -> bool:
    """Tell if each row has one cell more than the header: row names (R), or a trailing delimiter."""
    header, *rows = _records(io.StringIO(text, newline=""), delimiter, SNIFFED_LINES) or [[]]
    if len(header) <= 1 or {len(row) for row in rows} != {len(header) + 1}:
        return False
    # Names of rows differ; numbers that repeat there are halves of decimal commas.
    first = [row[0] for row in rows]
    repeated = len(set(first)) < len(first) and all(cell.lstrip("+-").isdecimal() for cell in first)
    return not repeated or not any(row[-1] for row in rows)


def _without_ends(cells: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Name the first column of a short header, or shift the cells back if rows end in a delimiter."""
    if (cells.iloc[1:, -1] != "").any():
        return cells, ["The header has no name for the first column."]
    moved = cells.iloc[:, :-1].copy()
    moved.iloc[0] = cells.iloc[0, 1:].tolist()
    return moved, ["Each row ends in a delimiter, which was removed."]


def _records(stream: io.StringIO, delimiter: str, most: int) -> list[list[str]]:
    """Parse the first records that hold a cell."""
    found = (row for row in csv.reader(stream, delimiter=delimiter) if row)
    try:
        return list(islice(found, most))
    except csv.Error:
        return []


def _parsed(text: str, delimiter: str, path: Path) -> tuple[pd.DataFrame, list[str]]:
    """Parse all rows as text; rows with too many cells are left out and counted in a note."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            cells = pd.read_csv(
                io.StringIO(text, newline=""),
                sep=delimiter,
                header=None,
                dtype=str,
                na_filter=False,
                on_bad_lines="warn",
            )
        except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error) as error:
            raise DataError(f"{path} cannot be read as a table: {reason(error)}.") from error
    bad = [int(line) for warning in caught for line in re.findall(r"line (\d+)", str(warning.message))]
    if len(bad) > LARGEST_RAGGED_SHARE * (len(cells) + len(bad)):
        raise DataError(
            f"{path}: {len(bad)} of {len(cells) + len(bad)} rows {agreed(len(bad), 'has', 'have')} more "
            "cells than the "
            f"{cells.shape[1]} of the header; quote cells that contain the delimiter {delimiter!r}, "
            "and remove lines above the header, or name its line: --option header=5"
        )
    if not bad:
        return cells, []
    shown = ", ".join(map(str, bad[:5])) + (" ..." if len(bad) > 5 else "")
    rows, were = agreed(len(bad), "row", "rows"), agreed(len(bad), "was", "were")
    lines = agreed(len(bad), "line", "lines")
    return cells, [f"{len(bad)} {rows} with more cells than the header {were} left out ({lines} {shown})."]


def _without_marks(text: str, delimiter: str) -> tuple[str, list[str]]:
    """Leave out what programs write around cells: backslashes before quotes, characters without a width."""
    end = rf"[{re.escape(delimiter)}\r\n]"
    notes = []
    if re.search(rf'(?<!\\)\\"(?!"|\s*{end}|\s*\Z)', text):
        text = re.sub(r"\\([\"\\])", lambda found: '""' if found[1] == '"' else found[1], text)
        notes.append("Backslashes before quotes in cells were removed.")
    if any(sign in text for sign in _NO_WIDTH):
        signs = f"[{_NO_WIDTH}]+"
        text, count = re.subn(rf'(?:(?<={end})|(?<=")|\A){signs}|{signs}(?={end}|"|\Z)', "", text)
        if count:
            cells = agreed(count, "end of a cell", "ends of cells")
            notes.append(f"Characters without a width (U+200B, U+FEFF ...) at {count} {cells} were removed.")
    return text, notes


def named(cells: pd.DataFrame, header: int | None = None) -> tuple[list[str], pd.DataFrame, list[str]]:
    """Take column names from the first row and those that belong to it, or make them up if it is one of data.

    Args:
        cells: texts of all rows, the header first.
        header: 0 if there is none, another number if the first row is one, ``None`` to find out.

    Returns:
        Names, the rows below them, and notes.
    """
    first = ["" if pd.isna(cell) or not str(cell).strip() else str(cell) for cell in cells.iloc[0]]
    grouped = header is None and names_groups(first, cells.iloc[1:])
    if header == 0 or (header is None and not grouped and not has_header(cells)):
        names = [f"column_{i + 1}" for i in range(len(first))]
        note = (
            "The first row holds values like the others and was read as data; columns are named column_1 ..."
        )
        return names, cells, [] if header == 0 else [note]
    notes = ["The first row holds numbers that rise; they name the columns."] if are_counted(first) else []
    body = cells.iloc[1:].reset_index(drop=True)
    again = body.iloc[:, 0] == cells.iloc[0, 0]
    if again.any():
        again &= (body[again] == cells.iloc[0].tolist()).all(axis=1).reindex(again.index, fill_value=False)
    if again.any() and cells.shape[1] > 1:
        count = int(again.sum())
        rows, were = agreed(count, "row that repeats", "rows that repeat"), agreed(count, "was", "were")
        notes.append(f"{count} {rows} the header {were} left out.")
        body = body[~again].reset_index(drop=True)
    body, ruled = without_rules(body)
    notes += ruled
    joined, body, lower = with_lower_headers(first, body) if header is None else (first, body, [])
    names, renamed = unique_names(joined)
    return names, body, [*renamed, *notes, *lower]


def unique_names(found: Sequence[str]) -> tuple[list[str], list[str]]:
    """Complete and deduplicate column names as pandas does, and note changes."""
    names: dict[str, None] = {}
    repeats = Counter[str]()
    for position, name in enumerate(found):
        base = candidate = name or f"Unnamed: {position}"
        while candidate in names:
            repeats[base] += 1
            candidate = f"{base}.{repeats[base]}"
        names[candidate] = None
    changed = [new for old, new in zip(found, names, strict=True) if old != new]
    columns, were = agreed(len(changed), "column", "columns"), agreed(len(changed), "was", "were")
    note = f"{len(changed)} {columns} without a unique name {were} named {', '.join(changed[:5])}."
    return list(names), [note] if changed else []


def _short_rows(text: str, delimiter: str) -> list[str]:
    """Note rows that end before the last column."""
    try:
        widths = [len(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    except csv.Error:  # pandas has read the rows, with other rules for quotes
        return []
    short = sum(width < widths[0] for width in widths)
    rows = agreed(short, "row has", "rows have")
    return [f"{short} {rows} fewer cells than the header; the others count as missing."] if short else []
