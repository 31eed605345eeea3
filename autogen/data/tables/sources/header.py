"""Lines above the rows of a text file: a separator for Excel, comments, titles, one header or two."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice, pairwise

import numpy as np
import pandas as pd

from autogen.data.tables.formats.missing import MISSING, NO_NUMBER, NUMBER_SHARE

_SEP = re.compile(r"\ufeff?\"?sep=(.)\"?[;,]*", re.IGNORECASE)
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
_VALUE = re.compile(r"[^\w]{0,3}\d([\d\s.,:/'’%€$£-]|[eE][+-]?\d|T(?=\d)){0,40}")
#: Lines that are looked at, lines above the header that may be left out, rows that it is compared with.
_LOOKED, _MOST_ABOVE, _ROWS = 60, 20, 2000
#: Fewest columns of a table under a title: a title over one or two columns looks like a ragged row.
_COLUMNS = 3
_SHOWN = 60
#: Most digits of numbers that name columns, and one.
_COUNTED = 10
#: Times that a value occurs below the first row if it is one and no name.
_OFTEN = 2
#: Fewest words of a line that belongs to the header, and most such lines.
_LEAST_WORDS, _MOST_LOWER = 2, 3


def without_preface(text: str, delimiter: str, lines: int = 0) -> tuple[str, str | None, list[str]]:
    """Leave out what stands above the header, and note it.

    Args:
        text: content of the file.
        delimiter: delimiter, as it was found or given.
        lines: number of lines above the header, if the user names it.

    Returns:
        The text from the header on; the delimiter, if the file names it; notes.
    """
    named: str | None = None
    notes: list[str] = []
    first, _, rest = text.lstrip("\r\n").partition("\n")
    if found := _SEP.fullmatch(first.strip()):
        named, text = found[1], rest
        notes.append(f"The line {first.strip()!r} names the delimiter and was left out.")
    if lines:
        return "".join(text.splitlines(keepends=True)[lines:]), named, notes
    for finder in (_comments, _titles):
        above = finder(text, named or delimiter)
        if above:
            kept = text.splitlines(keepends=True)
            shown = next((line.strip() for line in kept[:above] if line.strip()), "")
            lines_were = "line above the header was" if above == 1 else "lines above the header were"
            notes.append(f"{above} {lines_were} left out ({shown[:_SHOWN]!r}).")
            text = "".join(kept[above:])
    return text, named, notes


def has_header(cells: pd.DataFrame) -> bool:
    """Tell if the first row names columns: its cells are no values like those below them.

    Args:
        cells: texts of all rows, the first one in question.
    """
    first = [str(cell) for cell in cells.iloc[0]]
    if all(_NUMBER.fullmatch(cell) for cell in first):  # years, or numbers of columns
        return are_counted(first)
    below = cells.iloc[1 : 1 + _ROWS]
    if len(first) > 1 and _is_row(first, below):
        return False
    values = 0
    for place, cell in enumerate(first):
        column = _texts(below, place)
        if _NUMBER.fullmatch(cell):
            if max(_share_of_numbers(column), _share_of_values(column)) < NUMBER_SHARE:
                return True
        elif cell.strip() and not _alike(cell, column):
            return True
        values += bool(_VALUE.fullmatch(cell))  # a date like those below it
    return values == 0


def are_counted(first: Sequence[str]) -> bool:
    """Tell if numbers of a first row name columns: two or more whole numbers that rise, as years do.

    Two must follow each other, three rise by equal steps: other numbers rise by chance.
    """
    if not all(cell.isdecimal() and len(cell) < _COUNTED for cell in first):
        return False
    steps = {int(after) - int(before) for before, after in pairwise(first)}
    if len(first) <= _COLUMNS and (len(steps) > 1 or (len(first) < _COLUMNS and steps != {1})):
        return False
    return bool(steps) and min(steps) > 0


def _is_row(first: Sequence[str], below: pd.DataFrame) -> bool:
    """Tell if each cell of a row occurs several times in its column, in rows that are not all like it."""
    if not all(cell.strip() for cell in first):
        return False
    same, fewest = np.ones(len(below), dtype=bool), len(below)
    for place, cell in enumerate(first):
        equal = np.array([other == cell for other in _texts(below, place)], dtype=bool)
        if equal.sum() < _OFTEN:
            return False
        same, fewest = same & equal, min(fewest, int(equal.sum()))
    return fewest - int(same.sum()) >= _OFTEN


def second_header(body: pd.DataFrame) -> bool:
    """Tell if the first of the rows below the header is one too: it has words where all others have values.

    Values are cells of digits and signs: numbers, dates, times.

    Args:
        body: texts of all rows below the header.
    """
    if len(body) < _COLUMNS:
        return False
    below = body.iloc[1 : 1 + _ROWS]
    odd = empty = 0
    for place, word in enumerate(str(cell).strip() for cell in body.iloc[0]):
        if _share_of_values(_texts(below, place)) < NUMBER_SHARE:
            continue
        if word and not _is_word(word):  # a value like those below it
            return False
        odd, empty = odd + bool(word), empty + (not word)
    return odd >= _LEAST_WORDS and odd > empty


def _is_word(text: str) -> bool:
    """Tell if a text has letters or the sign of a unit, and is neither a value nor a missing one."""
    told = re.search(r"[^\W\d_]|[%°$€£]", text) and not _is_missing(text)
    return bool(told) and not _VALUE.fullmatch(text)


def _is_missing(word: str) -> bool:
    return word in MISSING or word.casefold() in NO_NUMBER


def names_groups(first: Sequence[str], body: pd.DataFrame) -> bool:
    """Tell if a first row has names of groups, merged ones with empty cells behind, above a header."""
    return ("" in first or len(set(first)) < len(first)) and second_header(body)


def with_lower_headers(first: Sequence[str], body: pd.DataFrame) -> tuple[list[str], pd.DataFrame, list[str]]:
    """Join the lines below a header that are a part of it: names of columns below groups, units.

    Args:
        first: cells of the header's first line.
        body: texts of all rows below it.

    Returns:
        Names, which may be empty or repeat; the rows; notes.
    """
    names, notes = list(first), list[str]()
    while len(notes) < _MOST_LOWER and second_header(body):
        below = [str(cell).strip() for cell in body.iloc[0]]
        if len(set(names)) < len(names) or "" in names:  # names of groups over names of columns
            names = [" ".join(filter(None, pair)) for pair in zip(_spread(names, below), below, strict=True)]
        elif are_values(names, below):
            names = below
        shown = ", ".join(repr(cell) for cell in below[:3]) + (" ..." if len(below) > 3 else "")
        notes.append(f"The line below the header ({shown}) holds no values; it counts as part of the header.")
        body = body.iloc[1:].reset_index(drop=True)
    if notes and len(body) and body.iloc[0, 0] != "" and (body.iloc[0, 1:] == "").all():
        notes.append(f"The line below the header with {body.iloc[0, 0]!r} alone was left out.")
        body = body.iloc[1:].reset_index(drop=True)
    return names, body, notes


def _spread(groups: Sequence[str], below: Sequence[str]) -> list[str]:
    """Write the name of a group above all of its columns: the empty cells behind it, as merged ones have.

    Where a group is written twice, none is merged.
    """
    written = [group for group in groups if group]
    if len(set(written)) < len(written):
        return list(groups)
    spread: list[str] = []
    for place, group in enumerate(groups):
        grouped = place > 0 and not group and below[place] and below[place - 1]
        spread.append(spread[-1] if grouped else group)
    return spread


def _comments(text: str, delimiter: str) -> int:
    """Count the first lines that begin with a ``#``, without one that is the header."""
    lines = list(islice(io.StringIO(text, newline=None), _LOOKED))
    count = next((i for i, line in enumerate(lines) if not line.startswith("#")), 0)
    if not count:
        return 0
    last, after = (next(csv.reader([line], delimiter=delimiter), []) for line in lines[count - 1 : count + 1])
    names_columns = len(last) == len(after) > 1 and any(map(_NUMBER.fullmatch, after))
    return count - 1 if names_columns and not any(map(_NUMBER.fullmatch, last)) else count


def _titles(text: str, delimiter: str) -> int:
    """Count the first lines that have cells in at most half of the columns, above a line that has all.

    A line that ends early and has a word and a value (``Exported,2024-01-02,``) is a title, too.
    """
    lines = list(islice(io.StringIO(text, newline=None), _LOOKED))
    try:
        rows = [next(csv.reader([line], delimiter=delimiter), []) for line in lines]
    except csv.Error:
        return 0
    widths = Counter(len(row) for row in rows[len(rows) // 2 :] if row)
    width = max(widths, key=lambda size: widths[size], default=0)
    if width < _COLUMNS or any(line.count('"') % 2 for line in lines[:_MOST_ABOVE]):
        return 0
    value = _NUMBER
    for count, row in enumerate(rows[: _MOST_ABOVE + 1]):
        filled = sum(bool(cell.strip()) for cell in row)
        if width // 2 < filled < width and _tells_a_value(row):
            value = _VALUE  # of rows without a header, the next one has values, too
            continue
        if filled > width // 2 or (row and not row[0].strip() and filled):
            named = len(row) in (width, width - 1) and filled >= width - 1
            return count if named and not any(map(value.fullmatch, row)) else 0
    return 0


def _tells_a_value(row: Sequence[str]) -> bool:
    """Tell if a row is a word and a value or several, with empty cells at its end alone."""
    cells = [cell.strip() for cell in row]
    filled = [cell for cell in cells if cell]
    if cells[: len(filled)] != filled or not re.search(r"[^\W\d_]", filled[0]) or _VALUE.fullmatch(filled[0]):
        return False
    return all(map(_VALUE.fullmatch, filled[1:]))


def are_values(names: Sequence[str], below: Sequence[str]) -> bool:
    """Tell if a first row is a title (``Account;1234``) and the one below it names the columns."""
    words = len(set(below)) == len(below) and all(re.search(r"[^\W\d_]", name) for name in below)
    return words and any(map(_NUMBER.fullmatch, names))


def _texts(cells: pd.DataFrame, place: int) -> list[str]:
    """List the cells of a column as texts; empty ones for those that a row lacks."""
    return [cell if isinstance(cell, str) else "" for cell in cells.iloc[:, place].tolist()]


def _share_of_values(column: Sequence[str]) -> float:
    """Compute the share of values among the cells of a column that are not missing; 0 without any."""
    present = [cell for cell in column if cell.strip() not in MISSING]
    return sum(bool(_VALUE.fullmatch(cell)) for cell in present) / len(present) if present else 0.0


def _share_of_numbers(column: Sequence[str]) -> float:
    """Compute the share of numbers among the cells of a column that are not missing; 0 without any."""
    present = [cell for cell in column if cell.strip() not in MISSING]
    return sum(map(bool, map(_NUMBER.fullmatch, present))) / len(present) if present else 0.0


def _alike(cell: str, column: Sequence[str]) -> bool:
    """Tell if a cell is a value like those of a column: one of them, or of the shape of most of them."""
    if cell in column:
        return True
    if not any(map(str.isdigit, cell)):
        return False
    if _VALUE.fullmatch(cell) and _share_of_values(column) >= NUMBER_SHARE:
        return True
    shape = _shape(cell)
    alike = sum(_shape(other) == shape for other in column)
    return alike >= NUMBER_SHARE * max(1, len(column))


def _shape(cell: str) -> str:
    """Replace digits by 0 and letters by a."""
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "0", cell))
