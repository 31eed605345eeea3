"""Columns of the data as they were read, and rules between them, for terminals and the page."""

import re
from collections.abc import Sequence
from shlex import quote

from autogen.data.kind import ColumnReading
from autogen.errors import agreed, printable
from autogen.report.markup import Content, folded, table

#: Most columns in a short list, and rows of the page's table that show at once.
SHORT, UNFOLDED = 40, 30
#: Most characters of a cell, and of a column's name in a short list.
_CELL, _NAME = 24, 30


def column_lines(readings: Sequence[ColumnReading]) -> list[str]:
    """Describe each column in two lines: what it was taken for, and cells as read and as they come back.

    Args:
        readings: columns of the data.
    """
    lines = []
    for one in readings:
        shape = f", written like {printable(one.format)}" if one.format else ""
        lines.append(f"  {printable(one.name)}: {one.kind}{shape}; {one.fate}{_counts(one)}")
        arrow = f" -> {_cells(one.back)}" if one.back else ""
        lines.append(f"    {_cells(one.read)}{arrow}")
    return lines


def short_column_lines(readings: Sequence[ColumnReading]) -> list[str]:
    """Describe each column in one line, the first ``SHORT`` ones alone.

    Args:
        readings: columns of the data.
    """
    shown = readings[:SHORT]
    names = [_cut(one.name, _NAME) for one in shown]
    wide, fates = max(map(len, names), default=0), max((len(one.fate) for one in shown), default=0)
    lines = []
    for name, one in zip(names, shown, strict=True):
        same = one.read == one.back
        cells = f"{_cells(one.read)}{f' -> {_cells(one.back)}' if one.back and not same else ''}"
        missing = f"  {_percent(one.missing)} missing" if one.missing else ""
        lines.append(f"  {name:{wide}}  {one.fate:{fates}}  {one.kind}: {cells}{missing}")
    if more := len(readings) - len(shown):
        lines.append(f"  ... and {more} more; autogen inspect lists all columns")
    return lines


def columns_table(readings: Sequence[ColumnReading], *, cells: bool = True) -> list[Content]:
    """Describe each column in a row of a table of the page; empty without columns.

    Args:
        readings: columns of the data.
        cells: False to show no real cells of columns that look like personal data.
    """
    if not readings:
        return []
    header = ("Column", "Taken for", "In samples", "Cells as read", "As they come back", "Missing", "Values")

    def hidden(one: ColumnReading) -> bool:
        """Tell if cells as they come back are real ones that must not be shown; made-up ones are not real."""
        return not cells and bool(one.personal) and one.fate != "made up"

    def kept_back(one: ColumnReading) -> bool:
        """Tell if cells as read may tell of persons: of personal columns, and of texts that are left out."""
        return bool(one.personal) or one.fate == "left out"

    rows = [
        (
            one.name,
            f"{one.kind}, {one.format}" if one.format else one.kind,
            one.fate,
            _cells(one.read) if cells or not kept_back(one) else "not shown: may be personal",
            "–" if not one.back or hidden(one) else _cells(one.back),
            _percent(one.missing),
            f"{one.distinct:,}" if one.distinct else "–",
        )
        for one in readings
    ]
    rest = rows[UNFOLDED:]
    more = agreed(len(rest), "One more column", f"The other {len(rest)} columns")
    return [
        table(header, rows[:UNFOLDED], numbers=(5, 6)),
        folded(more, table(header, rest, numbers=(5, 6)) if rest else None),
    ]


def rule_option(rule: str) -> str:
    """Write a rule as an option that can be pasted into a shell.

    Args:
        rule: rule as ``--rule`` takes it.
    """
    return f"--rule {quote(rule)}" if re.search(r'["$`\\!\n]', rule) else f'--rule "{rule}"'


def _counts(one: ColumnReading) -> str:
    """Write the numbers of different and of missing cells."""
    parts = [f"{one.distinct:,} different"] if one.distinct else []
    parts += [f"{_percent(one.missing)} missing"] if one.missing else []
    return f"; {', '.join(parts)}" if parts else ""


def _cells(cells: Sequence[str]) -> str:
    return " | ".join(_cut(cell, _CELL) for cell in cells)


def _cut(text: str, most: int) -> str:
    line = printable(text)
    return line if len(line) <= most else f"{line[: most - 3]}..."


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if not share or share >= 0.0005 else f"{100 * share:.1g} %"
