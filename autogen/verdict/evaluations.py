"""What is measured of a contender's samples, as scorings that any worker can do.

A scoring carries all that it needs: real samples of select and of test reach no worker before their turn.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from autogen.data.codec import Codec
from autogen.data.kind import DataKind
from autogen.data.specs import Arrays, Samples
from autogen.errors import MetricError
from autogen.families.baselines.base import Baseline
from autogen.metrics.base import Metric
from autogen.metrics.memorization.constraints import Constraints, check
from autogen.metrics.memorization.evidence import copy_evidence
from autogen.training.worker.trial_folder import SAMPLES

_SCORE, _WITHOUT = "score", "without."


class Source(Protocol):
    """Where samples come from; picklable."""

    def __call__(self) -> Samples:
        """The same samples at each call."""
        ...


@dataclass(frozen=True)
class Given:
    """Samples at hand.

    Attributes:
        samples: Raw.
    """

    samples: Samples

    def __call__(self) -> Samples:
        """The samples."""
        return self.samples


@dataclass(frozen=True)
class Left:
    """Samples that a finalist's model left.

    Attributes:
        arrays: Encoded.
        codec: Of the data.
        seed: Of the study.
    """

    arrays: Arrays
    codec: Codec
    seed: int

    def __call__(self) -> Samples:
        """Decode them."""
        return self.codec.decode(self.arrays, self.seed)


@dataclass(frozen=True)
class Drawn:
    """Samples of a baseline.

    Attributes:
        model: Fitted.
        n: How many.
        seed: Of the draw.
    """

    model: Baseline
    n: int
    seed: int

    def __call__(self) -> Samples:
        """Draw them."""
        return self.model.sample(self.n, np.random.default_rng(self.seed))


def score_key(split: str, name: str, index: int) -> str:
    """What a score is called in the journal; a contender's first, second ... or by number of a model."""
    return f"{split}/{name}/{index}"


def gate_key(name: str, index: int) -> str:
    """The same of the search for copies; the index is that of the contender's first samples."""
    return f"gate/{name}/{index}"


def others_key(number: int) -> str:
    """The same of what selects nothing, by number of a model."""
    return f"others/{number}"


def samples_left(folder: Path, number: int) -> Arrays:
    """The encoded samples that a finalist's training left in its folder."""
    with np.load(folder / f"{number:04d}" / SAMPLES, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


@dataclass(frozen=True)
class Score:
    """The score of samples, and the same without groups of rows.

    Attributes:
        metric: That scores.
        reference: What it prepared.
        source: Of the samples.
        groups: Of the jackknife; 0 for none.
    """

    metric: Metric
    reference: Any
    source: Source
    groups: int = 0

    def __call__(self) -> dict[str, float]:
        """Score them."""
        score, without = self.metric.jackknife(self.reference, self.source(), self.groups)
        return {_SCORE: float(score)} | {f"{_WITHOUT}{g}": float(one) for g, one in enumerate(without)}


def score_of(values: Mapping[str, float]) -> float:
    """The score that ``Score`` told."""
    return values[_SCORE]


def replicates_of(values: Mapping[str, float]) -> np.ndarray:
    """The scores without a group that ``Score`` told, float64 (G,)."""
    groups = sum(name.startswith(_WITHOUT) for name in values)
    return np.array([values[f"{_WITHOUT}{group}"] for group in range(groups)])


@dataclass(frozen=True)
class Gate:
    """Whether the samples of all seeds together copy the train split, or repeat each other.

    Attributes:
        sources: Of the samples, one a seed.
        kind: Of the data.
        codec: Of the data.
        train: The raw train split.
        unseen: Raw rows that nothing was trained on.
    """

    sources: Sequence[Source]
    kind: DataKind
    codec: Codec
    train: Samples
    unseen: Samples

    def __call__(self) -> dict[str, float]:
        """Judge them."""
        fake = self.kind.concatenate([source() for source in self.sources])
        return check(fake, self.train, self.unseen, self.codec).to_values()


def gate_of(values: Mapping[str, float]) -> Constraints:
    """What ``Gate`` found."""
    return Constraints.of_values(values)


@dataclass(frozen=True)
class Others:
    """Scores by metrics that select nothing, and traces of copying; what cannot be had is left out.

    Attributes:
        metrics: Each with what it prepared.
        source: Of the samples.
        most: Samples that the metrics look at.
        kind: Of the data.
        codec: Of the data.
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
        fake = self.source()
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
