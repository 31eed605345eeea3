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
from autogen.families.baselines.base import Baseline
from autogen.hpo.objective import Direction
from autogen.hpo.trial import Config
from autogen.metrics.memorization.constraints import Constraints
from autogen.training.worker.efficiency import Efficiency
from autogen.verdict.judges import JudgedMean
from autogen.verdict.pareto import Losses
from autogen.verdict.statistics import Comparison, Interval, Scores, Verdict, compare_scores

#: ``finalist``; ``baseline``, to be beaten; ``control``, which the memorization test must refuse.
Role = Literal["finalist", "baseline", "control"]
#: ``model``: about exactly the delivered model. ``recipe``: about its config, trained on fresh seeds.
Claim = Literal["model", "recipe"]
Grade = Literal["close to real", "usable", "weak", "not usable", ""]

#: Bounds of the grades for the lower end of the normalized score's interval; see docs/verdict.md.
CLOSE, USABLE, WEAK = 0.9, 0.5, 0.0


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
        config: Config of a finalist; empty otherwise.
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
        dropped: True if it is clearly worse than the leader on select, so it is not compared on test.
    """

    entry: Entry
    select: Measured | None = None
    gate: Constraints | None = None
    judged: Mapping[str, JudgedMean] = field(default_factory=dict)
    excluded: str = ""
    dropped: bool = False


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
    """

    claim: Claim = "model"
    draws: int = 5
    look: int = 1
    limit: float = np.inf
    counting: float = 20.0
    models_only: bool = False


@dataclass(frozen=True)
class Ranking:
    """Contenders with their scores on select.

    Attributes:
        finalists: Finalists, the best first, those that cannot win last.
        baselines: Baselines and controls.
    """

    finalists: tuple[Ranked, ...]
    baselines: tuple[Ranked, ...]


@dataclass(frozen=True)
class Scale:
    """Scale of normalized scores.

    Attributes:
        floor: Losses of the best trivial baseline, which get 0.
        ceiling: Losses of real rows, one draw, which get 1.
    """

    floor: Scores
    ceiling: Scores

    @property
    def room(self) -> float:
        """Loss of the floor minus loss of the ceiling; 0 if chance explains the difference."""
        found = compare_scores(self.ceiling, self.floor)
        return max(0.0, found.mean) if found.low > 0 else 0.0


@dataclass(frozen=True)
class Delivered:
    """The model in ``best/``.

    Attributes:
        model: Folder of the model; ``None`` if a baseline is delivered.
        select_score: Score of this very model on select.
        test_score: Score of this very model on test.
        baseline: Fitted baseline; ``None`` if a model is delivered.
        withheld: Name of the baseline that no model was shown to beat, if it is not delivered because it
            holds rows of the data; empty otherwise.
    """

    model: Path | None
    select_score: float
    test_score: float
    baseline: Baseline | None = None
    withheld: str = ""


@dataclass(frozen=True)
class FinalVerdict:
    """The outcome of a study.

    Attributes:
        kind: ``winner``, ``unrivaled``, ``tie`` or ``baseline``.
        claim: Claim about a model or a recipe.
        grade: Grade of the delivered model; empty without a scale.
        chosen: Finalist or baseline that is returned.
        delivered: Model of the chosen one.
        results: Finalists, the best on select first, then baselines.
        verdict: Comparisons; ``None`` if no finalist may win.
        floor: Test score of the best trivial baseline.
        ceiling: Test score of real rows, with its interval.
        scaled: True if floor and ceiling differ beyond chance.
        tune_scores: Scores of baselines and of real rows on the tune split, by name.
        look: Number of sets of finalists that this study has judged by the test split.
        draws: Number of sampling seeds of each model on select and on test.
        direction: Direction of the metric.
        judges: Records of the judges besides the objective.
    """

    kind: str
    claim: Claim
    grade: Grade
    chosen: ContenderResult
    delivered: Delivered
    results: tuple[ContenderResult, ...]
    verdict: Verdict | None
    floor: float
    ceiling: Interval
    scaled: bool
    tune_scores: dict[str, float]
    look: int = 1
    draws: tuple[int, int] = (1, 1)
    direction: Direction = "minimize"
    judges: tuple[dict[str, Any], ...] = ()

    @property
    def finalists(self) -> list[ContenderResult]:
        """Finalists, the best on select first."""
        return [result for result in self.results if result.entry.role == "finalist"]

    @property
    def baselines(self) -> list[ContenderResult]:
        """Baselines and controls."""
        return [result for result in self.results if result.entry.role != "finalist"]


def grade(normalized: Interval | None) -> Grade:
    """Grade a model by the lower end of its normalized score's interval.

    Args:
        normalized: Normalized score; ``None`` without a scale.

    Returns:
        The grade; empty without a scale or an interval.
    """
    if normalized is None or not np.isfinite(normalized.low):
        return ""
    if normalized.low >= CLOSE:
        return "close to real"
    if normalized.low >= USABLE:
        return "usable"
    return "weak" if normalized.low > WEAK else "not usable"


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
