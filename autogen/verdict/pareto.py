"""Several objectives: the Pareto front, the costs of finalists, and constraints."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autogen.data.module import DataModule
from autogen.data.specs import Samples
from autogen.generator.generator import GeneratedModel
from autogen.hpo.objective import COSTS, Objective, broken
from autogen.metrics.base import Metric
from autogen.verdict.goals import Goals
from autogen.verdict.statistics import interval

#: Losses of a model in one objective: of each seed (S,), and without each group of rows (S, G).
Losses = tuple[np.ndarray, np.ndarray]


def on_front(losses: np.ndarray) -> np.ndarray:
    """Find the Pareto front: points that no other one dominates (as good in all objectives, better in one).

    Args:
        losses: Losses of N points in M objectives, (N, M); lower is better.

    Returns:
        True for points of the front, bool (N,).
    """
    no_worse = (losses[:, None] <= losses[None]).all(-1)
    better = (losses[:, None] < losses[None]).any(-1)
    return np.asarray(~(no_worse & better).any(axis=0))


def spread_out(losses: np.ndarray, count: int) -> list[int]:
    """Choose points that represent the front, then the best others by the first objective.

    The best point in each objective comes first, in the order of the objectives; then, one by one, the point
    farthest from all chosen ones, by ranks, so that the scales of objectives do not matter.

    Args:
        losses: Losses of N points in M objectives, (N, M); lower is better.
        count: Number of points; fewer if there are fewer.

    Returns:
        Indices of the points.
    """
    front = np.flatnonzero(on_front(losses))
    ranks = np.argsort(np.argsort(losses[front], axis=0, kind="stable"), axis=0).astype(float)
    taken = list(dict.fromkeys(int(place) for place in ranks.argmin(axis=0)))[:count]
    while len(taken) < min(count, len(front)):
        apart = np.abs(ranks[:, None] - ranks[taken][None]).sum(-1).min(axis=1)
        taken.append(int(apart.argmax()))
    chosen = [int(front[place]) for place in taken]
    others = [int(place) for place in np.argsort(losses[:, 0], kind="stable") if place not in set(chosen)]
    return chosen + others[: count - len(chosen)]


def beaten(one: Sequence[Losses], other: Sequence[Losses]) -> bool:
    """Tell if another model is not worse in the mean of any objective, and better in one beyond chance.

    Beyond chance: the 95 % interval of the difference, paired by seeds and rows, is above zero.
    """
    differences = [interval(a[0] - b[0], a[1] - b[1]) for a, b in zip(one, other, strict=True)]
    return all(d.mean >= 0 for d in differences) and any(d.low > 0 for d in differences)


def unbeaten(models: Mapping[str, Sequence[Losses]]) -> frozenset[str]:
    """List the names of models that no other one beats."""
    return frozenset(
        name
        for name, own in models.items()
        if not any(beaten(own, other) for rival, other in models.items() if rival != name)
    )


class Tradeoffs:
    """Measures finalists by the further objectives and constraints of a study.

    Args:
        data: Data set with its splits.
        goals: Objectives and constraints of the study.
    """

    def __init__(self, data: DataModule, goals: Goals) -> None:
        self.data = data
        self.goals = goals
        self._references: dict[tuple[str, str], Any] = {}
        self._costs: dict[tuple[str, str], np.ndarray] = {}

    def breaks(
        self,
        name: str,
        models: Sequence[GeneratedModel],
        seconds: Sequence[float],
        select: Sequence[Samples],
    ) -> str:
        """Describe the constraints that a finalist's means break, on select; empty for none.

        Args:
            name: Name of the finalist.
            models: Models of the finalist.
            seconds: Seconds of training of each model.
            select: Samples for select, one set for each draw.
        """
        means = {}
        for goal in self.goals.extra_metrics:
            if goal in COSTS:
                means[goal] = float(np.mean(self._cost(name, goal, models, seconds)))
            else:
                metric = self.goals.metrics[goal]
                reference = self._reference("select", metric)
                means[goal] = float(np.mean([metric.score(reference, samples) for samples in select]))
        breaks = broken(self.goals.constraints, means)
        return f"its {breaks}" if breaks else ""

    def losses(
        self,
        name: str,
        models: Sequence[GeneratedModel],
        seconds: Sequence[float],
        test: Sequence[Samples],
        groups: int,
    ) -> tuple[Losses, ...]:
        """Compute the losses in each objective but the main one, with and without groups of rows.

        Args:
            name: Name of the finalist.
            models: Models of the finalist.
            seconds: Seconds of training of each model.
            test: Samples for test, one set for each draw.
            groups: Number of groups of test rows of the jackknife.
        """
        return tuple(
            self._losses(objective, name, models, seconds, test, groups)
            for objective in self.goals.objectives[1:]
        )

    def _losses(
        self,
        objective: Objective,
        name: str,
        models: Sequence[GeneratedModel],
        seconds: Sequence[float],
        test: Sequence[Samples],
        groups: int,
    ) -> Losses:
        sign = objective.loss(1.0)
        if objective.name in COSTS:  # independent of rows and draws
            each = sign * np.resize(self._cost(name, objective.name, models, seconds), len(test))
            return each, np.repeat(each[:, None], groups, axis=1)
        metric = self.goals.metrics[objective.name]
        reference = self._reference("test", metric)
        own = metric.groups(len(test[0]))
        scores, left_out = zip(*(metric.jackknife(reference, fake, own) for fake in test), strict=True)
        return sign * np.array(scores), sign * np.stack(left_out)

    def _cost(
        self, name: str, cost: str, models: Sequence[GeneratedModel], seconds: Sequence[float]
    ) -> np.ndarray:
        """Measure a cost of each of K models, once; float64 (K,)."""
        if (name, cost) not in self._costs:
            found = [model.cost(cost, took) for model, took in zip(models, seconds, strict=True)]
            self._costs[name, cost] = np.array(found)
        return self._costs[name, cost]

    def _reference(self, split: str, metric: Metric) -> Any:
        key = split, metric.objective.name
        if key not in self._references:
            self._references[key] = metric.prepare_with(
                self.data.split(split), self.data.codec, self.data.split("train")
            )
        return self._references[key]
