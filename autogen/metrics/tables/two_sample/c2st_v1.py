"""Version 1 of the classifier two-sample test of tables: boosted trees on single columns (Lopez-Paz 2017).

It does not see broken pairs of columns with many values; it stays for comparison with older scores.

https://arxiv.org/abs/1610.06545. The score is d = 2 max(AUC, 1/2) - 1: 0 if the classifier guesses, 1 if
it separates both sides. It covers every column and the dependence between columns.

The comparison is fair for four reasons. There are as many generated rows as real ones. The classifier was
not fitted on the rows that it predicts. Generated numbers are rounded to the decimals of the real column,
since trees would see a difference in format that no user cares about. AUC is taken inside each fold, so
that for real rows its mean is exactly 1/2 at any number of rows.

The settings of the classifier depend only on the number of rows: 50 rounds at a learning rate of 0.2, trees
of at most 16 leaves, at least a twentieth of the fitting rows in a leaf, between 3 and 20. (With a fixed 20,
scikit-learn's default, the test cannot distinguish 36 real rows from shuffled columns.)
"""

from typing import ClassVar

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.hpo.objective import Objective
from autogen.metrics.base import Metric
from autogen.metrics.cross_fit import (
    FOLDS,
    Classifier,
    HeldOut,
    distance,
    fittable,
    held_out,
    left_out_areas,
    roc_auc,
)
from autogen.metrics.tables.two_sample.rows import RealRows
from autogen.threads import one_thread

#: Rows below which a low-fidelity score needs more folds.
_FEW = 100


class TwoSampleTestV1(Metric):
    """d = 2 max(AUC, 1/2) - 1 of a cross-validated classifier that tells generated from real rows."""

    about: ClassVar[str] = (
        "Classifier two-sample test: how well a classifier tells generated from real rows. 0 if it can only "
        "guess, 1 if it is always right."
    )
    kinds: ClassVar[tuple[str, ...]] = ("tabular",)
    early_rows: ClassVar[int] = 500
    superseded: ClassVar[bool] = True
    objective = Objective("c2st[hgb-v1]", version=1, direction="minimize")

    def prepare(self, real: Samples, codec: Codec) -> RealRows:
        """Turn N real rows into numbers."""
        return RealRows.of(real, codec, self.objective.name)

    def score(self, reference: RealRows, fake: Samples) -> float:
        """Compute the distance d, in [0, 1]."""
        return distance(roc_auc(*self._held_out(reference, fake)))

    def early_score(self, reference: RealRows, fake: Samples) -> float:
        """Score with some of the folds only: each classifier has as many rows, so the mean stays the same."""
        folds = 2 if len(reference.features) >= _FEW else 3
        return distance(roc_auc(*self._held_out(reference, fake, folds)))

    def replicates(self, reference: RealRows, fake: Samples, groups: int) -> np.ndarray:
        """Compute jackknife replicates, float64 (groups,); see ``cross_fit.left_out_areas``."""
        return left_out_areas(*self._held_out(reference, fake), groups)

    def jackknife(self, reference: RealRows, fake: Samples, groups: int) -> tuple[float, np.ndarray]:
        """Compute score and replicates from the same classifiers."""
        sides = self._held_out(reference, fake)
        return distance(roc_auc(*sides)), left_out_areas(*sides, groups) if groups else np.empty(0)

    def signed(self, reference: RealRows, fake: Samples) -> float:
        """Compute 2 AUC - 1, which d clips at zero; its mean is 0 for real rows."""
        return 2 * roc_auc(*self._held_out(reference, fake)) - 1

    def _held_out(self, reference: RealRows, fake: Samples, folds: int = FOLDS) -> tuple[HeldOut, HeldOut]:
        """Predict the rows of so many folds, equally many real and generated ones.

        This version knows no blocks: equal rows lie in any fold, as they did when it was the default.
        """
        real, made = reference.features, reference.encode(fake)
        return held_out(real, made, fitted, folds, blocks=(np.arange(len(real)), np.arange(len(made))))


def fitted(real: np.ndarray, made: np.ndarray) -> Classifier:
    """Fit trees on (N, D) real and (M, D) generated rows; higher scores look more generated."""
    with one_thread():
        model = _fit(real, made)

    def score(rows: np.ndarray) -> np.ndarray:
        with one_thread():
            return np.asarray(model.decision_function(rows))

    return score


def _fit(real: np.ndarray, made: np.ndarray) -> HistGradientBoostingClassifier:
    rows = fittable(np.concatenate([real, made]))
    model = HistGradientBoostingClassifier(
        learning_rate=0.2,
        max_iter=50,
        max_leaf_nodes=16,
        min_samples_leaf=int(np.clip(len(rows) // 20, 3, 20)),
        early_stopping=False,
        random_state=0,
    )
    return model.fit(rows, np.repeat([0, 1], [len(real), len(made)]))
