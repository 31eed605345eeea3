"""Precision, recall, density and coverage (PRDC, Naeem 2020), and the nearest-neighbor distance ratio.

https://arxiv.org/abs/2002.09797. The neighborhood of a sample is the ball that reaches to its fifth
neighbor on its own side. All of these depend on the number of samples, and all but coverage are
insensitive to some damage: a generator that repeats one good sample is precise.
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from autogen.hpo.objective import Direction
from autogen.metrics.features.metric import FeatureMetric
from autogen.metrics.features.space import FeatureSpace

K = 5


@dataclass(frozen=True)
class Squares:
    """Squared distances between real and generated samples.

    Attributes:
        real: Squared distances among the real samples, (N, N).
        made: Squared distances among the generated samples, (M, M).
        across: Squared distances of real from generated samples, (N, M).
    """

    real: np.ndarray
    made: np.ndarray
    across: np.ndarray

    def without(self, groups: int, group: int) -> "Squares":
        """Leave out the rows of a group on both sides; row i is in group ``i % groups``."""
        n, m = (np.flatnonzero(np.arange(size) % groups != group) for size in self.across.shape)
        return Squares(self.real[np.ix_(n, n)], self.made[np.ix_(m, m)], self.across[np.ix_(n, m)])

    def inside(self) -> np.ndarray:
        """Check whether each generated sample lies in each real one's neighborhood, bool (N, M)."""
        return np.asarray(self.across <= _reach(self.real)[:, None])

    def around(self) -> np.ndarray:
        """Check whether each real sample lies in each generated one's neighborhood, bool (N, M)."""
        return np.asarray(self.across <= _reach(self.made))


def _reach(squares: np.ndarray) -> np.ndarray:
    """Return the squared distance of each row's K-th neighbor, (N,); the row itself is the 0-th."""
    return np.asarray(np.partition(squares, K, axis=1)[:, K])


class _Neighbors(FeatureMetric):
    """Metric of squared distances between samples."""

    def of_real(self, real: np.ndarray) -> np.ndarray:
        """Compute the squared distances among the real samples, (N, N)."""
        return among(self.space, real)

    def compare(self, real: np.ndarray, made: np.ndarray, prepared: Any) -> float:
        """Compute the score of real (N, D) and generated (M, D) features."""
        return self.found(Squares(prepared, among(self.space, made), across(self.space, real, made)))

    def left_out(self, real: np.ndarray, made: np.ndarray, groups: int) -> np.ndarray:
        """Compute jackknife replicates, float64 (groups,), from one matrix of distances."""
        whole = Squares(squared(real, real), squared(made, made), squared(real, made))
        return np.array([self.found(whole.without(groups, group)) for group in range(groups)])

    @abstractmethod
    def found(self, squares: Squares) -> float:
        """Compute the score from squared distances."""


class Precision(_Neighbors):
    """Share of generated samples that lie in the neighborhood of some real one."""

    about: ClassVar[str] = (
        "Share of generated samples that lie near a real one: 1 if all look real, 0 if none does. It does "
        "not see what is missing."
    )
    label: ClassVar[str] = "precision"
    diagnostic: ClassVar[bool] = True
    direction: ClassVar[Direction] = "maximize"
    insensitive_to: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "image": ("collapse",),
        "tabular": ("collapsed", "lopsided"),
        "text": ("halved",),
    }

    def found(self, squares: Squares) -> float:
        """Compute the share, in [0, 1]."""
        return float(squares.inside().any(axis=0).mean())


class Recall(_Neighbors):
    """Share of real samples that lie in the neighborhood of some generated one."""

    about: ClassVar[str] = (
        "Share of real samples that lie near a generated one: 1 if the samples reach all of the data's "
        "variety, 0 if none of it."
    )
    label: ClassVar[str] = "recall"
    diagnostic: ClassVar[bool] = True
    direction: ClassVar[Direction] = "maximize"
    insensitive_to: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "tabular": ("blanked", "stretched"),
        "text": ("typos", "shuffled"),
        "music": ("untuned", "wrong_notes"),
    }

    def found(self, squares: Squares) -> float:
        """Compute the share, in [0, 1]."""
        return float(squares.around().any(axis=1).mean())


class Density(_Neighbors):
    """Mean number of real neighborhoods that a generated sample lies in, over K; about 1 for real samples."""

    about: ClassVar[str] = (
        "How many real samples a generated one lies near, relative to a real one: about 1 for real samples, "
        "0 off the data, above 1 if samples crowd where data is dense."
    )
    label: ClassVar[str] = "density"
    diagnostic: ClassVar[bool] = True
    direction: ClassVar[Direction] = "maximize"
    insensitive_to: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "image": ("collapse",),
        "tabular": ("collapsed", "lopsided"),
        "text": ("few", "halved"),
    }

    def found(self, squares: Squares) -> float:
        """Compute the density, at least 0."""
        return float(squares.inside().sum(axis=0).mean() / K)


class Coverage(_Neighbors):
    """Share of real neighborhoods that hold a generated sample."""

    about: ClassVar[str] = (
        "Share of real samples that have a generated one among their nearest neighbors: 0 if none has; a "
        "good value is near that of real samples."
    )
    label: ClassVar[str] = "coverage"
    direction: ClassVar[Direction] = "maximize"
    insensitive_to: ClassVar[Mapping[str, tuple[str, ...]]] = {"text": ("halved",)}

    def found(self, squares: Squares) -> float:
        """Compute the share, in [0, 1]."""
        return float(squares.inside().any(axis=1).mean())


class NearestRatio(_Neighbors):
    """Median distance of generated samples to the nearest real one, over that of real samples.

    About 1 for real samples and above 1 for samples off the data. Below 1 generated samples are nearer to
    the real ones than these are to each other: copies, if the generator has seen them.
    """

    about: ClassVar[str] = (
        "Median distance from a generated sample to the nearest real one, relative to that between real "
        "samples: about 1 for real samples, more off the data, clearly less for copies."
    )
    label: ClassVar[str] = "nn_ratio"
    diagnostic: ClassVar[bool] = True
    insensitive_to: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "tabular": ("collapsed", "lopsided"),
        "text": ("few", "halved"),
    }

    def found(self, squares: Squares) -> float:
        """Compute the ratio, at least 0; equal real samples make it large, never infinite."""
        own = np.sqrt(np.partition(squares.real, 1, axis=1)[:, 1])
        return float(np.median(np.sqrt(squares.across.min(axis=0))) / max(float(np.median(own)), 1e-12))


def among(space: FeatureSpace, side: np.ndarray) -> np.ndarray:
    """Compute the squared distances among rows (N, D): (N, N); metrics that share a space may do so once."""
    return np.asarray(space.once("among", lambda rows: squared(rows, rows), side))


def across(space: FeatureSpace, real: np.ndarray, made: np.ndarray) -> np.ndarray:
    """Compute the squared distances of rows (N, D) from others (M, D): (N, M); see ``among``."""
    return np.asarray(space.once("across", squared, real, made))


def squared(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Compute squared Euclidean distances of rows (N, D) and (M, D): (N, M).

    The distance of a row from itself is exactly 0 if ``x`` is ``y``.
    """
    # |x|^2 + |y|^2 - 2 xy needs one matrix product, but rounding may leave small negative numbers.
    distances = (x**2).sum(axis=1)[:, None] + (y**2).sum(axis=1) - 2 * x @ y.T
    if x is y:
        np.fill_diagonal(distances, 0)
    return np.asarray(np.maximum(distances, 0))
