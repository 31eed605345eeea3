"""One encoder per column: cells to codes and in-bin positions, and back."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.specs import ColumnSpec
from autogen.data.tables.dtype_names import named_dtype
from autogen.data.tables.quantity import NumericScale
from autogen.data.tables.quantizer import QuantileBins
from autogen.data.tables.reading.column_types import ColumnType

#: Numeric columns with at most this many values, each in this many rows on average, get a code per value.
FEW_VALUES, ROWS_PER_VALUE = 100, 3
#: At most this many values get a code each, however rare they are.
ALWAYS_FEW = 12
#: Share and number of rows from which on a value is a spike with a code of its own, and most spikes.
SPIKE_SHARE, SPIKE_ROWS, MAX_SPIKES = 0.05, 20, 5


class ColumnEncoder(ABC):
    """Transform of one modeled column to codes and positions.

    Attributes:
        form: type of the raw column.
        spec: spec of the encoded column.
    """

    form: ColumnType
    spec: ColumnSpec

    @abstractmethod
    def code_names(self) -> tuple[Any, ...]:
        """Name each code by the value that it stands for."""

    @abstractmethod
    def encode(self, column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
        """Encode N cells as codes, int64 (N,), and positions, float32 (N,); cells may be new."""

    @abstractmethod
    def decode(self, codes: np.ndarray, positions: np.ndarray) -> pd.Series:
        """Decode codes, int64 (N,), and positions, float32 (N,), to cells of the column's dtype."""

    @abstractmethod
    def feature(self, column: pd.Series) -> np.ndarray:
        """Convert N cells to float64 (N,): the quantity or the index of the category; NaN if missing."""

    @abstractmethod
    def cells(self, features: np.ndarray) -> pd.Series:
        """Convert quantities or indices of known categories, float64 (N,), to cells: invert ``feature``."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Describe the encoder in JSON values, without the type of the column."""


class Categories(ColumnEncoder):
    """Encoder with a code for each value of the training split, in order, after one for missing cells.

    A value that the training split lacks gets the code of the most frequent value.

    Args:
        form: type of the raw column.
        values: distinct values, JSON types.
        missing: True if missing cells have a code.
        common: index of the most frequent value; -1 if there is no value.
    """

    def __init__(self, form: ColumnType, values: list[Any], missing: bool, common: int) -> None:
        self.form, self.values, self.missing, self.common = form, values, missing, common
        self.specials = int(missing)
        levels = self.specials + len(values)
        self.spec = ColumnSpec(form.name, levels, self.specials, ordered=form.ordered)
        self._index = pd.Index(values, dtype=object)

    @classmethod
    def fit(cls, form: ColumnType, column: pd.Series) -> "Categories":
        """Find the values of the training split, a column of N cells."""
        counts = column.astype(object).value_counts(dropna=True)
        if form.categories:
            values = [value for value in form.categories if counts.get(value, 0) > 0]
        else:
            values = sorted(counts[counts > 0].index.tolist())
        common = max(range(len(values)), key=lambda i: counts[values[i]], default=-1)
        return cls(form, values, bool(column.isna().any()) or not values, common)

    def code_names(self) -> tuple[Any, ...]:
        """Name each code by its value."""
        return (*[("missing",)] * int(self.missing), *(("value", value) for value in self.values))

    def encode(self, column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
        """Encode N cells as codes, int64 (N,), and positions that are all 0.5, float32 (N,)."""
        index = self._indices(column)
        unseen = index < 0
        if self.missing:
            unseen &= ~column.isna().to_numpy()
        index = np.where(unseen, self.common, index)
        return index.astype(np.int64) + int(self.missing), np.full(len(index), 0.5, np.float32)

    def decode(self, codes: np.ndarray, positions: np.ndarray) -> pd.Series:
        """Decode codes, int64 (N,), to values or missing cells; positions are ignored."""
        index = codes - int(self.missing)
        dtype = named_dtype(self.form.dtype)
        if self.form.dtype == "category":
            dtype = pd.CategoricalDtype(list(self.form.categories), ordered=self.form.ordered)
        filled = pd.Series(self.values or [None], dtype=dtype, name=self.form.name)
        found: pd.Series = filled.take(np.maximum(index, 0)).reset_index(drop=True)
        return found.mask(index < 0) if (index < 0).any() else found

    def feature(self, column: pd.Series) -> np.ndarray:
        """Convert N cells to indices of values, float64 (N,); new values get the number of values."""
        index = self._indices(column).astype(float)
        index[index < 0] = len(self.values)
        index[column.isna().to_numpy()] = np.nan
        return index

    def cells(self, features: np.ndarray) -> pd.Series:
        """Convert indices of values, float64 (N,), to cells; missing for NaN."""
        index = np.where(np.isnan(features), -1, features).astype(np.int64)
        return self.decode(index + int(self.missing), np.full(len(index), 0.5, np.float32))

    def to_json(self) -> dict[str, Any]:
        """Describe the values and the most frequent one."""
        return {"values": self.values, "missing": self.missing, "common": self.common}

    def _indices(self, column: pd.Series) -> np.ndarray:
        """Find the index of each cell's value, int64 (N,); -1 for new values and missing cells."""
        # Missing cells have code -1, which picks the appended -1.
        codes, uniques = pd.factorize(column)
        return np.append(self._index.get_indexer(pd.Index(uniques, dtype=object)), -1)[codes]


class Numbers(ColumnEncoder):
    """Encoder of a quantity: a code per value if there are few, else at most 100 quantile bins.

    Special codes stand for missing cells and, with bins, for spikes: values of at least 5 % of the cells
    and at least 20 cells. A number outside of the training range gets the nearest code; a missing cell in
    a column that had none gets the code in the middle.

    Args:
        quantity: conversion of cells to numbers and back.
        missing: True if missing cells have a code.
        spikes: numbers with a code of their own, float64 (S,), ascending.
        values: all other numbers if they are few, float64 (U,), ascending; else ``None``.
        bins: quantile bins of all other numbers if they are many; else ``None``.
    """

    def __init__(
        self,
        quantity: NumericScale,
        missing: bool,
        spikes: np.ndarray,
        values: np.ndarray | None,
        bins: QuantileBins | None,
    ) -> None:
        assert (values is None) != (bins is None)
        self.form, self.quantity, self.missing = quantity.form, quantity, missing
        self.spikes, self.values, self.bins = spikes, values, bins
        ordinary = bins.count if bins is not None else len(self._values)
        specials = int(missing) + len(spikes)
        continuous = bins is not None
        self.spec = ColumnSpec(self.form.name, specials + ordinary, specials, True, continuous)

    @property
    def singles(self) -> np.ndarray:
        """Numbers with a code of their own, float64 (U,), ascending."""
        return np.union1d(self.spikes, self._values)

    @property
    def reach(self) -> tuple[float, float]:
        """Range (lowest, highest) of the numbers that cells can have; (inf, -inf) without any number."""
        known = [self.spikes, self._values]
        if self.bins is not None:
            known += [self.bins.low[:1], self.bins.high[-1:]]
        numbers = np.concatenate(known)
        return float(numbers.min(initial=np.inf)), float(numbers.max(initial=-np.inf))

    @property
    def _values(self) -> np.ndarray:
        return np.empty(0) if self.values is None else self.values

    @classmethod
    def fit(cls, form: ColumnType, column: pd.Series) -> "Numbers":
        """Choose between a code per value and quantile bins, and find the spikes, on a column of N cells."""
        quantity = NumericScale.fit(form, column)
        numbers = quantity.numbers(column)
        present = numbers[~np.isnan(numbers)]
        missing = len(present) < len(numbers) or len(present) == 0
        uniques, counts = np.unique(present, return_counts=True)
        few = len(uniques) <= FEW_VALUES and ROWS_PER_VALUE * len(uniques) <= len(present)
        if few or len(uniques) <= ALWAYS_FEW:
            return cls(quantity, missing, np.empty(0), uniques, None)
        # A spike (capital gains of 0) inside of a bin would be smeared over it: it gets a code of its own.
        tallest = np.argsort(-counts, kind="stable")[:MAX_SPIKES]
        spikes = np.sort(uniques[tallest[counts[tallest] >= max(SPIKE_ROWS, SPIKE_SHARE * len(present))]])
        rest = present[~np.isin(present, spikes)]
        return cls(quantity, missing, spikes, None, QuantileBins.fit(rest, form.dtype == "float32"))

    def code_names(self) -> tuple[Any, ...]:
        """Name each code by its number, or by the ends of its bin."""
        values = [("value", float(value)) for value in (*self.spikes, *self._values)]
        bins = [] if self.bins is None else [("bin", *ends) for ends in self.bins.ranges()]
        return (*[("missing",)] * int(self.missing), *values, *bins)

    def encode(self, column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
        """Encode N cells as codes, int64 (N,), and positions, float32 (N,), 0.5 outside of bins."""
        numbers = self.quantity.numbers(column)
        absent = np.isnan(numbers)
        known = np.where(absent, 0.0, numbers)
        positions = np.full(len(known), 0.5, np.float32)
        if self.bins is not None:
            codes, positions = self.bins.locate(known)
        elif len(self._values):  # the boundaries lie half-way between values: the nearest value wins
            codes = np.searchsorted((self._values[1:] + self._values[:-1]) / 2, known)
        else:
            codes = np.full(len(known), -1)
        codes = codes + self.spec.specials
        for i, spike in enumerate(self.spikes):
            codes[known == spike] = int(self.missing) + i
        codes[absent] = 0 if self.missing else (self.spec.specials + self.spec.levels) // 2
        positions[codes < self.spec.specials] = 0.5
        positions[absent] = 0.5
        return codes.astype(np.int64), positions

    def decode(self, codes: np.ndarray, positions: np.ndarray) -> pd.Series:
        """Decode codes, int64 (N,), and positions, float32 (N,), to numbers of the column's dtype."""
        ordinary = np.maximum(codes - self.spec.specials, 0)
        if self.bins is not None:
            numbers = self.bins.numbers(ordinary, positions)
        else:
            numbers = self._values[ordinary] if len(self._values) else np.full(len(codes), np.nan)
        # Special codes index this table; all others index the NaN at its end, which ``where`` drops.
        table = np.concatenate([[np.nan] * self.missing, self.spikes])
        special = codes < self.spec.specials
        numbers = np.where(special, np.append(table, np.nan)[np.where(special, codes, -1)], numbers)
        return self.quantity.column(numbers)

    def feature(self, column: pd.Series) -> np.ndarray:
        """Convert N cells to the quantity, float64 (N,); NaN if missing."""
        return self.quantity.numbers(column)

    def cells(self, features: np.ndarray) -> pd.Series:
        """Convert quantities, float64 (N,), to cells; missing for NaN."""
        return self.quantity.column(features)

    def to_json(self) -> dict[str, Any]:
        """Describe the unit, the spikes, and the values or bins."""
        return {
            "unit": self.quantity.unit,
            "missing": self.missing,
            "spikes": self.spikes.tolist(),
            "values": None if self.values is None else self.values.tolist(),
            "intervals": self.bins and self.bins.to_json(),
        }


def fit_encoder(form: ColumnType, column: pd.Series) -> ColumnEncoder:
    """Fit the encoder of a modeled column on N cells of the training split."""
    if form.nominal:
        return Categories.fit(form, column)
    return Numbers.fit(form, column)


def encoder_from_json(form: ColumnType, record: Mapping[str, Any]) -> ColumnEncoder:
    """Rebuild an encoder from the record of ``to_json``."""
    if form.nominal:
        return Categories(form, record["values"], record["missing"], record["common"])
    values = None if record["values"] is None else np.asarray(record["values"], dtype=float)
    bins = record["intervals"] and QuantileBins.from_json(record["intervals"])
    spikes = np.asarray(record["spikes"], dtype=float)
    return Numbers(NumericScale(form, record["unit"]), record["missing"], spikes, values, bins)
