"""How well a linear classifier tells features of generated samples from those of real ones.

The two-sample test of Lopez-Paz 2017 (https://arxiv.org/abs/1610.06545) for any feature space: ridge
regression on the labels, cross-fitted. It sees what moves the mean of some feature, so it is blind to
columns that have lost their ties. Tables have a better one, by trees: ``c2st``.
"""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from autogen.metrics.cross_fit import Classifier, area, distance, held_out, left_out_areas
from autogen.metrics.features.metric import FeatureMetric

#: Ridge, as a share of the mean variance of a feature.
RIDGE = 0.1


class LinearTwoSampleTest(FeatureMetric):
    """d = 2 max(AUC, 1/2) - 1 of a cross-fitted linear classifier: 0 where it guesses, 1 where it knows."""

    label: ClassVar[str] = "linear_c2st"
    blind: ClassVar[Mapping[str, tuple[str, ...]]] = {"tabular": ("untied", "stretched")}

    def between(self, real: np.ndarray, made: np.ndarray, prepared: None) -> float:
        """In [0, 1]."""
        return distance(area(*held_out(real, made, _fitted)))

    def left_out(self, real: np.ndarray, made: np.ndarray, groups: int) -> np.ndarray:
        """Predictions are left out; the classifiers stay."""
        return left_out_areas(*held_out(real, made, _fitted), groups)


def _fitted(real: np.ndarray, made: np.ndarray) -> Classifier:
    """The direction that best predicts the label, -1 for real and 1 for generated."""
    rows = np.concatenate([real, made])
    centre = rows.mean(axis=0)
    centred = rows - centre
    labels = np.repeat([-1.0, 1.0], [len(real), len(made)])
    ridge = max(RIDGE * len(rows) * float(centred.var(axis=0).mean()), 1e-9)
    if len(rows) > rows.shape[1]:
        gram = centred.T @ centred
        gram[np.diag_indices_from(gram)] += ridge
        direction = np.linalg.solve(gram, centred.T @ labels)
    else:
        gram = centred @ centred.T
        gram[np.diag_indices_from(gram)] += ridge
        direction = centred.T @ np.linalg.solve(gram, labels)
    return lambda samples: np.asarray((samples - centre) @ direction)
