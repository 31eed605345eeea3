"""Diagnostics of the finalists: every metric of the kind, likelihoods, evidence of copying, and costs.

None of them selects a model. They are measured when the study reads the test split, on as many draws as there
is time for, and on at most 2,000 rows, since most of these metrics take quadratic time.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, Protocol

import numpy as np

from autogen import registry
from autogen.data.declaration import declared
from autogen.data.module import DataModule
from autogen.data.specs import Samples
from autogen.errors import MetricError
from autogen.hpo.study.events import Costs
from autogen.metrics.memorization.lookup import copy_evidence
from autogen.training.worker.efficiency import Efficiency
from autogen.verdict.contenders import ContenderResult, Entry, Tested
from autogen.verdict.goals import Goals
from autogen.verdict.measuring.evaluations import Diagnostics, References, Source
from autogen.verdict.measuring.scheduler import EvaluationQueue
from autogen.verdict.measuring.sources import Sources
from autogen.verdict.statistics import Verdict, interval

#: Most rows of test and most samples for a metric.
MOST = 2000


class HasExactLikelihood(Protocol):
    """A model that knows the likelihood of raw samples."""

    def log_likelihood(self, samples: Samples) -> np.ndarray:
        """Compute the log-likelihood of each sample, in nats: float64 (N,)."""
        ...


class FinalDiagnostics:
    """Measures finalists on the test split by all metrics but the main one.

    Args:
        data: Data set with its splits.
        goals: Objectives and constraints of the study.
        known_by: Name of data and codec, by which one process prepares references once for each.
    """

    def __init__(self, data: DataModule, goals: Goals, known_by: str) -> None:
        self._data = data
        self._goals = goals
        self._known_by = known_by

    def scoring(self, source: Source) -> Diagnostics:
        """Make the evaluation of a model's samples for a worker."""
        return Diagnostics(self._references, source, MOST)

    def of(
        self, found: Sequence[Mapping[str, float]], nats: Sequence[float] = (), *, real: bool = True
    ) -> dict[str, dict[str, Any]]:
        """Summarize as means over draws with 95 % intervals by metric; metrics that failed are absent.

        Args:
            found: Values of ``scoring`` for each draw.
            nats: Values of ``nats_per_unit`` for each model with an exact likelihood; default none.
            real: False to leave out the evidence of copying of real samples, which stands beside a model's.
        """
        means = {}
        for name in dict.fromkeys(name for one in found for name in one if name != "seconds"):
            means[name] = _mean([one[name] for one in found if name in one])
            if real and name in self._unseen:
                value = self._unseen[name]
                beside = {"mean": value, "low": value, "high": value}
                means[f"{name} of real {self._data.kind.unit}s"] = beside
        return means | ({self._unit[0]: _mean(nats)} if nats else {})

    def of_real(self, found: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """Leave the evidence of copying out of what is known of real rows.

        Where ``select`` is small, rows of train stand in for it, which are copies by this evidence; the
        evidence of the test split stands beside that of the models.
        """
        return {name: value for name, value in found.items() if name not in self._unseen}

    def nats_per_unit(self, model: HasExactLikelihood) -> float:
        """Compute the exact negative log-likelihood of the test split by a model, in the unit of the kind.

        Raises:
            MetricError: the codes that the model reads do not keep a sample.
        """
        return float(-model.log_likelihood(self._data.split("test")).sum() / self._unit[1])

    def nats(self, models: Iterable[HasExactLikelihood]) -> list[float]:
        """Compute ``nats_per_unit`` of models of one config; empty where codes do not keep the samples."""
        try:
            return [self.nats_per_unit(model) for model in models]
        except MetricError:
            return []

    @cached_property
    def _unit(self) -> tuple[str, float]:
        """Unit of the likelihood, and number of nats per unit in the test split."""
        found: tuple[str, float] = registry.load(declared(self._data.kind.name).likelihood)(
            self._data.split("test"), self._data.codec
        )
        return found

    @cached_property
    def _train(self) -> Samples:
        return self._data.split("train")

    @cached_property
    def _unseen(self) -> dict[str, float]:
        return copy_evidence(self._data.split("test"), self._train, self._data.codec)

    @cached_property
    def _references(self) -> References:
        data, goals = self._data, self._goals
        test = data.kind.take(data.raw.samples, data.rows["test"][:MOST])
        but = goals.metric.objective.name
        key = f"{self._known_by} {data.split_sha256['test']} {but} {goals.target}"
        return References(data.kind, data.codec, test, self._train, key, but, goals.target)


def _mean(scores: Sequence[float]) -> dict[str, Any]:
    """Compute mean and interval over draws; the rows are the same for all."""
    found = interval(np.array(scores), np.zeros((len(scores), 2)))
    low, high = (bound if math.isfinite(bound) else None for bound in (found.low, found.high))
    return {"mean": found.mean, "low": low, "high": high, "seeds": len(scores)}


class FinalMeasurements:
    """Measures costs and diagnostics of finalists, the chosen one first, while there is time.

    Args:
        queue: Queue of evaluations for the workers.
        sources: Samples and models of the finalists.
        diagnostics: All other metrics.
    """

    def __init__(self, queue: EvaluationQueue, sources: Sources, diagnostics: FinalDiagnostics) -> None:
        self.queue = queue
        self.sources = sources
        self.diagnostics = diagnostics

    def measure(
        self,
        finalists: Sequence[Tested],
        limit: float,
        counting: float,
        verdict: Verdict | None,
        beside: Mapping[str, Callable[[], Source]],
    ) -> tuple[list[ContenderResult], dict[str, dict[str, dict[str, Any]]]]:
        """Measure the finalists that were compared on test, and the diagnostics of what they stand beside.

        Args:
            finalists: All finalists.
            limit: Second on the study's clock after which no measurement starts.
            counting: Seconds in which operations and memory of a model must be counted.
            verdict: Verdict, which names the chosen one; ``None`` for the first finalist.
            beside: Sources of samples by name, such as real rows and the best trivial baseline: a yardstick
                for the diagnostics.

        Returns:
            The finalists, and the diagnostics of ``beside`` by name, for which there was time.
        """
        compared = [one for one in finalists if one.test]
        chosen = verdict.chosen if verdict else next((one.name for one in compared), "")
        compared.sort(key=lambda one: one.name != chosen)
        began = self.queue.log.seconds
        costs: dict[str, Efficiency] = {}
        nats: dict[str, list[float]] = {}
        for one in compared:
            if self.queue.log.seconds < limit:
                # nothing else runs now
                costs[one.name] = self.sources.models(one.entry)[0].efficiency(counting=counting)
                nats[one.name] = self._nats(one.entry, limit)
        self.queue.log.record(Costs(round(self.queue.log.seconds - began, 3)))
        others = self._others(compared, beside, limit)
        measured = [
            ContenderResult(
                one,
                efficiency=costs.get(one.name),
                diagnostics=self.diagnostics.of(others.get(one.name, []), nats.get(one.name, [])),
            )
            for one in finalists
        ]
        known = {name: others[name] for name in beside if name in others}
        return measured, {name: self.diagnostics.of(found, real=False) for name, found in known.items()}

    def _nats(self, entry: Entry, limit: float) -> list[float]:
        """Compute the likelihoods of the test split by a finalist's models; empty where they have none."""
        return self.diagnostics.nats(
            model
            for model in self.sources.models(entry)
            if model.exact and self.queue.log.seconds < limit  # asked before each
        )

    def _others(
        self, compared: Sequence[Tested], beside: Mapping[str, Callable[[], Source]], limit: float
    ) -> dict[str, list[Mapping[str, float]]]:
        """Compute all other metrics of each draw by name: the first draws, the yardsticks, further draws."""
        names: dict[str, str] = {}
        turns = list(_in_turns(compared))
        first = sum(place == 0 for _, place in turns)
        for tested, place in turns[:first]:
            names[self._queue(tested, place)] = tested.name
        for name, source in beside.items():
            names[self.queue.add(f"others/{name}", partial(self._beside, source))] = name
        for tested, place in turns[first:]:
            names[self._queue(tested, place)] = tested.name
        self.queue.run(names, limit)
        found: dict[str, list[Mapping[str, float]]] = {}
        for key, name in names.items():
            if self.queue.known(key):
                found.setdefault(name, []).append(self.queue.values(key))
        return found

    def _queue(self, tested: Tested, place: int) -> str:
        key = f"others/{tested.entry.test[place].label}"
        return self.queue.add(key, partial(self._scoring, tested.entry, place))

    def _beside(self, source: Callable[[], Source]) -> Diagnostics:
        return self.diagnostics.scoring(source())

    def _scoring(self, entry: Entry, place: int) -> Diagnostics:
        source = self.sources.sources(entry, "test", len(entry.test))[place]
        return self.diagnostics.scoring(source)


def _in_turns(tested: Sequence[Tested]) -> Iterator[tuple[Tested, int]]:
    """List the first draw of each finalist, then the second of each, and so on."""
    most = max((len(one.entry.test) for one in tested), default=0)
    for place in range(most):
        yield from ((one, place) for one in tested if place < len(one.entry.test))
