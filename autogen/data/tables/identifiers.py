"""Identifiers, which are not modeled: new ones in the same format are generated with the rows."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.tables.dtype_names import as_dtype
from autogen.data.tables.reading.column_types import ColumnType

_CLASSES = {"0": "0123456789", "a": "abcdefghijklmnopqrstuvwxyz", "A": "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
#: Texts of a pattern per training text that make a collision improbable, and free texts above all of training
#: per training text that are enough to continue a count.
ROOM, SPARE = 10**9, 16
#: Characters of UUIDs and digests, and the length from which on a text of these is one.
_HEX, SHORTEST_HEX = frozenset("0123456789abcdefABCDEF-{}"), 8


@dataclass(frozen=True)
class Identifiers:
    """Format of identifiers: integers above those of the data, or texts of one pattern.

    Attributes:
        form: type of the raw column.
        missing: share of missing cells in the training split.
        top: highest training number; numbers only.
        pattern: allowed characters at each place; texts only.
        first: index of the first new text among all texts of the pattern.
    """

    form: ColumnType
    missing: float
    top: int = 0
    pattern: tuple[str, ...] = ()
    first: int = 0

    @classmethod
    def fit(cls, form: ColumnType, column: pd.Series) -> "Identifiers":
        """Learn the format of the training identifiers, but not the identifiers themselves."""
        present = column.dropna()
        missing = 1.0 - len(present) / max(len(column), 1)
        if pd.api.types.is_numeric_dtype(column.dtype):
            return cls(form, missing, top=int(present.max()) if len(present) else 0)
        return cls(form, missing, 0, *_fresh([str(cell) for cell in present]))

    def make(self, rows: np.ndarray, total: int, seed: int) -> pd.Series:
        """Generate identifiers for some rows of a draw, all different if the format has enough of them.

        Args:
            rows: indices of the rows in the draw, int64 (N,).
            total: number of rows in the draw.
            seed: random seed of the draw.
        """
        rng = np.random.default_rng([seed, *self.form.name.encode()])
        cells = self._texts(rows, total, rng) if self.pattern else self._numbers(rows, total, rng)
        made = as_dtype(pd.Series(cells, name=self.form.name), self.form.dtype)
        if not self.missing:
            return made
        own = np.random.default_rng([seed, *self.form.name.encode(), int(rows[0]) if len(rows) else 0])
        return made.mask(own.random(len(rows)) < self.missing)

    def to_json(self) -> dict[str, Any]:
        """Describe the format in JSON values."""
        return {"missing": self.missing, "top": self.top, "pattern": list(self.pattern), "first": self.first}

    @classmethod
    def from_json(cls, form: ColumnType, record: Mapping[str, Any]) -> "Identifiers":
        """Rebuild from ``to_json``."""
        return cls(form, record["missing"], record["top"], tuple(record["pattern"]), record.get("first", 0))

    def _numbers(self, rows: np.ndarray, total: int, rng: np.random.Generator) -> np.ndarray:
        """Generate numbers above the highest training number, with as many digits if there are enough."""
        highest = int(np.iinfo(self.form.dtype.lower().partition("[")[0]).max)
        room = min(max(10 ** len(str(max(self.top, 0))) - self.top - 1, 16 * total), highest - self.top)
        first = self.top + 1
        if room < total:
            first, room = 0, highest
        wide = np.uint64 if highest >= 2**63 else np.int64
        return np.array([first + place for place in _scattered(rows, room, rng)], dtype=wide)

    def _texts(self, rows: np.ndarray, total: int, rng: np.random.Generator) -> np.ndarray:
        """Generate texts of the pattern: the number of a row, written in the characters of each place."""
        pattern, first = self.pattern, self.first
        while 1 < math.prod(map(len, pattern)) < first + total:
            pattern, first = _longer(pattern, 1), 0
        texts = []
        for place in _scattered(rows, math.prod(map(len, pattern)) - first, rng):
            text, place = "", first + place
            for some in reversed(pattern):
                place, digit = divmod(place, len(some))
                text = some[digit] + text
            texts.append(text)
        return np.array(texts, dtype=f"<U{len(pattern)}")


def _scattered(rows: np.ndarray, room: int, rng: np.random.Generator) -> list[int]:
    """Map row indices to numbers 0..room-1 that look random and differ for ``room`` successive rows."""
    start, step = (int.from_bytes(rng.bytes(64)) % room for _ in range(2))
    while math.gcd(step, room) != 1:  # a step without a common factor visits all numbers before it repeats
        step += 1
    return [(start + step * row) % room for row in rows.tolist()]


def _fresh(texts: list[str]) -> tuple[tuple[str, ...], int]:
    """Find a pattern and the index of its first new text, so that no text repeats one of training.

    If the pattern has very many texts, a collision does not happen in practice. If the training texts count
    up, those above them are free. Otherwise new texts are longer than those of training.
    """
    pattern = _pattern(texts)
    room = math.prod(map(len, pattern))
    if room == 1 or room >= ROOM * len(texts):
        return pattern, 0
    alike = [text for text in texts if len(text) == len(pattern)]
    spare = room - 1 - max(_place(text, pattern) for text in alike)
    if spare < SPARE * len(texts):
        return _longer(pattern, max(map(len, texts)) - len(pattern) + 1), 0
    step = spare // 1000 + 1  # rounding up hides the highest text of training
    return pattern, ((room - 1 - spare) // step + 1) * step


def _place(text: str, pattern: tuple[str, ...]) -> int:
    """Compute the index of a text among all texts of its pattern."""
    place = 0
    for character, some in zip(text, pattern, strict=True):
        place = place * len(some) + some.index(character)
    return place


def _longer(pattern: tuple[str, ...], places: int) -> tuple[str, ...]:
    """Repeat the first variable place of a pattern several more times."""
    free = next(i for i, some in enumerate(pattern) if len(some) > 1)
    return (*pattern[:free], *[pattern[free]] * places, *pattern[free:])


def _pattern(texts: list[str]) -> tuple[str, ...]:
    """Find the characters at each place of the texts of the most frequent length.

    Leading digits that never change count as variable: ``00417`` has five variable digits.
    """
    if not texts:
        return ("?",)
    length = Counter(map(len, texts)).most_common(1)[0][0]
    alike = [text for text in texts if len(text) == length]
    used = set("".join(alike))
    hexadecimal = length >= SHORTEST_HEX and used <= _HEX and bool(used & set("abcdefABCDEF"))
    pattern = [_characters(set(place), hexadecimal) for place in zip(*alike, strict=True)]
    for i in reversed(range(length - 1)):
        if pattern[i].isdigit() and pattern[i + 1] == _CLASSES["0"]:
            pattern[i] = _CLASSES["0"]
    return tuple(pattern)


def _characters(found: set[str], hexadecimal: bool) -> str:
    """Generalize the characters of one place to their classes; a constant character stays alone."""
    if len(found) == 1:
        return found.pop()
    wide = set(found)
    for members in _CLASSES.values():
        if found & set(members):
            wide |= set(members) & _HEX if hexadecimal else set(members)
    return "".join(sorted(wide))
