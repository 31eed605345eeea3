"""The two-sample test of tables until version 1: boosted trees on single columns (Lopez-Paz 2017).

It does not see broken pairs of columns with many values; kept so that scores can be compared with older ones.

https://arxiv.org/abs/1610.06545. The score is d = 2 max(AUC, 1/2) - 1: 0 where the classifier
guesses, 1 where it knows. It covers every column and what columns have to do with each other.

What makes the number fair: as many generated rows as real ones; predictions on rows that the
classifier was not fitted on; generated numbers rounded to the decimals of the real column, since
trees see a formatting that no user minds; categories as indices and missing cells as such. AUC is
taken inside each fold, so that for real rows its mean is exactly 1/2 at any number of rows.

The classifier's settings follow from the number of rows alone: 50 rounds at a rate of 0.2, trees of
at most 16 leaves, a leaf of at least a twentieth of the fitting rows, within 3 and 20. (With a fixed
20, as is scikit-learn's default, 36 real rows cannot be told from shuffled columns.)
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # comes with scikit-learn

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.data.tables.codec import TableCodec
from autogen.errors import MetricError
from autogen.hpo.objective import Objective
from autogen.metrics.base import Metric
from autogen.metrics.cross_fit import FOLDS, Classifier, HeldOut, area, distance, held_out, left_out_areas
from autogen.metrics.tables.features import table_features

MINIMUM = 15
#: Rows below which a glance needs more folds.
_FEW = 100


@dataclass(frozen=True)
class TableReference:
    """Real rows as the two-sample test sees them.

    Attributes:
        codec: Of the data set.
        features: Of the real rows, NaN where a cell is missing, (N, D).
        decimals: Digits after the point of each column's real numbers; -1 where they are not few.
    """

    codec: TableCodec
    features: np.ndarray
    decimals: tuple[int, ...]


class TwoSampleTestV1(Metric):
    """d = 2 max(AUC, 1/2) - 1 of a cross-fitted classifier that tells generated from real rows."""

    kinds: ClassVar[tuple[str, ...]] = ("tabular",)
    early_rows: ClassVar[int] = 500
    superseded: ClassVar[bool] = True
    objective = Objective("c2st[hgb-v1]", version=1, direction="minimize")

    def prepare(self, real: Samples, codec: Codec) -> TableReference:
        """Turn the real rows to numbers once."""
        if not isinstance(codec, TableCodec):
            raise MetricError(f"{self.objective.name} scores tables, but the data is {codec.kind}")
        features = table_features(real, codec)
        _refuse_too_few(features)
        return TableReference(codec, features, decimals_of(features, codec.categorical))

    def score(self, reference: TableReference, fake: Samples) -> float:
        """Distinguishability in [0, 1]."""
        return distance(area(*self._held_out(reference, fake)))

    def glance(self, reference: TableReference, fake: Samples) -> float:
        """The same by some of the folds, each with as many rows to fit on: no worse in the mean."""
        folds = 2 if len(reference.features) >= _FEW else 3
        return distance(area(*self._held_out(reference, fake, folds)))

    def replicates(self, reference: TableReference, fake: Samples, groups: int) -> np.ndarray:
        """The score, moved by what AUC does without each group's predictions."""
        return left_out_areas(*self._held_out(reference, fake), groups)

    def jackknife(self, reference: TableReference, fake: Samples, groups: int) -> tuple[float, np.ndarray]:
        """Both from the same classifiers."""
        sides = self._held_out(reference, fake)
        return distance(area(*sides)), left_out_areas(*sides, groups) if groups else np.empty(0)

    def signed(self, reference: TableReference, fake: Samples) -> float:
        """2 AUC - 1, which keeps below zero what d clips: its mean is 0 for real rows."""
        return 2 * area(*self._held_out(reference, fake)) - 1

    def _held_out(
        self, reference: TableReference, fake: Samples, folds: int = FOLDS
    ) -> tuple[HeldOut, HeldOut]:
        """Held-out predictions for equally many real and generated rows, of so many folds."""
        made = round_like(table_features(fake, reference.codec), reference.decimals)
        _refuse_too_few(made)
        return held_out(reference.features, made, _fitted, folds)


def decimals_of(features: np.ndarray, categorical: tuple[bool, ...]) -> tuple[int, ...]:
    """Digits after the point that each numeric column needs, -1 where ten are not enough."""
    found = []
    for column, nominal in zip(features.T, categorical, strict=True):
        present = column[~np.isnan(column)]
        fitting = (k for k in range(11) if np.array_equal(np.round(present, k), present))
        found.append(-1 if nominal else next(fitting, -1))
    return tuple(found)


def round_like(features: np.ndarray, decimals: tuple[int, ...]) -> np.ndarray:
    """Round each column to its decimals."""
    columns = [
        column if digits < 0 else np.round(column, digits)
        for column, digits in zip(features.T, decimals, strict=True)
    ]
    return np.stack(columns, axis=1)


def _refuse_too_few(features: np.ndarray) -> None:
    if len(features) < MINIMUM:
        raise MetricError(f"the two-sample test needs at least {MINIMUM} rows; got {len(features)}")


def _fitted(real: np.ndarray, made: np.ndarray) -> Classifier:
    """How generated a row looks to trees fitted on these rows."""
    with threadpool_limits(limits=1):
        model = _fit(real, made)

    def score(rows: np.ndarray) -> np.ndarray:
        with threadpool_limits(limits=1):
            return np.asarray(model.decision_function(rows))

    return score


def _fit(real: np.ndarray, made: np.ndarray) -> HistGradientBoostingClassifier:
    rows = np.concatenate([real, made])
    model = HistGradientBoostingClassifier(
        learning_rate=0.2,
        max_iter=50,
        max_leaf_nodes=16,
        min_samples_leaf=int(np.clip(len(rows) // 20, 3, 20)),
        early_stopping=False,
        random_state=0,
    )
    return model.fit(rows, np.repeat([0, 1], [len(real), len(made)]))
