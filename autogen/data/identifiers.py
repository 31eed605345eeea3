"""Identifiers are not learnt: fresh ones of the same form are made when rows are generated."""

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.cells import as_dtype
from autogen.data.column_types import ColumnType

_CLASSES = {"0": "0123456789", "a": "abcdefghijklmnopqrstuvwxyz", "A": "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


@dataclass(frozen=True)
class Identifiers:
    """The form of an identifier: whole numbers above those of the data, or texts of one pattern.

    Attributes:
        form: Of the column.
        missing: Share of missing cells in training.
        top: Highest training number; numbers only.
        pattern: Characters that may stand at each place; texts only.
    """

    form: ColumnType
    missing: float
    top: int = 0
    pattern: tuple[str, ...] = ()

    @classmethod
    def fit(cls, form: ColumnType, column: pd.Series) -> "Identifiers":
        """Learn the form from the train part, not the identifiers."""
        present = column.dropna()
        missing = 1.0 - len(present) / max(len(column), 1)
        if pd.api.types.is_numeric_dtype(column.dtype):
            return cls(form, missing, top=int(present.max()) if len(present) else 0)
        return cls(form, missing, pattern=_pattern([str(cell) for cell in present]))

    def make(self, n: int, rng: np.random.Generator) -> pd.Series:
        """N identifiers, all different where the pattern offers so many."""
        cells = pd.Series(self._texts(n, rng) if self.pattern else self._numbers(n, rng), name=self.form.name)
        made = as_dtype(cells, self.form.dtype)
        return made.mask(rng.random(n) < self.missing) if self.missing else made

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        return {"missing": self.missing, "top": self.top, "pattern": list(self.pattern)}

    @classmethod
    def from_json(cls, form: ColumnType, record: dict[str, Any]) -> "Identifiers":
        """Rebuild from ``to_json``."""
        return cls(form, record["missing"], record["top"], tuple(record["pattern"]))

    def _numbers(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Numbers of as many digits as the training ones where there is room, above the highest."""
        highest = min(np.iinfo(self.form.dtype.lower().partition("[")[0]).max, 2**63 - 1)
        room = min(max(10 ** len(str(max(self.top, 0))) - self.top - 1, 16 * n), highest - self.top)
        first = self.top + 1
        if room < n:
            first, room = 0, highest
        return first + rng.choice(room, size=n, replace=room < n)

    def _texts(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Texts of the pattern, different where it allows for twice as many."""
        if math.prod(map(len, self.pattern)) < 2 * n:
            return self._draw(n, rng)
        made = np.unique(self._draw(n, rng))
        while len(made) < n:
            made = np.union1d(made, self._draw(n, rng))
        return rng.permutation(made)[:n]

    def _draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Texts with independent characters."""
        places = [np.array(list(some))[rng.integers(len(some), size=n)] for some in self.pattern]
        return np.ascontiguousarray(np.stack(places, axis=1)).view(f"<U{len(places)}").ravel()


def _pattern(texts: list[str]) -> tuple[str, ...]:
    """Characters at each place of the texts of the most frequent length.

    Leading digits that never change count as such that could: ``00417`` has five free places.
    """
    if not texts:
        return ("?",)
    length = Counter(map(len, texts)).most_common(1)[0][0]
    alike = [text for text in texts if len(text) == length]
    pattern = [_characters(set(place)) for place in zip(*alike, strict=True)]
    for i in reversed(range(length - 1)):
        if pattern[i].isdigit() and pattern[i + 1] == _CLASSES["0"]:
            pattern[i] = _CLASSES["0"]
    return tuple(pattern)


def _characters(found: set[str]) -> str:
    """One character where it is always the same, else all of the classes that occur, else those found."""
    if len(found) == 1:
        return found.pop()
    wide = set(found)
    for members in _CLASSES.values():
        if found & set(members):
            wide |= set(members)
    return "".join(sorted(wide))
