"""Delimited text files to frames of text cells: encoding, delimiter, header and ragged rows."""

import csv
import gzip
import io
import re
import warnings
import zlib
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import pandas as pd

from autogen.errors import DataError, agreed, reason

DELIMITERS = (",", ";", "\t", "|")
SNIFFED_LINES = 50
LARGEST_RAGGED_SHARE = 0.1
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")


def read_cells(path: Path) -> tuple[pd.DataFrame, list[str]]:
    """Read a file as text cells, with a name for each column.

    Returns:
        Cells as strings, empty if a row ended early; and notes on what was decided.

    Raises:
        DataError: the file is no text, is empty, has no rows under the header, or is mostly ragged.
    """
    text, notes = _decoded(path)
    if not text.strip():
        raise DataError(f"{path} is empty; give a table with a header and rows.")
    delimiter = "\t" if path.name.lower().endswith(".tsv") else _sniffed(text)
    short_header = _one_short(text, delimiter)
    cells, ragged = _parsed(delimiter + text.lstrip("\r\n") if short_header else text, delimiter, path)
    cells, ends = _without_ends(cells) if short_header else (cells, [])
    names, body, header_notes = _named(cells)
    if body.empty:
        raise DataError(f"{path} has a header but no rows; give at least 20 rows.")
    body.columns = pd.Index(names)
    short = _short_rows(text, delimiter) if (body.iloc[:, -1] == "").any() else []
    return body, [*notes, *ragged, *ends, *header_notes, *short]


def _decoded(path: Path) -> tuple[str, list[str]]:
    """Decode a file as UTF-8 (with or without BOM), as UTF-16 with BOM, else as Windows-1252."""
    raw = _bytes(path)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16"), []
    if b"\0" in raw:
        raise DataError(f"{path} is not a text file: it has zero bytes. Give a .csv, .tsv or .parquet file.")
    try:
        return raw.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        note = f"The file is not UTF-8 (byte {error.start}); it was read as Windows-1252."
        return raw.decode("cp1252", errors="replace"), [note]


def _bytes(path: Path) -> bytes:
    """Read a file, decompressed if it is gzipped."""
    try:
        raw = path.read_bytes()
        return gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read: {reason(error)}.") from error


def _sniffed(text: str) -> str:
    """Choose the delimiter that gives the first lines the same number of cells, and the most cells."""
    lines = list(_first_lines(text))

    def merit(delimiter: str) -> tuple[float, int]:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
        width, rows = widths.most_common(1)[0]
        return (rows / widths.total() if width > 1 else 0.0), width

    return max(DELIMITERS, key=merit)


def _first_lines(text: str) -> Sequence[str]:
    """Take the first lines with their line ends, so that quoted line breaks survive."""
    reader = io.StringIO(text, newline="")
    return [line for _, line in zip(range(SNIFFED_LINES), reader, strict=False)]


def _one_short(text: str, delimiter: str) -> bool:
    """Tell if each row has one cell more than the header: row names (R), or a trailing delimiter."""
    header, *rows = _records(io.StringIO(text, newline=""), delimiter, SNIFFED_LINES) or [[]]
    return len(header) > 1 and {len(row) for row in rows} == {len(header) + 1}


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
            f"{path}: {len(bad)} of {len(cells) + len(bad)} rows have more cells than the "
            f"{cells.shape[1]} of the header; quote cells that contain the delimiter {delimiter!r}, "
            f"and remove lines above the header."
        )
    if not bad:
        return cells, []
    shown = ", ".join(map(str, bad[:5])) + (" ..." if len(bad) > 5 else "")
    rows, were = agreed(len(bad), "row", "rows"), agreed(len(bad), "was", "were")
    lines = agreed(len(bad), "line", "lines")
    return cells, [f"{len(bad)} {rows} with more cells than the header {were} left out ({lines} {shown})."]


def _named(cells: pd.DataFrame) -> tuple[list[str], pd.DataFrame, list[str]]:
    """Take column names from the first row, or make them up if it holds only numbers."""
    first = ["" if pd.isna(cell) or not str(cell).strip() else str(cell) for cell in cells.iloc[0]]
    numbers = all(_NUMBER.fullmatch(cell) for cell in first)
    if numbers and not (len(set(first)) == len(first) > 1 and all(cell.isdigit() for cell in first)):
        names = [f"column_{i + 1}" for i in range(len(first))]
        return (
            names,
            cells,
            ["The first row holds only numbers and was read as data; columns are named column_1 ..."],
        )
    names, notes = unique_names(first)
    return names, cells.iloc[1:].reset_index(drop=True), notes


def unique_names(found: Sequence[str]) -> tuple[list[str], list[str]]:
    """Complete and deduplicate column names as pandas does, and note changes."""
    names: list[str] = []
    for position, name in enumerate(found):
        base = candidate = name or f"Unnamed: {position}"
        repeat = 0
        while candidate in names:
            repeat += 1
            candidate = f"{base}.{repeat}"
        names.append(candidate)
    changed = [new for old, new in zip(found, names, strict=True) if old != new]
    columns, were = agreed(len(changed), "column", "columns"), agreed(len(changed), "was", "were")
    note = f"{len(changed)} {columns} without a unique name {were} named {', '.join(changed[:5])}."
    return names, [note] if changed else []


def _short_rows(text: str, delimiter: str) -> list[str]:
    """Note rows that end before the last column."""
    widths = [len(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    short = sum(width < widths[0] for width in widths)
    rows = agreed(short, "row has", "rows have")
    return [f"{short} {rows} fewer cells than the header; the others count as missing."] if short else []
