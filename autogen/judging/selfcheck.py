"""Self-check of a judge on the user's own data, before its scores may select anything."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from autogen.judging import perturbations
from autogen.judging.calibration import RELIABLE, auc
from autogen.judging.criteria import Criterion, Item, Judgement, skipped
from autogen.judging.llm.judge import LanguageModelJudge

#: Number of sound and of corrupted controls, and the minimum of each for a result.
CONTROLS, FEWEST = 10, 5


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """Result of the self-check of a judge.

    Attributes:
        auc: AUC of sound against corrupted answers; ``None`` if the judge could not be tested.
        controls: number of graded controls.
        reason: reason why the judge could not be tested; else empty.
    """

    auc: float | None
    controls: int
    reason: str = ""

    @property
    def reliable(self) -> bool:
        """True if the scores of the judge may select models."""
        return self.auc is not None and self.auc >= RELIABLE


def check(judge: LanguageModelJudge, criterion: Criterion, items: Sequence[Item], seed: int = 0) -> SelfCheck:
    """Let a judge grade controls: reference answers (or else answers of the set), sound and corrupted."""
    sound, corrupted = controls(criterion, items, seed)
    if len(sound) < FEWEST:
        return SelfCheck(
            None, 0, f"the self-check needs {FEWEST} different answers for its controls; got {len(sound)}"
        )
    found = judge.judge(criterion, [*sound, *corrupted])
    better, worse = _grades(found[: len(sound)]), _grades(found[len(sound) :])
    if min(len(better), len(worse)) < FEWEST:
        reason = next((one.reason for one in found if one.status == "missing"), "")
        return SelfCheck(None, len(better) + len(worse), f"too few controls were graded: {reason}")
    return SelfCheck(auc(better, worse), len(better) + len(worse))


def controls(criterion: Criterion, items: Sequence[Item], seed: int = 0) -> tuple[list[Item], list[Item]]:
    """Draw sound answers, and corrupt each in the way that the criterion should detect."""
    dice = random.Random(seed)
    best = [
        replace(item, answer=item.truth or item.answer) if criterion.name != "similarity" else item
        for item in items
    ]
    whole = [item for item in best if skipped(criterion, item) is None]
    unlike = list({item.answer: item for item in whole}.values())
    picked = dice.sample(unlike, min(CONTROLS, len(unlike)))
    pairs = [(item, _foreign(item, unlike, dice)) for item in picked]
    made = [(item, corrupt(criterion, item, other, dice)) for item, other in pairs if other is not None]
    return [item for item, _ in made], [corrupted for _, corrupted in made]


def corrupt(criterion: Criterion, item: Item, other: Item, dice: random.Random) -> Item:
    """Corrupt an answer: a foreign context or reference, a foreign answer, or its own words shuffled."""
    if criterion.name == "groundedness":
        return replace(item, context=other.context)
    if criterion.name == "similarity":
        return replace(item, truth=other.truth)
    if criterion.name == "relevance":
        return replace(item, answer=other.answer)
    words = item.answer if len(item.answer.split()) > 2 else f"{item.answer} {other.answer}"
    return replace(item, answer=perturbations.shuffle_words(words, dice))


def _foreign(item: Item, items: Sequence[Item], dice: random.Random) -> Item | None:
    """Draw an item with other texts; ``None`` if all items share them."""
    others = [one for one in items if one.question != item.question or not item.question]
    others = [one for one in others if one.context != item.context or not item.context]
    others = [one for one in others if one.truth != item.truth or not item.truth]
    others = [one for one in others if one.answer != item.answer]
    return dice.choice(others) if others else None


def _grades(found: Sequence[Judgement]) -> list[float]:
    return [one.raw for one in found if one.raw is not None]
