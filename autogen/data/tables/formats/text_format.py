"""The contract of a format: how the values of a column are written as texts, and read from them."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.tables.dtype_names import as_dtype
from autogen.data.tables.formats.missing import MISSING, NUMBER_SHARE


@dataclass(frozen=True)
class TextFormat(ABC):
    """Format in which the values of a column are written.

    Attributes:
        dtype: dtype of the column of texts, as pandas prints it.
    """

    dtype: str

    @property
    def measures(self) -> bool:
        """True if the texts say what is counted (``5 %``, ``€ 3``, ``0:05:00``): no such number is a name."""
        return False

    @abstractmethod
    def format(self, number: float) -> str:
        """Format one value; the text parses to exactly this value."""

    @abstractmethod
    def strip(self, text: str) -> str | None:
        """Strip a text in this format to its plain number, ``1200.50``; ``None`` for another text."""

    def rounded(self, column: pd.Series) -> pd.Series:
        """Round N drawn values to those that the format can write; most formats write all."""
        return column

    def format_column(self, column: pd.Series) -> pd.Series:
        """Format N values as texts of the dtype of the data."""
        codes, uniques = pd.factorize(column)
        texts = [self.format(number) for number in uniques.tolist()]
        return as_dtype(spread(texts, codes, column), self.dtype)

    def parse_column(self, column: pd.Series, dtype: str) -> pd.Series:
        """Parse N texts to values of a dtype, or its nullable dtype if cells are missing.

        Raises:
            ValueError, TypeError: a text is no such value.
        """
        codes, uniques = pd.factorize(column)
        texts = [self.strip(str(cell)) or str(cell) for cell in uniques]
        found: list[Any] = [int(text) if text.lstrip("+-").isdigit() else float(text) for text in texts]
        dtype = "Int64" if dtype == "int64" and (codes < 0).any() else dtype
        return as_dtype(spread(found, codes, column), dtype)

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
        return spread(cells, codes, column)


@dataclass(frozen=True)
class TruthFormat(TextFormat):
    """Words in which the truth values of a column are written.

    Attributes:
        true: word for true.
        false: word for false.
    """

    true: str = "True"
    false: str = "False"

    def format(self, number: float) -> str:
        """Write a truth value."""
        return self.true if number else self.false

    def strip(self, text: str) -> str | None:
        """Read a word, however it is capitalized, as 1 or 0."""
        return {self.true.lower(): "1", self.false.lower(): "0"}.get(text.strip().lower())

    def parse_column(self, column: pd.Series, dtype: str) -> pd.Series:
        """Read N words as truth values."""
        read = super().parse_column(column, "Int64")
        return as_dtype(read, "boolean" if read.isna().any() else dtype)

    def strip_column(self, column: pd.Series) -> pd.Series:
        """Leave the words: truth values are compared by their text."""
        return column


def spread(values: list[Any], codes: np.ndarray, like: pd.Series) -> pd.Series:
    """Expand values of unique texts to all cells, missing for code -1, with name and index of a column."""
    cells = np.array([*values, np.nan], dtype=object)[codes]
    return pd.Series(cells, index=like.index, name=like.name, dtype=object)
