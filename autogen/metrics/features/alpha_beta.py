"""Alpha-precision and beta-recall (Alaa 2022, https://arxiv.org/abs/2102.08921) in a feature space.

A sample's typical part is what lies in a ball around the centre of the features. Alpha-precision is
the share of generated samples in the ball that holds a share alpha of the real ones; beta-recall the share
of real samples that have among the beta most typical generated ones a neighbour nearer than their nearest
real one. Both are given integrated: 1 - 2 mean |share - alpha|. Beta-recall of real samples is about 1/2,
since one's nearest neighbour lies on either side with equal chance.
"""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from autogen.hpo.objective import Direction
from autogen.metrics.features.metric import FeatureMetric
from autogen.metrics.features.prdc import squared

LEVELS = np.linspace(0, 1, 31)


class AlphaPrecision(FeatureMetric):
    """How typical generated samples are, against how typical real ones are."""

    label: ClassVar[str] = "alpha_precision"
    direction: ClassVar[Direction] = "maximize"
    diagnostic: ClassVar[bool] = True
    blind: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "image": ("mixture",),
        "tabular": ("blanked", "lopsided"),
        "text": ("halved",),
    }

    def between(self, real: np.ndarray, made: np.ndarray, prepared: None) -> float:
        """In [0, 1]."""
        centre = real.mean(axis=0)
        of_real, of_made = (np.linalg.norm(side - centre, axis=1) for side in (real, made))
        return _integrated((of_made[:, None] <= np.quantile(of_real, LEVELS)).mean(axis=0))


class BetaRecall(FeatureMetric):
    """How much of the real samples the typical generated ones reach."""

    label: ClassVar[str] = "beta_recall"
    direction: ClassVar[Direction] = "maximize"
    diagnostic: ClassVar[bool] = True
    blind: ClassVar[Mapping[str, tuple[str, ...]]] = {"text": ("halved", "typos")}

    def of_real(self, real: np.ndarray) -> np.ndarray:
        """Squared distance of each real sample to the nearest other, (N,)."""
        return np.asarray(np.partition(squared(real, real), 1, axis=1)[:, 1])

    def between(self, real: np.ndarray, made: np.ndarray, prepared: np.ndarray) -> float:
        """In [0, 1]."""
        apart = squared(real, made)
        nearest = apart.argmin(axis=1)
        reached = apart.min(axis=1) <= prepared
        typical = np.linalg.norm(made[nearest] - made.mean(axis=0), axis=1)
        within = typical[:, None] <= np.quantile(typical, LEVELS)
        return _integrated((reached[:, None] & within).mean(axis=0))


def _integrated(shares: np.ndarray) -> float:
    return float(1 - 2 * np.abs(shares - LEVELS).mean())
