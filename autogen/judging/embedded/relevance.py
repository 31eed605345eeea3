"""Relevance without a language model: an answer should be nearer to its own question than to others."""

import random
from collections.abc import Sequence

import numpy as np

from autogen.judging import perturbations
from autogen.judging.criteria import Item
from autogen.judging.embedded.scorer import RawScore, Scorer

#: Maximum and minimum number of other questions that an answer is compared with.
OTHERS, FEWEST = 500, 10
LADDER = 100


def last_turn(question: str) -> str:
    """Take the last line of a dialogue, or the question as it is."""
    lines = [line.strip() for line in question.splitlines() if line.strip()]
    return lines[-1] if lines else question


class Relevance(Scorer):
    """Standard score of an answer's cosine with its own question among those with other questions."""

    def fitted(self) -> str:
        """Collect the questions of the set."""
        asked = list(dict.fromkeys(last_turn(item.question) for item in self.items if item.question.strip()))
        if len(asked) <= FEWEST:
            return f"needs more than {FEWEST} different questions to compare with; got {len(asked)}"
        self._asked = random.Random(0).sample(asked, OTHERS) if len(asked) > OTHERS else asked
        self._vectors = self.embedding(self._asked)
        return ""

    def raw_scores(self, items: Sequence[Item]) -> list[RawScore]:
        """Compute the standard score of each answer's cosine with its own question, (N,)."""
        answers = self.embedding([item.answer for item in items])
        questions = [last_turn(item.question) for item in items]
        own = (answers * self.embedding(questions)).sum(1)
        cosines = answers @ self._vectors.T
        found = []
        for row, question in enumerate(questions):
            others = cosines[row][np.array([asked != question for asked in self._asked])]
            found.append(RawScore(float((own[row] - others.mean()) / max(others.std(), 1e-6))))
        return found

    def perturbation_levels(self, dice: random.Random) -> list[list[Item]]:
        """Perturb reference answers (or else answers of the set): mix in more and more words of others."""
        whole = [
            Item(item.truth or item.answer, item.question) for item in self.items if item.question.strip()
        ]
        whole = [item for item in dict.fromkeys(whole) if item.answer.strip()]
        if len(whole) < 2 * FEWEST:
            return []
        picked = dice.sample(whole, min(LADDER, len(whole)))
        others = [dice.choice([one for one in whole if one.question != item.question]) for item in picked]
        return [picked] + [
            [
                Item(perturbations.mix_words(item.answer, other.answer, severity, dice), item.question)
                for item, other in zip(picked, others, strict=True)
            ]
            for severity in perturbations.SEVERITIES
        ]
