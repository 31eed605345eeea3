"""Ordered columns as float64 and back: integers, floats, dates and durations in their own dtype."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from autogen.data.tables.dtype_names import as_dtype, zone_of
from autogen.data.tables.formats.dates import print_dates, read_dates
from autogen.data.tables.reading.column_types import ColumnType

_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000}


@dataclass(frozen=True)
class NumericScale:
    """Conversion of an ordered column to numbers and back.

    Dates count whole seconds since 1970 (milliseconds or microseconds if the training dates need them;
    finer parts are lost).

    Attributes:
        form: type of the raw column.
        unit: ``s``, ``ms`` or ``us`` for dates and durations; empty otherwise.
    """

    form: ColumnType
    unit: str = ""

    @classmethod
    def fit(cls, form: ColumnType, column: pd.Series) -> "NumericScale":
        """Find the coarsest unit of the training dates."""
        if form.kind != "datetime" and not form.dtype.startswith("timedelta"):
            return cls(form)
        micros = cls(form, "us").numbers(column)
        micros = micros[~np.isnan(micros)]
        for unit, per_second in _PER_SECOND.items():
            if not np.any(micros % (1_000_000 // per_second)):
                return cls(form, unit)
        return cls(form, "us")

    def numbers(self, column: pd.Series) -> np.ndarray:
        """Convert N cells to float64 (N,); NaN if missing."""
        if self.form.format:
            column = read_dates(column, self.form.format)
        if not self.unit:
            return np.asarray(pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan))
        if zone_of(column.dtype) is not None:
            column = pd.to_datetime(column, utc=True).dt.tz_localize(None)
        fine = column.to_numpy().astype("datetime64[us]" if column.dtype.kind == "M" else "timedelta64[us]")
        whole = fine.astype(np.int64).astype(float) / (1_000_000 // _PER_SECOND[self.unit])
        return np.where(np.isnat(fine), np.nan, np.floor(whole))

    def column(self, numbers: np.ndarray) -> pd.Series:
        """Convert numbers, float64 (N,), to cells of the column's own dtype and format, under its name."""
        name, dtype = self.form.name, self.form.dtype
        if self.unit:
            return self._moments(numbers).rename(name)
        found = pd.Series(numbers, name=name)
        if _is_whole(dtype):
            found = found.round()
        return as_dtype(found, dtype)

    def _moments(self, numbers: np.ndarray) -> pd.Series:
        """Convert whole units, float64 (N,), to dates or durations."""
        missing = np.isnan(numbers)
        whole = np.where(missing, 0, numbers).astype(np.int64)
        if self.form.dtype.startswith("timedelta"):
            spans = pd.Series(whole.astype(f"timedelta64[{self.unit}]")).mask(missing)
            return as_dtype(spans, self.form.dtype)
        moments = pd.Series(whole.astype(f"datetime64[{self.unit}]")).mask(missing)
        if self.form.format:
            codes, uniques = pd.factorize(moments)
            texts = as_dtype(print_dates(pd.Series(uniques), self.form.format), self.form.dtype)
            return texts.reindex(codes).reset_index(drop=True)
        if (zone := zone_of(self.form.dtype)) is not None:
            moments = moments.dt.tz_localize("UTC").dt.tz_convert(zone)
        return as_dtype(moments, self.form.dtype)


def _is_whole(dtype: str) -> bool:
    return dtype.lower().startswith(("int", "uint"))
