"""Similarity without a language model: the nearness of an answer to the reference answer."""

import random
from collections.abc import Sequence

from autogen.judging import perturbations
from autogen.judging.criteria import Item
from autogen.judging.embedded import texts
from autogen.judging.embedded.scorer import RawScore, Scorer

#: Minimum and maximum number of reference answers for the calibration.
FEWEST, LADDER = 20, 200
#: Weights of shared content words and of differing numbers beside the cosine, chosen on the training split
#: of the STS benchmark, where they raise the rank correlation with people from .827 to .844.
SHARED, NUMBERS = 0.15, 0.10


class Similarity(Scorer):
    """Cosine of an answer and its reference answer, adjusted for shared words and differing numbers."""

    def raw_scores(self, items: Sequence[Item]) -> list[RawScore]:
        """Compute the weighted sum for each pair, (N,); 1 for equal texts."""
        answers = self.embedding([item.answer for item in items])
        truths = self.embedding([item.truth for item in items])
        return [
            _raw_score(item, float(cosine))
            for item, cosine in zip(items, (answers * truths).sum(1), strict=True)
        ]

    def perturbation_levels(self, dice: random.Random) -> list[list[Item]]:
        """Perturb reference answers: mix in more and more words of other reference answers."""
        truths = [text for text in dict.fromkeys(item.truth.strip() for item in self.items) if text]
        if len(truths) < FEWEST:
            return []
        picked = dice.sample(truths, min(LADDER, len(truths)))
        others = [dice.choice([other for other in truths if other != text]) for text in picked]
        levels = [[Item(text, truth=text) for text in picked]]
        for severity in perturbations.SEVERITIES:
            mixed = [
                perturbations.mix_words(a, b, severity, dice) for a, b in zip(picked, others, strict=True)
            ]
            levels.append([Item(text, truth=truth) for text, truth in zip(mixed, picked, strict=True)])
        return levels


def _raw_score(item: Item, cosine: float) -> RawScore:
    ours, theirs = set(texts.content(item.answer)), set(texts.content(item.truth))
    shared = 2 * len(ours & theirs) / max(1, len(ours) + len(theirs))
    differ = texts.numbers(item.answer) ^ texts.numbers(item.truth)
    value = (cosine + SHARED * shared - NUMBERS * bool(differ)) / (1 + SHARED)
    return RawScore(value, "numbers differ" if differ else "")
