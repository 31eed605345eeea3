"""Excel workbooks (``.xlsx``) to text cells, as a CSV of the sheet has them; the door to openpyxl.

A workbook is a zip of XML from anybody: what it unpacks to and the number of its cells are bounded, and
document types, with which XML grows or reads other files, are refused.
"""

import datetime
import shlex
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from autogen.data.tables.sources.csv import named, refuse_too_wide
from autogen.data.tables.sources.footer import without_footer
from autogen.errors import DataError, agreed, counted, did_you_mean, reason

SUFFIXES = (".xlsx", ".xlsm")
#: Most bytes of XML in a workbook, and most cells of a sheet, empty ones before full ones counted.
MOST_BYTES, MOST_CELLS = 2**28, 20_000_000
_DOCTYPE = tuple("<!DOCTYPE".encode(name) for name in ("utf-8", "utf-16-le", "utf-16-be"))
_ERRORS = frozenset(("#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!"))
_MIDNIGHT = datetime.time()


def read_excel(path: Path, sheet: Any = None) -> tuple[pd.DataFrame, list[str]]:
    """Read a sheet as text cells, with a name for each column, and notes.

    Args:
        path: workbook.
        sheet: name of the sheet; the first one with rows by default.

    Raises:
        DataError: the workbook cannot be read, is too large, or has no such sheet.
    """
    if find_spec("openpyxl") is None:
        raise DataError(f"{path} needs openpyxl; install it with: pip install openpyxl")
    _refuse_large(path)
    try:
        rows, name, others = _rows(path, None if sheet is None else str(sheet))
    except DataError:
        raise
    except Exception as error:  # openpyxl raises anything on damaged workbooks
        raise DataError(f"{path} cannot be read as an Excel workbook: {reason(error)}.") from error
    notes = [f"The sheet {name!r} was read; others: {', '.join(map(repr, others[:5]))}."] if others else []
    first = _header(rows)
    first -= _has_groups(rows, first)
    if first + 1 >= len(rows):
        other = f" --option sheet={shlex.quote(others[0])} reads another sheet." if others else ""
        raise DataError(f"{path}: the sheet {name!r} has no rows under a header; write some.{other}")
    if first:
        were = agreed(first, "was", "were")
        notes.append(f"{counted(first, 'row')} above the header of the sheet {were} left out.")
    cells = _as_text(rows[first:], max(map(len, rows[first:])))
    cells = cells.loc[:, (cells != "").any()]
    cells.columns = pd.RangeIndex(cells.shape[1])
    names, frame, more = named(cells)
    frame.columns = pd.Index(names)
    frame, below = without_footer(frame)
    return frame, [*notes, *more, *below]


def _refuse_large(path: Path) -> None:
    """Raise ``DataError`` for a workbook that unpacks to too much, or that declares a document type."""
    if not path.is_file():
        raise DataError(f"{path} is no regular file; give a file, not a folder, a device or a pipe.")
    if not zipfile.is_zipfile(path):
        raise DataError(f"{path} cannot be read as an Excel workbook, since it is none; name a text .csv.")
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > MOST_BYTES:
                raise DataError(
                    f"{path} unpacks to more than {MOST_BYTES:,} bytes; save the sheet as .csv and give that."
                )
            for part in parts:
                if part.filename.lower().endswith((".xml", ".rels")):
                    content = archive.read(part)
                    if any(mark in content for mark in _DOCTYPE):
                        raise DataError(
                            f"{path} declares a document type, as no workbook does; it is not read."
                        )
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        raise DataError(f"{path} cannot be read as an Excel workbook: {reason(error)}.") from error


def _rows(path: Path, wanted: str | None) -> tuple[list[Sequence[Any]], str, list[str]]:
    """Read the rows of a sheet without empty ones; return them, its name, and the names of other sheets."""
    import openpyxl

    with warnings.catch_warnings(), path.open("rb") as file:
        warnings.simplefilter("ignore")  # of styles and extensions that no reader of values needs
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        try:
            sheets = {sheet.title: sheet for sheet in book.worksheets}
            if wanted is not None and wanted not in sheets:
                hint = did_you_mean(wanted, sheets)
                raise DataError(f"{path} has no sheet {wanted!r}; it has {', '.join(sheets)}.{hint}")
            for name in sheets if wanted is None else [wanted]:
                rows = _filled(sheets[name], path)
                if rows:
                    return rows, name, [other for other in sheets if other != name]
        finally:
            book.close()
    raise DataError(f"{path} is empty; give a sheet with a header and rows.")


def _filled(sheet: Any, path: Path) -> list[Sequence[Any]]:
    """List the rows that hold something, each up to its last cell."""
    sheet.reset_dimensions()  # what the file says of its size need not be so
    rows, cells = [], 0
    for row in sheet.iter_rows(values_only=True):
        end = next((place for place in range(len(row), 0, -1) if row[place - 1] not in (None, "")), 0)
        cells += end
        if cells > MOST_CELLS:
            raise DataError(
                f"{path} has more than {MOST_CELLS:,} cells; save the sheet as .csv and give that."
            )
        if end:
            rows.append(row[:end])
    refuse_too_wide(max(map(len, rows), default=0), str(path))
    return rows


def _header(rows: Sequence[Sequence[Any]]) -> int:
    """Find the first row with more than half of the cells that most rows have; titles stand above it."""
    widths = sorted(sum(cell not in (None, "") for cell in row) for row in rows)
    usual = widths[len(widths) // 2]
    full = (i for i, row in enumerate(rows) if 2 * sum(cell not in (None, "") for cell in row) > usual)
    return next(full, 0)


def _has_groups(rows: Sequence[Sequence[Any]], header: int) -> bool:
    """Tell if the row above a header whose names repeat has names of groups, in merged cells."""
    names = [cell for cell in rows[header] if cell not in (None, "")]
    above = [cell for cell in rows[header - 1] if cell not in (None, "")] if header else []
    return len(above) > 1 and len(set(names)) < len(names)


def _as_text(rows: Sequence[Sequence[Any]], width: int) -> pd.DataFrame:
    """Write cells as texts: dates of a column without clocks as dates."""
    columns = {}
    for place in range(width):
        cells = [row[place] if place < len(row) else None for row in rows]
        moments = [cell for cell in cells if isinstance(cell, datetime.datetime)]
        dates = bool(moments) and all(cell.time() == _MIDNIGHT for cell in moments)
        columns[place] = [_text(cell, dates) for cell in cells]
    return pd.DataFrame(columns, dtype="str")


def _text(cell: Any, dates: bool = False) -> str:
    """Write a cell as a CSV has it; numbers with the fifteen digits that Excel has."""
    if cell is None or cell in _ERRORS:
        return ""
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if dates else cell.isoformat(" ", "seconds")
    return str(cell).strip()
