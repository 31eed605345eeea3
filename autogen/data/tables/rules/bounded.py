"""Columns that are modeled as their distance from others that bound them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.tables.encoders import MAX_SPIKES, ColumnEncoder, Numbers
from autogen.data.tables.reading.column_types import ColumnType
from autogen.data.tables.rules.cells import Cells, decimals, rounded
from autogen.data.tables.rules.makers import SILENT, Coded, Known, Maker, another_of, saying
from autogen.data.tables.rules.parts import Part
from autogen.data.tables.rules.plan import Bound

#: Least rows and share of the rows with a value of a bounded column that keeps a code of its own.
_SPIKE_ROWS, _SPIKE_SHARE = 10, 0.02


class Bounded(Maker):
    """Column that is modeled as its distance from the columns that bound it on one side.

    Frequent values (an open end of 9999-12-31) keep codes of their own. Where no bound is there, the column
    is modeled by itself. A distance that leads beyond the training range is reflected there.

    Args:
        encoder: encoder of its cells.
        bounds: columns that it must not be below, or above.
        rising: True if it must not be below them.
        spikes: frequent values, float64 (S,).
        gap: part with the distances.
        rest: part for rows without a bound; ``None`` if there are none.
    """

    def __init__(
        self,
        encoder: ColumnEncoder,
        bounds: Sequence[Bound],
        rising: bool,
        spikes: np.ndarray,
        gap: Part,
        rest: Part | None,
    ) -> None:
        assert isinstance(encoder, Numbers)
        self.name, self.encoder, self.spikes, self.reach = encoder.form.name, encoder, spikes, encoder.reach
        self.bounds, self.rising, self.gap, self.rest = tuple(bounds), rising, gap, rest
        self.sign = 1.0 if rising else -1.0
        self.parts = (gap, rest) if rest else (gap,)

    @classmethod
    def fit(cls, encoder: ColumnEncoder, bounds: Sequence[Bound], rising: bool, cells: Cells) -> "Bounded":
        """Fit the distances of the training rows."""
        assert isinstance(encoder, Numbers)
        name, column = encoder.form.name, cells.columns[encoder.form.name]
        base = cells.bound(bounds, name, rising)
        form = ColumnType(name, "continuous", "float64")
        spikes = _frequent(encoder, cells.numbers(name)[~np.isnan(base)])
        gaps, special = _gaps(cells, name, bounds, rising, spikes)
        gap = Part.fit(name, form, gaps, special, 1 + len(spikes))
        free = np.isnan(base)
        rest = None
        if free.any():
            by = " and ".join(bound for bound, _ in bounds)
            rest = Part.fit(f"{name} without {by}", encoder.form, column, np.where(free, -1, SILENT), 1)
        return cls(encoder, bounds, rising, spikes, gap, rest)

    def encode(self, cells: Cells, known: Known) -> list[Coded]:
        """Codes of the distance and of the rest."""
        base = cells.bound(self.bounds, self.name, self.rising)
        free = np.isnan(base)
        settled = np.all([known[bound] for bound, _ in self.bounds], axis=0)
        gaps, special = _gaps(cells, self.name, self.bounds, self.rising, self.spikes)
        found = [(*self.gap.encode(gaps, special), settled & (free | known[self.name]))]
        if self.rest is not None:
            coded = self.rest.encode(cells.columns[self.name], np.where(free, -1, SILENT))
            found.append((*coded, settled & (~free | known[self.name])))
        return found

    def decode(self, coded: Sequence[Coded], made: Cells, rng: np.random.Generator) -> np.ndarray:
        """The bound and the distance from it, or the number of the rest."""
        base = made.bound(self.bounds, self.name, self.rising)
        free = np.isnan(base)
        numbers = self._numbers(base, *saying(self.gap, coded[0], ~free, rng))
        if self.rest is not None and free.any():
            codes, positions = saying(self.rest, coded[1], free, rng)
            own = self.encoder.feature(self.rest.decode(codes, positions)[0])
            numbers = np.where(free, own, numbers)
        return rounded(self.encoder, numbers)

    def another(self, rows: np.ndarray, made: Cells, rng: np.random.Generator) -> np.ndarray:
        """Numbers at distances of the training rows."""
        base = made.bound(self.bounds, self.name, self.rising)[rows]
        drawn = self._numbers(base, *self.gap.draw(len(rows), rng, present=True))
        own = another_of(self.encoder, self.rest, len(rows), rng)
        return rounded(self.encoder, np.where(np.isnan(drawn), own, drawn))

    def _numbers(self, base: np.ndarray, codes: np.ndarray, positions: np.ndarray) -> np.ndarray:
        """Add distances to bounds, (N,)."""
        gaps, special = self.gap.decode(codes, positions)
        numbers = base + self.sign * gaps.to_numpy(dtype=float, na_value=np.nan)
        limit = self.reach[1] if self.rising else self.reach[0]
        end = np.where(self.sign * (limit - base) > 0, limit, base)
        beyond = self.sign * (numbers - end) > 0
        back = 2 * end - numbers
        numbers = np.where(beyond, np.where(self.sign * (back - base) > 0, back, base), numbers)
        table = np.append(self.spikes, np.nan)
        spike = special > SILENT
        return np.where(spike, table[np.where(spike, special - 1, -1)], numbers)

    def to_json(self) -> dict[str, Any]:
        """The bounds and both parts."""
        rest = self.rest.to_json() if self.rest else None
        about = {"bounds": [list(bound) for bound in self.bounds], "rising": self.rising}
        about |= {"spikes": self.spikes.tolist()}
        return about | {"gap": self.gap.to_json(), "rest": rest}

    @classmethod
    def from_json(cls, encoder: ColumnEncoder, record: Mapping[str, Any]) -> "Bounded":
        """Rebuild from ``to_json``."""
        rest = Part.from_json(record["rest"]) if record["rest"] else None
        bounds = [(name, strict) for name, strict in record["bounds"]]
        spikes = np.array(record["spikes"], dtype=float)
        return cls(encoder, bounds, record["rising"], spikes, Part.from_json(record["gap"]), rest)


def _frequent(encoder: Numbers, numbers: np.ndarray) -> np.ndarray:
    """Find the values of a column with many values that are so frequent that no distance explains them."""
    if encoder.bins is None:
        return np.empty(0)
    uniques, counts = np.unique(numbers[~np.isnan(numbers)], return_counts=True)
    tallest = np.argsort(-counts, kind="stable")[:MAX_SPIKES]
    least = max(_SPIKE_ROWS, _SPIKE_SHARE * len(numbers))
    return np.sort(uniques[tallest[counts[tallest] >= least]])


def _gaps(
    cells: Cells, name: str, bounds: Sequence[Bound], rising: bool, spikes: np.ndarray
) -> tuple[pd.Series, np.ndarray]:
    """Compute distances from bounds, NaN where a number is missing, and the number of each special code."""
    base, numbers = cells.bound(bounds, name, rising), cells.numbers(name)
    special = np.full(len(numbers), -1)
    for i, spike in enumerate(spikes):
        special[numbers == spike] = 1 + i
    special[np.isnan(base)] = SILENT
    gaps = numbers - base if rising else base - numbers
    places = decimals([cells.encoders[one] for one in (name, *(bound for bound, _ in bounds))])
    if places is not None:  # 0.3 - 0.1 is 0.2 and not a value of its own
        gaps = np.round(gaps, places)
    return pd.Series(gaps, name=name), special
