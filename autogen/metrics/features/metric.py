"""What all metrics in a feature space share: describe both sides, compare, leave groups out."""

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
    """Real samples as a metric in a feature space sees them.

    Attributes:
        space: The feature space.
        known: What the space has to know of the real samples.
        features: Of the real samples, float64 (N, D).
        prepared: What the metric computed of them.
    """

    space: FeatureSpace
    known: Any
    features: np.ndarray
    prepared: Any


class FeatureMetric(Metric):
    """Compares features of real samples with those of generated ones.

    Attributes:
        label: The metric's name without the feature space.
        version: Of its definition.
        direction: Of improvement.
        minimum: Fewest samples of each side.

    Args:
        kind: Of the data.
        space: The feature space; the kind's own where ``None``.
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
        """Describe the real samples once."""
        if codec.kind != self.kind:
            raise MetricError(f"this {self.label} scores {self.kind} data, but the data is {codec.kind}")
        self._refuse_too_few(real)
        known, features = self.space.prepare(real, codec)
        return FeatureReference(self.space, known, features, self.of_real(features))

    @final
    def score(self, reference: FeatureReference, fake: Samples) -> float:
        """Compare generated samples with the real ones."""
        return self.between(reference.features, self._described(reference, fake), reference.prepared)

    @final
    def groups(self, rows: int) -> int:
        """As many as usual, or more and smaller ones where too few rows would be left without one."""
        usual = super().groups(rows)
        return next((some for some in range(max(2, usual), rows // 2 + 1) if self._fewest(some) <= rows), 0)

    @final
    def replicates(self, reference: FeatureReference, fake: Samples, groups: int) -> np.ndarray:
        """The score without each group of both sides."""
        real, made = reference.features, self._described(reference, fake)
        fewest = self._fewest(groups)
        if groups < 2 or min(len(real), len(made)) < fewest:
            raise MetricError(
                f"{groups} groups need at least {max(4, fewest)} real and generated samples each; "
                f"got {len(real)} and {len(made)}"
            )
        return self.left_out(real, made, groups)

    def of_real(self, real: np.ndarray) -> Any:
        """What need be computed but once of the real features, (N, D)."""
        return None

    @abstractmethod
    def between(self, real: np.ndarray, made: np.ndarray, prepared: Any) -> float:
        """The score.

        Args:
            real: Features of real samples, (N, D).
            made: Features of generated samples, (M, D).
            prepared: From ``of_real``.
        """

    def left_out(self, real: np.ndarray, made: np.ndarray, groups: int) -> np.ndarray:
        """The score without each group, float64 (groups,); row i is in group ``i % groups``."""
        found = np.empty(groups)
        for group in range(groups):
            ours, theirs = (side[np.arange(len(side)) % groups != group] for side in (real, made))
            found[group] = self.between(ours, theirs, self.of_real(ours))
        return found

    def _fewest(self, groups: int) -> int:
        """Rows of which enough are left without any one of so many groups."""
        return max(2 * groups, self.minimum + -(-self.minimum // max(1, groups - 1)))

    def _described(self, reference: FeatureReference, fake: Samples) -> np.ndarray:
        self._refuse_too_few(fake)
        return reference.space.features(reference.known, fake)

    def _refuse_too_few(self, samples: Samples) -> None:
        if len(samples) < self.minimum:
            raise MetricError(
                f"{self.label} needs at least {self.minimum} samples of each side; got {len(samples)}"
            )
