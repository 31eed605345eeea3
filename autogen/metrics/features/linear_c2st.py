"""Classifier two-sample test (C2ST) with a linear classifier, in any feature space.

After Lopez-Paz 2017 (https://arxiv.org/abs/1610.06545): ridge regression on the labels, cross-validated. It
sees what moves the mean of some feature, so it is insensitive to the loss of dependence between columns.
Tables have a better test, with trees: ``c2st``.
"""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from autogen.metrics.cross_fit import Classifier, distance, held_out, left_out_areas, roc_auc
from autogen.metrics.features.metric import FeatureMetric

#: Ridge penalty as a share of the mean variance of a feature.
RIDGE = 0.1


class LinearTwoSampleTest(FeatureMetric):
    """d = 2 max(AUC, 1/2) - 1 of a cross-validated linear classifier: 0 if it guesses, 1 if it separates."""

    about: ClassVar[str] = (
        "How well a linear classifier tells generated from real samples by their features: 0 if it can only "
        "guess, 1 if it is always right."
    )
    label: ClassVar[str] = "linear_c2st"
    version: ClassVar[int] = 2
    insensitive_to: ClassVar[Mapping[str, tuple[str, ...]]] = {"tabular": ("untied", "stretched")}

    def compare(self, real: np.ndarray, made: np.ndarray, prepared: None) -> float:
        """Compute the distance d, in [0, 1]."""
        return distance(roc_auc(*held_out(real, made, _fitted)))

    def left_out(self, real: np.ndarray, made: np.ndarray, groups: int) -> np.ndarray:
        """Compute jackknife replicates, float64 (groups,); only predictions are left out, no refit."""
        return left_out_areas(*held_out(real, made, _fitted), groups)


def _fitted(real: np.ndarray, made: np.ndarray) -> Classifier:
    """Fit a ridge regression of the label, -1 for real and 1 for generated, on (N, D) and (M, D)."""
    rows = np.concatenate([real, made])
    center = rows.mean(axis=0)
    centered = rows - center
    labels = np.repeat([-1.0, 1.0], [len(real), len(made)])
    # The penalty scales with the features, so that the score does not depend on their unit.
    ridge = max(RIDGE * len(rows) * float(centered.var(axis=0).mean()), 1e-9)
    # Both branches give the same weights: solve in D unknowns, or in N + M (dual) where these are fewer.
    if len(rows) > rows.shape[1]:
        gram = centered.T @ centered
        gram[np.diag_indices_from(gram)] += ridge
        direction = np.linalg.solve(gram, centered.T @ labels)
    else:
        gram = centered @ centered.T
        gram[np.diag_indices_from(gram)] += ridge
        direction = centered.T @ np.linalg.solve(gram, labels)
    return lambda samples: np.asarray((samples - center) @ direction)
