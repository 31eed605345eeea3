"""Distributions of a table's columns, real beside generated."""

from typing import Any

from autogen.data.marginals import CATEGORIES, MISSING, Record, binned, counted, dated
from autogen.data.tables.codec import TableCodec


def column_marginals(real: Any, fake: Any, codec: TableCodec) -> list[Record]:
    """Compute the distribution of each column that both DataFrames have; identifiers have none.

    Args:
        real: real rows.
        fake: generated rows.
        codec: codec of the data set, which knows the types of the columns.
    """
    forms = [column.form for column in codec.columns if column.form.kind != "identifier"]
    return [
        column_marginal(form, real[form.name], fake[form.name])
        for form in forms
        if form.name in real and form.name in fake
    ]


def column_marginal(form: Any, real: Any, fake: Any) -> Record:
    """Compute the distribution of one column: of dates over time, of quantities in bins, else by category.

    Args:
        form: ``ColumnType`` of the column.
        real: N real cells.
        fake: M generated cells.
    """
    gaps = [round(float(column.isna().mean()), 6) for column in (real, fake)]
    missing = {"missing": gaps} if any(gaps) else {}
    if form.kind == "datetime":
        return dated(form.name, *(_moments(column, form.format) for column in (real, fake))) | missing
    numeric = real.dtype.kind in "iuf" or str(real.dtype) in ("Int64", "Float64")
    if numeric and real.nunique() > CATEGORIES:
        return binned(form.name, *(column.dropna().to_numpy(float) for column in (real, fake))) | missing
    return counted(form.name, *(_labels(column) for column in (real, fake)))


def _moments(column: Any, form: str) -> Any:
    """Convert the dates of a column to datetime64[s], (N,), without missing ones; with an offset, to UTC."""
    import pandas as pd

    from autogen.data.tables.formats.dates import read_dates

    dates = read_dates(column, form) if form else column
    moments = pd.to_datetime(dates, errors="coerce", utc=True).dropna()
    return moments.dt.tz_localize(None).to_numpy("datetime64[s]")


def _labels(column: Any) -> list[str]:
    """Cells as categories; what is missing is a category too."""
    return [MISSING if gap else str(cell) for cell, gap in zip(column, column.isna(), strict=True)]
