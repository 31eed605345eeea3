"""N-gram language models of words and characters, for machines without a sentence encoder."""

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence

import numpy as np

from autogen.judging.embedded.texts import words

Gram = tuple[Hashable, ...]


class NGrams:
    """Interpolated n-gram model after Witten and Bell 1991 (https://doi.org/10.1109/18.87000).

    Args:
        rows: training sequences.
        order: length of the longest n-gram.
    """

    def __init__(self, rows: Iterable[Sequence[Hashable]], order: int) -> None:
        self.order = order
        self._counts: dict[Gram, Counter[Hashable]] = defaultdict(Counter)
        for row in rows:
            for history, symbol in self._events(row):
                for start in range(len(history) + 1):
                    self._counts[history[start:]][symbol] += 1
        self.known = len(self._counts[()]) + 1

    def log_probabilities(self, row: Sequence[Hashable]) -> list[float]:
        """Compute the log-probability of each symbol of a sequence and of its end, in nats."""
        return [math.log(self._probability(history, symbol)) for history, symbol in self._events(row)]

    def _events(self, row: Sequence[Hashable]) -> list[tuple[Gram, Hashable]]:
        padded = [None] * (self.order - 1) + list(row) + [None]
        return [
            (tuple(padded[at - self.order + 1 : at]), padded[at]) for at in range(self.order - 1, len(padded))
        ]

    def _probability(self, history: Gram, symbol: Hashable) -> float:
        # From the uniform distribution to the longest known history: each interpolates with the shorter one.
        found = 1 / self.known
        for start in range(len(history), -1, -1):
            counts = self._counts.get(history[start:])
            if counts:
                found = (counts[symbol] + len(counts) * found) / (counts.total() + len(counts))
        return found


class FormFeatures:
    """Features of text by a word model and a character model of real text.

    Args:
        real: real sentences for training.
    """

    def __init__(self, real: Sequence[str]) -> None:
        self._words = NGrams([words(text) for text in real], 3)
        self._characters = NGrams([text.lower() for text in real], 5)
        self._seen = {word for text in real for word in words(text)}

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """Compute features, float64 (N, 9).

        They are mean, minimum, mean of the lowest quarter and standard deviation of the log-probabilities of
        each model, and the share of unknown words.
        """
        return np.array([self._row(text) for text in texts])

    def _row(self, text: str) -> list[float]:
        found: list[float] = []
        for model, row in ((self._words, words(text)), (self._characters, text.lower())):
            logs = np.sort(model.log_probabilities(row))
            found += [logs.mean(), logs[0], logs[: max(1, len(logs) // 4)].mean(), logs.std()]
        own = words(text)
        return [*found, sum(word not in self._seen for word in own) / max(1, len(own))]
