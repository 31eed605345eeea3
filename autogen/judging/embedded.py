"""Judging without a language model: scorers on sentence vectors, graded on ladders of real text."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autogen.judging.coherence import Coherence
from autogen.judging.criteria import Criterion, Item, Judgement, skipped
from autogen.judging.embedding import MINILM, Embedding
from autogen.judging.fluency import Fluency
from autogen.judging.groundedness import Groundedness
from autogen.judging.ladder import RELIABLE, STS_MINILM, Ladder, fit_ladder
from autogen.judging.relevance import Relevance
from autogen.judging.scorer import Scorer
from autogen.judging.similarity import Similarity
from autogen.judging.texts import is_latin_english
from autogen.trial import derived_seed

SCORERS: dict[str, type[Scorer]] = {
    "groundedness": Groundedness,
    "relevance": Relevance,
    "coherence": Coherence,
    "fluency": Fluency,
    "similarity": Similarity,
}


@dataclass(frozen=True, slots=True)
class Calibration:
    """How a criterion was brought to 1-5: a ladder, or the reason why there is none."""

    ladder: Ladder | None
    reason: str = ""


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

    def judge(self, criterion: Criterion, items: Sequence[Item]) -> tuple[list[Judgement], Calibration]:
        """Judge items; empty ones are skipped, and all are missing where grades cannot be trusted."""
        scorer = SCORERS[criterion.name](self.embedding, self._items, self._real)
        told = [skipped(criterion, item) for item in items]
        if reason := scorer.fitted():
            return _missing(told, reason), Calibration(None, reason)
        calibration = self._calibrated(criterion, scorer)
        if calibration.ladder is None:
            return _missing(told, calibration.reason), calibration
        ladder = calibration.ladder
        whole = [item for item, found in zip(items, told, strict=True) if found is None]
        sights = iter(scorer.sights(whole) if whole else [])
        found = []
        for item, empty in zip(items, told, strict=True):
            if empty is not None:
                found.append(empty)
                continue
            sight = next(sights)
            if sight.value is None:
                found.append(Judgement("missing", reason=sight.note))
                continue
            grade = min(ladder.grade(sight.value), sight.cap)
            note = "; ".join(filter(None, [sight.note, _language(item.answer)]))
            found.append(
                Judgement("ok", float(round(grade)) if criterion.whole else grade, sight.value, note)
            )
        return found, calibration

    def _calibrated(self, criterion: Criterion, scorer: Scorer) -> Calibration:
        if criterion.name == "similarity" and self.embedding.name == MINILM:
            return Calibration(STS_MINILM)
        rungs = scorer.rungs(random.Random(derived_seed(self._seed, "ladder", criterion.name)))
        values = [[sight.value for sight in scorer.sights(rung)] for rung in rungs]
        kept = [[value for value in rung if value is not None] for rung in values]
        if not kept or min(map(len, kept)) < 10:
            return Calibration(None, "too little real text to make a scale from 1 to 5 of")
        ladder = fit_ladder(kept)
        if not ladder.reliable:
            told = (
                f"real text is told from its worst damage with AUC {ladder.worst:.2f} only (below {RELIABLE})"
            )
            return Calibration(None, told)
        return Calibration(ladder)


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


def _missing(told: Sequence[Judgement | None], reason: str) -> list[Judgement]:
    return [found or Judgement("missing", reason=reason) for found in told]


def _language(answer: str) -> str:
    return "" if is_latin_english(answer) else "not English? the scorers are made for English"
