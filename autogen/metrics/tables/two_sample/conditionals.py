"""Plausibility of each cell of a row given all others, as features for a classifier of tables.

Pairs of cells do not show what only several columns together determine: the density of a wine follows closely
from its alcohol, sugar and acids, and from none of them alone. Extremely randomized trees (Geurts 2006,
https://doi.org/10.1007/s10994-006-6226-1) predict each column of background rows from all other columns.
Two features say how far the least plausible cell, and all cells together, lie from what the trees expect. A
feature for each column would say more, but the few hundred rows that the classifier is fitted on cannot tell
which of them matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

from autogen.metrics.tables.features import normal_scores

#: Most background rows that trees are fitted on, their product with the number of columns, and fewest.
MOST_ROWS, MOST_CELLS, FEWEST_ROWS = 3000, 40_000, 500
#: Columns that are predicted at most, from all others: those first that are known to depend on others.
MOST_PREDICTED = 100
#: Trees a column, smallest leaf, share of the rows per tree, most columns that are tried for a cut.
TREES, LEAF, ROWS_A_TREE, MOST_TRIED = 10, 5, 0.7, 16
#: Present cells below which a column is not predicted, and categories from which on it is not.
FEWEST_CELLS, MOST_CATEGORIES = 50, 32
#: Largest number of a column over half its range from which float32 is too coarse for it, and half ranges for
#: which it is not, nor the absolute tolerance of trees (1e-7): columns beyond are shifted and scaled.
_FAR, _LEAST_RANGE, _MOST_RANGE = 1024.0, 1e-3, 1e30
#: Deviation, in normal scores, that is added to a prediction's own: leaves of equal cells have none.
_LEAST_DEVIATION = 0.05
#: Probability that is added to each category, so that one that no tree expects has a logarithm.
_PRIOR = 0.02


class _Column(Protocol):
    """Predicts the cells of one column from the other columns of their rows."""

    def plausibility(self, cells: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Rate cells, float32 (N,), given the rows' other cells, float32 (N, D - 1): float64 (N,).

        The higher, the more plausible; 0 where a cell is missing.
        """


@dataclass(frozen=True)
class _Quantity:
    """Rates numbers by minus their distance from the prediction, in predicted standard deviations.

    Attributes:
        known: Background numbers, ascending, of which cells become normal scores.
        forest: Predicts the normal score and its square.
    """

    known: np.ndarray
    forest: ExtraTreesRegressor

    @classmethod
    def fit(cls, cells: np.ndarray, others: np.ndarray) -> "_Quantity":
        known = np.sort(cells)
        scores = normal_scores(cells, known)
        forest = ExtraTreesRegressor(**_settings(others.shape[1]))
        return cls(known, forest.fit(others, np.stack([scores, scores**2], axis=1)))

    def plausibility(self, cells: np.ndarray, others: np.ndarray) -> np.ndarray:
        # Trees one by one: for a few hundred rows the forest's own method spends its time on threads.
        trees = (tree.predict(others, check_input=False) for tree in self.forest.estimators_)
        mean, square = np.mean(list(trees), axis=0).T
        deviation = np.sqrt(np.maximum(square - mean**2, 0) + _LEAST_DEVIATION**2)
        distance = np.abs(normal_scores(cells, self.known) - mean) / deviation
        return np.where(np.isnan(cells), 0.0, -distance)


@dataclass(frozen=True)
class _Category:
    """Rates categories by the logarithm of how much likelier the other cells make them.

    Attributes:
        forest: Predicts the category.
        frequencies: Shares of the categories among background rows.
    """

    forest: ExtraTreesClassifier
    frequencies: np.ndarray

    @classmethod
    def fit(cls, cells: np.ndarray, others: np.ndarray) -> "_Category":
        counts = np.unique(cells, return_counts=True)[1]
        return cls(ExtraTreesClassifier(**_settings(others.shape[1])).fit(others, cells), counts / len(cells))

    def plausibility(self, cells: np.ndarray, others: np.ndarray) -> np.ndarray:
        trees = (tree.predict_proba(others, check_input=False) for tree in self.forest.estimators_)
        chances = np.mean(list(trees), axis=0)
        categories = self.forest.classes_
        place = np.minimum(categories.searchsorted(cells), len(categories) - 1)
        chance = np.where(categories[place] == cells, chances[np.arange(len(cells)), place], 0)
        found = np.log((chance + _PRIOR) / (1 + _PRIOR)) - np.log(self.frequencies[place])
        return np.where(np.isnan(cells), 0.0, found)


@dataclass(frozen=True)
class Conditionals:
    """Plausibility of cells given the other cells of their row, learned from background rows.

    Attributes:
        columns: Index of each column that is predicted and what predicts it.
        units: Number that is subtracted from each column, and the one it is then divided by, (D, 2): trees
            work in float32.
    """

    columns: tuple[tuple[int, _Column], ...]
    units: np.ndarray

    @classmethod
    def fit(
        cls, features: np.ndarray, categorical: Sequence[bool], dependent: Sequence[int] = ()
    ) -> "Conditionals":
        """Learn to predict each column of background rows; of more than 100 columns, 100.

        Args:
            features: Background rows, NaN where a cell is missing, (N, D).
            categorical: True for each column of categories, (D,).
            dependent: Columns that depend on others: the first to be predicted where not all are.
        """
        rows, width = features.shape
        units = np.array([_unit(*column) for column in zip(features.T, categorical, strict=True)])
        if width < 2:
            return cls((), units)
        size = int(np.clip(MOST_CELLS // width, FEWEST_ROWS, MOST_ROWS))
        some = _single(features[np.random.default_rng(4).permutation(rows)[:size]], units)
        columns: list[tuple[int, _Column]] = []
        for place in _predicted(width, dependent):
            nominal = categorical[place]
            known = some[~np.isnan(some[:, place])]
            cells, others = known[:, place], np.delete(known, place, axis=1)
            values = len(np.unique(cells))
            if len(cells) < FEWEST_CELLS or values < 2 or (nominal and values > MOST_CATEGORIES):
                continue
            columns.append((place, (_Category if nominal else _Quantity).fit(cells, others)))
        return cls(tuple(columns), units)

    @property
    def width(self) -> int:
        """Number of features, all of which are higher for more plausible rows."""
        return 2 if self.columns else 0

    def describe(self, features: np.ndarray) -> np.ndarray:
        """Rate the cells of rows (N, D): plausibility of the least plausible one, and the sum, (N, width)."""
        if not self.columns:
            return np.empty((len(features), 0))
        cells = _single(features, self.units)
        found = [
            column.plausibility(cells[:, place], np.delete(cells, place, axis=1))
            for place, column in self.columns
        ]
        return np.column_stack([np.min(found, axis=0), np.sum(found, axis=0)])


def _predicted(width: int, dependent: Sequence[int]) -> list[int]:
    """Choose the columns that are predicted: all, or the dependent ones and random ones beside them."""
    if width <= MOST_PREDICTED:
        return list(range(width))
    others = np.random.default_rng(5).permutation(width).tolist()
    return sorted(list(dict.fromkeys([*dependent, *others]))[:MOST_PREDICTED])


def _unit(column: np.ndarray, nominal: bool) -> tuple[float, float]:
    """Choose a shift and a power of two with which float32 holds a column, (N,); 0 and 1 if it does so."""
    known = np.sort(column[~np.isnan(column)])
    if nominal or not len(known):
        return 0.0, 1.0
    half = known[-1] / 2 - known[0] / 2
    largest = max(abs(known[0]), abs(known[-1]))
    middle = float(known[len(known) // 2]) if half < largest / _FAR else 0.0
    fits = not half or _LEAST_RANGE <= half <= _MOST_RANGE
    return middle, 1.0 if fits else float(np.ldexp(0.5, np.frexp(half)[1]))


def _single(features: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Convert rows (N, D) to float32 in the columns' units."""
    shifts, widths = units.T
    with np.errstate(over="ignore"):  # far beyond the background's numbers: the end of float32 is far enough
        scaled = features / widths - shifts / widths
    return np.asarray(np.clip(scaled, -_MOST_RANGE, _MOST_RANGE), dtype=np.float32)


def _settings(columns: int) -> dict[str, float]:
    """Settings of a forest that predicts from so many columns."""
    return {
        "n_estimators": TREES,
        "min_samples_leaf": LEAF,
        "max_features": min(columns, MOST_TRIED),
        "bootstrap": True,
        "max_samples": ROWS_A_TREE,
        "random_state": 0,
    }
