"""One encoder a column: cells to codes and positions inside them, and back."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.specs import ColumnSpec
from autogen.data.tables.quantity import Quantity
from autogen.data.tables.quantizer import Intervals
from autogen.data.tables.reading.cells import named_dtype
from autogen.data.tables.reading.column_types import ColumnType

FEW_VALUES = 100
#: At most this many values keep a code each, however rare.
ALWAYS_FEW = 12
ROWS_A_VALUE = 3
SPIKE_SHARE = 0.05
SPIKE_ROWS = 20
MOST_SPIKES = 5


class ColumnEncoder(ABC):
    """Codes of one column that is learnt.

    Attributes:
        form: Of the column.
        spec: As families see it.
    """

    form: ColumnType
    spec: ColumnSpec

    @abstractmethod
    def encode(self, column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
        """Codes, int64 (N,), and positions, float32 (N,); defined for cells never seen in training."""

    @abstractmethod
    def decode(self, codes: np.ndarray, positions: np.ndarray) -> pd.Series:
        """Cells in the column's dtype."""

    @abstractmethod
    def feature(self, column: pd.Series) -> np.ndarray:
        """float64 (N,): the quantity, or the category's index; NaN for a missing cell."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """JSON values."""


class Categories(ColumnEncoder):
    """A code for each value of the train part, in the values' order, after one for missing cells.

    A value that the train part does not have takes the code of the most frequent one.

    Args:
        form: Of the column.
        values: Distinct values, JSON types.
        missing: Whether missing cells have a code.
        common: Index of the most frequent value; -1 where there is no value.
    """

    def __init__(self, form: ColumnType, values: list[Any], missing: bool, common: int) -> None:
        self.form, self.values, self.missing, self.common = form, values, missing, common
        self.specials = int(missing)
        levels = self.specials + len(values)
        self.spec = ColumnSpec(form.name, levels, self.specials, ordered=form.ordered)
        self._index = pd.Index(values, dtype=object)

    @classmethod
    def fit(cls, form: ColumnType, column: pd.Series) -> "Categories":
        """Find the values of the train part."""
        counts = column.astype(object).value_counts(dropna=True)
        if form.categories:
            values = [value for value in form.categories if counts.get(value, 0) > 0]
        else:
            values = sorted(counts[counts > 0].index.tolist())
        common = max(range(len(values)), key=lambda i: counts[values[i]], default=-1)
        return cls(form, values, bool(column.isna().any()) or not values, common)

    def encode(self, column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
        """Position 0.5 everywhere."""
        index = self._indices(column)
        unseen = index < 0
        if self.missing:
            unseen &= ~column.isna().to_numpy()
        index = np.where(unseen, self.common, index)
        return index.astype(np.int64) + int(self.missing), np.full(len(index), 0.5, np.float32)

    def decode(self, codes: np.ndarray, positions: np.ndarray) -> pd.Series:
        """Values, or missing."""
        index = codes - int(self.missing)
        dtype = named_dtype(self.form.dtype)
        if self.form.dtype == "category":
            dtype = pd.CategoricalDtype(list(self.form.categories), ordered=self.form.ordered)
        filled = pd.Series(self.values or [None], dtype=dtype, name=self.form.name)
        found: pd.Series = filled.take(np.maximum(index, 0)).reset_index(drop=True)
        return found.mask(index < 0) if (index < 0).any() else found

    def feature(self, column: pd.Series) -> np.ndarray:
        """Index of the value; the number of values for one never seen."""
        index = self._indices(column).astype(float)
        index[index < 0] = len(self.values)
        index[column.isna().to_numpy()] = np.nan
        return index

    def to_json(self) -> dict[str, Any]:
        """Values and the most frequent one."""
        return {"values": self.values, "missing": self.missing, "common": self.common}

    def _indices(self, column: pd.Series) -> np.ndarray:
        """Index of each cell's value, -1 where unknown."""
        codes, uniques = pd.factorize(column)
        return np.append(self._index.get_indexer(pd.Index(uniques, dtype=object)), -1)[codes]


class Numbers(ColumnEncoder):
    """Ordered codes for a quantity: one a value where there are few, else at most 100 intervals.

    Special codes stand for missing cells and, before intervals, for spikes: values that at least
    5 % of the cells, and 20, have. A number outside of the training range takes the nearest code; a missing
    cell in a column that had none takes the code in the middle.

    Args:
        quantity: Cells to numbers and back.
        missing: Whether missing cells have a code.
        spikes: Numbers with a code of their own, ascending.
        values: All other numbers, ascending, where they are few; else ``None``.
        intervals: Of all other numbers, where they are many; else ``None``.
    """

    def __init__(
        self,
        quantity: Quantity,
        missing: bool,
        spikes: np.ndarray,
        values: np.ndarray | None,
        intervals: Intervals | None,
    ) -> None:
        assert (values is None) != (intervals is None)
        self.form, self.quantity, self.missing = quantity.form, quantity, missing
        self.spikes, self.values, self.intervals = spikes, values, intervals
        ordinary = intervals.count if intervals is not None else len(self._values)
        specials = int(missing) + len(spikes)
        continuous = intervals is not None
        self.spec = ColumnSpec(self.form.name, specials + ordinary, specials, True, continuous)

    @property
    def reach(self) -> tuple[float, float]:
        """The lowest and the highest number that cells can have; the wrong way round where there is none."""
        known = [self.spikes, self._values]
        if self.intervals is not None:
            known += [self.intervals.low[:1], self.intervals.high[-1:]]
        numbers = np.concatenate(known)
        return float(numbers.min(initial=np.inf)), float(numbers.max(initial=-np.inf))

    @property
    def _values(self) -> np.ndarray:
        return np.empty(0) if self.values is None else self.values

    @classmethod
    def fit(cls, form: ColumnType, column: pd.Series) -> "Numbers":
        """Choose between values and intervals, and find the spikes."""
        quantity = Quantity.fit(form, column)
        numbers = quantity.numbers(column)
        present = numbers[~np.isnan(numbers)]
        missing = len(present) < len(numbers) or len(present) == 0
        uniques, counts = np.unique(present, return_counts=True)
        few = len(uniques) <= FEW_VALUES and ROWS_A_VALUE * len(uniques) <= len(present)
        if few or len(uniques) <= ALWAYS_FEW:
            return cls(quantity, missing, np.empty(0), uniques, None)
        tallest = np.argsort(-counts, kind="stable")[:MOST_SPIKES]
        spikes = np.sort(uniques[tallest[counts[tallest] >= max(SPIKE_ROWS, SPIKE_SHARE * len(present))]])
        rest = present[~np.isin(present, spikes)]
        return cls(quantity, missing, spikes, None, Intervals.fit(rest, form.dtype == "float32"))

    def encode(self, column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
        """Position 0.5 but in intervals."""
        numbers = self.quantity.numbers(column)
        absent = np.isnan(numbers)
        known = np.where(absent, 0.0, numbers)
        positions = np.full(len(known), 0.5, np.float32)
        if self.intervals is not None:
            codes, positions = self.intervals.locate(known)
        elif len(self._values):
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
        """Numbers in the column's dtype and precision."""
        ordinary = np.maximum(codes - self.spec.specials, 0)
        if self.intervals is not None:
            numbers = self.intervals.numbers(ordinary, positions)
        else:
            numbers = self._values[ordinary] if len(self._values) else np.full(len(codes), np.nan)
        table = np.concatenate([[np.nan] * self.missing, self.spikes])
        special = codes < self.spec.specials
        numbers = np.where(special, np.append(table, np.nan)[np.where(special, codes, -1)], numbers)
        return self.quantity.column(numbers)

    def feature(self, column: pd.Series) -> np.ndarray:
        """The quantity."""
        return self.quantity.numbers(column)

    def to_json(self) -> dict[str, Any]:
        """Unit, spikes, and values or intervals."""
        return {
            "unit": self.quantity.unit,
            "missing": self.missing,
            "spikes": self.spikes.tolist(),
            "values": None if self.values is None else self.values.tolist(),
            "intervals": self.intervals and self.intervals.to_json(),
        }


def fit_encoder(form: ColumnType, column: pd.Series) -> ColumnEncoder:
    """The encoder of a column that is learnt, fitted on the train part."""
    if form.nominal:
        return Categories.fit(form, column)
    return Numbers.fit(form, column)


def encoder_from_json(form: ColumnType, record: dict[str, Any]) -> ColumnEncoder:
    """Rebuild what ``to_json`` described."""
    if form.nominal:
        return Categories(form, record["values"], record["missing"], record["common"])
    values = None if record["values"] is None else np.asarray(record["values"], dtype=float)
    intervals = record["intervals"] and Intervals.from_json(record["intervals"])
    spikes = np.asarray(record["spikes"], dtype=float)
    return Numbers(Quantity(form, record["unit"]), record["missing"], spikes, values, intervals)
