"""Base of all metrics in a feature space: extract features of both sides, compare, jackknife."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np

from autogen import registry
from autogen.data.codec import Codec
from autogen.data.declaration import declared
from autogen.data.specs import Samples
from autogen.errors import MetricError
from autogen.hpo.objective import Direction, Objective
from autogen.metrics.base import Metric
from autogen.metrics.features.space import FeatureSpace


@dataclass(frozen=True)
class FeatureReference:
    """Reference of a metric in a feature space.

    Attributes:
        space: Feature space of both sides.
        known: State of the space that was fitted to the real samples.
        features: Features of the real samples, float64 (N, D).
        prepared: Result of the metric's ``of_real``.
    """

    space: FeatureSpace
    known: Any
    features: np.ndarray
    prepared: Any


class FeatureMetric(Metric):
    """Metric that compares features of real samples with those of generated ones.

    Attributes:
        label: Name of the metric without the feature space.
        version: Version of its definition, from 1.
        direction: Direction of improvement.
        minimum: Smallest number of samples of each side.

    Args:
        kind: Registered name of the kind of data.
        space: Feature space; ``None`` for the kind's own.
    """

    kinds: ClassVar[tuple[str, ...]] = ()  # any kind that has a feature space
    label: ClassVar[str]
    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "minimize"
    minimum: ClassVar[int] = 10

    def __init__(self, kind: str = "image", space: FeatureSpace | None = None) -> None:
        self.kind = kind
        self.space: FeatureSpace = space or registry.get("features", declared(kind).features)()
        self.objective = Objective(f"{self.label}[{self.space.name}]", self.version, self.direction)

    @final
    def prepare(self, real: Samples, codec: Codec) -> FeatureReference:
        """Extract the features of N real samples."""
        if codec.kind != self.kind:
            raise MetricError(
                f"this {self.label} scores {self.kind} data, but the data is {codec.kind}; "
                f"make the metric for {codec.kind!r}"
            )
        self._check_enough(real)
        known, features = self.space.prepare(real, codec)
        return FeatureReference(self.space, known, features, self.of_real(features))

    @final
    def score(self, reference: FeatureReference, fake: Samples) -> float:
        """Compare M generated samples with the real ones."""
        return self.compare(reference.features, self._described(reference, fake), reference.prepared)

    @final
    def groups(self, rows: int) -> int:
        """Return the usual number of groups, or more and smaller ones so that enough rows are left."""
        usual = super().groups(rows)
        return next((some for some in range(max(2, usual), rows // 2 + 1) if self._fewest(some) <= rows), 0)

    @final
    def replicates(self, reference: FeatureReference, fake: Samples, groups: int) -> np.ndarray:
        """Compute the score without each group of both sides, float64 (groups,)."""
        real, made = reference.features, self._described(reference, fake)
        fewest = self._fewest(groups)
        if groups < 2 or min(len(real), len(made)) < fewest:
            raise MetricError(
                f"{groups} groups need at least {max(4, fewest)} real and generated samples each; "
                f"got {len(real)} and {len(made)}"
            )
        return self.left_out(real, made, groups)

    def of_real(self, real: np.ndarray) -> Any:
        """Precompute what depends on the real features, (N, D), alone; by default nothing."""
        return None

    @abstractmethod
    def compare(self, real: np.ndarray, made: np.ndarray, prepared: Any) -> float:
        """Compute the score.

        Args:
            real: Features of real samples, (N, D).
            made: Features of generated samples, (M, D).
            prepared: Result of ``of_real`` for ``real``.
        """

    def left_out(self, real: np.ndarray, made: np.ndarray, groups: int) -> np.ndarray:
        """Compute the score without each group, float64 (groups,); row i is in group ``i % groups``.

        Args:
            real: Features of real samples, (N, D).
            made: Features of generated samples, (M, D).
            groups: Number of groups, at least 2.
        """
        found = np.empty(groups)
        for group in range(groups):
            ours, theirs = (side[np.arange(len(side)) % groups != group] for side in (real, made))
            found[group] = self.compare(ours, theirs, self.of_real(ours))
        return found

    def _fewest(self, groups: int) -> int:
        """Return the number of rows from which on ``minimum`` are left without any one group."""
        return max(2 * groups, self.minimum + -(-self.minimum // max(1, groups - 1)))

    def _described(self, reference: FeatureReference, fake: Samples) -> np.ndarray:
        """Extract the features of M generated samples, float64 (M, D)."""
        self._check_enough(fake)
        return reference.space.features(reference.known, fake)

    def _check_enough(self, samples: Samples) -> None:
        if len(samples) < self.minimum:
            raise MetricError(
                f"{self.label} needs at least {self.minimum} samples of each side; got {len(samples)}"
            )
