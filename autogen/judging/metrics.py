"""Judges as metrics of a text study: the mean grade of generated texts, each judged by itself.

Of the five criteria, coherence and fluency need nothing but the text. A mean grade ignores diversity: one
good sentence repeated many times scores well. ``prepare`` makes the judge from real texts: the embedded
judge learns from them, the language model is tested on them.
"""

import atexit
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.errors import MetricError
from autogen.hpo.objective import Objective
from autogen.judging.criteria import CRITERIA, Item, Judgement
from autogen.judging.embedded.coherence import Coherence
from autogen.judging.embedded.embedded import EmbeddedJudge, Fitted
from autogen.judging.embedded.embedding import default_source, open_embedding
from autogen.judging.embedded.fluency import GeneratedFluency
from autogen.judging.embedded.scorer import Scorer
from autogen.judging.llm.cache import Cache, default_path
from autogen.judging.llm.endpoint import Endpoint
from autogen.judging.llm.judge import LanguageModelJudge
from autogen.judging.llm.limits import Limits
from autogen.judging.llm.rubrics import rubric_id
from autogen.judging.selfcheck import SelfCheck, check
from autogen.metrics.base import HasSelfCheck, Metric

#: Number of texts that are graded, from the first on: by scorers on this machine, and by a language model.
SCORED, ASKED = 100, 40
#: Minimum number of graded texts for a mean.
FEWEST = 10
VARIETY = "a mean grade ignores diversity: one good text repeated many times scores well"


class JudgeMetric(Metric, HasSelfCheck):
    """Mean grade from 1 to 5 of the first texts of a set; an empty text gets a 1.

    A judge is fitted on the real texts of one split, so means on two splits come from two judges.
    Intervals cover the variation of generated texts, not that of the judge.

    Attributes:
        criterion: name of the criterion.
        most: maximum number of texts that are graded.
    """

    kinds: ClassVar[tuple[str, ...]] = ("text",)
    criterion: ClassVar[str]
    most: ClassVar[int]

    @abstractmethod
    def grades(self, reference: Any, items: Sequence[Item]) -> list[float | None]:
        """Grade items that are not empty, (N,); ``None`` for an item without a grade."""

    def score(self, reference: Any, fake: Samples) -> float:
        """Average the grades of the first texts."""
        return float(np.nanmean(self.text_grades(reference, fake)))

    def replicates(self, reference: Any, fake: Samples, groups: int) -> np.ndarray:
        """Compute mean grades without each group of generated texts, by the same judge, (groups,)."""
        found = self.text_grades(reference, fake)
        if not 2 <= groups <= len(found) // 2:
            raise MetricError(f"{groups} groups need at least {2 * groups} texts; got {len(found)}")
        owner = np.arange(len(found)) % groups
        return np.array([np.nanmean(found[owner != group]) for group in range(groups)])

    def text_grades(self, reference: Any, fake: Samples) -> np.ndarray:
        """Grade the first texts, float64 (N,); NaN for texts without a grade.

        Raises:
            MetricError: the samples are no texts, or too few of them have a grade.
        """
        if not isinstance(fake, (list, tuple)) or not all(isinstance(text, str) for text in fake):
            raise MetricError(f"judges need a list of str; got {type(fake).__name__}")
        found = np.ones(min(len(fake), self.most))
        whole = [place for place in range(len(found)) if fake[place].strip()]
        grades = self.grades(reference, [Item(fake[place]) for place in whole]) if whole else []
        found[whole] = [np.nan if grade is None else grade for grade in grades]
        if np.isfinite(found).sum() < FEWEST:
            raise MetricError(
                f"{self.objective.name} needs {FEWEST} texts with a grade; "
                f"got {np.isfinite(found).sum()} of {len(found)}{self.missing_reason()}"
            )
        return found

    def missing_reason(self) -> str:
        """Describe why texts have no grade; empty if unknown."""
        return ""


class EmbeddedMetric(JudgeMetric):
    """Mean grade by a scorer on this machine that learns from the real texts.

    Attributes:
        scorer: class of the scorer, which reads single texts.
    """

    most = SCORED
    scorer: ClassVar[type[Scorer]]

    def prepare(self, real: Samples, codec: Codec) -> Fitted:
        """Fit the scorer and its calibration.

        Raises:
            MetricError: there is too little real text, or none of the kind that the scorer needs.
        """
        embedding = open_embedding(None, real)
        judge = EmbeddedJudge(embedding, [Item(text) for text in real], real)
        fitted = judge.fit(CRITERIA[self.criterion], self.scorer)
        if fitted.calibration.curve is None:
            raise MetricError(f"{self.objective.name}: {fitted.calibration.reason}")
        return fitted

    def grades(self, reference: Fitted, items: Sequence[Item]) -> list[float | None]:
        """Grade items without rounding, (N,); a text without words gets a 1."""
        return [1.0 if s.note == "no words" else grade for grade, s in reference.grades(items)]

    def why_unreliable(self, reference: Fitted) -> str:
        """Describe why the scorer is unreliable; empty if it separates real text from perturbed text."""
        return reference.calibration.reason

    def warnings(self) -> tuple[str, ...]:
        """Warn that the agreement of the scorer with people was not shown."""
        return f"{self.objective.name} is {CRITERIA[self.criterion].evidence}", VARIETY


class EmbeddedFluency(EmbeddedMetric):
    """Mean fluency, by the log-odds that a sentence is real rather than perturbed."""

    about: ClassVar[str] = (
        "Mean fluency of the texts from 1 to 5, by a classifier on sentence vectors that tells real from "
        "perturbed sentences. A good value is near that of real texts."
    )
    criterion = "fluency"
    scorer = GeneratedFluency
    objective = Objective(f"fluency.embedded[{default_source()}-v1]", 1, "maximize")


class EmbeddedCoherence(EmbeddedMetric):
    """Mean coherence, by the log-odds of neighboring sentences; texts of one sentence have no grade."""

    about: ClassVar[str] = (
        "Mean coherence of neighboring sentences from 1 to 5, by a classifier on sentence vectors. A good "
        "value is near that of real texts."
    )
    criterion = "coherence"
    scorer = Coherence
    objective = Objective(f"coherence.embedded[{default_source()}-v1]", 1, "maximize")


@dataclass(frozen=True)
class Asked:
    """Language model with its self-check on controls made from real texts; it holds no API key.

    Attributes:
        url: address of the endpoint.
        model: Its name there.
        limits: limits on requests of one process.
        trust: result of the self-check.
    """

    url: str
    model: str
    limits: Limits
    trust: SelfCheck


class LanguageModelMetric(JudgeMetric):
    """Mean grade by the language model of ``$OPENAI_BASE_URL`` and ``$OPENAI_MODEL``.

    Attributes:
        limits: limits on requests of each process of a study.
    """

    most = ASKED

    def __init__(self) -> None:
        self.limits = Limits()
        self._reason = ""

    def prepare(self, real: Samples, codec: Codec) -> Asked:
        """Test the language model on controls made from the real texts."""
        endpoint = Endpoint()
        judge = _judge(endpoint.url, endpoint.model, self.limits)
        trust = check(judge, CRITERIA[self.criterion], [Item(text) for text in real])
        endpoint.close()
        return Asked(endpoint.url, endpoint.model, self.limits, trust)

    def grades(self, reference: Asked, items: Sequence[Item]) -> list[float | None]:
        """Ask for expected grades, (N,); ``None`` if the model gave none."""
        judge = _judge(reference.url, reference.model, reference.limits)
        found: list[Judgement] = judge.judge(CRITERIA[self.criterion], items)
        self._reason = next((one.reason for one in found if one.status == "missing"), "")
        return [one.raw for one in found]

    def missing_reason(self) -> str:
        """Quote the first reason why a text has no grade; empty if there is none."""
        return f": {self._reason}" if self._reason else ""

    def why_unreliable(self, reference: Asked) -> str:
        """Describe why the language model is unreliable; empty if it separated the controls."""
        trust = reference.trust
        if trust.reliable:
            return ""
        return (
            trust.reason
            or f"{reference.model} separates real from corrupted texts only with AUC {trust.auc:.2f}"
        )

    def warnings(self) -> tuple[str, ...]:
        """Warn that the language model was not compared with people."""
        return f"{self.objective.name} was tested on controls, but not compared with people", VARIETY


class AskedFluency(LanguageModelMetric):
    """Mean fluency, graded by a language model."""

    about: ClassVar[str] = (
        "Mean fluency of the texts from 1 to 5, graded by a language model. A good value is near that of "
        "real texts."
    )
    criterion = "fluency"
    objective = Objective(f"fluency.judge[{rubric_id(CRITERIA['fluency'])}]", 1, "maximize")


class AskedCoherence(LanguageModelMetric):
    """Mean coherence, graded by a language model."""

    about: ClassVar[str] = (
        "Mean coherence of the texts from 1 to 5, graded by a language model. A good value is near that of "
        "real texts."
    )
    criterion = "coherence"
    objective = Objective(f"coherence.judge[{rubric_id(CRITERIA['coherence'])}]", 1, "maximize")


def limits_of(given: Mapping[str, Any], processes: int) -> Limits:
    """Share the limits of a study among its processes; ``seconds`` count in all of them at once.

    Args:
        given: ``concurrency``, ``per_minute``, ``calls`` and ``seconds`` of the whole study.
        processes: number of processes.

    Raises:
        MetricError: a limit is unknown or no number.
    """
    known = [field.name for field in fields(Limits)]
    for name, value in given.items():
        if name not in known or not isinstance(value, int | float):
            raise MetricError(f"asking takes numbers for {', '.join(known)}; got {name} = {value!r}")
    whole = Limits(**given)
    return Limits(
        max(1, whole.concurrency // processes),
        None if whole.per_minute is None else whole.per_minute / processes,
        None if whole.calls is None else max(1, whole.calls // processes),
        whole.seconds,
    )


def close_judges() -> None:
    """Close the connections of all judges of this process."""
    while _JUDGES:
        endpoint, cache, _ = _JUDGES.popitem()[1]
        endpoint.close()
        cache.close()


def _judge(url: str, model: str, limits: Limits) -> LanguageModelJudge:
    """Share one judge per process, so that its limits hold for all requests of the process."""
    place = (url, model, limits)
    if place not in _JUDGES:
        endpoint, cache = Endpoint(url, model, warned=True), Cache(default_path())
        _JUDGES[place] = endpoint, cache, LanguageModelJudge(endpoint, limits, cache)
    return _JUDGES[place][2]


_JUDGES: dict[tuple[str, str, Limits], tuple[Endpoint, Cache, LanguageModelJudge]] = {}
atexit.register(close_judges)
