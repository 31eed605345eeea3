"""Fluency without a language model: real sentences told from the same ones with errors made in them.

With a sentence encoder the classifier reads the means of inner layers, without one what n-gram models
of the real text find. No human judgement is learnt from. It sees broken text; how little it agrees
with people on finer errors is told in docs/judging.md.
"""

import random
from collections.abc import Callable, Sequence
from typing import ClassVar

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from autogen.judging import perturbations as damage
from autogen.judging.criteria import Item
from autogen.judging.embedded.embedding import FORM_LAYERS
from autogen.judging.embedded.ngrams import FormFeatures
from autogen.judging.embedded.scorer import Scorer, Sight
from autogen.judging.embedded.texts import sentences, words

#: Real sentences that are needed, that are learnt from at most, and that a ladder is made of.
FEWEST, MOST, LADDER = 100, 2000, 100

Reader = Callable[[Sequence[str]], np.ndarray]


class Fluency(Scorer):
    """Mean log-odds, sentence by sentence, of being real rather than broken.

    Attributes:
        most: Real sentences that are learnt from at most.
    """

    most: ClassVar[int] = MOST

    def broken(self, sentence: str, severity: int, dice: random.Random) -> str:
        """A sentence with errors such as writers make."""
        return damage.break_grammar(sentence, severity, dice)

    def fitted(self) -> str:
        """Train on two thirds of the real sentences; the ladder is made of the rest."""
        whole = [part for text in dict.fromkeys(self.real) for part in sentences(text)]
        whole = [part for part in dict.fromkeys(whole) if 4 <= len(words(part)) <= 60]
        if len(whole) < FEWEST:
            return f"needs {FEWEST} real sentences to learn from, there are {len(whole)}"
        dice = random.Random(0)
        dice.shuffle(whole)
        cut = min(len(whole) * 2 // 3, self.most)
        known, self._kept = whole[:cut], whole[cut : cut + LADDER]
        if self.embedding.encoder is None:
            # N-gram models learn from other sentences than the classifier: known ones look too real.
            half = len(known) // 2
            self._features: Reader = FormFeatures(known[:half])
            known = known[half:]
        else:
            self._features = self._inner_states
        broken = [self.broken(part, dice.choice((1, 1, 1, 2)), dice) for part in known]
        rows = self._features([*known, *broken])
        self._model: Pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=0.003, max_iter=300))
        self._model.fit(rows, np.repeat([1, 0], len(known)))
        return ""

    def sights(self, items: Sequence[Item]) -> list[Sight]:
        """Mean log-odds over an answer's sentences."""
        parts = [sentences(item.answer) for item in items]
        flat = list(dict.fromkeys(part for own in parts for part in own))
        if not flat:
            return [Sight(None, "no words") for _ in items]
        odds = dict(zip(flat, self._model.decision_function(self._features(flat)), strict=True))
        return [
            Sight(float(np.mean([odds[p] for p in own]))) if own else Sight(None, "no words") for own in parts
        ]

    def rungs(self, dice: random.Random) -> list[list[Item]]:
        """Real sentences, then with one error, two, four, and all their words shuffled."""
        return [[Item(part) for part in self._kept]] + [
            [Item(self.broken(part, severity, dice)) for part in self._kept] for severity in damage.SEVERITIES
        ]

    def _inner_states(self, texts: Sequence[str]) -> np.ndarray:
        return np.asarray(self.embedding.encoder.layer_means(texts, FORM_LAYERS))


class GeneratedFluency(Fluency):
    """The same for texts that models write letter by letter: half of the errors are in the spelling."""

    most: ClassVar[int] = 600

    def broken(self, sentence: str, severity: int, dice: random.Random) -> str:
        """A sentence with errors such as small generators make."""
        make = dice.choice((damage.break_grammar, damage.break_spelling))
        return make(sentence, severity, dice)
