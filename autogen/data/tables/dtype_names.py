"""Names of dtypes, as pandas prints them, to dtypes; zones of dtypes of moments."""

from typing import Any

import pandas as pd


def as_dtype(column: pd.Series, dtype: Any) -> pd.Series:
    """Convert a column to another dtype, named as pandas prints it."""
    converted: pd.Series = column.astype(named_dtype(dtype))
    return converted


def named_dtype(name: Any) -> Any:
    """Find the dtype that pandas prints under a name; ``string[pyarrow]`` is ambiguous to pandas."""
    if name != "string[pyarrow]":
        return name
    import pyarrow as pa

    return pd.ArrowDtype(pa.string())


def zone_of(dtype: Any) -> Any:
    """Find the time zone of a dtype, or of the dtype of a name; ``None`` for one without a zone."""
    found = pd.api.types.pandas_dtype(named_dtype(dtype)) if isinstance(dtype, str) else dtype
    if isinstance(found, pd.DatetimeTZDtype):
        return found.tz
    return getattr(getattr(found, "pyarrow_dtype", None), "tz", None)
