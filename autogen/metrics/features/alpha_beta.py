"""Alpha-precision and beta-recall (Alaa 2022, https://arxiv.org/abs/2102.08921) in a feature space.

The typical part of a sample lies in a ball around the center of the features. Alpha-precision is the share
of generated samples in the ball that holds a share alpha of the real ones. Beta-recall is the share of real
samples with a neighbor among the beta most typical generated ones that is nearer than their nearest real
neighbor. Both are integrated over the levels: 1 - 2 mean |share - alpha|. Beta-recall of real samples is
about 1/2, since the nearest neighbor lies on either side with equal chance.
"""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from autogen.hpo.objective import Direction
from autogen.metrics.features.metric import FeatureMetric
from autogen.metrics.features.prdc import across, among

LEVELS = np.linspace(0, 1, 31)


class AlphaPrecision(FeatureMetric):
    """Alpha-precision: agreement of generated with real samples in how typical they are."""

    about: ClassVar[str] = (
        "How closely generated samples agree with real ones in how typical they are: 1 for full agreement, "
        "0 for none."
    )
    label: ClassVar[str] = "alpha_precision"
    direction: ClassVar[Direction] = "maximize"
    diagnostic: ClassVar[bool] = True
    insensitive_to: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "image": ("mixture",),
        "tabular": ("blanked", "lopsided"),
        "text": ("halved",),
    }

    def compare(self, real: np.ndarray, made: np.ndarray, prepared: None) -> float:
        """Compute alpha-precision, in [0, 1]."""
        center = real.mean(axis=0)
        of_real, of_made = (np.linalg.norm(side - center, axis=1) for side in (real, made))
        return _integrated((of_made[:, None] <= np.quantile(of_real, LEVELS)).mean(axis=0))


class BetaRecall(FeatureMetric):
    """Beta-recall: share of the real samples that the typical generated ones reach."""

    about: ClassVar[str] = (
        "How much of the real data typical generated samples reach: 0 for nothing, 1 at most; a good value "
        "is near that of real samples."
    )
    label: ClassVar[str] = "beta_recall"
    direction: ClassVar[Direction] = "maximize"
    diagnostic: ClassVar[bool] = True
    insensitive_to: ClassVar[Mapping[str, tuple[str, ...]]] = {"text": ("halved", "typos")}

    def of_real(self, real: np.ndarray) -> np.ndarray:
        """Compute the squared distance of each real sample to its nearest real neighbor, (N,)."""
        return np.asarray(np.partition(among(self.space, real), 1, axis=1)[:, 1])

    def compare(self, real: np.ndarray, made: np.ndarray, prepared: np.ndarray) -> float:
        """Compute beta-recall, in [0, 1]."""
        distances = across(self.space, real, made)
        nearest = distances.argmin(axis=1)
        reached = distances.min(axis=1) <= prepared
        # The nearest generated neighbor decides, and the level beta at which it counts as typical.
        typical = np.linalg.norm(made[nearest] - made.mean(axis=0), axis=1)
        within = typical[:, None] <= np.quantile(typical, LEVELS)
        return _integrated((reached[:, None] & within).mean(axis=0))


def _integrated(shares: np.ndarray) -> float:
    """Integrate the gap between shares and levels, (31,) each: 1 if equal at all levels."""
    return float(1 - 2 * np.abs(shares - LEVELS).mean())
