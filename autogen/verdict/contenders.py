"""Contenders of the verdict, stage by stage, and the outcome of a study.

``Entry`` -> ``Ranked`` (select) -> ``Tested`` (test) -> ``ContenderResult``: each stage is frozen and is made
once, of the stage before and of the measurements of the workers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from autogen.errors import RunError
from autogen.hpo.trial import Config
from autogen.metrics.memorization.constraints import Constraints
from autogen.training.worker.efficiency import Efficiency
from autogen.verdict.judges import JudgedMean
from autogen.verdict.pareto import Losses
from autogen.verdict.statistics import Comparison, Interval, Scores

#: ``finalist``; ``baseline``, to be beaten; ``control``, which the memorization test must refuse.
Role = Literal["finalist", "baseline", "control"]
#: ``model``: about exactly the delivered model. ``recipe``: about its config, trained on fresh seeds.
Claim = Literal["model", "recipe"]


@dataclass(frozen=True)
class Draw:
    """One set of samples of a finalist.

    Attributes:
        model: Folder of the trained model.
        index: Index of the sampling seed of the split.
    """

    model: Path
    index: int

    @property
    def label(self) -> str:
        """Name in the journal: ``trials/0003/1``."""
        return f"{self.model.parent.name}/{self.model.name}/{self.index}"


@dataclass(frozen=True)
class Entry:
    """A contender as it enters the finals.

    Attributes:
        name: ``trial 12``, or the name of the baseline.
        role: Role in the comparison.
        config: Config of a finalist, or of an earlier run's model; empty otherwise.
        trial: Number of a finalist's trial in the search; ``None`` otherwise.
        select: Draws of a finalist that rank it.
        test: Draws of a finalist that the claim rests on.
        each: Seconds of training of each model behind ``test``.
        excluded: Reason why it cannot win; empty if it can.
        trivial: True for a baseline that may be the floor of the normalized score.
    """

    name: str
    role: Role
    config: Config = field(default_factory=dict)
    trial: int | None = None
    select: tuple[Draw, ...] = ()
    test: tuple[Draw, ...] = ()
    each: tuple[float, ...] = ()
    excluded: str = ""
    trivial: bool = False

    @property
    def models(self) -> tuple[Path, ...]:
        """Folders of the models that the claim rests on."""
        return tuple(dict.fromkeys(draw.model for draw in self.test))

    @property
    def seconds(self) -> float | None:
        """Mean seconds of training; ``None`` for a baseline."""
        return float(np.mean(self.each)) if self.each else None


@dataclass(frozen=True)
class Measured:
    """Scores of a contender on one split, in the metric's own direction.

    Attributes:
        scores: Score of each draw, float64 (S,).
        replicates: Score of each draw without each group of rows, float64 (S, G).
    """

    scores: np.ndarray
    replicates: np.ndarray

    @property
    def mean(self) -> float:
        """Mean over the draws."""
        return float(np.mean(self.scores))


@dataclass(frozen=True)
class Ranked:
    """A contender with its scores on the select split.

    Attributes:
        entry: Stage before.
        select: Scores; ``None`` if it does not compete or cannot be scored.
        gate: Hard tests; ``None`` if they were not done or cannot be done.
        judged: Mean grades of its samples by judges besides the objective, by the judge's name.
        excluded: Reason why it cannot win; empty if it can.
        dropped: True if it is clearly worse than the leader on select, or ``late``: not compared on test.
        late: True if it is worse on select and there was no time to compare it on test.
    """

    entry: Entry
    select: Measured | None = None
    gate: Constraints | None = None
    judged: Mapping[str, JudgedMean] = field(default_factory=dict)
    excluded: str = ""
    dropped: bool = False
    late: bool = False


@dataclass(frozen=True)
class Tested:
    """A contender with its scores on the test split.

    Attributes:
        ranked: Stage before.
        test: Scores; ``None`` if it was not compared or cannot be scored.
        losses: Losses of a finalist in each of several objectives, the main one first; else empty.
        excluded: Reason why it cannot win; empty if it can.
    """

    ranked: Ranked
    test: Measured | None = None
    losses: tuple[Losses, ...] = ()
    excluded: str = ""

    @property
    def entry(self) -> Entry:
        """The contender."""
        return self.ranked.entry

    @property
    def name(self) -> str:
        """Its name."""
        return self.ranked.entry.name


@dataclass(frozen=True)
class ContenderResult:
    """Final result of a contender.

    Attributes:
        tested: Stage before.
        interval: Mean test score with its 95 % interval; ``None`` without a score.
        normalized: Normalized score with its interval; ``None`` without a scale.
        comparison: Comparison with the leader; ``None`` for the leader, and if it was not compared.
        efficiency: Costs of a finalist's first model; ``None`` if they were not measured.
        diagnostics: Mean and interval of every other metric, by name.
        on_front: True if no other finalist beats it in several objectives.
    """

    tested: Tested
    interval: Interval | None = None
    normalized: Interval | None = None
    comparison: Comparison | None = None
    efficiency: Efficiency | None = None
    diagnostics: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    on_front: bool = False

    @property
    def entry(self) -> Entry:
        """The contender."""
        return self.tested.ranked.entry

    @property
    def name(self) -> str:
        """Its name."""
        return self.entry.name

    @property
    def excluded(self) -> str:
        """Reason why it cannot win; empty if it can."""
        return self.tested.excluded


@dataclass(frozen=True)
class Rules:
    """Rules for the reading of the test split.

    Attributes:
        claim: Claim about models or about recipes.
        draws: Number of draws on test of each baseline and model.
        look: Number of sets of finalists that the study has judged by the test split, this one included.
        limit: Second on the study's clock after which only what the verdict needs is measured.
        counting: Seconds in which operations and memory of a model must be counted.
        models_only: True to return a model even if none was shown to beat the best baseline.
        short: True if time is short: only the leader, one rival, and the baselines that the verdict rests on
            are tested.
    """

    claim: Claim = "model"
    draws: int = 5
    look: int = 1
    limit: float = np.inf
    counting: float = 20.0
    models_only: bool = False
    short: bool = False


@dataclass(frozen=True)
class Ranking:
    """Contenders with their scores on select.

    Attributes:
        finalists: Finalists, the best first, those that cannot win last.
        baselines: Baselines and controls.
    """

    finalists: tuple[Ranked, ...]
    baselines: tuple[Ranked, ...]


def losses(measured: Measured, sign: float) -> Scores:
    """Turn scores into losses.

    Args:
        measured: Scores in the metric's own direction.
        sign: Loss of a score of 1, which is 1 or -1.
    """
    return Scores(sign * measured.scores, sign * measured.replicates)


def place(ranked: Ranked, sign: float) -> tuple[bool, float]:
    """Sorting key of the ranking on select: the lowest loss first, what cannot win last."""
    return bool(ranked.excluded), sign * ranked.select.mean if ranked.select else np.inf


def with_scores(finalists: Sequence[Ranked]) -> list[Ranked]:
    """Select the finalists with scores on select.

    Raises:
        RunError: no finalist has one.
    """
    found = [ranked for ranked in finalists if ranked.select is not None]
    if not found:
        why = "; ".join(f"{ranked.entry.name}: {ranked.excluded}" for ranked in finalists)
        raise RunError(f"no finalist could be sampled and scored ({why}); give more budget")
    return found
