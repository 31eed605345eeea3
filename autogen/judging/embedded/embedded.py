"""Judging without a language model: scorers on sentence vectors, graded on ladders of real text."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autogen.hpo.trial import derived_seed
from autogen.judging.calibration import RELIABLE, STS_MINILM, Ladder, fit_ladder
from autogen.judging.criteria import Criterion, Item, Judgement, skipped
from autogen.judging.embedded.coherence import Coherence
from autogen.judging.embedded.embedding import MINILM, Embedding
from autogen.judging.embedded.fluency import Fluency
from autogen.judging.embedded.groundedness import Groundedness
from autogen.judging.embedded.relevance import Relevance
from autogen.judging.embedded.scorer import Scorer, Sight
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
    """How a criterion was brought to 1-5.

    Attributes:
        ladder: The curve; ``None`` where none could be made.
        reason: Why it must not be used, or why there is none.
    """

    ladder: Ladder | None
    reason: str = ""


@dataclass(frozen=True)
class Fitted:
    """A scorer that has learnt what it learns from real text, with its scale; it can be pickled.

    Attributes:
        criterion: What is judged.
        scorer: Gives raw values.
        calibration: From raw values to grades.
    """

    criterion: Criterion
    scorer: Scorer
    calibration: Calibration

    def grades(self, items: Sequence[Item]) -> list[tuple[float | None, Sight]]:
        """Grades in [1, 5] before rounding, whether or not the scale is to be trusted, and what was seen."""
        ladder = self.calibration.ladder
        sights = self.scorer.sights(items) if ladder and items else [Sight(None)] * len(items)
        return [
            (None if ladder is None or s.value is None else min(ladder.grade(s.value), s.cap), s)
            for s in sights
        ]

    def judge(self, items: Sequence[Item]) -> list[Judgement]:
        """Judge items; empty ones are skipped, and all are missing where grades cannot be trusted."""
        told = [skipped(self.criterion, item) for item in items]
        if reason := self.calibration.reason:
            return [found or Judgement("missing", reason=reason) for found in told]
        whole = [item for item, found in zip(items, told, strict=True) if found is None]
        graded = iter(self.grades(whole))
        return [
            found or self._judgement(item, *next(graded)) for item, found in zip(items, told, strict=True)
        ]

    def _judgement(self, item: Item, grade: float | None, sight: Sight) -> Judgement:
        if grade is None:
            return Judgement("missing", reason=sight.note)
        note = "; ".join(filter(None, [sight.note, _language(item.answer)]))
        return Judgement("ok", float(round(grade)) if self.criterion.whole else grade, sight.value, note)


class EmbeddedJudge:
    """Judges answers by scorers that run on this machine.

    Args:
        embedding: Vectors of texts.
        items: All items of the set.
        real: Real texts of the same kind; by default the set's contexts and true answers.
        seed: Of the damage that ladders are made with.
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
        """Judge items, and tell how their grades were calibrated; ``kind`` as for ``fit``."""
        fitted = self.fit(criterion, kind)
        return fitted.judge(items), fitted.calibration

    def fit(self, criterion: Criterion, kind: type[Scorer] | None = None) -> Fitted:
        """Learn from the real texts, and make the scale.

        Args:
            criterion: What is judged.
            kind: Of the scorer; by default the criterion's.
        """
        scorer = (kind or SCORERS[criterion.name])(self.embedding, self._items, self._real)
        reason = scorer.fitted()
        return Fitted(
            criterion, scorer, Calibration(None, reason) if reason else self._calibrated(criterion, scorer)
        )

    def _calibrated(self, criterion: Criterion, scorer: Scorer) -> Calibration:
        if criterion.name == "similarity" and self.embedding.name == MINILM:
            return Calibration(STS_MINILM)
        rungs = scorer.rungs(random.Random(derived_seed(self._seed, "ladder", criterion.name)))
        values = [[sight.value for sight in scorer.sights(rung)] for rung in rungs]
        kept = [[value for value in rung if value is not None] for rung in values]
        if not kept or min(map(len, kept)) < 10:
            return Calibration(None, "too little real text to make a scale from 1 to 5 of")
        ladder = fit_ladder(kept)
        told = f"real text is told from its worst damage with AUC {ladder.worst:.2f} only (below {RELIABLE})"
        return Calibration(ladder, "" if ladder.reliable else told)


def real_texts(items: Sequence[Item]) -> list[str]:
    """Contexts and true answers of the set, each once."""
    told = [text for item in items for text in (item.context, item.truth) if text.strip()]
    return list(dict.fromkeys(told))


def raw_values(
    embedding: Embedding, criterion: Criterion, items: Sequence[Item], real: Sequence[str]
) -> np.ndarray:
    """Raw values without a scale, NaN where there is none; for studies of agreement with people.

    Returns:
        float64 (N,).
    """
    scorer = SCORERS[criterion.name](embedding, items, real)
    if scorer.fitted():
        return np.full(len(items), np.nan)
    return np.array([np.nan if sight.value is None else sight.value for sight in scorer.sights(items)])


def _language(answer: str) -> str:
    return "" if is_latin_english(answer) else "not English? the scorers are made for English"
