"""Rows and reference of the scores before a trial's last rung."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from autogen.data.module import DataModule
from autogen.errors import MetricError
from autogen.metrics.base import HasSelfCheck, Metric

#: Most rows for a low-fidelity score, unless the metric needs more.
MOST_EARLY = 600


@dataclass(frozen=True)
class Early:
    """Fixed subset of the rows that trials are scored on before their last rung.

    Attributes:
        reference: The metric's reference, prepared from the subset.
        rows: Samples drawn for a score.
    """

    reference: Any
    rows: int

    @classmethod
    def of(cls, metric: Metric, data: DataModule, reference: Any) -> "Early | None":
        """Take a third of the tune rows, at most 600, or what the metric needs; ``None`` for judges.

        Args:
            metric: Metric of the objective.
            data: Data set.
            reference: The metric's reference, prepared from all tune rows.
        """
        if isinstance(metric, HasSelfCheck):
            return None
        rows = data.rows["tune"]
        count = max(metric.early_rows, min(MOST_EARLY, len(rows) // 3))
        if count >= len(rows):
            return cls(reference, len(rows))
        part = np.sort(np.random.default_rng(0).permutation(len(rows))[:count])
        samples = data.kind.take(data.raw.samples, rows[part])
        try:
            return cls(metric.prepare_with(samples, data.codec, data.split("train")), count)
        except MetricError:  # the metric needs more rows
            return cls(reference, len(rows))
