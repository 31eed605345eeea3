"""Delimited text: its delimiter, and records of its rows; images, texts and music read it without pandas."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from autogen.errors import DataError, reason

DELIMITERS = (",", ";", "\t", "|")
RARE_DELIMITERS = ("\x01", "\x1f", "^", "~", " ", ":")
#: Share of the cells that must be numbers where a space or colon is taken for the delimiter.
RARE_SHARE = 0.3
SNIFFED_LINES = 50
#: Most characters of a cell: documents may stand in cells, but an open quote must not take the whole memory.
MOST_CHARACTERS = 2**27
NO_ROWS = "{path} has a header but no rows; write rows under it."
csv.field_size_limit(MOST_CHARACTERS)


def read_records(text: str, path: Path) -> list[dict[str, str]]:
    """Parse a text with a header as records; the delimiter is the one that gives the header most cells.

    Args:
        text: Decoded content of a file.
        path: The file, for errors.

    Raises:
        DataError: it cannot be parsed, or has no rows under its header.
    """
    header = next(io.StringIO(text, newline=""), "")
    try:
        delimiter = max(DELIMITERS, key=lambda sign: len(next(csv.reader([header], delimiter=sign), [])))
        found = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise DataError(f"{path} cannot be read: {reason(error)}.") from error
    if text.strip() and not found:
        raise DataError(NO_ROWS.format(path=path))
    return found


def sniffed(text: str) -> str:
    """Choose the delimiter that gives the first lines the same number of cells, and the most cells."""
    lines = list(_first_lines(text))

    def merit(delimiter: str) -> tuple[float, int]:
        try:
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
        except csv.Error:
            return 0.0, 0
        width, rows = max(widths.most_common(1), default=(0, 0))
        return (rows / widths.total() if width > 1 else 0.0), width

    best = max(DELIMITERS, key=merit)
    if best == "," and (right := [one for one in DELIMITERS[1:] if merit(one)[0] == 1]):
        best = next((one for one in right if _has_decimals(lines, one)), best)
    return best if merit(best)[1] > 1 else _rare_delimiter(lines) or best


def _has_decimals(lines: Sequence[str], delimiter: str) -> bool:
    """Tell if all commas between the cells of a delimiter are those of decimals: ``-3,58;43,0``."""
    cells = [cell for row in csv.reader(lines, delimiter=delimiter) for cell in row if "," in cell]
    return bool(cells) and all(re.fullmatch(r"\s*[+-]?\d+,\d+([eE][+-]?\d+)?\s*", cell) for cell in cells)


def _rare_delimiter(lines: Sequence[str]) -> str:
    """Find a sign that splits all lines alike where no usual delimiter does; empty if there is none.

    Spaces and colons stand in cells too: they must make three columns, and numbers of many cells.
    """
    rows = [line.strip("\r\n") for line in lines if line.strip()]
    for sign in RARE_DELIMITERS:
        split = [row.split(sign) for row in rows]
        if len(rows) < 2 or len({len(cells) for cells in split}) > 1 or len(split[0]) < 2:
            continue
        cells = [cell for row in split[1:] for cell in row]
        numbers = sum(bool(re.fullmatch(r"[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?", cell)) for cell in cells)
        if sign not in " :" or (len(split[0]) > 2 and RARE_SHARE * len(cells) <= numbers):
            return sign
    return ""


def _first_lines(text: str) -> Sequence[str]:
    """Take the first lines with their line ends, so that quoted line breaks survive."""
    reader = io.StringIO(text, newline="")
    return [line for _, line in zip(range(SNIFFED_LINES), reader, strict=False)]
