"""What finalists have besides their main score: other objectives, and the bounds that they must keep."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autogen.data.module import DataModule
from autogen.data.specs import Samples
from autogen.generator.generator import GeneratedModel
from autogen.hpo.objective import COSTS, Objective, broken
from autogen.metrics.base import Metric
from autogen.verdict.goals import Goals
from autogen.verdict.pareto import Losses


@dataclass(frozen=True)
class Weighed:
    """A finalist in the other objectives.

    Attributes:
        losses: In each objective but the main one; empty where there is no other.
        breaks: Which constraints its means over the fresh seeds break, in words; empty where none.
    """

    losses: tuple[Losses, ...]
    breaks: str


class Tradeoffs:
    """Measures finalists by what a study strives for besides its main metric.

    Args:
        data: The data, split.
        goals: Objectives and constraints.
    """

    def __init__(self, data: DataModule, goals: Goals) -> None:
        self.data = data
        self.goals = goals
        self._references: dict[tuple[str, str], Any] = {}

    def weigh(
        self,
        models: Sequence[GeneratedModel],
        seconds: Sequence[float],
        drawn: Sequence[tuple[Samples, Samples]],
        groups: int,
    ) -> Weighed:
        """Measure a finalist; its bounds on scores are checked on the select split.

        Args:
            models: One a fresh seed.
            seconds: Of their training.
            drawn: Their samples for select and for test.
            groups: Groups of test rows that the jackknife leaves out.
        """
        names = [name for name in self.goals.also if name in COSTS]
        costs = {
            name: np.array([model.cost(name, took) for model, took in zip(models, seconds, strict=True)])
            for name in names
        }
        means = {name: float(np.mean(values)) for name, values in costs.items()}
        for name, metric in self.goals.metrics.items():
            reference = self._reference("select", metric)
            means[name] = float(np.mean([metric.score(reference, select) for select, _ in drawn]))
        test = [samples for _, samples in drawn]
        losses = tuple(self._losses(other, costs, test, groups) for other in self.goals.objectives[1:])
        breaks = broken(self.goals.constraints, means)
        return Weighed(losses, f"on fresh seeds its {breaks}" if breaks else "")

    def _losses(
        self, objective: Objective, costs: dict[str, np.ndarray], test: Sequence[Samples], groups: int
    ) -> Losses:
        """One a seed, and with groups of rows left out, of which costs know nothing."""
        sign = objective.loss(1.0)
        if objective.name in costs:
            each = sign * costs[objective.name]
            return each, np.repeat(each[:, None], groups, axis=1)
        metric = self.goals.metrics[objective.name]
        reference = self._reference("test", metric)
        own = metric.groups(len(test[0]))
        scores, left_out = zip(*(metric.jackknife(reference, fake, own) for fake in test), strict=True)
        return sign * np.array(scores), sign * np.stack(left_out)

    def _reference(self, split: str, metric: Metric) -> Any:
        key = split, metric.objective.name
        if key not in self._references:
            real, train = self.data.split(split), self.data.split("train")
            self._references[key] = metric.prepare_with(real, self.data.codec, train)
        return self._references[key]
