"""Dependent rows of a table: rows of one group, and rows in the order of time."""

import re

import numpy as np
import pandas as pd

from autogen.data.split import MINIMUM
from autogen.data.tables.quantity import NumericScale
from autogen.data.tables.reading.column_types import ColumnType
from autogen.errors import DataError

#: Names of columns whose values name the owner of a row.
_OWNERS = r"patient|subject|person|user|customer|client|member|household|student|employee|account"
_OWNERS += r"|session|device|machine|sensor|site|store|vehicle|animal|participant|respondent|case"
_OWNER = re.compile(rf"(^|[_\W])({_OWNERS})([_\W]?(id|no|nr|num|number|key|code))?$", re.IGNORECASE)
#: Mean number of rows per value from which on a column may be a group.
_ROWS_EACH = 1.5


def group_numbers(column: pd.Series, source: str) -> np.ndarray:
    """Number the groups of rows that share a value in a column; a missing value is a group of its own.

    Args:
        column: N cells.
        source: name of the table, for messages.

    Returns:
        int64 (N,).

    Raises:
        DataError: there are too few groups to hold some of them out.
    """
    codes = pd.factorize(column)[0].astype(np.int64)
    absent = codes < 0
    codes[absent] = codes.max(initial=-1) + 1 + np.arange(absent.sum())
    if (count := len(np.unique(codes))) < MINIMUM:
        raise DataError(
            f"{source} has {count} groups by column {column.name!r}; at least {MINIMUM} are needed to hold "
            f"out whole groups. Name a column with more values, or remove the option group."
        )
    return codes


def times_of(column: pd.Series, form: ColumnType, source: str) -> np.ndarray:
    """Convert times to numbers that grow with time, float64 (N,), NaN for missing cells.

    Args:
        column: N cells.
        form: type of the column.
        source: name of the table, for messages.

    Raises:
        DataError: the column holds neither dates nor numbers, or only one value.
    """
    moments = form.kind == "datetime" or form.dtype.startswith("timedelta")
    if not moments and not pd.api.types.is_numeric_dtype(column.dtype):
        raise DataError(
            f"column {form.name!r} of {source} is {form.kind}, so it gives rows no order in time. "
            f"Name a column of dates or numbers as time, or set its kind with the option columns."
        )
    times = NumericScale(form, "us" if moments else "").numbers(column)
    if len(np.unique(times[~np.isnan(times)])) < 2:
        raise DataError(
            f"column {form.name!r} of {source} has one value only, so it gives rows no order in time. "
            f"Name another column as time."
        )
    return times


def suspicions(columns: dict[str, pd.Series], forms: list[ColumnType], chosen: set[str]) -> list[str]:
    """Warn of columns that suggest dependent rows, one sentence each.

    A column may group rows if its name says so and its values repeat; it may order them if it holds
    dates and the rows are sorted by it.

    Args:
        columns: columns of the table by name, N cells each.
        forms: types of these columns.
        chosen: columns that the user has named already.
    """
    notes = []
    for form in forms:
        if form.name in chosen:
            continue
        column = columns[form.name]
        different = column.nunique()
        if _OWNER.search(form.name) and MINIMUM <= different <= column.count() / _ROWS_EACH:
            notes.append(
                f"Warning: column {form.name!r} looks like a group ({different} values in {column.count()} "
                f"rows). If rows of one group depend on each other, keep them in one part: "
                f"--group {form.name}."
            )
        if form.kind == "datetime" and different >= MINIMUM and _in_order(column, form):
            notes.append(
                f"Warning: the rows are sorted by the dates in column {form.name!r}. To test on the latest "
                f"rows, use --time {form.name}."
            )
    return notes


def _in_order(column: pd.Series, form: ColumnType) -> bool:
    """Tell if the rows with a date are sorted by it, in either direction."""
    times = NumericScale(form, "us").numbers(column)
    steps = np.diff(times[~np.isnan(times)])
    return bool((steps >= 0).all() or (steps <= 0).all())
