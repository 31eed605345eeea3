"""Models that need no network, and that every study must compare itself with.

A baseline is fitted on the raw train split alone and draws raw samples. ``train_copy`` is a control:
it shows the metric at its best and must be refused by the memorisation gate; it never wins. The
trivial ones make the floor of calibrated scores. A real hold-out sample, the ceiling, is no model.
"""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np

from autogen.data.codec import Codec
from autogen.data.specs import Samples


class Baseline(ABC):
    """A simple model of a data set.

    Attributes:
        trivial: Whether its score is part of the floor of calibrated scores.
        control: Whether it is there to check the metric and the memorisation gate, not to compete.
    """

    trivial: ClassVar[bool] = False
    control: ClassVar[bool] = False

    @abstractmethod
    def fit(self, train: Samples, codec: Codec) -> None:
        """Fit on the raw samples of the train split."""

    @abstractmethod
    def sample(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw n raw samples."""


class TrainCopy(Baseline):
    """Samples of the train split: each once, in random order, before any comes again."""

    control: ClassVar[bool] = True

    def fit(self, train: Samples, codec: Codec) -> None:
        """Keep the samples."""
        self._train = train

    def sample(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw n of the training samples."""
        size = len(self._train)
        rounds = [rng.permutation(size) for _ in range(-(-n // size))]
        return take(self._train, np.concatenate(rounds)[:n])


def take(samples: Any, rows: np.ndarray) -> Any:
    """Samples with these indices: of an array, a list, or of a DataFrame or Series with a fresh index."""
    if isinstance(samples, list):
        return [samples[row] for row in rows]
    return samples[rows] if isinstance(samples, np.ndarray) else samples.take(rows).reset_index(drop=True)


def some(samples: Any, most: int) -> Any:
    """At most so many of the samples, always the same ones."""
    size = len(samples)
    if size <= most:
        return samples
    return take(samples, np.sort(np.random.default_rng(0).permutation(size)[:most]))
