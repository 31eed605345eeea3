"""Columns that are looked up by others."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.tables.encoders import ColumnEncoder, Numbers
from autogen.data.tables.reading.column_types import ColumnType
from autogen.data.tables.rules.cells import Cells
from autogen.data.tables.rules.lookup_table import LookupTable
from autogen.data.tables.rules.makers import SILENT, Coded, Known, Maker, another_of, saying
from autogen.data.tables.rules.parts import Part


class Lookup(Maker):
    """Column that is looked up by others; where these are missing, it is modeled by itself.

    Args:
        encoder: encoder of its cells.
        tables: values by the cells of other columns; the first of which no cell is missing answers.
        gone: part that says which cells are missing though there is an answer; ``None`` if none is.
        rest: part for rows in which none can answer; ``None`` if there are none.
    """

    def __init__(
        self, encoder: ColumnEncoder, tables: Sequence[LookupTable], gone: Part | None, rest: Part | None
    ) -> None:
        self.name, self.encoder, self.tables = encoder.form.name, encoder, tuple(tables)
        self.gone, self.rest = gone, rest
        self.parts = tuple(part for part in (gone, rest) if part)

    @classmethod
    def fit(cls, encoder: ColumnEncoder, by: Sequence[tuple[str, ...]], cells: Cells) -> "Lookup":
        """Collect the answers of the training rows."""
        name, gone, rest = encoder.form.name, None, None
        made = cls(encoder, [LookupTable.fit(sources, cells, name) for sources in by], None, None)
        free, answers = made.free(cells), made._answers(cells)
        if (cells.absent(name) & ~np.isnan(answers)).any():
            form = ColumnType(f"{name} is missing", "boolean", "bool")
            special = np.where(np.isnan(answers), SILENT, -1)
            gone = Part.fit(form.name, form, pd.Series(cells.absent(name)), special, 1)
        if free.any():
            missing = f"{name} without {' and '.join(by[0])}"
            special = np.where(free, -1, SILENT)
            rest = Part.fit(missing, encoder.form, cells.columns[name], special, 1)
        return cls(encoder, made.tables, gone, rest)

    def free(self, made: Cells) -> np.ndarray:
        """Rows in which no table can answer."""
        return np.asarray(~np.any([table.speaks(made) for table in self.tables], axis=0))

    def loose(self, made: Cells) -> np.ndarray:
        """Rows in which no table can answer, and those with an answer if cells are missing in spite of it."""
        free = self.free(made)
        return free if self.gone is None else np.asarray(free | ~np.isnan(self._answers(made)))

    def _answers(self, made: Cells) -> np.ndarray:
        """Look up all rows, float64 (N,), NaN without an answer."""
        numbers = np.full(len(self.free(made)), np.nan)
        for table in reversed(self.tables):
            rows = np.flatnonzero(table.speaks(made))
            numbers[rows] = table.answer(made, rows)
        return numbers

    def encode(self, cells: Cells, known: Known) -> list[Coded]:
        """Codes of the parts, or that they say nothing."""
        free, told = self.free(cells), known[self.name]
        settled = np.all([table.settled(cells, known) for table in self.tables], axis=0)
        answered = np.any([table.answers_known(cells, known) for table in self.tables], axis=0)
        found = []
        if self.gone is not None:
            special = np.where(np.isnan(self._answers(cells)), SILENT, -1)
            coded = self.gone.encode(pd.Series(cells.absent(self.name)), special)
            found.append((*coded, settled | (answered & told)))
        if self.rest is not None:
            coded = self.rest.encode(cells.columns[self.name], np.where(free, -1, SILENT))
            found.append((*coded, answered | (settled & told)))
        return found

    def decode(self, coded: Sequence[Coded], made: Cells, rng: np.random.Generator) -> np.ndarray:
        """Answers of the tables, or the number of the rest."""
        free, numbers, left = self.free(made), self._answers(made), list(coded)
        if self.gone is not None:
            codes, positions = saying(self.gone, left.pop(0), ~np.isnan(numbers), rng)
            absent = self.gone.decode(codes, positions)[0].astype(bool).to_numpy()
            numbers = np.where(absent, np.nan, numbers)
        if self.rest is not None and free.any():
            codes, positions = saying(self.rest, left.pop(0), free, rng)
            own = self.encoder.feature(self.rest.decode(codes, positions)[0])
            numbers = np.where(free, own, numbers)
        return numbers

    def derived(self, cells: Cells, there: Known) -> tuple[np.ndarray, np.ndarray]:
        """Look up rows of which all sources of a table are there: numbers, and in which rows, (N,) each."""
        numbers, told = (
            np.full(len(next(iter(there.values()))), np.nan),
            np.zeros(len(there[self.name]), bool),
        )
        for table in reversed(self.tables):
            if not set(table.sources) <= set(cells.columns):
                continue
            ready = table.answers_known(cells, there)
            rows = np.flatnonzero(ready)
            numbers[rows], told = table.answer(cells, rows), told | ready
        return numbers, told

    def odds(self, answer: float, cells: Cells, there: Known) -> np.ndarray:
        """Compute how well an answer goes with rows of which some sources are there, float64 (N,).

        Args:
            answer: number of this column; not NaN.
            cells: columns that it is looked up by, as far as they are there.
            there: mask of the cells of these columns that are there, bool (N,) each.

        Returns:
            1 if a training row has the answer beside what is there, else 0; where no table can answer, the
            share of such training rows that have it.
        """
        free = np.all([table.settled(cells, there) for table in self.tables], axis=0)
        found = np.ones(len(free))
        for table in self.tables:
            speaks = ~table.settled(cells, there)
            found[speaks] = np.minimum(found, table.fits(answer, cells, there))[speaks]
        if self.rest is None:
            return np.where(free, 0.0, found)
        code = self.rest.encode(self.encoder.cells(np.array([answer])), np.array([-1]))[0][0]
        counts = self.rest.counts.astype(float)
        counts[self.rest.first + SILENT] = 0
        share = counts[code] / max(counts.sum(), 1.0) if self._occurs_alone(answer, code) else 0.0
        return np.where(free, share, found)

    def _occurs_alone(self, answer: float, code: int) -> bool:
        """Tell if rows in which no table can answer have an answer; for quantities, in their range."""
        assert self.rest is not None
        if isinstance(self.rest.encoder, Numbers):
            low, high = self.rest.encoder.reach
            return low <= answer <= high
        back = self.encoder.feature(self.rest.decode(np.array([code]), np.full(1, np.float32(0.5)))[0])
        return bool(back[0] == answer)

    def another(self, rows: np.ndarray, made: Cells, rng: np.random.Generator) -> np.ndarray:
        """Answers of the tables, or numbers of the training rows in which none can answer."""
        answers = self._answers(made)[rows]
        return np.where(np.isnan(answers), another_of(self.encoder, self.rest, len(rows), rng), answers)

    def to_json(self) -> dict[str, Any]:
        """The tables and the parts."""
        parts = {name: part and part.to_json() for name, part in (("gone", self.gone), ("rest", self.rest))}
        return {"tables": [table.to_json() for table in self.tables]} | parts

    @classmethod
    def from_json(cls, encoder: ColumnEncoder, record: Mapping[str, Any]) -> "Lookup":
        """Rebuild from ``to_json``."""
        gone, rest = (record[name] and Part.from_json(record[name]) for name in ("gone", "rest"))
        return cls(encoder, [LookupTable.from_json(table) for table in record["tables"]], gone, rest)
