"""Coherence without a language model: whether each sentence looks like the one that follows in real text."""

import itertools
import random
from collections.abc import Sequence

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from autogen.judging import perturbations as damage
from autogen.judging.criteria import Item
from autogen.judging.embedded.scorer import Scorer, Sight
from autogen.judging.embedded.texts import content, sentences, words

#: Real texts of at least three sentences that are needed, and neighbours that are learnt from at most.
FEWEST, PAIRS = 20, 3000
#: Features that are no directions of vectors: the cosine and the links.
PLAIN = 4
#: Opening words that point back to the sentence before (English).
POINTING = frozenset(
    words("he she it they this that these those his her its their however but also then such")
)


class Coherence(Scorer):
    """Mean log-odds of neighbouring sentences under a classifier of real against mixed-up neighbours."""

    def fitted(self) -> str:
        """Train on one half of the real texts; the ladder is made of the other half."""
        whole = [parts for text in dict.fromkeys(self.real) if len(parts := sentences(text)) >= 3]
        if len(whole) < FEWEST:
            return f"needs {FEWEST} real texts of three sentences or more, there are {len(whole)}"
        dice = random.Random(0)
        dice.shuffle(whole)
        self._known, self._kept = whole[::2], whole[1::2]
        flat = [part for parts in self._known for part in parts]
        pairs: list[tuple[str, str]] = []
        for parts in self._known:
            for first, second in itertools.pairwise(parts):
                wrong = (first, dice.choice(parts)), (first, dice.choice(flat)), (first, dice.choice(flat))
                pairs += [(first, second), (second, first), *wrong]
        neighbours = {pair for parts in self._known for pair in itertools.pairwise(parts)}
        follows = [pair in neighbours for pair in pairs[:PAIRS]]
        self._model: Pipeline = make_pipeline(
            ColumnTransformer([("plain", StandardScaler(), slice(0, PLAIN))], remainder="passthrough"),
            LogisticRegression(class_weight="balanced", max_iter=1000),
        )
        self._model.fit(self._features(pairs[:PAIRS]), follows)
        return ""

    def sights(self, items: Sequence[Item]) -> list[Sight]:
        """Mean log-odds over an answer's neighbours; one sentence alone tells nothing."""
        parts = [sentences(item.answer) for item in items]
        pairs = [pair for own in parts for pair in itertools.pairwise(own)]
        if not pairs:
            return [Sight(None, "one sentence alone") for _ in items]
        odds = iter(self._model.decision_function(self._features(pairs)))
        return [
            Sight(float(np.mean([next(odds) for _ in own[1:]])))
            if len(own) > 1
            else Sight(None, "one sentence alone")
            for own in parts
        ]

    def rungs(self, dice: random.Random) -> list[list[Item]]:
        """Real texts in their order, then swapped, then shuffled with more and more foreign sentences."""
        foreign = [part for parts in self._known for part in parts]
        windows = [parts[at : at + 8] for parts in self._kept for at in range(0, len(parts) - 2, 8)][:150]
        return [[Item(" ".join(parts)) for parts in windows]] + [
            [Item("\n".join(damage.break_order(parts, foreign, severity, dice))) for parts in windows]
            for severity in damage.SEVERITIES
        ]

    def _features(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        first = self.embedding([pair[0] for pair in pairs])
        second = self.embedding([pair[1] for pair in pairs])
        cosine = (first * second).sum(1, keepdims=True)
        plain = np.array([_links(*pair) for pair in pairs])
        return np.concatenate([cosine, plain, first * second, first - second], 1)


def _links(first: str, second: str) -> list[float]:
    """Share of content words in common, and whether each sentence opens with a word that points back."""
    ours, theirs = set(content(first)), set(content(second))
    common = len(ours & theirs) / max(1, min(len(ours), len(theirs)))
    opening = [float((words(part) or [""])[0] in POINTING) for part in (first, second)]
    return [common, *opening]
