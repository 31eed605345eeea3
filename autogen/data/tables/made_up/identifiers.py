"""Identifiers and personal data, which are not modeled: new ones like them are generated with the rows."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.tables.dtype_names import as_dtype
from autogen.data.tables.made_up.id_patterns import IdPattern, find_patterns, longer
from autogen.data.tables.made_up.personal import personal_patterns
from autogen.data.tables.reading.column_types import ColumnType
from autogen.data.tables.reading.personal_forms import ADDRESSES, IDS, NAMES

#: Slots of a cycle of rows, which are shared out to the patterns.
_SLOTS = 100


@dataclass(frozen=True)
class Identifiers:
    """Format of identifiers: integers above those of the data, or texts of its patterns.

    Attributes:
        form: type of the raw column.
        missing: share of missing cells in the training split.
        top: highest number; numbers only.
        patterns: patterns of the texts with their shares; texts only.

    Names of persons and addresses repeat when all that were made up are used; all other values differ.
    """

    form: ColumnType
    missing: float
    top: int = 0
    patterns: tuple[IdPattern, ...] = ()

    @classmethod
    def fit(cls, form: ColumnType, column: pd.Series, everything: pd.Series | None = None) -> "Identifiers":
        """Learn the format of identifiers, but not the identifiers themselves.

        Args:
            form: type of the column.
            column: N training cells.
            everything: cells of all rows: new identifiers are none of these.
        """
        missing = float(column.isna().mean()) if len(column) else 0.0
        present = (column if everything is None else everything).dropna()
        if form.personal and not (form.personal == IDS and pd.api.types.is_numeric_dtype(column.dtype)):
            return cls(form, missing, 0, personal_patterns(form.personal, [str(cell) for cell in present]))
        if pd.api.types.is_numeric_dtype(column.dtype):
            return cls(form, missing, top=int(present.max()) if len(present) else 0)
        return cls(form, missing, 0, find_patterns([str(cell) for cell in present]))

    def make(self, rows: np.ndarray, total: int, seed: int) -> pd.Series:
        """Generate identifiers for some rows of a draw, all different.

        Args:
            rows: indices of the rows in the draw, int64 (N,).
            total: number of rows in the draw.
            seed: random seed of the draw.
        """
        rng = np.random.default_rng([seed, *self.form.name.encode()])
        cells = self._texts(rows, total, rng) if self.patterns else self._numbers(rows, total, rng)
        if self.form.dtype.lower().startswith(("int", "uint")):
            cells = cells.astype(np.int64)
        made = as_dtype(pd.Series(cells, name=self.form.name), self.form.dtype)
        if not self.missing:
            return made
        own = np.random.default_rng([seed, *self.form.name.encode(), int(rows[0]) if len(rows) else 0])
        return made.mask(own.random(len(rows)) < self.missing)

    def to_json(self) -> dict[str, Any]:
        """Describe the format in JSON values."""
        patterns = [pattern.to_json() for pattern in self.patterns]
        return {"missing": self.missing, "top": self.top, "patterns": patterns}

    @classmethod
    def from_json(cls, form: ColumnType, record: Mapping[str, Any]) -> "Identifiers":
        """Rebuild from ``to_json``, also of models that had one pattern."""
        if old := record.get("pattern"):
            found = [IdPattern(tuple(old), _SLOTS, first=record.get("first", 0))]
        else:
            found = list(map(IdPattern.from_json, record.get("patterns", ())))
        return cls(form, record["missing"], record["top"], tuple(found))

    def _numbers(self, rows: np.ndarray, total: int, rng: np.random.Generator) -> np.ndarray:
        """Generate numbers above the highest one, with as many digits if there are enough."""
        highest = int(np.iinfo(self.form.dtype.lower().partition("[")[0]).max)
        room = min(max(10 ** len(str(max(self.top, 0))) - self.top - 1, 16 * total), highest - self.top)
        first = self.top + 1
        if room < total:
            first, room = 0, highest
        wide = np.uint64 if highest >= 2**63 else np.int64
        return np.array([first + place for place in _scattered(rows, room, rng)], dtype=wide)

    def _texts(self, rows: np.ndarray, total: int, rng: np.random.Generator) -> np.ndarray:
        """Generate texts of the patterns: free ones of each, then longer ones."""
        slots = np.repeat(np.arange(len(self.patterns)), [pattern.share for pattern in self.patterns])
        slots = slots[rng.permutation(len(slots))]
        texts = np.full(len(rows), None, dtype=object)
        for number, pattern in enumerate(self.patterns):
            inside = slots == number
            mine = np.flatnonzero(inside[rows % len(slots)])
            turn, slot = np.divmod(rows[mine], len(slots))
            ranks = turn * int(inside.sum()) + (np.cumsum(inside) - 1)[slot]
            left = (ranks < pattern.free) | (self.form.personal in (NAMES, ADDRESSES))
            for row, place in zip(
                mine[left], _scattered(ranks[left], max(pattern.free, 1), rng), strict=True
            ):
                texts[row] = pattern.text(place)
        spare = max((pattern.places for pattern in self.patterns), key=len)
        spare = longer(spare, 1)
        while math.prod(map(len, spare)) < total:
            spare = longer(spare, 1)
        rest = np.flatnonzero(texts == None)  # noqa: E711 - elementwise
        over = IdPattern(spare, 0)
        texts[rest] = [over.text(number) for number in _scattered(rows[rest], over.room, rng)]
        return texts


def _scattered(rows: np.ndarray, room: int, rng: np.random.Generator) -> list[int]:
    """Map row indices to numbers 0..room-1 that look random and differ for ``room`` successive rows."""
    start, step = (int.from_bytes(rng.bytes(64)) % room for _ in range(2))
    while math.gcd(step, room) != 1:  # a step without a common factor visits all numbers before it repeats
        step += 1
    return [(start + step * row) % room for row in rows.tolist()]
