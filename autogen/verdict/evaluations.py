"""What is measured of a contender's samples, as evaluations that any worker can do.

An evaluation carries all that it needs: real samples of select and of test reach no worker before their turn.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
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
from autogen.metrics.memorization.constraints import Constraints, check
from autogen.metrics.memorization.lookup import copy_evidence


class Source(Protocol):
    """Where a contender's samples come from; picklable."""

    def draws(self) -> Iterator[Samples]:
        """One set of raw samples a sampling seed; the same sets at each call."""
        ...

    def on(self, device: str) -> "Source":
        """The same samples, drawn on another device where a model draws them."""
        ...


@dataclass(frozen=True)
class Given:
    """Samples at hand.

    Attributes:
        samples: Raw samples, the only draw.
    """

    samples: Samples

    def draws(self) -> Iterator[Samples]:
        """The samples."""
        yield self.samples

    def on(self, device: str) -> "Given":
        """The same."""
        return self


@dataclass(frozen=True)
class FromModel:
    """Samples of a trained model.

    Attributes:
        config: What was trained.
        weights: Bytes of its safetensors file: exactly what is delivered, should it be chosen.
        codec: Codec of the data.
        n: Samples of a draw.
        seeds: One a draw.
        device: Device to draw on.
    """

    config: Config
    weights: bytes
    codec: Codec
    n: int
    seeds: tuple[int, ...]
    device: str = "cpu"

    def draws(self) -> Iterator[Samples]:
        """Load the model, and draw."""
        model = GeneratedModel(self.config, self.codec, self.weights, self.device)
        for seed in self.seeds:
            yield model.draw(self.n, seed)

    def on(self, device: str) -> "FromModel":
        """The same samples, drawn on another device."""
        return replace(self, device=device)


@dataclass(frozen=True)
class Joined:
    """Draws of several sources, one after the other.

    Attributes:
        sources: The sources.
    """

    sources: tuple[Source, ...]

    def draws(self) -> Iterator[Samples]:
        """All draws."""
        for source in self.sources:
            yield from source.draws()

    def on(self, device: str) -> "Joined":
        """The same samples, drawn on another device."""
        return Joined(tuple(source.on(device) for source in self.sources))


@dataclass(frozen=True)
class FromBaseline:
    """Samples of a baseline, which is fitted where it is needed, once a process.

    Attributes:
        kind: Class of the baseline.
        train: Raw train split.
        codec: Codec of the data.
        key: Names baseline and train split: equal keys are fitted once.
        n: Samples of a draw.
        seeds: One a draw.
    """

    kind: type[Baseline]
    train: Samples
    codec: Codec
    key: str
    n: int
    seeds: tuple[int, ...]

    def fitted(self) -> Baseline:
        """The fitted baseline."""
        return _fitted(_Recipe(self.key, self))

    def draws(self) -> Iterator[Samples]:
        """Fit, and draw."""
        model = self.fitted()
        for seed in self.seeds:
            yield model.sample(self.n, np.random.default_rng(seed))

    def on(self, device: str) -> "FromBaseline":
        """The same: baselines are fitted on the processor."""
        return self


class _Recipe:
    """What a baseline is fitted on, compared by its key alone."""

    def __init__(self, key: str, source: FromBaseline) -> None:
        self.key, self.source = key, source

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Recipe) and self.key == other.key


@lru_cache(maxsize=8)
def _fitted(recipe: _Recipe) -> Baseline:
    model = recipe.source.kind()
    model.fit(recipe.source.train, recipe.source.codec)
    return model


@dataclass(frozen=True)
class Score:
    """The score of each draw, and the same without groups of rows.

    Attributes:
        metric: The metric.
        reference: What it prepared of a split.
        source: Where the samples come from.
        groups: Groups of the jackknife; 0 for none.
    """

    metric: Metric
    reference: Any
    source: Source
    groups: int = 0

    def __call__(self) -> dict[str, float]:
        """Score them: ``score.0``, ``without.0.3`` (draw 0 without group 3) ..."""
        found: dict[str, float] = {}
        for place, samples in enumerate(self.source.draws()):
            score, without = self.metric.jackknife(self.reference, samples, self.groups)
            found[f"score.{place}"] = float(score)
            found |= {f"without.{place}.{group}": float(one) for group, one in enumerate(without)}
        return found

    def on(self, device: str) -> "Score":
        """The same, with samples drawn on another device."""
        return replace(self, source=self.source.on(device))


def scores_of(values: Mapping[str, float]) -> np.ndarray:
    """The scores of all draws that ``Score`` found, float64 (D,)."""
    draws = sum(name.startswith("score.") for name in values)
    return np.array([values[f"score.{draw}"] for draw in range(draws)])


def replicates_of(values: Mapping[str, float]) -> np.ndarray:
    """The scores without a group that ``Score`` found, float64 (D, G)."""
    draws = sum(name.startswith("score.") for name in values)
    groups = sum(name.startswith("without.") for name in values) // max(1, draws)
    found = [[values[f"without.{draw}.{group}"] for group in range(groups)] for draw in range(draws)]
    return np.array(found).reshape(draws, groups)


@dataclass(frozen=True)
class Gate:
    """Whether the samples of all draws together copy the train split, or repeat each other.

    Attributes:
        source: Where the samples come from.
        kind: Kind of data.
        codec: Codec of the data.
        train: The raw train split.
        unseen: Raw rows that nothing was trained on.
    """

    source: Source
    kind: DataKind
    codec: Codec
    train: Samples
    unseen: Samples

    def __call__(self) -> dict[str, float]:
        """Judge them."""
        fake = self.kind.concatenate(list(self.source.draws()))
        return check(fake, self.train, self.unseen, self.codec).to_values()

    def on(self, device: str) -> "Gate":
        """The same, with samples drawn on another device."""
        return replace(self, source=self.source.on(device))


def gate_of(values: Mapping[str, float]) -> Constraints:
    """What ``Gate`` found."""
    return Constraints.of_values(values)


@dataclass(frozen=True)
class Others:
    """Scores by metrics that select nothing, and traces of copying; what cannot be had is left out.

    Attributes:
        metrics: Each with what it prepared.
        source: Where the samples come from; the first draw counts.
        most: Samples that the metrics look at.
        kind: Kind of data.
        codec: Codec of the data.
        train: The raw train split.
    """

    metrics: Sequence[tuple[Metric, Any]]
    source: Source
    most: int
    kind: DataKind
    codec: Codec
    train: Samples

    def __call__(self) -> dict[str, float]:
        """Score them, by name of the objective or of the evidence."""
        fake = next(iter(self.source.draws()))
        found = copy_evidence(fake, self.train, self.codec)
        some = self.kind.take(fake, np.arange(min(self.most, len(fake))))
        for metric, reference in self.metrics:
            try:
                score = float(metric.score(reference, some))
            except MetricError:
                continue
            if math.isfinite(score):
                found[metric.objective.name] = score
        return found

    def on(self, device: str) -> "Others":
        """The same, with samples drawn on another device."""
        return replace(self, source=self.source.on(device))
