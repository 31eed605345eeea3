"""The outcome of a study: scale, grade and delivered model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from autogen.families.baselines.base import Baseline
from autogen.hpo.objective import Direction
from autogen.report.scores import Grade, grade_of
from autogen.verdict.contenders import Claim, ContenderResult
from autogen.verdict.statistics import Interval, Scores, Verdict, compare_scores


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
        real_diagnostics: Diagnostics of real rows; empty if there was no time.
    """

    kind: str
    claim: Claim
    grade: Grade | Literal[""]
    chosen: ContenderResult
    delivered: Delivered
    results: tuple[ContenderResult, ...]
    verdict: Verdict | None
    floor: float
    ceiling: Interval
    scaled: bool
    tune_scores: dict[str, float]
    look: int
    draws: tuple[int, int]
    direction: Direction
    judges: tuple[dict[str, Any], ...]
    real_diagnostics: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def finalists(self) -> list[ContenderResult]:
        """Finalists, the best on select first."""
        return [result for result in self.results if result.entry.role == "finalist"]

    @property
    def baselines(self) -> list[ContenderResult]:
        """Baselines and controls."""
        return [result for result in self.results if result.entry.role != "finalist"]


def grade(normalized: Interval | None) -> Grade | Literal[""]:
    """Grade a model by the lower end of its normalized score's interval.

    Args:
        normalized: Normalized score; ``None`` without a scale.

    Returns:
        The grade; empty without a scale or an interval.
    """
    if normalized is None or not np.isfinite(normalized.low):
        return ""
    return grade_of(normalized.low)
