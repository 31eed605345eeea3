"""How the numbers of a column of text are written: ``$1,200.50``, ``12 %``, ``3,5``.

Reading leaves signs and separators out, so that models and metrics see numbers; the spelling puts
them back where rows are given to a user. A column has one where at least nine tenths of its cells
that are numbers, as far as looked at, print back the same in it.
"""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.tables.reading.cells import MISSING, NUMBER_SHARE, as_dtype

#: Different cells that are looked at, evenly over those of a column.
LOOKED_AT = 2000
#: Separators of thousands and of decimals.
_SEPARATORS = (("", "."), (",", "."), ("", ","), (".", ","))
#: What texts of plain numbers do not have.
MARK = "[%$€£¥₹,]"
_CELL = re.compile(r"([+-]?)([$€£¥₹]? ?)([+-]?)(\d[\d.,]*)( ?[%$€£¥₹]?)")


@dataclass(frozen=True)
class Spelling:
    """The form in which the numbers of a column are written.

    Attributes:
        dtype: Of the column of texts, as pandas prints it.
        before: Sign before a number and the space between.
        after: Space and sign after it.
        thousands: Between thousands; empty for nothing.
        point: Before decimals.
        decimals: Fewest of a number; more where its value has more.
        inner: Whether a minus comes after ``before``: ``$-5``, not ``-$5``.
        plus: Whether positive numbers have a plus.
    """

    dtype: str
    before: str = ""
    after: str = ""
    thousands: str = ""
    point: str = "."
    decimals: int = 0
    inner: bool = False
    plus: bool = False

    def text(self, number: float) -> str:
        """One number as it is written; reads as exactly this number again."""
        enough = round(number, self.decimals) == number
        places = self.decimals if enough else _decimals(number)
        digits = f"{abs(number):,.{places}f}" if places else f"{abs(int(number)):,}"
        digits = digits.translate({ord(","): self.thousands, ord("."): self.point})
        sign = "-" if number < 0 else "+" if self.plus and number > 0 else ""
        outer, inner = ("", sign) if self.inner else (sign, "")
        return f"{outer}{self.before}{inner}{digits}{self.after}"

    def bare(self, text: str) -> str | None:
        """The plain number, ``1200.50``, of a text in this form; ``None`` of another.

        Spaces, thousands without a separator and the place of the minus may differ.
        """
        if not (found := self._form.fullmatch(text)):
            return None
        outer, inner, whole, decimals = found.groups()
        whole = whole.replace(self.thousands, "") if self.thousands else whole
        return f"{outer or inner}{whole}.{decimals}" if decimals else f"{outer or inner}{whole}"

    def write(self, column: pd.Series) -> pd.Series:
        """A column of numbers as texts."""
        codes, uniques = pd.factorize(column)
        texts = [self.text(number) for number in uniques.tolist()]
        return as_dtype(_spread(texts, codes, column), self.dtype)

    def read(self, column: pd.Series, dtype: str) -> pd.Series:
        """A column of texts as numbers of a dtype; of one with room for missing cells where there are some.

        Raises:
            ValueError, TypeError: a text is no such number.
        """
        codes, uniques = pd.factorize(column)
        texts = [self.bare(str(cell)) or str(cell) for cell in uniques]
        found: list[Any] = [int(text) if text.lstrip("+-").isdigit() else float(text) for text in texts]
        dtype = "Int64" if dtype == "int64" and (codes < 0).any() else dtype
        return as_dtype(_spread(found, codes, column), dtype)

    def bared(self, column: pd.Series) -> pd.Series:
        """Texts without signs and separators, where nine tenths are in this form; else as they are."""
        codes, uniques = pd.factorize(column)
        texts = [str(cell) for cell in uniques]
        bare = [self.bare(text) for text in texts]
        counts = np.bincount(codes[codes >= 0], minlength=len(texts))
        present = counts * np.array([text.strip() not in MISSING for text in texts], dtype=int)
        right = counts * np.array([text is not None for text in bare], dtype=int)
        if right.sum() < NUMBER_SHARE * present.sum():
            return column
        cells = [text if short is None else short for text, short in zip(texts, bare, strict=True)]
        return _spread(cells, codes, column)

    @cached_property
    def _form(self) -> re.Pattern[str]:
        before, after, apart, point = map(
            re.escape, (self.before.strip(), self.after.strip(), self.thousands, self.point)
        )
        whole = rf"\d{{1,3}}(?:{apart}\d{{3}})+|\d+" if apart else r"\d+"
        return re.compile(rf"\s*([+-]?){before} ?([+-]?)({whole})(?:{point}(\d+))? ?{after}\s*")


def spelling_of(cells: pd.Series, numbers: pd.Series) -> tuple[Spelling | None, list[str]]:
    """The form in which nine tenths of a column's numbers are written; and a note on it.

    None where pandas reads the cells as numbers by itself, or where no form has so many.

    Args:
        cells: Texts of a column.
        numbers: What they were read as, NaN where they are none.
    """
    there = numbers.notna()
    present = cells[there].astype(str)
    if not re.search(MARK, "".join(present)):
        return None, []
    codes, uniques = pd.factorize(present.str.strip())
    _, first = np.unique(codes, return_index=True)
    looked = np.linspace(0, len(uniques) - 1, min(len(uniques), LOOKED_AT)).astype(int)
    texts = [str(text) for text in uniques[looked]]
    values = numbers[there].iloc[first[looked]].tolist()
    seen = np.bincount(codes)[looked]
    found = [_spelling(texts, values, seen, str(cells.dtype), *apart) for apart in _SEPARATORS]
    share, best = max(found, key=lambda pair: pair[0])
    if share < NUMBER_SHARE:
        return None, [f"Numbers of column {cells.name!r} are spelt in several ways; samples have plain ones."]
    example = best.text(1234 if numbers.dtype.kind == "i" else 1234.5)
    return best, [f"Samples of column {cells.name!r} are written like {example}."]


def _spelling(
    texts: list[str], values: list[float], seen: np.ndarray, dtype: str, thousands: str, point: str
) -> tuple[float, Spelling]:
    """The most frequent form with these separators, and the share of cells that print back the same in it."""
    around: Counter[tuple[str, str]] = Counter()
    signs: Counter[str] = Counter()
    shown = np.zeros(len(texts), dtype=int)
    for i, (text, value, count) in enumerate(zip(texts, values, seen.tolist(), strict=True)):
        if cell := _CELL.fullmatch(text):
            outer, before, inner, digits, after = cell.groups()
            around[before, after] += count
            signs["inner" if inner else "outer" if outer else ""] += count
            signs["plus" if "+" in (outer, inner) else "bare"] += count if value > 0 else 0
            shown[i] = len(digits.partition(point)[2])
    needed = np.array([_decimals(value) for value in values])
    decimals = max(np.unique(shown).tolist(), key=lambda few: seen[shown == np.maximum(few, needed)].sum())
    before, after = around.most_common(1)[0][0] if around else ("", "")
    inner, plus = signs["inner"] > signs["outer"], signs["plus"] > signs["bare"]
    form = Spelling(dtype, before, after, thousands, point, int(decimals), inner, plus)
    same = [form.text(value) == text for text, value in zip(texts, values, strict=True)]
    return float(seen[same].sum() / seen.sum()), form


def _spread(values: list[Any], codes: np.ndarray, like: pd.Series) -> pd.Series:
    """One value a cell, missing where the code is -1, under the name and index of a column."""
    cells = np.array([*values, np.nan], dtype=object)[codes]
    return pd.Series(cells, index=like.index, name=like.name, dtype=object)


def _decimals(number: float) -> int:
    """Digits after the point that a number has."""
    if isinstance(number, int):
        return 0
    text = repr(number)
    text = np.format_float_positional(number, trim="-") if "e" in text else text.removesuffix(".0")
    return len(text.partition(".")[2])
