"""Evaluations of a contender's samples that any worker can do.

An evaluation carries all that it needs: no worker gets real samples of select or test before their turn.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from autogen.data.codec import Codec
from autogen.data.kind import DataKind
from autogen.data.specs import Samples
from autogen.errors import MetricError
from autogen.families.baselines.base import Baseline
from autogen.generator.generator import GeneratedModel
from autogen.hpo.trial import Config
from autogen.metrics.base import Metric
from autogen.metrics.features.metric import FeatureMetric
from autogen.metrics.feedback.rejection import RejectionTest
from autogen.metrics.lookup import metric_for, metric_names, space_for
from autogen.metrics.memorization.constraints import Constraints, check
from autogen.metrics.memorization.gate import RealPool
from autogen.metrics.memorization.lookup import copy_evidence


class Source(Protocol):
    """Source of a contender's samples; picklable."""

    def draws(self) -> Iterator[Samples]:
        """Yield one set of raw samples for each sampling seed; the same sets at each call."""
        ...

    def on(self, device: str) -> "Source":
        """Make a source of the same samples that draws on a device."""
        ...


@dataclass(frozen=True)
class FromSamples:
    """Source of given samples.

    Attributes:
        samples: Raw samples, the only draw.
    """

    samples: Samples

    def draws(self) -> Iterator[Samples]:
        """Yield the samples."""
        yield self.samples

    def on(self, device: str) -> "FromSamples":
        """Return the same source."""
        return self


@dataclass(frozen=True)
class FromModel:
    """Source of samples of a trained model.

    Attributes:
        config: Config of the model.
        weights: Bytes of its safetensors file, which is delivered if the model is chosen.
        codec: Codec of the data.
        n: Number of samples of a draw.
        seeds: Random seed of each draw.
        device: Device to draw on; default ``cpu``.
    """

    config: Config
    weights: bytes
    codec: Codec
    n: int
    seeds: tuple[int, ...]
    device: str = "cpu"

    def draws(self) -> Iterator[Samples]:
        """Load the model and yield its draws."""
        model = GeneratedModel(self.config, self.codec, self.weights, self.device)
        for seed in self.seeds:
            yield model.draw(self.n, seed)

    def on(self, device: str) -> "FromModel":
        """Make a source of the same samples that draws on a device."""
        return replace(self, device=device)


@dataclass(frozen=True)
class Joined:
    """Source of the draws of several sources, one after the other.

    Attributes:
        sources: Sources.
    """

    sources: tuple[Source, ...]

    def draws(self) -> Iterator[Samples]:
        """Yield all draws."""
        for source in self.sources:
            yield from source.draws()

    def on(self, device: str) -> "Joined":
        """Make a source of the same samples that draws on a device."""
        return Joined(tuple(source.on(device) for source in self.sources))


@dataclass(frozen=True)
class FromBaseline:
    """Source of samples of a baseline, which is fitted once in each process that needs it.

    Attributes:
        kind: Class of the baseline.
        train: Raw train split.
        codec: Codec of the data.
        key: Name of baseline and train split; equal keys are fitted once.
        n: Number of samples of a draw.
        seeds: Random seed of each draw.
    """

    kind: type[Baseline]
    train: Samples
    codec: Codec
    key: str
    n: int
    seeds: tuple[int, ...]

    def fitted(self) -> Baseline:
        """Fit the baseline."""
        fitted: Baseline = _made(_Named(f"baseline {self.key}", self._fit))
        return fitted

    def _fit(self) -> Baseline:
        model = self.kind()
        model.fit(self.train, self.codec)
        return model

    def draws(self) -> Iterator[Samples]:
        """Fit the baseline and yield its draws."""
        model = self.fitted()
        for seed in self.seeds:
            yield model.sample(self.n, np.random.default_rng(seed))

    def on(self, device: str) -> "FromBaseline":
        """Return the same source: baselines run on the processor."""
        return self


class _Named:
    """What a function makes, as a key of the cache that is compared by its name alone."""

    def __init__(self, name: str, make: Callable[[], Any]) -> None:
        self.name, self.make = name, make

    def __hash__(self) -> int:
        return hash(self.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Named) and self.name == other.name


@lru_cache(maxsize=8)
def _made(named: _Named) -> Any:
    """Make something once in this process."""
    return named.make()


@dataclass(frozen=True)
class Score:
    """Evaluation: score of each draw, with and without groups of rows.

    Attributes:
        metric: Metric.
        reference: Reference of the metric on a split.
        source: Source of the samples.
        groups: Number of groups of the jackknife; default 0, no jackknife.
    """

    metric: Metric
    reference: Any
    source: Source
    groups: int = 0

    def __call__(self) -> dict[str, float]:
        """Score the draws: ``score.0``, ``without.0.3`` (draw 0 without group 3), and so on."""
        found: dict[str, float] = {}
        for place, samples in enumerate(self.source.draws()):
            score, without = self.metric.jackknife(self.reference, samples, self.groups)
            found[f"score.{place}"] = float(score)
            found |= {f"without.{place}.{group}": float(one) for group, one in enumerate(without)}
        return found

    def on(self, device: str) -> "Score":
        """Make the same evaluation with samples drawn on a device."""
        return replace(self, source=self.source.on(device))


def scores_of(values: Mapping[str, float]) -> np.ndarray:
    """Read the scores of all draws from the values of ``Score``, float64 (S,)."""
    draws = sum(name.startswith("score.") for name in values)
    return np.array([values[f"score.{draw}"] for draw in range(draws)])


def replicates_of(values: Mapping[str, float]) -> np.ndarray:
    """Read the scores without each group from the values of ``Score``, float64 (S, G)."""
    draws = sum(name.startswith("score.") for name in values)
    groups = sum(name.startswith("without.") for name in values) // max(1, draws)
    found = [[values[f"without.{draw}.{group}"] for group in range(groups)] for draw in range(draws)]
    return np.array(found).reshape(draws, groups)


@dataclass(frozen=True)
class HardTests:
    """Evaluation: the hard tests of the samples of all draws together.

    Attributes:
        source: Source of the samples.
        kind: Kind of data.
        codec: Codec of the data.
        train: Raw train split.
        unseen: Raw rows that no model was trained on.
        key: Name of the real rows, which are prepared once in each process.
        rejection: Test on samples of the kind that users rejected; ``None`` for none.
    """

    source: Source
    kind: DataKind
    codec: Codec
    train: Samples
    unseen: Samples
    key: str
    rejection: RejectionTest | None = None

    def __call__(self) -> dict[str, float]:
        """Test the samples."""
        fake = self.kind.concatenate(list(self.source.draws()))
        pool = _made(_Named(f"pool {self.key}", self._pool))
        found = check(fake, self.train, self.unseen, self.codec, pool)
        if self.rejection is not None:
            found = replace(found, rejection=self.rejection(fake))
        return found.to_values()

    def _pool(self) -> RealPool:
        return RealPool(self.train, self.unseen, self.codec)

    def on(self, device: str) -> "HardTests":
        """Make the same evaluation with samples drawn on a device."""
        return replace(self, source=self.source.on(device))


def constraints_of(values: Mapping[str, float]) -> Constraints:
    """Read the results of the hard tests from the values of ``HardTests``."""
    return Constraints.of_values(values)


@dataclass(frozen=True)
class References:
    """What all metrics of a kind but the objective compare samples with; prepared once in each process.

    Attributes:
        kind: Kind of data.
        codec: Codec of the data.
        real: Raw rows of the test split.
        train: Raw train split.
        key: Name of these rows.
        but: Name of the objective.
        target: Column that metrics may predict; empty for none.
    """

    kind: DataKind
    codec: Codec
    real: Samples
    train: Samples
    key: str
    but: str
    target: str = ""

    def prepared(self) -> list[tuple[Metric, Any]]:
        """Return metrics with their references; those that cannot be prepared on these rows are left out."""
        found: list[tuple[Metric, Any]] = _made(_Named(f"references {self.key}", self._prepare))
        return found

    def _prepare(self) -> list[tuple[Metric, Any]]:
        name, space = self.kind.name, space_for(None, self.kind.name)
        found = []
        with space.sharing() if space else nullcontext():
            for metric in (
                metric_for(one, name, space=space, target=self.target)
                for one in metric_names(name, self.target)
            ):
                if metric.objective.name == self.but:
                    continue
                with suppress(MetricError):
                    found.append((metric, metric.prepare_with(self.real, self.codec, self.train)))
        return found


@dataclass(frozen=True)
class Diagnostics:
    """Evaluation: diagnostics and evidence of copying; metrics that fail are left out.

    Attributes:
        references: What the metrics compare the samples with.
        source: Source of the samples, of which the first draw counts.
        most: Most samples for the metrics.
    """

    references: References
    source: Source
    most: int

    def __call__(self) -> dict[str, float]:
        """Score the samples, by name of the metric or of the evidence."""
        known = self.references
        fake = next(iter(self.source.draws()))
        found = copy_evidence(fake, known.train, known.codec)
        some = known.kind.take(fake, np.arange(min(self.most, len(fake))))
        prepared = known.prepared()
        with ExitStack() as shared:
            for space in {metric.space for metric, _ in prepared if isinstance(metric, FeatureMetric)}:
                shared.enter_context(space.sharing())
            for metric, reference in prepared:
                with suppress(MetricError):
                    score = float(metric.score(reference, some))
                    if math.isfinite(score):
                        found[metric.objective.name] = score
        return found

    def on(self, device: str) -> "Diagnostics":
        """Make the same evaluation with samples drawn on a device."""
        return replace(self, source=self.source.on(device))
