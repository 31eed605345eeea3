"""What background rows, the train split, tell a classifier of tables about a row."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autogen.metrics.tables.two_sample.conditionals import Conditionals
from autogen.metrics.tables.two_sample.plausibility import Plausibility


@dataclass(frozen=True)
class Background:
    """Plausibility of rows: of each cell given all others, and of pairs of cells.

    Attributes:
        width: Number of columns of the table, D.
        cells: Plausibility of each cell given the others.
        pairs: Plausibility of pairs of cells, and differences of ordered columns.
    """

    width: int
    cells: Conditionals
    pairs: Plausibility

    @classmethod
    def fit(
        cls, features: np.ndarray, categorical: Sequence[bool], comparable: Sequence[str]
    ) -> "Background":
        """Learn from background rows; what the last ones told is kept, for they serve several splits.

        Args:
            features: Background rows, NaN where a cell is missing, (N, D).
            categorical: True for each column of categories, (D,).
            comparable: Name of what each column measures, (D,); only equal names can be ordered.
        """
        about = repr((features.shape, tuple(categorical), tuple(comparable))).encode()
        key = hashlib.sha256(about + features.tobytes()).digest()
        known = _KNOWN.get(key)
        if known is None:
            pairs = Plausibility.fit(features, categorical, comparable)
            known = cls(features.shape[1], Conditionals.fit(features, categorical, pairs.columns), pairs)
            _KNOWN.clear()
            _KNOWN[key] = known
        return known

    @property
    def columns(self) -> list[int]:
        """Indices of columns that depend on others; empty if none was found."""
        return self.pairs.columns

    @property
    def monotone(self) -> int:
        """Number of features, after the cells, that are higher for more plausible rows."""
        return self.cells.width + self.pairs.monotone

    def describe(self, features: np.ndarray) -> np.ndarray:
        """Put a row's plausibility beside its cells.

        Args:
            features: Rows that are no background rows, (N, D).

        Returns:
            float64 (N, W): D cells, then ``monotone`` features, then differences of ordered columns.
        """
        return np.column_stack([features, self.cells.describe(features), self.pairs.describe(features)])


#: What the last background rows told, by their hash: a study prepares the same rows for each of its splits.
_KNOWN: dict[bytes, Background] = {}
