"""Derivation of a table's columns from modeled ones, so that every row keeps the binding rules."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.tables.encoders import ColumnEncoder, Numbers
from autogen.data.tables.rules.bounded import Bounded
from autogen.data.tables.rules.cells import Cells, has_room, within
from autogen.data.tables.rules.lookup import Lookup
from autogen.data.tables.rules.makers import Coded, Known, Maker, Plain
from autogen.data.tables.rules.parse import BindingRule
from autogen.data.tables.rules.parts import Part
from autogen.data.tables.rules.plan import make_plan
from autogen.errors import DataError

_MAKERS: dict[str, type[Maker]] = {"plain": Plain, "lookup": Lookup, "bounded": Bounded}


class Derivation:
    """Encoding of columns to modeled parts and back, one maker a column.

    Args:
        encoders: encoders of the D columns, in the table's order.
        rules: rules that all rows keep.
        makers: maker of each column by name; columns that are not named are modeled as they are.

    Attributes:
        parts: the M modeled columns; those of a column stand where it stands in the table.
        places: indices of each column's parts among them.
    """

    def __init__(
        self,
        encoders: Sequence[ColumnEncoder],
        rules: Sequence[BindingRule] = (),
        makers: Mapping[str, Maker] | None = None,
    ) -> None:
        self.encoders = {encoder.form.name: encoder for encoder in encoders}
        self.rules = tuple(rules)
        self.plan = make_plan(tuple(self.encoders), self.rules)
        self._named = {name for rule in rules for name in rule.columns}
        given = makers or {}
        self.makers = {name: given.get(name) or Plain(one) for name, one in self.encoders.items()}
        self.parts: tuple[Part, ...] = tuple(part for one in self.makers.values() for part in one.parts)
        ends = np.cumsum([len(one.parts) for one in self.makers.values()]).tolist()
        self.places = {
            name: range(end - len(one.parts), end)
            for (name, one), end in zip(self.makers.items(), ends, strict=True)
        }

    @classmethod
    def fit(
        cls, encoders: Sequence[ColumnEncoder], rules: Sequence[BindingRule], frame: pd.DataFrame
    ) -> "Derivation":
        """Fit the makers of all columns that rules are about on the training rows.

        Args:
            encoders: encoders of the columns.
            rules: rules that the training rows keep.
            frame: DataFrame of the training rows.
        """
        empty = cls(encoders, rules)
        cells = Cells(empty.encoders, {name: frame[name] for name in empty.encoders})
        plan = empty.plan
        makers: dict[str, Maker] = {}
        for name in (name for name in plan.order if name in empty._named):
            encoder = empty.encoders[name]
            if name in plan.lookups:
                makers[name] = Lookup.fit(encoder, plan.lookups[name], cells)
            elif bounds := plan.lows.get(name):
                _refuse_without_room(empty, name)
                makers[name] = Bounded.fit(encoder, bounds, True, cells)
            elif bounds := plan.highs.get(name):
                makers[name] = Bounded.fit(encoder, bounds, False, cells)
            else:
                makers[name] = Plain.fit(encoder, cells)
        return cls(encoders, rules, makers)

    def encode(self, columns: Mapping[str, pd.Series], known: Known | None = None) -> tuple[np.ndarray, ...]:
        """Encode columns of N rows, all or some of whose cells are known.

        Args:
            columns: cells of all columns; missing where they are not known.
            known: mask of the known cells of each column, bool (N,); all are by default.

        Returns:
            Codes, int64 (N, M), positions, float32 (N, M), and which of them are known, bool (N, M).
        """
        cells = Cells(self.encoders, columns)
        rows = len(next(iter(columns.values())))
        known = known or {name: np.ones(rows, bool) for name in self.encoders}
        coded = [one for name in self.makers for one in self.makers[name].encode(cells, known)]
        codes, positions, told = (
            np.column_stack([one[i] for one in coded]) if coded else np.empty((rows, 0)) for i in range(3)
        )
        return codes.astype(np.int64), positions.astype(np.float32), told.astype(bool)

    def decode(
        self,
        codes: np.ndarray,
        positions: np.ndarray,
        seed: int,
        fixed: Mapping[str, tuple[pd.Series, np.ndarray]] | None = None,
        filled: bool = False,
    ) -> dict[str, pd.Series]:
        """Decode modeled parts of N rows, int64 and float32 (N, M), to columns.

        Args:
            codes: codes of the parts.
            positions: positions of the parts.
            seed: random seed of cells that a model left open.
            fixed: known cells, N of a column, and their mask, by name: the columns derived from them follow.
            filled: True if no cell may be missing, except where a rule says so (imputation).
        """
        fixed, rng = fixed or {}, np.random.default_rng([seed, len(self.rules)])
        made, everything = Cells(self.encoders), np.ones(len(codes), bool)
        for name in self.plan.order:
            maker = self.makers[name]
            if name not in self._named:
                (place,) = self.places[name]
                made.put(name, maker.encoder.decode(codes[:, place], positions[:, place]))
                continue
            coded: list[Coded] = [(codes[:, i], positions[:, i], everything) for i in self.places[name]]
            numbers = maker.decode(coded, made, rng)
            free, loose = (maker.free(made), maker.loose(made)) if made.columns else (everything, everything)
            numbers = self._with_presence(name, numbers, loose, made, fixed, rng, filled)
            lows, highs = self.plan.lows.get(name, ()), self.plan.highs.get(name, ())
            if lows or highs:
                numbers = within(made, name, numbers, lows, highs, free)
            numbers = self._under_fixed(name, numbers, free, fixed)
            column = maker.encoder.cells(numbers)
            if name in fixed:
                given, there = fixed[name]
                column = put_known(column, given, there)
            made.put(name, column)
        return {name: made.columns[name] for name in self.encoders}

    def _with_presence(
        self,
        name: str,
        numbers: np.ndarray,
        loose: np.ndarray,
        made: Cells,
        fixed: Mapping[str, tuple[pd.Series, np.ndarray]],
        rng: np.random.Generator,
        filled: bool,
    ) -> np.ndarray:
        """Make a column missing exactly where its leader is, or where a known cell of its group is."""
        absent, told = np.isnan(numbers), np.zeros(len(numbers), bool)
        if filled:
            absent, told = told, ~told
        if leader := self.plan.leaders.get(name):
            absent, told = made.absent(leader), np.ones_like(told)
        for other in self.plan.together.get(name, ()):
            if other in fixed:
                given, there = fixed[other]
                absent = np.where(there, given.isna(), absent)
                told = told | there
        numbers = np.where(loose & told & absent, np.nan, numbers)
        rows = np.flatnonzero(loose & told & ~absent & np.isnan(numbers))
        if len(rows):
            numbers[rows] = self.makers[name].another(rows, made, rng)
        return numbers

    def _under_fixed(
        self,
        name: str,
        numbers: np.ndarray,
        free: np.ndarray,
        fixed: Mapping[str, tuple[pd.Series, np.ndarray]],
    ) -> np.ndarray:
        """Move drawn numbers to the right side of known ones that come later in the order."""
        encoder = self.encoders[name]
        if not isinstance(encoder, Numbers):
            return numbers
        above = [(high, strict) for high, strict in self.plan.above.get(name, ()) if high in fixed]
        below = [
            (low, strict)
            for low, bounds in self.plan.above.items()
            for high, strict in bounds
            if high == name and low in fixed
        ]
        if not above and not below:
            return numbers
        given = {one: fixed[one][0].where(fixed[one][1]) for one, _ in (*above, *below)}
        return within(Cells(self.encoders, given), name, numbers, below, above, free)

    def to_json(self) -> dict[str, Any]:
        """Describe the rules and the makers of their columns."""
        kinds = {kind: name for name, kind in _MAKERS.items()}
        makers = {
            name: {"maker": kinds[type(one)], **one.to_json()}
            for name, one in self.makers.items()
            if name in self._named
        }
        return {"rules": [rule.to_json() for rule in self.rules], "makers": makers}

    @classmethod
    def from_json(cls, encoders: Sequence[ColumnEncoder], record: Mapping[str, Any]) -> "Derivation":
        """Rebuild from ``to_json``."""
        by_name = {encoder.form.name: encoder for encoder in encoders}
        makers: dict[str, Maker] = {}
        for name, entry in record["makers"].items():
            makers[name] = _MAKERS[entry["maker"]].from_json(by_name[name], entry)
        return cls(encoders, [BindingRule.from_json(rule) for rule in record["rules"]], makers)


def _refuse_without_room(derivation: Derivation, name: str) -> None:
    """Raise ``DataError`` if two bounds of a column may leave no value between them."""
    plan, encoders = derivation.plan, derivation.encoders
    lows, highs = plan.lows.get(name, ()), plan.highs.get(name, ())
    bounds = [one for one, _ in (*lows, *highs)]
    if highs and not has_room(encoders[name], [encoders[one] for one in bounds]):
        raise DataError(
            f"column {name!r} lies between columns with other steps ({', '.join(bounds)}), so that no value "
            f"may be left for it; leave a rule out."
        )


def put_known(column: pd.Series, given: pd.Series, there: np.ndarray) -> pd.Series:
    """Put known cells, where they are known, into a column of N cells, which keeps its dtype."""
    cells = column.astype(object).where(~there, given.astype(object).to_numpy())
    if isinstance(column.dtype, pd.CategoricalDtype):
        return pd.Series(pd.Categorical(cells, dtype=column.dtype), name=column.name)
    return cells.astype(column.dtype)
