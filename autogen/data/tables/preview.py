"""Distributions of a table's columns, real beside generated."""

from typing import Any

import numpy as np

from autogen.data.marginals import CATEGORIES, MISSING, Record, binned, counted


def column_marginals(real: Any, fake: Any) -> list[Record]:
    """Distribution of each column that both DataFrames have."""
    return [column_marginal(str(name), real[name], fake[name]) for name in real.columns if name in fake]


def column_marginal(name: str, real: Any, fake: Any) -> Record:
    """A column's; dates as years, everything that is no quantity by category."""
    kind = real.dtype.kind
    if kind == "M":
        year = np.timedelta64(1, "D") * 365.2425
        real, fake = ((1970 + (c - np.datetime64("1970-01-01")) / year) for c in (real, fake))
    if (kind in "iufM" or str(real.dtype) in ("Int64", "Float64")) and real.nunique() > CATEGORIES:
        gaps = [round(float(column.isna().mean()), 6) for column in (real, fake)]
        told = binned(name, *(column.dropna().to_numpy(float) for column in (real, fake)))
        return told | ({"missing": gaps} if any(gaps) else {})
    return counted(name, *(_labels(column) for column in (real, fake)))


def _labels(column: Any) -> list[str]:
    """Cells as categories, what is missing as one of its own."""
    return [MISSING if gap else str(cell) for cell, gap in zip(column, column.isna(), strict=True)]
