"""How likely users would reject a sample: a classifier that was fitted on the samples that they marked.

Of two classifiers, a linear one and a forest of trees, the one with the lower cross-fitted log loss is used;
its probabilities are calibrated on cross-fitted ones (Platt scaling). No probability of a marked sample comes
from a classifier that was fitted on it, and a classifier that does not tell the two sorts of samples apart
beyond chance says nothing: weights and constraints that rest on it would be noise.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.metrics.features.space import FeatureSpace, scale_of, standardize

#: Fewest rejected, and fewest kept samples that a classifier is fitted on.
FEWEST = 10
#: Level at which rejected and kept samples must be told apart.
LEVEL = 0.01
_FOLDS = 5


@dataclass(frozen=True)
class Resemblance:
    """Classifier of rejected against kept samples.

    Attributes:
        space: Feature space of the kind of data.
        known: State of the feature space.
        scale: Mean and scale of each feature, float64 (D,) both.
        classifier: Calibrated classifier.
        auc: Cross-fitted ROC AUC of rejected against kept samples: 1/2 for a guess, 1 for both told apart.
        p_value: P-value of an AUC of 1/2.
    """

    space: FeatureSpace
    known: Any
    scale: tuple[np.ndarray, np.ndarray]
    classifier: Any
    auc: float
    p_value: float

    @property
    def reliable(self) -> bool:
        """True if rejected and kept samples are told apart beyond chance."""
        return self.p_value < LEVEL and self.auc > 0.5

    def rejection(self, samples: Samples) -> np.ndarray:
        """Estimate for each sample the probability that users would reject it, float64 (M,)."""
        features = standardize(self.space.features(self.known, samples), *self.scale)
        return np.asarray(self.classifier.predict_proba(features)[:, 1], np.float64)


def resemblance(
    samples: Samples, marks: np.ndarray, real: Samples, codec: Codec, space: FeatureSpace
) -> Resemblance | None:
    """Fit a classifier on marked samples; ``None`` with fewer than ten rejected, or ten kept ones.

    Args:
        samples: N marked raw samples.
        marks: 0 for rejected, 1 and more alike for kept, float64 (N,); one between counts as both, in part.
        real: Raw real samples that the feature space is fitted to.
        codec: Codec of the data set.
        space: Feature space of the kind of data.
    """
    # imported here: these take two seconds, which who draws samples should not wait for
    from scipy import stats
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import log_loss, roc_auc_score
    from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict

    rejected = 1.0 - np.minimum(marks, 1.0)
    if min(rejected.sum(), (1.0 - rejected).sum()) < FEWEST:
        return None
    known, described = space.prepare(real, codec)
    scale = scale_of(described)
    # a sample with a mark between 0 and 1 stands on both sides, with its shares as weights
    sides = np.flatnonzero(rejected > 0), np.flatnonzero(rejected < 1)
    rows = np.concatenate(sides)
    features = standardize(space.features(known, samples), *scale)[rows]
    labels = np.repeat([1, 0], list(map(len, sides)))
    # a mark above 1 counts as 1 here: of heavier kept samples, the share that users reject would seem smaller
    weights = np.concatenate([rejected[sides[0]], 1.0 - rejected[sides[1]]])
    folds = list(StratifiedGroupKFold(_FOLDS, shuffle=True, random_state=0).split(rows, labels, rows))
    # a penalty bounds the linear one, the size of its leaves the forest
    candidates = (
        LogisticRegression(C=0.1, max_iter=1000),
        RandomForestClassifier(100, min_samples_leaf=3, n_jobs=1, random_state=0),
    )
    found = []
    for candidate in candidates:
        guessed = cross_val_predict(
            candidate, features, labels, cv=folds, method="predict_proba", params={"sample_weight": weights}
        )[:, 1]
        found.append((float(log_loss(labels, guessed, sample_weight=weights)), guessed, candidate))
    _, guessed, best = min(found, key=lambda one: one[0])
    calibrated = CalibratedClassifierCV(best, method="sigmoid", cv=folds, ensemble=False)
    calibrated.fit(features, labels, sample_weight=weights)
    auc = float(roc_auc_score(labels, guessed, sample_weight=weights))
    ranks = stats.mannwhitneyu(guessed[labels == 1], guessed[labels == 0], alternative="greater")
    return Resemblance(space, known, scale, calibrated, auc, float(ranks.pvalue))
