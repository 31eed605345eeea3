"""Precision, recall, density and coverage (Naeem 2020), and how near the nearest real sample is.

https://arxiv.org/abs/2002.09797. A sample's neighbourhood is the ball that reaches to its fifth
neighbour on its own side. All of these depend on the number of samples, and all but coverage are blind
to some damage: a generator that repeats one good sample is precise.
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from autogen.hpo.objective import Direction
from autogen.metrics.features.metric import FeatureMetric

K = 5


@dataclass(frozen=True)
class Squares:
    """Squared distances: real from real (N, N), made from made (M, M), real from made (N, M)."""

    real: np.ndarray
    made: np.ndarray
    across: np.ndarray

    def without(self, groups: int, group: int) -> "Squares":
        """The same where rows of a group are left out."""
        n, m = (np.flatnonzero(np.arange(size) % groups != group) for size in self.across.shape)
        return Squares(self.real[np.ix_(n, n)], self.made[np.ix_(m, m)], self.across[np.ix_(n, m)])

    def inside(self) -> np.ndarray:
        """Whether each generated sample lies in each real one's neighbourhood, (N, M)."""
        return np.asarray(self.across <= _reach(self.real)[:, None])

    def around(self) -> np.ndarray:
        """Whether each real sample lies in each generated one's neighbourhood, (N, M)."""
        return np.asarray(self.across <= _reach(self.made))


def _reach(squares: np.ndarray) -> np.ndarray:
    """Squared distance of each row's K-th neighbour; the row itself is the 0-th."""
    return np.asarray(np.partition(squares, K, axis=1)[:, K])


class _Neighbours(FeatureMetric):
    """A number found from squared distances."""

    def of_real(self, real: np.ndarray) -> np.ndarray:
        """Squared distances among the real samples."""
        return squared(real, real)

    def between(self, real: np.ndarray, made: np.ndarray, prepared: Any) -> float:
        """The number."""
        return self.found(Squares(prepared, squared(made, made), squared(real, made)))

    def left_out(self, real: np.ndarray, made: np.ndarray, groups: int) -> np.ndarray:
        """Distances are computed once."""
        whole = Squares(squared(real, real), squared(made, made), squared(real, made))
        return np.array([self.found(whole.without(groups, group)) for group in range(groups)])

    @abstractmethod
    def found(self, squares: Squares) -> float:
        """The number."""


class Precision(_Neighbours):
    """Share of generated samples that lie in the neighbourhood of some real one."""

    label: ClassVar[str] = "precision"
    diagnostic: ClassVar[bool] = True
    direction: ClassVar[Direction] = "maximize"
    blind: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "image": ("collapse",),
        "tabular": ("collapsed", "lopsided"),
        "text": ("halved",),
    }

    def found(self, squares: Squares) -> float:
        """In [0, 1]."""
        return float(squares.inside().any(axis=0).mean())


class Recall(_Neighbours):
    """Share of real samples that lie in the neighbourhood of some generated one."""

    label: ClassVar[str] = "recall"
    diagnostic: ClassVar[bool] = True
    direction: ClassVar[Direction] = "maximize"
    blind: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "tabular": ("blanked", "stretched"),
        "text": ("typos", "shuffled"),
        "music": ("untuned", "wrong_notes"),
    }

    def found(self, squares: Squares) -> float:
        """In [0, 1]."""
        return float(squares.around().any(axis=1).mean())


class Density(_Neighbours):
    """Mean number of real neighbourhoods that a generated sample lies in, over K; about 1 for real ones."""

    label: ClassVar[str] = "density"
    diagnostic: ClassVar[bool] = True
    direction: ClassVar[Direction] = "maximize"
    blind: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "image": ("collapse",),
        "tabular": ("collapsed", "lopsided"),
        "text": ("few", "halved"),
    }

    def found(self, squares: Squares) -> float:
        """At least 0."""
        return float(squares.inside().sum(axis=0).mean() / K)


class Coverage(_Neighbours):
    """Share of real neighbourhoods that hold a generated sample."""

    label: ClassVar[str] = "coverage"
    direction: ClassVar[Direction] = "maximize"
    blind: ClassVar[Mapping[str, tuple[str, ...]]] = {"text": ("halved",)}

    def found(self, squares: Squares) -> float:
        """In [0, 1]."""
        return float(squares.inside().any(axis=1).mean())


class NearestRatio(_Neighbours):
    """Median distance to the nearest real sample, of generated over that of real ones.

    About 1 for real samples, above it for samples that lie off the data. Below it for samples nearer to
    these real ones than they are to each other: copies, where the generator has seen them.
    """

    label: ClassVar[str] = "nn_ratio"
    diagnostic: ClassVar[bool] = True
    blind: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "tabular": ("collapsed", "lopsided"),
        "text": ("few", "halved"),
    }

    def found(self, squares: Squares) -> float:
        """At least 0; infinite distances do not occur."""
        own = np.sqrt(np.partition(squares.real, 1, axis=1)[:, 1])
        return float(np.median(np.sqrt(squares.across.min(axis=0))) / max(float(np.median(own)), 1e-12))


def squared(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Squared distances of rows, (N, M); those of a sample's rows from themselves are exactly 0."""
    apart = (x**2).sum(axis=1)[:, None] + (y**2).sum(axis=1) - 2 * x @ y.T
    if x is y:
        np.fill_diagonal(apart, 0)
    return np.asarray(np.maximum(apart, 0))
