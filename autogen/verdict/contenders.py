"""Who contends for the verdict, stage by stage, and the outcome of a study.

``Entry`` -> ``Ranked`` (select) -> ``Tested`` (test) -> ``ContenderResult``: each stage is frozen and made
once, from the one before it and from what the workers measured.
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

#: ``finalist``; ``baseline``, to be beaten; ``control``, there to show that the measure works.
Role = Literal["finalist", "baseline", "control"]
#: ``model``: of exactly the model that is delivered. ``recipe``: of its config, trained on fresh seeds.
Claim = Literal["model", "recipe"]
Grade = Literal["close to real", "usable", "weak", "not usable", ""]

#: Least lower end of the normalized score's interval for each grade; see docs/verdict.md.
CLOSE, USABLE, WEAK = 0.9, 0.5, 0.0


@dataclass(frozen=True)
class Draw:
    """One set of samples of a finalist.

    Attributes:
        model: Folder of the trained model.
        index: Place of the sampling seed among the split's.
    """

    model: Path
    index: int

    @property
    def label(self) -> str:
        """Names it in the journal: ``trials/0003/1``."""
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
        scores: One a draw, float64 (S,).
        replicates: The same with groups of rows left out, float64 (S, G).
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
        entry: The contender.
        select: Its scores; ``None`` where it does not compete or cannot be scored.
        gate: Whether it copies the train split or repeats itself; ``None`` where that was not asked or cannot
            be told.
        judged: What judges beside the objective think of its samples, by name.
        excluded: Why it cannot win; empty otherwise.
        dropped: Whether it is clearly worse than the leader on select, and so not compared on test.
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
        ranked: The stage before.
        test: Its scores; ``None`` where it was not compared or cannot be scored.
        losses: Of a finalist in each objective, the main one first, where there are several.
        excluded: Why it cannot win; empty otherwise.
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
    """All that is known of a contender at the end.

    Attributes:
        tested: Its scores.
        interval: Mean test score with its 95 % interval; ``None`` where there is none.
        normalized: The same between floor (0) and ceiling (1); ``None`` where there is no scale.
        comparison: With the leader; ``None`` for the leader, and where it was not compared.
        efficiency: What a finalist's first model costs.
        diagnostics: Its samples by every other metric, mean and interval.
        on_front: Whether no other finalist beats it, where there are several objectives.
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
        """Why it cannot win; empty otherwise."""
        return self.tested.excluded


@dataclass(frozen=True)
class Rules:
    """What a reading of the test split is about.

    Attributes:
        claim: Whether models or recipes are judged.
        draws: Draws for test of a baseline, and of a model.
        look: How many sets of finalists the study judges by the test split, this one included.
        limit: Second on the study's clock after which nothing is measured that a verdict can do without.
        counting: Seconds in which operations and memory of a model must be counted.
        models_only: Whether a model is returned though no model was shown to beat the best baseline.
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
        finalists: The best first; those that cannot win last.
        baselines: Baselines and controls.
    """

    finalists: tuple[Ranked, ...]
    baselines: tuple[Ranked, ...]


@dataclass(frozen=True)
class Scale:
    """Where normalized scores are 0 and 1.

    Attributes:
        floor: Losses of the best trivial baseline.
        ceiling: Losses of real rows, one draw.
    """

    floor: Scores
    ceiling: Scores

    @property
    def room(self) -> float:
        """Loss from ceiling to floor; 0 where these are not apart beyond chance."""
        found = compare_scores(self.ceiling, self.floor)
        return max(0.0, found.mean) if found.low > 0 else 0.0


@dataclass(frozen=True)
class Delivered:
    """What is written to ``best/``.

    Attributes:
        model: Folder of the model; ``None`` where a baseline is delivered.
        select_score: Its own score on select.
        test_score: Its own score on test.
        baseline: The fitted baseline.
        withheld: Name of the baseline that no model was shown to beat, where it cannot be delivered since it
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
        claim: What the verdict is about.
        grade: How good what is delivered is, in a word; empty where there is no scale.
        chosen: The finalist, or the baseline, that is returned.
        delivered: Its model.
        results: Finalists, best on select first, then baselines.
        verdict: The comparisons; ``None`` where no finalist may win.
        floor: Test score of the best baseline that knows nothing of what columns or pixels have to do
            with each other.
        ceiling: Test score of real rows, with its interval.
        scaled: Whether floor and ceiling are apart beyond chance.
        tune_scores: Scores of baselines and of real rows on the tune split, by name.
        look: How many sets of finalists this study has judged by the test split.
        draws: Sampling seeds of each model on select and on test.
        direction: Direction of the metric.
        judges: What is to be known of the judges beside the objective.
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
        """The finalists, best on select first."""
        return [result for result in self.results if result.entry.role == "finalist"]

    @property
    def baselines(self) -> list[ContenderResult]:
        """Baselines and controls."""
        return [result for result in self.results if result.entry.role != "finalist"]


def grade(normalized: Interval | None) -> Grade:
    """How good a model is shown to be, in a word: by the lower end of its normalized score's interval.

    Args:
        normalized: The score between floor (0) and ceiling (1); ``None`` where there is no scale.

    Returns:
        Empty where there is no scale or no interval.
    """
    if normalized is None or not np.isfinite(normalized.low):
        return ""
    if normalized.low >= CLOSE:
        return "close to real"
    if normalized.low >= USABLE:
        return "usable"
    return "weak" if normalized.low > WEAK else "not usable"


def with_scores(finalists: Sequence[Ranked]) -> list[Ranked]:
    """Finalists that could be scored on select.

    Raises:
        RunError: none could.
    """
    found = [ranked for ranked in finalists if ranked.select is not None]
    if not found:
        why = "; ".join(f"{ranked.entry.name}: {ranked.excluded}" for ranked in finalists)
        raise RunError(f"no finalist could be drawn from and scored ({why}); give more budget")
    return found
