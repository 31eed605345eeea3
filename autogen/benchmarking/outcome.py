"""Outcome of a benchmark: normalized scores, means and ranks of its cells."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from autogen.benchmarking.cells import Role
from autogen.benchmarking.plan import BenchmarkPlan
from autogen.benchmarking.ranks import Ranks, rank
from autogen.benchmarking.tables import Entry, Mean, Scale, means_of

#: Name of the best baseline of each data set in the ranking.
BEST_BASELINE = "best baseline"
SCHEMA = 1


@dataclass(frozen=True)
class Outcome:
    """Data of tables, page and summary.

    Attributes:
        plan: Plan of the benchmark.
        entries: Cells with their results.
        scales: Floor and ceiling by name of the data set.
        absent: Reasons by name of data sets that are left out.
        facts: Sizes of the splits and hashes by name of the data set.
    """

    plan: BenchmarkPlan
    entries: Sequence[Entry]
    scales: Mapping[str, Scale]
    absent: Mapping[str, str]
    facts: Mapping[str, Mapping[str, Any]]

    @cached_property
    def means(self) -> list[Mean]:
        """Mean over seeds for each model, data set and share of rows and steps."""
        return means_of(self.entries, self.scales)

    @cached_property
    def ranks(self) -> Ranks:
        """Ranks of the models that have scores on every data set, and of the best baseline of each set."""
        full = [mean for mean in self.means if mean.full and mean.role is Role.MODEL]
        losses = {data: self._losses(data, full) for data in self.scales}
        everywhere = [name for name in _names(full) if all(name in found for found in losses.values())]
        return rank(
            {data: {m: found[m] for m in [*everywhere, BEST_BASELINE]} for data, found in losses.items()}
        )

    def best_baseline(self, data: str) -> Mean | None:
        """Return the baseline with the best mean on a data set, of those that pass the memorization test."""
        found = [m for m in self.means if m.data == data and m.role is Role.BASELINE and m.score]
        allowed = [m for m in found if not m.refused] or found
        return min(allowed, key=lambda mean: self._loss(mean), default=None)

    @property
    def waiting(self) -> int:
        """Number of cells that have not ended."""
        return sum(entry.state == "waiting" for entry in self.entries)

    def to_json(self) -> dict[str, Any]:
        """Convert to the JSON values of summary.json."""
        states = [entry.state for entry in self.entries]
        return {
            "schema": SCHEMA,
            "plan": self.plan.name,
            "about": self.plan.about,
            "seeds": self.plan.seeds,
            "cells": {state: states.count(state) for state in sorted(set(states))},
            "seconds": round(sum(e.scored.seconds for e in self.entries if e.scored), 1),
            "data": {
                name: {
                    "kind": scale.kind,
                    "metric": scale.objective.name,
                    "version": scale.objective.version,
                    "direction": scale.objective.direction,
                    "floor": _finite(scale.floor),
                    "ceiling": _finite(scale.ceiling),
                }
                | dict(self.facts[name])
                for name, scale in self.scales.items()
            },
            "absent": dict(self.absent),
            "means": [_record(mean) for mean in self.means],
            "ranks": asdict(self.ranks),
        }

    def _losses(self, data: str, full: Sequence[Mean]) -> dict[str, float]:
        """Compute losses on a data set by model: one minus the normalized score, infinite if it failed."""
        found = {mean.model: self._loss(mean) for mean in full if mean.data == data}
        best = self.best_baseline(data)
        return found | {BEST_BASELINE: self._loss(best) if best else float("inf")}

    def _loss(self, mean: Mean) -> float:
        """Compute the loss of a model; infinite if a seed failed or the memorization test refused it."""
        if mean.score is None or mean.failed or (mean.role is Role.MODEL and mean.refused):
            return float("inf")
        return (
            1 - mean.calibrated[0]
            if mean.calibrated
            else self.scales[mean.data].objective.loss(mean.score.mean)
        )


def _names(means: Sequence[Mean]) -> list[str]:
    return list(dict.fromkeys(mean.model for mean in means))


def _finite(value: float) -> float | None:
    return value if value - value == 0 else None


def _record(mean: Mean) -> dict[str, Any]:
    """Convert a mean to JSON values; infinite ends of an interval become ``None``."""
    record = asdict(mean)
    if mean.score:
        record["score"] = {name: _finite(value) for name, value in record["score"].items()}
    return record
