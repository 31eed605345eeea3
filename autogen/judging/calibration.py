"""From raw values to grades from 1 to 5, on real text made worse step by step."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import roc_auc_score

#: A scorer that tells real text from the worst damage less often than this gives no grades.
RELIABLE = 0.8


@dataclass(frozen=True, slots=True)
class Ladder:
    """A rising curve from raw values to grades.

    Attributes:
        raw: Raw values, ascending.
        grades: The grade at each, in [1, 5]; straight lines between.
        worst: AUC of real text against the worst damage; NaN for a curve that was not fitted here.
        mildest: AUC of real text against the mildest damage.
        source: What the curve comes from, in a few words.
    """

    raw: tuple[float, ...]
    grades: tuple[float, ...]
    worst: float = float("nan")
    mildest: float = float("nan")
    source: str = "ladder of real text"

    def grade(self, value: float) -> float:
        """The grade of a raw value."""
        return float(np.interp(value, self.raw, self.grades))

    @property
    def reliable(self) -> bool:
        """Whether real text is told from the worst damage, as far as that is known."""
        return not self.worst < RELIABLE


#: Raw similarities with MiniLM against the ratings of the STS benchmark's train part (Cer 2017,
#: https://arxiv.org/abs/1708.00055), 0-5 brought to 1-5: means of nine equal parts of 1,500 pairs.
#: The only curve that is learnt from people.
STS_MINILM = Ladder(
    (0.0, 0.121, 0.358, 0.496, 0.59, 0.661, 0.726, 0.79, 0.851, 0.925, 1.0),
    (1.0, 1.25, 1.89, 2.54, 3.03, 3.2, 3.62, 3.91, 4.15, 4.51, 5.0),
    source="human ratings (STS benchmark, train)",
)


def fit_ladder(rungs: Sequence[Sequence[float]]) -> Ladder:
    """Fit grades that fall from rung to rung (isotonic regression, each rung with the same weight).

    Args:
        rungs: Raw values of real text, then of the same text worse and worse: as many rungs as grades.
    """
    values = np.concatenate([np.asarray(rung) for rung in rungs])
    wanted = np.concatenate([np.full(len(rung), 5.0 - place) for place, rung in enumerate(rungs)])
    weights = np.concatenate([np.full(len(rung), 1 / len(rung)) for rung in rungs])
    curve = IsotonicRegression(y_min=1, y_max=5).fit(values, wanted, weights)
    return Ladder(
        tuple(map(float, curve.X_thresholds_)),
        tuple(map(float, curve.y_thresholds_)),
        auc(rungs[0], rungs[-1]),
        auc(rungs[0], rungs[1]),
    )


def auc(better: Sequence[float], worse: Sequence[float]) -> float:
    """How often a value of the better kind surpasses one of the worse; 0.5 is chance."""
    told = np.repeat([1, 0], [len(better), len(worse)])
    return float(roc_auc_score(told, np.concatenate([np.asarray(better), np.asarray(worse)])))
