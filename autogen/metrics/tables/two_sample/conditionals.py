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
#: Trees a column, smallest leaf, share of the rows a tree, most columns that are tried for a cut.
TREES, LEAF, ROWS_A_TREE, MOST_TRIED = 10, 5, 0.7, 16
#: Present cells below which a column is not predicted, and categories from which on it is not.
FEWEST_CELLS, MOST_CATEGORIES = 50, 32
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
    """

    columns: tuple[tuple[int, _Column], ...]

    @classmethod
    def fit(cls, features: np.ndarray, categorical: Sequence[bool]) -> "Conditionals":
        """Learn to predict each column of background rows.

        Args:
            features: Background rows, NaN where a cell is missing, (N, D).
            categorical: True for each column of categories, (D,).
        """
        rows, width = features.shape
        if width < 2:
            return cls(())
        size = int(np.clip(MOST_CELLS // width, FEWEST_ROWS, MOST_ROWS))
        some = features[np.random.default_rng(4).permutation(rows)[:size]].astype(np.float32)
        columns: list[tuple[int, _Column]] = []
        for place, nominal in enumerate(categorical):
            known = some[~np.isnan(some[:, place])]
            cells, others = known[:, place], np.delete(known, place, axis=1)
            values = len(np.unique(cells))
            if len(cells) < FEWEST_CELLS or values < 2 or (nominal and values > MOST_CATEGORIES):
                continue
            columns.append((place, (_Category if nominal else _Quantity).fit(cells, others)))
        return cls(tuple(columns))

    @property
    def width(self) -> int:
        """Number of features, all of which are higher for more plausible rows."""
        return 2 if self.columns else 0

    def describe(self, features: np.ndarray) -> np.ndarray:
        """Rate the cells of rows (N, D): plausibility of the least plausible one, and the sum, (N, width)."""
        if not self.columns:
            return np.empty((len(features), 0))
        cells = features.astype(np.float32)
        found = [
            column.plausibility(cells[:, place], np.delete(cells, place, axis=1))
            for place, column in self.columns
        ]
        return np.column_stack([np.min(found, axis=0), np.sum(found, axis=0)])


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
