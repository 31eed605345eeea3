"""A judge put to the test on the user's own data before its scores may select anything."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from autogen.judging import perturbations as damage
from autogen.judging.calibration import RELIABLE, auc
from autogen.judging.criteria import Criterion, Item, Judgement, skipped
from autogen.judging.llm.judge import LanguageModelJudge

#: Controls of each kind, sound and spoilt, and the fewest that tell anything.
CONTROLS, FEWEST = 10, 5


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """How well a judge told sound answers from spoilt ones.

    Attributes:
        auc: How often it graded the sound one higher; ``None`` where it could not be put to the test.
        controls: Controls that were graded.
        reason: Why it was not put to the test.
    """

    auc: float | None
    controls: int
    reason: str = ""

    @property
    def reliable(self) -> bool:
        """Whether the judge's scores may select."""
        return self.auc is not None and self.auc >= RELIABLE


def check(judge: LanguageModelJudge, criterion: Criterion, items: Sequence[Item], seed: int = 0) -> SelfCheck:
    """Let a judge grade controls: true answers (failing them, answers of the set) sound and spoilt."""
    sound, spoilt = controls(criterion, items, seed)
    if len(sound) < FEWEST:
        return SelfCheck(
            None, 0, f"needs {FEWEST} different answers to make controls of, there are {len(sound)}"
        )
    found = judge.judge(criterion, [*sound, *spoilt])
    better, worse = _grades(found[: len(sound)]), _grades(found[len(sound) :])
    if min(len(better), len(worse)) < FEWEST:
        reason = next((one.reason for one in found if one.status == "missing"), "")
        return SelfCheck(None, len(better) + len(worse), f"too few controls were graded: {reason}")
    return SelfCheck(auc(better, worse), len(better) + len(worse))


def controls(criterion: Criterion, items: Sequence[Item], seed: int = 0) -> tuple[list[Item], list[Item]]:
    """Sound answers, and each one spoilt in the way that the criterion should see."""
    dice = random.Random(seed)
    best = [
        replace(item, answer=item.truth or item.answer) if criterion.name != "similarity" else item
        for item in items
    ]
    whole = [item for item in best if skipped(criterion, item) is None]
    unlike = list({item.answer: item for item in whole}.values())
    picked = dice.sample(unlike, min(CONTROLS, len(unlike)))
    pairs = [(item, _foreign(item, unlike, dice)) for item in picked]
    told = [(item, spoil(criterion, item, other, dice)) for item, other in pairs if other is not None]
    return [item for item, _ in told], [spoilt for _, spoilt in told]


def spoil(criterion: Criterion, item: Item, other: Item, dice: random.Random) -> Item:
    """Spoil an answer: a foreign context or truth, a foreign answer, or its own words without order."""
    if criterion.name == "groundedness":
        return replace(item, context=other.context)
    if criterion.name == "similarity":
        return replace(item, truth=other.truth)
    if criterion.name == "relevance":
        return replace(item, answer=other.answer)
    words = item.answer if len(item.answer.split()) > 2 else f"{item.answer} {other.answer}"
    return replace(item, answer=damage.shuffle_words(words, dice))


def _foreign(item: Item, items: Sequence[Item], dice: random.Random) -> Item | None:
    """Another item with other material; ``None`` where all share it."""
    others = [one for one in items if one.question != item.question or not item.question]
    others = [one for one in others if one.context != item.context or not item.context]
    others = [one for one in others if one.truth != item.truth or not item.truth]
    others = [one for one in others if one.answer != item.answer]
    return dice.choice(others) if others else None


def _grades(found: Sequence[Judgement]) -> list[float]:
    return [one.raw for one in found if one.raw is not None]
