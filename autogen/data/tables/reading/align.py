"""Alignment of another table to the columns of the training data: the same values in the same types."""

import warnings
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.tables.dtype_names import zone_of
from autogen.data.tables.formats.dates import print_dates, shown_format
from autogen.data.tables.formats.missing import is_missing, without_words
from autogen.data.tables.reading.cells import typed
from autogen.errors import DataError


def align_column(column: pd.Series, encoder: Any, from_text: bool) -> tuple[pd.Series, list[str]]:
    """Convert a column to the type of the real column, so that its encoder reads it.

    Args:
        column: N cells of a text file, or of a DataFrame.
        encoder: encoder of the real column.
        from_text: True if the cells are strings, with missing ones written out.

    Returns:
        The column of N cells, and notes.

    Raises:
        DataError: the real column holds numbers or dates, and this one holds none.
    """
    if encoder.form.text_format and not pd.api.types.is_numeric_dtype(column.dtype):
        column = encoder.form.text_format.strip_column(column)
    if encoder.form.nominal:
        return _categories(column, encoder, from_text), []
    if encoder.form.kind == "datetime" or encoder.form.dtype.startswith("timedelta"):
        return _moments(column, encoder, from_text)
    return _numbers(column, encoder.form.kind, from_text)


def _categories(column: pd.Series, encoder: Any, from_text: bool) -> pd.Series:
    """Match cells to categories by their text; others stay as they are and count as new categories."""
    values = list(encoder.values)
    known = {_normalized(value): value for value in values}
    words = encoder.form.missing_words
    codes, uniques = pd.factorize(column)
    cells = np.empty(len(uniques) + 1, dtype=object)
    for i, cell in enumerate(uniques):
        text = _normalized(cell)
        missing = text not in known and (is_missing(text, words) if from_text else text in words)
        cells[i] = None if missing else known.get(text, cell)
    cells[-1] = None
    return pd.Series(cells[codes], dtype=object, name=column.name)


def _normalized(value: Any) -> str:
    """Normalize the text of a category of any type: 1, 1.0 and "1" are equal, and true, True and TRUE."""
    text = str(value).strip()
    if text.lower() in ("true", "false"):
        return text.lower()
    try:
        number = float(text)
    except ValueError:
        return text
    # A leading zero marks a code: 007 is not 7.
    whole = number.is_integer() and not (text.lstrip("+-").startswith("0") and text.lstrip("+-0.") != "")
    return str(int(number)) if whole else text


def _numbers(column: pd.Series, kind: str, from_text: bool) -> tuple[pd.Series, list[str]]:
    """Convert a column to numbers; other cells count as missing, and a note says so."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column, []
    texts = column if from_text else column.map(str, na_action="ignore")
    try:
        return typed(texts, kind)
    except DataError:
        raise _other(column, "numbers") from None


def _moments(column: pd.Series, encoder: Any, from_text: bool) -> tuple[pd.Series, list[str]]:
    """Convert a column to dates: text in the encoder's format, or datetimes if it has none."""
    if not from_text and column.dtype.kind in "mM":
        return (column if not encoder.form.format else _printed(column, encoder.form.format)), []
    cells = without_words(column, encoder.form.missing_words) if from_text else column
    if not encoder.form.format:
        spans = encoder.form.dtype.startswith("timedelta")
        cells = pd.to_timedelta(cells, errors="coerce") if spans else _dates(cells, encoder.form.dtype)
    if np.isnan(encoder.feature(cells)).all():
        raise _other(column, f"dates like {shown_format(encoder.form.format)}".removesuffix(" like "))
    return cells, []


def _dates(cells: pd.Series, dtype: str) -> pd.Series:
    """Read N texts as datetimes of a dtype, those of a zone whatever their offsets; others are missing.

    Texts without offsets are times of the zone, in its summer time where they may be of both.
    ISO 8601 first, in which dates with and without fractions differ; else the format of the first text.
    """
    zone = zone_of(dtype)
    offsets = bool(cells.astype(str).str.contains(r"\d(?:[+-]\d\d:?\d\d|Z)\s*$").any())
    read = pd.to_datetime(cells, errors="coerce", format="ISO8601", utc=offsets)
    if read.isna().sum() > cells.isna().sum():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that each text is read by itself
            other = pd.to_datetime(cells, errors="coerce", utc=offsets)
        read = other if other.notna().sum() > read.notna().sum() else read
    if zone is None:
        return read
    if offsets:
        return read.dt.tz_convert(zone)
    return read.dt.tz_localize(zone, ambiguous=np.ones(len(read), bool), nonexistent="shift_forward")


def _printed(column: pd.Series, form: str) -> pd.Series:
    """Print datetimes as the real data has them, zoned ones by their moment."""
    if zone_of(column.dtype) is not None:
        column = pd.to_datetime(column, utc=True).dt.tz_localize(None)
    return print_dates(column, form)


def _other(column: pd.Series, what: str) -> DataError:
    shown = ", ".join(repr(cell) for cell in column.dropna().unique()[:3]) or "nothing"
    return DataError(f"column {column.name!r} must hold {what} as in the real data; got {shown}.")
