"""Calibration of raw scores to grades from 1 to 5, on real text that is perturbed step by step."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import roc_auc_score

#: Minimum AUC of real text against the worst perturbation for a scorer to give grades.
RELIABLE = 0.8


@dataclass(frozen=True, slots=True)
class CalibrationCurve:
    """Increasing, piecewise linear curve from raw scores to grades.

    Attributes:
        raw: raw scores of the K knots, ascending, (K,).
        grades: grades at the knots, in [1, 5], (K,).
        worst: AUC of real text against the worst perturbation; NaN for a curve that was not fitted here.
        mildest: AUC of real text against the mildest perturbation.
        source: origin of the curve, in a few words.
    """

    raw: tuple[float, ...]
    grades: tuple[float, ...]
    worst: float = float("nan")
    mildest: float = float("nan")
    source: str = "perturbed real text"

    def grade(self, value: float) -> float:
        """Interpolate the grade of a raw score, in [1, 5]."""
        return float(np.interp(value, self.raw, self.grades))

    @property
    def reliable(self) -> bool:
        """True if the scorer separates real text from the worst perturbation, or if nothing is known."""
        return not self.worst < RELIABLE


#: Raw similarities with MiniLM against human ratings of the training split of the STS benchmark (Cer 2017,
#: https://arxiv.org/abs/1708.00055), rescaled from 0-5 to 1-5: means of nine equal parts of 1,500 pairs.
#: The only curve that was learned from people.
STS_MINILM = CalibrationCurve(
    (0.0, 0.121, 0.358, 0.496, 0.59, 0.661, 0.726, 0.79, 0.851, 0.925, 1.0),
    (1.0, 1.25, 1.89, 2.54, 3.03, 3.2, 3.62, 3.91, 4.15, 4.51, 5.0),
    source="human ratings (STS benchmark, train)",
)


def fit_curve(rungs: Sequence[Sequence[float]]) -> CalibrationCurve:
    """Fit grades that fall with each perturbation level (isotonic regression, equal weight per level).

    Args:
        rungs: raw scores of real text, then of the same text at growing perturbation levels, five in all.
    """
    values = np.concatenate([np.asarray(rung) for rung in rungs])
    wanted = np.concatenate([np.full(len(rung), 5.0 - place) for place, rung in enumerate(rungs)])
    weights = np.concatenate([np.full(len(rung), 1 / len(rung)) for rung in rungs])
    curve = IsotonicRegression(y_min=1, y_max=5).fit(values, wanted, weights)
    return CalibrationCurve(
        tuple(map(float, curve.X_thresholds_)),
        tuple(map(float, curve.y_thresholds_)),
        auc(rungs[0], rungs[-1]),
        auc(rungs[0], rungs[1]),
    )


def auc(better: Sequence[float], worse: Sequence[float]) -> float:
    """Compute the AUC: the probability that a better text scores above a worse one; 0.5 is chance."""
    labels = np.repeat([1, 0], [len(better), len(worse)])
    return float(roc_auc_score(labels, np.concatenate([np.asarray(better), np.asarray(worse)])))
