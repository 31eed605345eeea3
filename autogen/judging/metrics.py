"""Judges as metrics of a text study: the mean grade of generated texts, each read by itself.

Of the five criteria these are the two that need nothing but the text. A mean grade knows nothing of
variety: one good sentence written over and over has it too. The judge is made of real texts in
``prepare``: the embedded one learns from them, the language model is put to the test on them.
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

#: The first texts of a set that are graded: by scorers on this machine, and by a language model.
SCORED, ASKED = 100, 40
#: Texts with a grade that a mean needs.
FEWEST = 10
VARIETY = "a mean grade does not see variety: one good text written over and over has it too"


class JudgeMetric(Metric, HasSelfCheck):
    """Mean grade from 1 to 5 of the first texts of a set; an empty text has a 1.

    A judge is made of the real texts of one split, so means on two splits are those of two judges.
    Intervals tell of the generated texts, not of the judge.

    Attributes:
        criterion: What is judged.
        most: Texts that are graded.
    """

    kinds: ClassVar[tuple[str, ...]] = ("text",)
    criterion: ClassVar[str]
    most: ClassVar[int]

    @abstractmethod
    def grades(self, reference: Any, items: Sequence[Item]) -> list[float | None]:
        """Grades of items that are not empty; ``None`` where one cannot be given."""

    def score(self, reference: Any, fake: Samples) -> float:
        """Mean grade."""
        return float(np.nanmean(self.told(reference, fake)))

    def replicates(self, reference: Any, fake: Samples, groups: int) -> np.ndarray:
        """Mean grades without each group of generated texts, by the same judge."""
        found = self.told(reference, fake)
        if not 2 <= groups <= len(found) // 2:
            raise MetricError(f"{groups} groups need at least {2 * groups} texts; got {len(found)}")
        owner = np.arange(len(found)) % groups
        return np.array([np.nanmean(found[owner != group]) for group in range(groups)])

    def told(self, reference: Any, fake: Samples) -> np.ndarray:
        """Grades of the first texts, float64 (N,); NaN where there is none.

        Raises:
            MetricError: no texts, or too few of them have a grade.
        """
        if not isinstance(fake, (list, tuple)) or not all(isinstance(text, str) for text in fake):
            raise MetricError(f"judges read a list of str; got {type(fake).__name__}")
        found = np.ones(min(len(fake), self.most))
        whole = [place for place in range(len(found)) if fake[place].strip()]
        told = self.grades(reference, [Item(fake[place]) for place in whole]) if whole else []
        found[whole] = [np.nan if grade is None else grade for grade in told]
        if np.isfinite(found).sum() < FEWEST:
            raise MetricError(
                f"{self.objective.name} needs {FEWEST} texts with a grade, "
                f"there are {np.isfinite(found).sum()} of {len(found)}{self.excuse()}"
            )
        return found

    def excuse(self) -> str:
        """Why texts had no grade, where that is known."""
        return ""


class EmbeddedMetric(JudgeMetric):
    """Grades by scorers on this machine; they learn from the real texts.

    Attributes:
        scorer: Reads single texts.
    """

    most = SCORED
    scorer: ClassVar[type[Scorer]]

    def prepare(self, real: Samples, codec: Codec) -> Fitted:
        """Fit the scorer and its scale.

        Raises:
            MetricError: too little real text, or none of the kind that the scorer learns from.
        """
        embedding = open_embedding(None, real)
        judge = EmbeddedJudge(embedding, [Item(text) for text in real], real)
        fitted = judge.fit(CRITERIA[self.criterion], self.scorer)
        if fitted.calibration.ladder is None:
            raise MetricError(f"{self.objective.name}: {fitted.calibration.reason}")
        return fitted

    def grades(self, reference: Fitted, items: Sequence[Item]) -> list[float | None]:
        """Grades before rounding; a text without a word has a 1."""
        return [1.0 if s.note == "no words" else grade for grade, s in reference.grades(items)]

    def trouble(self, reference: Fitted) -> str:
        """Whether real text is told from its worst damage."""
        return reference.calibration.reason

    def caveats(self) -> tuple[str, ...]:
        """Neither scorer was found to agree with people."""
        return f"{self.objective.name} is {CRITERIA[self.criterion].evidence}", VARIETY


class EmbeddedFluency(EmbeddedMetric):
    """Mean fluency by log-odds of being real rather than broken."""

    criterion = "fluency"
    scorer = GeneratedFluency
    objective = Objective(f"fluency.embedded[{default_source()}-v1]", 1, "maximize")


class EmbeddedCoherence(EmbeddedMetric):
    """Mean coherence by log-odds of neighbouring sentences; texts of one sentence are passed over."""

    criterion = "coherence"
    scorer = Coherence
    objective = Objective(f"coherence.embedded[{default_source()}-v1]", 1, "maximize")


@dataclass(frozen=True)
class Asked:
    """Whom to ask, and how he did on controls made of real texts; it holds no key.

    Attributes:
        url: Of the endpoint.
        model: Its name there.
        limits: Of one process.
        trust: What the self-check found.
    """

    url: str
    model: str
    limits: Limits
    trust: SelfCheck


class LanguageModelMetric(JudgeMetric):
    """Grades by the language model of ``$OPENAI_BASE_URL`` and ``$OPENAI_MODEL``.

    Attributes:
        limits: What each process of a study may ask.
    """

    most = ASKED

    def __init__(self) -> None:
        self.limits = Limits()
        self._reason = ""

    def prepare(self, real: Samples, codec: Codec) -> Asked:
        """Put the language model to the test on controls made of the real texts."""
        endpoint = Endpoint()
        judge = _judge(endpoint.url, endpoint.model, self.limits)
        trust = check(judge, CRITERIA[self.criterion], [Item(text) for text in real])
        endpoint.close()
        return Asked(endpoint.url, endpoint.model, self.limits, trust)

    def grades(self, reference: Asked, items: Sequence[Item]) -> list[float | None]:
        """Expected grades; ``None`` where the model gave none."""
        judge = _judge(reference.url, reference.model, reference.limits)
        found: list[Judgement] = judge.judge(CRITERIA[self.criterion], items)
        self._reason = next((one.reason for one in found if one.status == "missing"), "")
        return [one.raw for one in found]

    def excuse(self) -> str:
        """The first reason."""
        return f": {self._reason}" if self._reason else ""

    def trouble(self, reference: Asked) -> str:
        """Whether the controls were told apart."""
        trust = reference.trust
        if trust.reliable:
            return ""
        return trust.reason or f"{reference.model} told sound texts from spoilt ones with AUC {trust.auc:.2f}"

    def caveats(self) -> tuple[str, ...]:
        """No model was compared with people here."""
        return f"{self.objective.name} was checked on controls, not against people", VARIETY


class AskedFluency(LanguageModelMetric):
    """Mean fluency in a language model's eyes."""

    criterion = "fluency"
    objective = Objective(f"fluency.judge[{rubric_id(CRITERIA['fluency'])}]", 1, "maximize")


class AskedCoherence(LanguageModelMetric):
    """Mean coherence in a language model's eyes."""

    criterion = "coherence"
    objective = Objective(f"coherence.judge[{rubric_id(CRITERIA['coherence'])}]", 1, "maximize")


def limits_of(given: Mapping[str, Any], processes: int) -> Limits:
    """What each of a study's processes may ask; ``seconds`` run in all of them at once.

    Args:
        given: ``concurrency``, ``per_minute``, ``calls``, ``seconds``: of the whole study.
        processes: That share them.

    Raises:
        MetricError: a limit that is none.
    """
    known = [field.name for field in fields(Limits)]
    for name, value in given.items():
        if name not in known or not isinstance(value, int | float):
            raise MetricError(f"asking has numbers for {', '.join(known)}, not {name} = {value!r}")
    whole = Limits(**given)
    return Limits(
        max(1, whole.concurrency // processes),
        None if whole.per_minute is None else whole.per_minute / processes,
        None if whole.calls is None else max(1, whole.calls // processes),
        whole.seconds,
    )


def close_judges() -> None:
    """Close the connections of this process's judges."""
    while _JUDGES:
        endpoint, cache, _ = _JUDGES.popitem()[1]
        endpoint.close()
        cache.close()


def _judge(url: str, model: str, limits: Limits) -> LanguageModelJudge:
    """One judge a process, so that its limits hold for all that the process asks."""
    place = (url, model, limits)
    if place not in _JUDGES:
        endpoint, cache = Endpoint(url, model), Cache(default_path())
        _JUDGES[place] = endpoint, cache, LanguageModelJudge(endpoint, limits, cache)
    return _JUDGES[place][2]


_JUDGES: dict[tuple[str, str, Limits], tuple[Endpoint, Cache, LanguageModelJudge]] = {}
atexit.register(close_judges)
