"""Judging without a language model: scorers on sentence vectors, calibrated on perturbed real text."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autogen.hpo.trial import derived_seed
from autogen.judging.calibration import RELIABLE, STS_MINILM, CalibrationCurve, fit_curve
from autogen.judging.criteria import Criterion, Item, Judgement, skipped
from autogen.judging.embedded.coherence import Coherence
from autogen.judging.embedded.embedding import MINILM, Embedding
from autogen.judging.embedded.fluency import Fluency
from autogen.judging.embedded.groundedness import Groundedness
from autogen.judging.embedded.relevance import Relevance
from autogen.judging.embedded.scorer import RawScore, Scorer
from autogen.judging.embedded.similarity import Similarity
from autogen.judging.embedded.texts import is_latin_english

SCORERS: dict[str, type[Scorer]] = {
    "groundedness": Groundedness,
    "relevance": Relevance,
    "coherence": Coherence,
    "fluency": Fluency,
    "similarity": Similarity,
}


@dataclass(frozen=True, slots=True)
class Calibration:
    """Calibration of a criterion to grades from 1 to 5.

    Attributes:
        curve: calibration curve; ``None`` if none could be fitted.
        reason: reason why there is no curve, or why it must not be used; else empty.
    """

    curve: CalibrationCurve | None
    reason: str = ""


@dataclass(frozen=True)
class Fitted:
    """Fitted scorer with its calibration; it can be pickled.

    Attributes:
        criterion: criterion of the scorer.
        scorer: scorer that was fitted on real text.
        calibration: conversion of raw scores to grades.
    """

    criterion: Criterion
    scorer: Scorer
    calibration: Calibration

    def grades(self, items: Sequence[Item]) -> list[tuple[float | None, RawScore]]:
        """Grade items in [1, 5] without rounding, even if unreliable; and return raw scores, (N,)."""
        curve = self.calibration.curve
        raw_scores = self.scorer.raw_scores(items) if curve and items else [RawScore(None)] * len(items)
        return [
            (None if curve is None or s.value is None else min(curve.grade(s.value), s.cap), s)
            for s in raw_scores
        ]

    def judge(self, items: Sequence[Item]) -> list[Judgement]:
        """Judge items, (N,); empty ones are skipped, and all are missing if the calibration is unreliable."""
        without = [skipped(self.criterion, item) for item in items]
        if reason := self.calibration.reason:
            return [found or Judgement("missing", reason=reason) for found in without]
        whole = [item for item, found in zip(items, without, strict=True) if found is None]
        graded = iter(self.grades(whole))
        return [
            found or self._judgement(item, *next(graded)) for item, found in zip(items, without, strict=True)
        ]

    def _judgement(self, item: Item, grade: float | None, raw: RawScore) -> Judgement:
        if grade is None:
            return Judgement("missing", reason=raw.note)
        note = "; ".join(filter(None, [raw.note, _language(item.answer)]))
        return Judgement("ok", float(round(grade)) if self.criterion.whole else grade, raw.value, note)


class EmbeddedJudge:
    """Judge of answers by scorers that run on this machine.

    Args:
        embedding: sentence vectors of texts.
        items: all items of the set.
        real: real texts of the same kind; by default contexts and reference answers of the items.
        seed: random seed of the perturbations for the calibration.
    """

    def __init__(
        self, embedding: Embedding, items: Sequence[Item], real: Sequence[str] = (), seed: int = 0
    ) -> None:
        self.embedding = embedding
        self._items = items
        self._real = list(real) or real_texts(items)
        self._seed = seed

    def judge(
        self, criterion: Criterion, items: Sequence[Item], kind: type[Scorer] | None = None
    ) -> tuple[list[Judgement], Calibration]:
        """Judge items, and return the judgements, (N,), with the calibration; ``kind`` as in ``fit``."""
        fitted = self.fit(criterion, kind)
        return fitted.judge(items), fitted.calibration

    def fit(self, criterion: Criterion, kind: type[Scorer] | None = None) -> Fitted:
        """Fit a scorer on the real texts, and calibrate it.

        Args:
            criterion: criterion to judge by.
            kind: class of the scorer; by default the one of the criterion.
        """
        scorer = (kind or SCORERS[criterion.name])(self.embedding, self._items, self._real)
        reason = scorer.fitted()
        return Fitted(
            criterion, scorer, Calibration(None, reason) if reason else self._calibrated(criterion, scorer)
        )

    def _calibrated(self, criterion: Criterion, scorer: Scorer) -> Calibration:
        if criterion.name == "similarity" and self.embedding.name == MINILM:
            return Calibration(STS_MINILM)
        rungs = scorer.perturbation_levels(random.Random(derived_seed(self._seed, "ladder", criterion.name)))
        values = [[raw.value for raw in scorer.raw_scores(rung)] for rung in rungs]
        kept = [[value for value in rung if value is not None] for rung in values]
        if not kept or min(map(len, kept)) < 10:
            return Calibration(None, "there is too little real text to calibrate grades from 1 to 5")
        curve = fit_curve(kept)
        reason = f"its AUC of real text against the worst perturbation is {curve.worst:.2f}, below {RELIABLE}"
        return Calibration(curve, "" if curve.reliable else reason)


def real_texts(items: Sequence[Item]) -> list[str]:
    """List the unique contexts and reference answers of the items."""
    found = [text for item in items for text in (item.context, item.truth) if text.strip()]
    return list(dict.fromkeys(found))


def raw_values(
    embedding: Embedding, criterion: Criterion, items: Sequence[Item], real: Sequence[str]
) -> np.ndarray:
    """Compute raw scores without calibration, for studies of agreement with people.

    Args:
        embedding: sentence vectors of texts.
        criterion: criterion to judge by.
        items: N items.
        real: real texts of the same kind.

    Returns:
        float64 (N,); NaN for items without a score.
    """
    scorer = SCORERS[criterion.name](embedding, items, real)
    if scorer.fitted():
        return np.full(len(items), np.nan)
    return np.array([np.nan if raw.value is None else raw.value for raw in scorer.raw_scores(items)])


def _language(answer: str) -> str:
    return "" if is_latin_english(answer) else "possibly not English; the scorers are made for English"
