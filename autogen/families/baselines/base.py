"""Baselines: models without a network that every study compares itself with.

A baseline is fitted on the raw train split alone and draws raw samples. ``train_copy`` is a control: it shows
the metric at its best, must be refused by the memorization test, and never wins. The trivial baselines make
the floor of normalized scores. Their ceiling, a real hold-out sample, is no model.
"""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np

from autogen.data.codec import Codec
from autogen.data.specs import Samples


class Baseline(ABC):
    """Simple model of a data set.

    Attributes:
        trivial: Whether its score is part of the floor of normalized scores.
        control: Whether it checks the metric and the memorization test and does not compete.
    """

    trivial: ClassVar[bool] = False
    control: ClassVar[bool] = False

    @abstractmethod
    def fit(self, train: Samples, codec: Codec) -> None:
        """Fit on the raw samples of the train split.

        Args:
            train: N raw samples: a DataFrame, an array (N, ...) or a list.
            codec: Codec fitted on the same samples.
        """

    @abstractmethod
    def sample(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw n raw samples, of the type of the train split."""


class TrainCopy(Baseline):
    """Copies of the train split: each sample once, in random order, before any comes again."""

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
    """Select samples by index from an array, a list, or a DataFrame or Series, whose index is then fresh."""
    if isinstance(samples, list):
        return [samples[row] for row in rows]
    return samples[rows] if isinstance(samples, np.ndarray) else samples.take(rows).reset_index(drop=True)


def some(samples: Any, most: int) -> Any:
    """Select at most so many of the samples, always the same ones."""
    size = len(samples)
    if size <= most:
        return samples
    return take(samples, np.sort(np.random.default_rng(0).permutation(size)[:most]))
