"""What is known of those who contend for the verdict, and the outcome of a study."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autogen.errors import RunError
from autogen.hpo.objective import Direction
from autogen.hpo.trial import Config
from autogen.metrics.calibration import calibrated
from autogen.metrics.memorization.constraints import Constraints
from autogen.training.worker.efficiency import Efficiency
from autogen.verdict.judges import JudgedMean
from autogen.verdict.pareto import Losses
from autogen.verdict.statistics import Comparison, Interval, Verdict

#: Share of the way from floor to ceiling that may be given up for a lower cost, in the mean.
TOLERATED = 0.1


@dataclass
class Standing:
    """What is known of one contender.

    Attributes:
        name: ``trial 12``, or the baseline's.
        role: ``finalist``; ``baseline``, to be beaten; ``control``, there to show that the measure works.
        config: Of a finalist; empty otherwise.
        trial: Number of a finalist's trial in the search.
        models: Numbers of its trainings on fresh seeds, one a seed.
        select: Scores on the select split, one a seed.
        test: Scores on the test split, one a seed.
        replicates: The same with groups of rows left out: float64 (S, G).
        gate: Whether it copies the train split or repeats itself.
        each: Seconds of each of these trainings.
        seconds: Their mean; ``None`` for a baseline.
        judged: What judges beside the objective think of the samples, by name.
        efficiency: What the first of a finalist's models costs.
        diagnostics: Its samples by every other metric, mean and interval over the fresh seeds.
        losses: Of a finalist in each objective, the main one first, where there are several.
        excluded: Why it cannot win; empty otherwise.
    """

    name: str
    role: str
    config: Config = field(default_factory=dict)
    trial: int | None = None
    models: tuple[int, ...] = ()
    select: np.ndarray = field(default_factory=lambda: np.empty(0))
    test: np.ndarray = field(default_factory=lambda: np.empty(0))
    replicates: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    gate: Constraints | None = None
    each: tuple[float, ...] = ()
    seconds: float | None = None
    judged: dict[str, JudgedMean] = field(default_factory=dict)
    efficiency: Efficiency | None = None
    diagnostics: dict[str, dict[str, Any]] = field(default_factory=dict)
    losses: list[Losses] = field(default_factory=list)
    excluded: str = ""


@dataclass(frozen=True)
class FinalVerdict:
    """The outcome of a study.

    Attributes:
        kind: ``winner``, ``tie`` or ``baseline``.
        chosen: The finalist whose model is delivered.
        model: Number of the training that is delivered: its best on the select split.
        standings: Finalists, best on select first, then baselines.
        verdict: The comparisons; ``None`` where no finalist could stand for the test.
        intervals: Mean test score of each contender by name, with its interval.
        floor: Test score of the best baseline that knows nothing of what columns or pixels have to do
            with each other.
        noise: By how much floor and ceiling may differ by chance.
        ceiling: Test score of real rows.
        tune_scores: Scores of baselines and of real rows on the tune split, by name.
        direction: Of the metric.
        judges: What is to be known of the judges beside the objective.
        front: Names of finalists that no other one beats, where there are several objectives.
    """

    kind: str
    chosen: Standing
    model: int
    standings: tuple[Standing, ...]
    verdict: Verdict | None
    intervals: dict[str, Interval]
    floor: float
    noise: float
    ceiling: float
    tune_scores: dict[str, float]
    direction: Direction = "minimize"
    judges: tuple[dict[str, Any], ...] = ()
    front: frozenset[str] = frozenset()

    def calibrated(self, score: float) -> float | None:
        """A test score between the best trivial baseline (0) and real rows (1)."""
        return calibrated(score, self.floor, self.ceiling, self.direction, self.noise)

    def comparison(self, name: str) -> Comparison | None:
        """A contender's comparison with the leader."""
        found = [c for c in (self.verdict.comparisons if self.verdict else ()) if c.rival == name]
        return found[0] if found else None


def near_leader(eligible: Sequence[Standing], loss: Callable[[float], float], scale: float) -> list[Standing]:
    """The leader, and who is worse in the mean by at most a tenth of the way from floor to ceiling.

    Not to be told apart is not enough to be taken for a lower cost: few seeds tell nothing apart.

    Args:
        eligible: The leader first.
        loss: Orients scores: lower is better.
        scale: From ceiling to floor, as losses.
    """
    means = [loss(float(np.mean(standing.test))) for standing in eligible]
    most = means[0] + TOLERATED * max(0.0, scale)
    return [s for s, mean in zip(eligible, means, strict=True) if mean <= most]


def with_models(finalists: Sequence[Standing]) -> list[Standing]:
    """Those that were trained to the end on some fresh seed, and scored.

    Raises:
        RunError: none was.
    """
    found = [standing for standing in finalists if len(standing.select)]
    if not found:
        why = "; ".join(f"{standing.name}: {standing.excluded}" for standing in finalists)
        raise RunError(f"no finalist could be trained on a fresh seed and scored ({why}); give more budget")
    return found
