"""What else is known of the finalists' samples: every metric of the kind, likelihoods, traces of copying.

None of it selects a model. It is measured in the one reading of the test split that the verdict rests on,
of as many fresh seeds as there is time for, and of at most 2,000 rows, since most of these metrics take
the square of their number.
"""

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from autogen import registry
from autogen.data.declaration import declared
from autogen.data.module import DataModule
from autogen.data.specs import Samples
from autogen.errors import MetricError
from autogen.generator.generator import GeneratedModel
from autogen.metrics.base import Metric
from autogen.metrics.lookup import metric_for, metric_names
from autogen.metrics.memorization.lookup import copy_evidence
from autogen.verdict.evaluations import Others, Source
from autogen.verdict.goals import Goals
from autogen.verdict.statistics import interval

#: Rows of test, and samples, that the metrics look at.
MOST = 2000


class FinalDiagnostics:
    """Measures finalists on the test split by everything but what they were chosen by.

    Args:
        data: The data, split.
        goals: What they were chosen by.
    """

    def __init__(self, data: DataModule, goals: Goals) -> None:
        self._data = data
        self._goals = goals

    def scoring(self, source: Source) -> Others:
        """What a worker measures of a model's samples for test."""
        return Others(self._references, source, MOST, self._data.kind, self._data.codec, self._train)

    def of(
        self, found: Sequence[Mapping[str, float]], nats: Sequence[float] = ()
    ) -> dict[str, dict[str, Any]]:
        """Mean over the fresh seeds with its 95 % interval, by metric; those that refuse are absent.

        Args:
            found: What ``scoring`` measured, one a seed.
            nats: Of a unit of the test split, by ``nats_a_unit``, of models that know it.
        """
        told = {}
        for name in dict.fromkeys(name for one in found for name in one if name != "seconds"):
            told[name] = _mean([one[name] for one in found if name in one])
            if name in self._unseen:
                real = self._unseen[name]
                beside = {"mean": real, "low": real, "high": real}
                told[f"{name} of real {self._data.kind.unit}s"] = beside
        return told | ({self._unit[0]: _mean(nats)} if nats else {})

    def nats_a_unit(self, model: GeneratedModel) -> float:
        """Negative log-likelihood of the test split by a model that knows it, in the field's unit."""
        return float(-model.log_likelihood(self._data.split("test")).sum() / self._unit[1])

    @cached_property
    def _unit(self) -> tuple[str, float]:
        """Unit of the likelihood, and its nats in the test split."""
        found: tuple[str, float] = registry.load(declared(self._data.kind.name).likelihood)(
            self._data.split("test"), self._data.codec
        )
        return found

    @cached_property
    def _train(self) -> Samples:
        return self._data.split("train")

    @cached_property
    def _unseen(self) -> dict[str, float]:
        return copy_evidence(self._data.split("test"), self._train, self._data.codec)

    @cached_property
    def _references(self) -> list[tuple[Metric, Any]]:
        """The metrics, each with what it prepared of the test split."""
        data, found = self._data, []
        test = data.kind.take(data.raw.samples, data.rows["test"][:MOST])
        for name in metric_names(data.kind.name, self._goals.target):
            metric = metric_for(name, data.kind.name, target=self._goals.target)
            if metric.objective.name == self._goals.metric.objective.name:
                continue
            try:
                found.append((metric, metric.prepare_with(test, data.codec, self._train)))
            except MetricError:
                continue
        return found


def _mean(scores: Sequence[float]) -> dict[str, Any]:
    """Mean and interval over seeds; the rows are the same for all."""
    found = interval(np.array(scores), np.zeros((len(scores), 2)))
    low, high = (bound if math.isfinite(bound) else None for bound in (found.low, found.high))
    return {"mean": found.mean, "low": low, "high": high, "seeds": len(scores)}
