"""Several objectives at once: the front, what finalists cost, and the bounds that they must keep."""

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

#: A model's losses in one objective: one a seed (S,), and with groups of rows left out (S, G).
Losses = tuple[np.ndarray, np.ndarray]


def on_front(losses: np.ndarray) -> np.ndarray:
    """Which points no other point dominates: as good in all objectives and better in one.

    Args:
        losses: Lower is better, (N, M).

    Returns:
        bool (N,).
    """
    no_worse = (losses[:, None] <= losses[None]).all(-1)
    better = (losses[:, None] < losses[None]).any(-1)
    return np.asarray(~(no_worse & better).any(axis=0))


def spread_out(losses: np.ndarray, count: int) -> list[int]:
    """Points of the front that stand for all of it, then the best others by the first objective.

    The best in each objective come first, in the objectives' order; then, one by one, the point that
    is farthest from all that are taken, on ranks, so that no objective's scale counts.

    Args:
        losses: Lower is better, (N, M).
        count: How many are wanted; fewer only where there are fewer points.
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
    """Whether another model is no worse in the mean of any objective, and better in one beyond chance.

    Beyond chance: the 95 % interval of the difference, paired by seeds and rows, lies above zero.
    """
    differences = [interval(a[0] - b[0], a[1] - b[1]) for a, b in zip(one, other, strict=True)]
    return all(d.mean >= 0 for d in differences) and any(d.low > 0 for d in differences)


def unbeaten(models: Mapping[str, Sequence[Losses]]) -> frozenset[str]:
    """Names of models that no other one beats."""
    return frozenset(
        name
        for name, own in models.items()
        if not any(beaten(own, other) for rival, other in models.items() if rival != name)
    )


class Tradeoffs:
    """Measures finalists by a study's goals beside its main metric.

    Args:
        data: The data, split.
        goals: Objectives and constraints.
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
        """Which constraints a finalist's means break, in words; empty where none. Scores are of select.

        Args:
            name: Of the finalist.
            models: Its models.
            seconds: Seconds of their training.
            select: Their samples for select, one set a draw.
        """
        means = {}
        for goal in self.goals.also:
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
        """Losses in each objective but the main one: one a draw, and with groups of rows left out.

        Args:
            name: Of the finalist.
            models: Its models.
            seconds: Seconds of their training.
            test: Their samples for test, one set a draw.
            groups: Groups of test rows that the jackknife leaves out.
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
        if objective.name in COSTS:  # rows and draws have no part in it
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
        """A cost of each model, measured once: float64 (models,)."""
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
