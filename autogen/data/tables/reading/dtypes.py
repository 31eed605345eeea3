"""Columns of DataFrames in dtypes that can be modeled, with a note on each conversion."""

import datetime
import decimal as decimals
import numbers

import numpy as np
import pandas as pd

from autogen.data.tables.formats.detect import detect_format
from autogen.data.tables.formats.missing import MISSING, NO_NUMBER, NUMBER_SHARE
from autogen.data.tables.formats.number_detection import MARK
from autogen.data.tables.reading.cells import MANY_SPELLINGS, typed
from autogen.errors import agreed

#: Arrow types that need no conversion.
_ARROW = ("int", "uint", "float", "double", "bool", "string", "large_string", "timestamp", "date")

#: Plain numbers with decimals, and the share of them that makes a column of texts one of quantities.
_DECIMALS, _MOST = r"\s*[+-]?\d+\.\d+(?:[eE][+-]?\d+)?\s*", 0.5
#: Plain whole numbers, and the share of the cells that have a length for it to count.
_WHOLE, _SOME = r"-?(?:0|[1-9]\d{0,14})", 0.05


def settle(column: pd.Series, forced: str | None) -> tuple[pd.Series, list[str]]:
    """Convert a column of N cells to a dtype that can be modeled, and note the conversion.

    Args:
        column: N cells.
        forced: kind of the column that the user wants, or ``None``.

    Returns:
        N numbers, booleans, dates, categories or texts; and notes.
    """
    name = repr(column.name)
    column, notes = _common(column)
    if notes:
        column, more = settle(column, forced)
        return column, [*notes, *more]
    if isinstance(column.dtype, pd.CategoricalDtype):
        if all(isinstance(value, (str, int, float)) for value in column.cat.categories.tolist()):
            return column, []
        return column.cat.rename_categories(str), [f"Categories of column {name} are read as text."]
    if forced in (None, "continuous", "integer") and (found := _from_formatted(column, forced)):
        return found
    if column.dtype == object:
        return _from_objects(column)
    if column.dtype.kind in "mM" and forced == "categorical":
        return column.map(str, na_action="ignore").astype(str), [f"Dates of column {name} are read as text."]
    if column.dtype.kind == "c":
        return column.map(str).astype(str), [f"Complex numbers of column {name} are read as text."]
    if column.dtype.kind == "f" and (infinite := np.isinf(column.to_numpy(float, na_value=np.nan)).sum()):
        cells, are = agreed(infinite, "cell", "cells"), agreed(infinite, "is", "are")
        verb = agreed(infinite, "counts", "count")
        note = f"{infinite} {cells} of column {name} {are} infinite and {verb} as missing."
        return column.replace([np.inf, -np.inf], np.nan), [note]
    return column, []


def _common(column: pd.Series) -> tuple[pd.Series, list[str]]:
    """Convert a rare dtype to a common one and note it; a common dtype is returned without a note."""
    dtype, name = column.dtype, repr(column.name)
    if isinstance(dtype, pd.SparseDtype):
        return column.astype(dtype.subtype), [f"Sparse column {name} is read as a dense one."]
    if isinstance(dtype, pd.PeriodDtype):
        return column.dt.to_timestamp(), [f"Periods of column {name} are read as their start times."]
    if isinstance(dtype, pd.IntervalDtype):
        return column.astype(object).map(str, na_action="ignore"), [f"Intervals of {name} are read as text."]
    if str(dtype).startswith("duration"):
        return column.astype("timedelta64[us]"), [f"Column {name} is read as timedelta64, not as {dtype}."]
    if isinstance(dtype, pd.ArrowDtype) and not str(dtype).startswith(_ARROW):
        plain = pd.Series(column.tolist(), dtype=object, name=column.name).replace({pd.NA: None})
        return plain, [f"Column {name} is read as Python objects, not as {dtype}."]
    return column, []


def _from_formatted(column: pd.Series, forced: str | None) -> tuple[pd.Series, list[str]] | None:
    """Parse texts to numbers if nearly all share one format and are quantities; else ``None``.

    Quantities have signs, separators, decimals or whole numbers of several lengths. Plain digits of one
    length (``1010``) stay text, as the frame has them, and so do columns with few different texts; codes
    with leading zeros (``01234``) become numbers if the user wants whole ones.
    """
    present = column.dropna()
    if column.dtype != object and not str(column.dtype).startswith(("str", "string", "large_string")):
        return None
    if not present.map(lambda cell: isinstance(cell, str)).all() or present.nunique() < MANY_SPELLINGS:
        return None
    codes = forced == "integer" and present.str.fullmatch(r"0\d+").any()
    if not codes and not present.str.contains(MARK).any() and not _are_quantities(present):
        return None
    numbers, notes = typed(column, forced if codes else None)
    if (
        not pd.api.types.is_numeric_dtype(numbers.dtype)
        or detect_format(column, numbers, of_frame=True)[0] is None
    ):
        return None
    return numbers, notes


def _are_quantities(texts: pd.Series) -> bool:
    """Tell if plain numbers have decimals, or are whole ones of several lengths and not codes."""
    if texts.str.fullmatch(_DECIMALS).mean() >= _MOST:
        return True
    whole = texts.str.strip()
    whole = whole[~(whole.isin(MISSING) | whole.str.casefold().isin(NO_NUMBER))]
    if whole.empty or whole.str.fullmatch(_WHOLE).mean() < NUMBER_SHARE:
        return False
    lengths = whole.str.len().value_counts(normalize=True)
    return bool(whole.str.startswith("-").any() or (lengths >= _SOME).sum() > 1)


def _moments(column: pd.Series, present: pd.Series) -> tuple[pd.Series, list[str]]:
    """Convert dates of Python to datetimes; those of several zones, or with and without one, to UTC."""
    zones = {str(getattr(cell, "tzinfo", None)) for cell in present}
    if len(zones) == 1:
        return pd.to_datetime(column), [f"Dates of column {column.name!r} are read as datetimes."]
    shown = ", ".join(sorted(zones)[:3]) + (" ..." if len(zones) > 3 else "")
    return pd.to_datetime(column, utc=True), [
        f"Dates of column {column.name!r} are of several zones ({shown}) and are read as moments in UTC."
    ]


def _from_objects(column: pd.Series) -> tuple[pd.Series, list[str]]:
    """Convert Python objects to the type that all of them share, else to their texts."""
    present = column.dropna()
    if present.map(lambda cell: isinstance(cell, str)).all():
        return (column, []) if len(present) else (column.astype(float), [])
    if present.map(lambda cell: isinstance(cell, (bool, np.bool_))).all():
        return column.astype("boolean"), []
    if present.map(lambda cell: isinstance(cell, numbers.Number) and not isinstance(cell, complex)).all():
        whole = present.map(lambda cell: isinstance(cell, numbers.Integral)).all()
        if whole and present.abs().max() < 2**63:
            return column.astype("Int64" if len(present) < len(column) else "int64"), []
        if whole:
            note = f"Whole numbers of column {column.name!r} beyond 64 bits are read as text."
            return column.map(str, na_action="ignore").astype(str), [note]
        decimal = present.map(lambda cell: isinstance(cell, decimals.Decimal)).any()
        note = f"Decimals of column {column.name!r} are read as float64."
        return column.astype(float), [note] if decimal else []
    if present.map(lambda cell: isinstance(cell, datetime.timedelta)).all():
        return pd.to_timedelta(column), []
    if present.map(lambda cell: isinstance(cell, datetime.date)).all():
        return _moments(column, present)
    if present.map(lambda cell: isinstance(cell, datetime.time)).all():
        return column.map(str, na_action="ignore").astype(str), [
            f"Times of column {column.name!r} are read as text."
        ]
    texts = column.map(str, na_action="ignore").astype(str)
    types = {type(cell).__name__ for cell in present}
    if types <= {"int", "float", "str"} and (found := _from_formatted(texts, None)):
        note = f"Column {column.name!r} mixes numbers and texts, most of which are numbers too."
        return found[0], [note, *found[1]]
    if len(types) == 1:
        return texts, [f"Values of column {column.name!r} ({types.pop()}) are read as text."]
    return texts, [f"Column {column.name!r} mixes types; its cells are read as text."]
