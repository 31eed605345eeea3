"""Makers of columns: what of a column is modeled, and how cells follow from that and from other columns."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autogen.data.tables.encoders import ColumnEncoder
from autogen.data.tables.rules.cells import Cells
from autogen.data.tables.rules.parts import Part

#: Codes and positions of one modeled column, and which of them are known, (N,) each.
Coded = tuple[np.ndarray, np.ndarray, np.ndarray]
#: Known cells of columns by name, bool (N,).
Known = Mapping[str, np.ndarray]
#: First special code: the modeled column says nothing in this row.
SILENT = 0


class Maker(ABC):
    """Maker of one column of a table.

    Attributes:
        name: name of the column.
        encoder: encoder of its cells.
        parts: modeled columns that it is made of; empty if others determine it.
    """

    name: str
    encoder: ColumnEncoder
    parts: tuple[Part, ...]

    @abstractmethod
    def encode(self, cells: Cells, known: Known) -> list[Coded]:
        """Encode N rows, of which all or some cells are known, as codes of the parts."""

    @abstractmethod
    def decode(self, coded: Sequence[Coded], made: Cells, rng: np.random.Generator) -> np.ndarray:
        """Decode codes of the parts, given the columns before, to the column's numbers, float64 (N,)."""

    @abstractmethod
    def another(self, rows: np.ndarray, made: Cells, rng: np.random.Generator) -> np.ndarray:
        """Draw numbers for some rows, (n,), none missing, as the training rows have them."""

    def free(self, made: Cells) -> np.ndarray:
        """Tell in which rows the number does not follow from other columns, bool (N,)."""
        return np.ones(len(next(iter(made.columns.values()))), bool)

    def loose(self, made: Cells) -> np.ndarray:
        """Tell in which rows it does not follow from other columns if the cell is missing, bool (N,)."""
        return self.free(made)

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Describe what was fitted in JSON values."""

    @classmethod
    @abstractmethod
    def from_json(cls, encoder: ColumnEncoder, record: Mapping[str, Any]) -> "Maker":
        """Rebuild from ``to_json``."""


class Plain(Maker):
    """Column that is modeled as it is.

    Args:
        encoder: encoder of its cells.
        counts: number of training rows with each code; empty if it can never be needed.
    """

    def __init__(self, encoder: ColumnEncoder, counts: Sequence[int] = ()) -> None:
        self.name, self.encoder = encoder.form.name, encoder
        self.parts = (Part(self.name, encoder, 0, counts),)

    @classmethod
    def fit(cls, encoder: ColumnEncoder, cells: Cells) -> "Plain":
        """Count the codes of the training rows."""
        column = cells.columns[encoder.form.name]
        return cls(encoder, np.bincount(encoder.encode(column)[0], minlength=encoder.spec.levels).tolist())

    def encode(self, cells: Cells, known: Known) -> list[Coded]:
        """The column's own codes."""
        return [(*self.encoder.encode(cells.columns[self.name]), known[self.name])]

    def decode(self, coded: Sequence[Coded], made: Cells, rng: np.random.Generator) -> np.ndarray:
        """The column's own numbers."""
        return self.encoder.feature(self.encoder.decode(*coded[0][:2]))

    def another(self, rows: np.ndarray, made: Cells, rng: np.random.Generator) -> np.ndarray:
        """Numbers of the training rows."""
        codes, positions = self.parts[0].draw(len(rows), rng, present=True)
        return self.encoder.feature(self.encoder.decode(codes, positions))

    def to_json(self) -> dict[str, Any]:
        """The counts."""
        return {"counts": self.parts[0].counts.tolist()}

    @classmethod
    def from_json(cls, encoder: ColumnEncoder, record: Mapping[str, Any]) -> "Plain":
        """Rebuild from ``to_json``."""
        return cls(encoder, record["counts"])


def saying(
    part: Part, coded: Coded, rows: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Replace codes that say nothing in rows in which the part is needed: a model may draw them there."""
    codes, positions, _ = coded
    silent = np.flatnonzero(rows & (codes == part.first + SILENT))
    if not len(silent):
        return codes, positions
    codes, positions = codes.copy(), positions.copy()
    codes[silent], positions[silent] = part.draw(len(silent), rng, present=False)
    return codes, positions


def another_of(encoder: ColumnEncoder, rest: Part | None, n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw numbers of rows without a bound; of any training row, all values alike, if there are none."""
    part = rest if rest is not None else Part(encoder.form.name, encoder, 0, np.zeros(encoder.spec.levels))
    drawn = encoder.feature(part.decode(*part.draw(n, rng, present=True))[0])
    if not np.isnan(drawn).any() or rest is None:
        return drawn
    return np.where(np.isnan(drawn), another_of(encoder, None, n, rng), drawn)
