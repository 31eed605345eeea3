"""Formats of numbers in a column of text: ``$1,200.50``, ``12 %``, ``3,5``.

Reading removes signs and separators, so that models and metrics see numbers; the format puts them
back when rows go to a user. A column has a format if at least nine tenths of its sampled cells that are
numbers print back the same in it.
"""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.tables.reading.cells import MISSING, NUMBER_SHARE, as_dtype

#: Number of unique cells that are sampled, evenly over those of a column.
SAMPLED_CELLS = 2000
#: Separators of thousands and of decimals.
_SEPARATORS = (("", "."), (",", "."), ("", ","), (".", ","))
#: Characters that plain numbers do not have.
MARK = "[%$€£¥₹,]"
_CELL = re.compile(r"([+-]?)([$€£¥₹]? ?)([+-]?)(\d[\d.,]*)( ?[%$€£¥₹]?)")


@dataclass(frozen=True)
class NumberFormat:
    """Format in which the numbers of a column are written.

    Attributes:
        dtype: dtype of the column of texts, as pandas prints it.
        before: currency or other sign before a number, with its space.
        after: sign after a number, with its space.
        thousands: thousands separator; empty for none.
        point: decimal separator.
        decimals: minimum number of decimals; a number with more keeps them.
        inner: True if a minus comes after ``before``: ``$-5``, not ``-$5``.
        plus: True if positive numbers have a plus.
    """

    dtype: str
    before: str = ""
    after: str = ""
    thousands: str = ""
    point: str = "."
    decimals: int = 0
    inner: bool = False
    plus: bool = False

    def format(self, number: float) -> str:
        """Format one number; the text parses to exactly this number."""
        enough = round(number, self.decimals) == number
        places = self.decimals if enough else _decimals(number)
        digits = f"{abs(number):,.{places}f}" if places else f"{abs(int(number)):,}"
        digits = digits.translate({ord(","): self.thousands, ord("."): self.point})
        sign = "-" if number < 0 else "+" if self.plus and number > 0 else ""
        outer, inner = ("", sign) if self.inner else (sign, "")
        return f"{outer}{self.before}{inner}{digits}{self.after}"

    def strip(self, text: str) -> str | None:
        """Strip a text in this format to its plain number, ``1200.50``; ``None`` for another text.

        Spaces, thousands without a separator and the place of the minus may differ.
        """
        if not (found := self._pattern.fullmatch(text)):
            return None
        outer, inner, whole, decimals = found.groups()
        whole = whole.replace(self.thousands, "") if self.thousands else whole
        return f"{outer or inner}{whole}.{decimals}" if decimals else f"{outer or inner}{whole}"

    def format_column(self, column: pd.Series) -> pd.Series:
        """Format N numbers as texts of the dtype of the data."""
        codes, uniques = pd.factorize(column)
        texts = [self.format(number) for number in uniques.tolist()]
        return as_dtype(_spread(texts, codes, column), self.dtype)

    def parse_column(self, column: pd.Series, dtype: str) -> pd.Series:
        """Parse N texts to numbers of a dtype, or its nullable dtype if cells are missing.

        Raises:
            ValueError, TypeError: a text is no such number.
        """
        codes, uniques = pd.factorize(column)
        texts = [self.strip(str(cell)) or str(cell) for cell in uniques]
        found: list[Any] = [int(text) if text.lstrip("+-").isdigit() else float(text) for text in texts]
        dtype = "Int64" if dtype == "int64" and (codes < 0).any() else dtype
        return as_dtype(_spread(found, codes, column), dtype)

    def strip_column(self, column: pd.Series) -> pd.Series:
        """Strip signs and separators of N texts if nine tenths have this format; else leave them."""
        codes, uniques = pd.factorize(column)
        texts = [str(cell) for cell in uniques]
        bare = [self.strip(text) for text in texts]
        counts = np.bincount(codes[codes >= 0], minlength=len(texts))
        present = counts * np.array([text.strip() not in MISSING for text in texts], dtype=int)
        right = counts * np.array([text is not None for text in bare], dtype=int)
        if right.sum() < NUMBER_SHARE * present.sum():
            return column
        cells = [text if short is None else short for text, short in zip(texts, bare, strict=True)]
        return _spread(cells, codes, column)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        before, after, apart, point = map(
            re.escape, (self.before.strip(), self.after.strip(), self.thousands, self.point)
        )
        whole = rf"\d{{1,3}}(?:{apart}\d{{3}})+|\d+" if apart else r"\d+"
        return re.compile(rf"\s*([+-]?){before} ?([+-]?)({whole})(?:{point}(\d+))? ?{after}\s*")


def detect_number_format(cells: pd.Series, numbers: pd.Series) -> tuple[NumberFormat | None, list[str]]:
    """Detect the format of nine tenths of a column's numbers, and note it.

    There is none if pandas reads the cells as numbers by itself, or if the formats are too mixed.

    Args:
        cells: N texts.
        numbers: the N numbers that they were read as, NaN for texts that are none.
    """
    there = numbers.notna()
    present = cells[there].astype(str)
    if not re.search(MARK, "".join(present)):
        return None, []
    codes, uniques = pd.factorize(present.str.strip())
    _, first = np.unique(codes, return_index=True)
    looked = np.linspace(0, len(uniques) - 1, min(len(uniques), SAMPLED_CELLS)).astype(int)
    texts = [str(text) for text in uniques[looked]]
    values = numbers[there].iloc[first[looked]].tolist()
    seen = np.bincount(codes)[looked]
    found = [_best_format(texts, values, seen, str(cells.dtype), *apart) for apart in _SEPARATORS]
    share, best = max(found, key=lambda pair: pair[0])
    if share < NUMBER_SHARE:
        return None, [f"Column {cells.name!r} mixes number formats; samples have plain numbers."]
    example = best.format(1234 if numbers.dtype.kind == "i" else 1234.5)
    return best, [f"Samples of column {cells.name!r} are written like {example}."]


def _best_format(
    texts: list[str], values: list[float], seen: np.ndarray, dtype: str, thousands: str, point: str
) -> tuple[float, NumberFormat]:
    """Find the most frequent format with these separators, and the share of cells that print the same."""
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
    form = NumberFormat(dtype, before, after, thousands, point, int(decimals), inner, plus)
    same = [form.format(value) == text for text, value in zip(texts, values, strict=True)]
    return float(seen[same].sum() / seen.sum()), form


def _spread(values: list[Any], codes: np.ndarray, like: pd.Series) -> pd.Series:
    """Expand values of unique texts to all cells, missing for code -1, with name and index of a column."""
    cells = np.array([*values, np.nan], dtype=object)[codes]
    return pd.Series(cells, index=like.index, name=like.name, dtype=object)


def _decimals(number: float) -> int:
    """Count the digits of a number after its decimal point."""
    if isinstance(number, int):
        return 0
    text = repr(number)
    text = np.format_float_positional(number, trim="-") if "e" in text else text.removesuffix(".0")
    return len(text.partition(".")[2])
