"""How well boosted trees tell generated rows of a table from real ones (Lopez-Paz 2017).

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

from autogen.data.base import Codec, Samples
from autogen.data.tabular import TableCodec
from autogen.errors import MetricError
from autogen.metrics.base import Metric
from autogen.metrics.tables import table_features
from autogen.objective import Objective

FOLDS = 5
MINIMUM = 15
_FITTING = (1 + FOLDS / (FOLDS - 1)) ** 0.5


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


@dataclass(frozen=True)
class _HeldOut:
    """Predictions for rows by classifiers that were not fitted on them.

    Attributes:
        rows: Place of each row in its sample; its group is ``rows % groups``. (M,)
        folds: Fold of each row, (M,).
        scores: How generated each row looks, (M,).
    """

    rows: np.ndarray
    folds: np.ndarray
    scores: np.ndarray


class TwoSampleTest(Metric):
    """d = 2 max(AUC, 1/2) - 1 of a cross-fitted classifier that tells generated from real rows."""

    kinds: ClassVar[tuple[str, ...]] = ("tabular",)
    objective: ClassVar[Objective] = Objective("c2st[hgb-v1]", version=1, direction="minimize")

    def prepare(self, real: Samples, codec: Codec) -> TableReference:
        """Turn the real rows to numbers once."""
        if not isinstance(codec, TableCodec):
            raise MetricError(f"{self.objective.name} scores tables, but the data is {codec.kind}")
        features = table_features(real, codec)
        _refuse_too_few(features)
        return TableReference(codec, features, decimals_of(features, codec.categorical))

    def score(self, reference: TableReference, fake: Samples) -> float:
        """Distinguishability in [0, 1]."""
        return _distance(_area(*self._held_out(reference, fake)))

    def replicates(self, reference: TableReference, fake: Samples, groups: int) -> np.ndarray:
        """The score, moved by what AUC does without each group's predictions, one and a half times.

        Not clipped, so that an interval near 0 keeps its width. The classifiers stay those fitted with
        all groups, so predictions left out tell but a part of the variance. What comes with the choice
        of the fitting rows is put in after Nadeau 2003 (https://doi.org/10.1023/A:1024068626366): the
        variance counts 1 + folds / (folds - 1) = 2.25 times. Without it 95 % intervals covered 83 to
        95 % on simulated tables.
        """
        real, made = self._held_out(reference, fake)
        if not 2 <= groups <= len(made.rows) // 2:
            raise MetricError(f"{groups} groups need at least {2 * groups} rows; got {len(made.rows)}")
        whole = _area(real, made)
        without = np.array([_area(real, made, (groups, g)) for g in range(groups)])
        return np.asarray(_distance(whole) + 2 * _FITTING * (without - whole))

    def signed(self, reference: TableReference, fake: Samples) -> float:
        """2 AUC - 1, which keeps below zero what d clips: its mean is 0 for real rows."""
        return 2 * _area(*self._held_out(reference, fake)) - 1

    def _held_out(self, reference: TableReference, fake: Samples) -> tuple[_HeldOut, _HeldOut]:
        """Held-out predictions for equally many real and generated rows."""
        made = round_like(table_features(fake, reference.codec), reference.decimals)
        _refuse_too_few(made)
        size = min(len(reference.features), len(made))
        kept = [_some(len(rows), size) for rows in (reference.features, made)]
        folds = [_folds(size, seed) for seed in (1, 2)]
        scores = _cross_fit(reference.features[kept[0]], made[kept[1]], *folds)
        real, fakes = (_HeldOut(*parts) for parts in zip(kept, folds, scores, strict=True))
        return real, fakes


def _area(real: _HeldOut, made: _HeldOut, without: tuple[int, int] = (1, 1)) -> float:
    """Chance that a generated row looks more generated than a real one of its fold.

    Args:
        real: Predictions for real rows.
        made: Predictions for generated rows.
        without: (groups, g): leave out rows of group g.
    """
    groups, left_out = without
    wins = pairs = 0.0
    for fold in range(FOLDS):
        low, high = (
            np.sort(side.scores[(side.folds == fold) & (side.rows % groups != left_out)])
            for side in (real, made)
        )
        wins += (low.searchsorted(high, "left").sum() + low.searchsorted(high, "right").sum()) / 2
        pairs += len(low) * len(high)
    return float(wins / pairs)


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


def _distance(area: float) -> float:
    return 2 * max(0.5, area) - 1


def _refuse_too_few(features: np.ndarray) -> None:
    if len(features) < MINIMUM:
        raise MetricError(f"the two-sample test needs at least {MINIMUM} rows; got {len(features)}")


def _some(n: int, size: int) -> np.ndarray:
    """Which rows of n are used where ``size`` are: always the same ones, in order."""
    return np.sort(np.random.default_rng(0).permutation(n)[:size])


def _folds(size: int, seed: int) -> np.ndarray:
    """Fold of each row: equally large, and independent of the groups of a jackknife."""
    return np.random.default_rng(seed).permutation(np.arange(size) % FOLDS)


def _cross_fit(
    real: np.ndarray, made: np.ndarray, real_folds: np.ndarray, made_folds: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Score every row with the classifier of its fold."""
    of_real, of_made = np.empty(len(real)), np.empty(len(made))
    with threadpool_limits(limits=1):
        for fold in range(FOLDS):
            inside, outside = real_folds == fold, made_folds == fold
            model = _fit(real[~inside], made[~outside])
            of_real[inside] = model.decision_function(real[inside])
            of_made[outside] = model.decision_function(made[outside])
    return of_real, of_made


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
