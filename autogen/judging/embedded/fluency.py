"""Fluency without a language model: a classifier of real sentences against the same with errors.

With a sentence encoder the classifier reads means of inner layers, without one the features of n-gram models
of the real text. It learns from no human judgement. It detects broken text; docs/judging.md shows how
little it agrees with people on finer errors.
"""

import random
from collections.abc import Callable, Sequence
from typing import ClassVar

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from autogen.judging import perturbations
from autogen.judging.criteria import Item
from autogen.judging.embedded.embedding import FORM_LAYERS
from autogen.judging.embedded.ngrams import FormFeatures
from autogen.judging.embedded.scorer import RawScore, Scorer
from autogen.judging.embedded.texts import sentences, words

#: Minimum and maximum number of real sentences for training, and number for the calibration.
FEWEST, MOST, LADDER = 100, 2000, 100

Reader = Callable[[Sequence[str]], np.ndarray]


class Fluency(Scorer):
    """Mean log-odds of the sentences of an answer to be real rather than broken.

    Attributes:
        most: maximum number of real sentences for training.
    """

    most: ClassVar[int] = MOST

    def broken(self, sentence: str, severity: int, dice: random.Random) -> str:
        """Add errors of human writers to a sentence."""
        return perturbations.break_grammar(sentence, severity, dice)

    def fitted(self) -> str:
        """Train on two thirds of the real sentences; the rest serves the calibration."""
        whole = [part for text in dict.fromkeys(self.real) for part in sentences(text)]
        whole = [part for part in dict.fromkeys(whole) if 4 <= len(words(part)) <= 60]
        if len(whole) < FEWEST:
            return f"needs {FEWEST} real sentences to learn from; got {len(whole)}"
        dice = random.Random(0)
        dice.shuffle(whole)
        cut = min(len(whole) * 2 // 3, self.most)
        known, self._kept = whole[:cut], whole[cut : cut + LADDER]
        if self.embedding.encoder is None:
            # N-gram models and classifier need different sentences: known ones look too real to n-grams.
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

    def raw_scores(self, items: Sequence[Item]) -> list[RawScore]:
        """Average the log-odds over the sentences of each answer, (N,)."""
        parts = [sentences(item.answer) for item in items]
        flat = list(dict.fromkeys(part for own in parts for part in own))
        if not flat:
            return [RawScore(None, "no words") for _ in items]
        odds = dict(zip(flat, self._model.decision_function(self._features(flat)), strict=True))
        return [
            RawScore(float(np.mean([odds[p] for p in own]))) if own else RawScore(None, "no words")
            for own in parts
        ]

    def perturbation_levels(self, dice: random.Random) -> list[list[Item]]:
        """Perturb real sentences: one error, two, four, and all words shuffled."""
        return [[Item(part) for part in self._kept]] + [
            [Item(self.broken(part, severity, dice)) for part in self._kept]
            for severity in perturbations.SEVERITIES
        ]

    def _inner_states(self, texts: Sequence[str]) -> np.ndarray:
        return np.asarray(self.embedding.encoder.layer_means(texts, FORM_LAYERS))


class GeneratedFluency(Fluency):
    """Fluency of texts that models write letter by letter: half of the training errors are misspellings."""

    most: ClassVar[int] = 600

    def broken(self, sentence: str, severity: int, dice: random.Random) -> str:
        """Add errors of small generators to a sentence."""
        make = dice.choice((perturbations.break_grammar, perturbations.break_spelling))
        return make(sentence, severity, dice)
