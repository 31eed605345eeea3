"""Coherence without a language model: a classifier of successive against mixed-up sentences of real text."""

import itertools
import random
from collections.abc import Sequence

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from autogen.judging import perturbations
from autogen.judging.criteria import Item
from autogen.judging.embedded.scorer import RawScore, Scorer
from autogen.judging.embedded.texts import content, sentences, words

#: Minimum number of real texts with three sentences or more, and maximum number of training pairs.
FEWEST, PAIRS = 20, 3000
#: Number of features that are no vector components: the cosine and the links.
PLAIN = 4
#: Opening words that point back to the sentence before (English).
POINTING = frozenset(
    words("he she it they this that these those his her its their however but also then such")
)


class Coherence(Scorer):
    """Mean log-odds of neighboring sentences under a classifier of real against mixed-up neighbors."""

    def fitted(self) -> str:
        """Train on one half of the real texts; the other half serves the calibration."""
        whole = [parts for text in dict.fromkeys(self.real) if len(parts := sentences(text)) >= 3]
        if len(whole) < FEWEST:
            return f"needs {FEWEST} real texts of three sentences or more; got {len(whole)}"
        dice = random.Random(0)
        dice.shuffle(whole)
        self._known, self._kept = whole[::2], whole[1::2]
        flat = [part for parts in self._known for part in parts]
        pairs: list[tuple[str, str]] = []
        for parts in self._known:
            for first, second in itertools.pairwise(parts):
                wrong = (first, dice.choice(parts)), (first, dice.choice(flat)), (first, dice.choice(flat))
                pairs += [(first, second), (second, first), *wrong]
        neighbors = {pair for parts in self._known for pair in itertools.pairwise(parts)}
        follows = [pair in neighbors for pair in pairs[:PAIRS]]
        self._model: Pipeline = make_pipeline(
            ColumnTransformer([("plain", StandardScaler(), slice(0, PLAIN))], remainder="passthrough"),
            LogisticRegression(class_weight="balanced", max_iter=1000),
        )
        self._model.fit(self._features(pairs[:PAIRS]), follows)
        return ""

    def raw_scores(self, items: Sequence[Item]) -> list[RawScore]:
        """Average the log-odds over neighboring sentences of each answer, (N,); one sentence has no score."""
        parts = [sentences(item.answer) for item in items]
        pairs = [pair for own in parts for pair in itertools.pairwise(own)]
        if not pairs:
            return [RawScore(None, "one sentence alone") for _ in items]
        odds = iter(self._model.decision_function(self._features(pairs)))
        return [
            RawScore(float(np.mean([next(odds) for _ in own[1:]])))
            if len(own) > 1
            else RawScore(None, "one sentence alone")
            for own in parts
        ]

    def perturbation_levels(self, dice: random.Random) -> list[list[Item]]:
        """Perturb real texts: swap two sentences, then shuffle them and mix in more and more foreign ones."""
        foreign = [part for parts in self._known for part in parts]
        windows = [parts[at : at + 8] for parts in self._kept for at in range(0, len(parts) - 2, 8)][:150]
        return [[Item(" ".join(parts)) for parts in windows]] + [
            [Item("\n".join(perturbations.break_order(parts, foreign, severity, dice))) for parts in windows]
            for severity in perturbations.SEVERITIES
        ]

    def _features(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        first = self.embedding([pair[0] for pair in pairs])
        second = self.embedding([pair[1] for pair in pairs])
        cosine = (first * second).sum(1, keepdims=True)
        plain = np.array([_links(*pair) for pair in pairs])
        return np.concatenate([cosine, plain, first * second, first - second], 1)


def _links(first: str, second: str) -> list[float]:
    """Compute the share of common content words, and if each sentence opens with a word that refers back."""
    ours, theirs = set(content(first)), set(content(second))
    common = len(ours & theirs) / max(1, min(len(ours), len(theirs)))
    opening = [float((words(part) or [""])[0] in POINTING) for part in (first, second)]
    return [common, *opening]
