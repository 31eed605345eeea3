"""Rows of a table that are not independent: rows of one group, and rows in the order of a time."""

import re

import numpy as np
import pandas as pd

from autogen.data.split import MINIMUM
from autogen.data.tables.quantity import Quantity
from autogen.data.tables.reading.column_types import ColumnType
from autogen.errors import DataError

#: Names of columns whose values tell whom or what a row belongs to.
_OWNERS = r"patient|subject|person|user|customer|client|member|household|student|employee|account"
_OWNERS += r"|session|device|machine|sensor|site|store|vehicle|animal|participant|respondent|case"
_OWNER = re.compile(rf"(^|[_\W])({_OWNERS})([_\W]?(id|no|nr|num|number|key|code))?$", re.IGNORECASE)
#: Rows a value has on average, from which on a column is taken for that of a group.
_ROWS_EACH = 1.5


def group_numbers(column: pd.Series, source: str) -> np.ndarray:
    """Number the groups of rows that have one value in a column; a missing value is a group of its own.

    Args:
        column: N cells.
        source: Name of the table, for messages.

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
            f"out whole groups. Name a column with more values, or leave out group."
        )
    return codes


def times_of(column: pd.Series, form: ColumnType, source: str) -> np.ndarray:
    """Times of rows as numbers that grow with time, NaN where a cell is missing: float64 (N,).

    Args:
        column: N cells.
        form: Form of the column.
        source: Name of the table, for messages.

    Raises:
        DataError: the column holds neither dates nor numbers, or no two different ones.
    """
    moments = form.kind == "datetime" or form.dtype.startswith("timedelta")
    if not moments and not pd.api.types.is_numeric_dtype(column.dtype):
        raise DataError(
            f"column {form.name!r} of {source} is {form.kind}, so it gives rows no order in time. "
            f"Name a column of dates or numbers as time, or say what it holds with the option columns."
        )
    times = Quantity(form, "us" if moments else "").numbers(column)
    if len(np.unique(times[~np.isnan(times)])) < 2:
        raise DataError(f"column {form.name!r} of {source} has one value: it gives rows no order in time.")
    return times


def suspicions(columns: dict[str, pd.Series], forms: list[ColumnType], chosen: set[str]) -> list[str]:
    """Warn of columns that look as if rows depended on each other, one sentence each.

    A column is suspected of grouping rows where its name says so and its values repeat, and of ordering
    them where it holds dates and the rows stand in their order.

    Args:
        columns: Columns of the table by name, N cells each.
        forms: Forms of these columns.
        chosen: Columns that the user has named already.
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
                f"Warning: the rows stand in the order of the dates in column {form.name!r}. If later rows "
                f"are what counts, test on the latest: --time {form.name}."
            )
    return notes


def _in_order(column: pd.Series, form: ColumnType) -> bool:
    """Whether the rows with a date stand in its order, forwards or backwards."""
    times = Quantity(form, "us").numbers(column)
    steps = np.diff(times[~np.isnan(times)])
    return bool((steps >= 0).all() or (steps <= 0).all())
