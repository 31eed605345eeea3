"""Cells of a benchmark: one model trained on one data set with one seed, and its scores."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

import autogen
from autogen.benchmarking.plan import BenchmarkPlan, SetEntry
from autogen.data.module import DataModule
from autogen.families.baselines.lookup import baselines_for
from autogen.hpo.trial import Config, Value, config_key
from autogen.metrics.base import Metric
from autogen.metrics.lookup import default_metric, metric_for
from autogen.training.worker.work import typed

REAL_ROWS = "real rows"


class Role(StrEnum):
    """Source of a cell's samples."""

    MODEL = "model"
    BASELINE = "baseline"
    CONTROL = "control"  # a copy of train: it shows that the memorization test works
    REAL = "real"  # real rows, the ceiling of normalized scores


@dataclass(frozen=True)
class Cell:
    """One training, or one draw of a baseline.

    Attributes:
        data: Name of the data set in the plan.
        model: Name of the model in the plan, of the baseline, or ``real rows``.
        role: Source of the samples.
        config: Config to train, with the steps in force; for a baseline its name alone.
        seed: Index of the plan's seed, from 0.
        rows: Share of the train rows, in (0, 1].
        steps: Share of the config's steps, in (0, 1].
        trivial: True if its score is a candidate for the floor of normalized scores.
        key: Hash of everything that the scores depend on; equal keys mean equal scores.
    """

    data: str
    model: str
    role: Role
    config: Config
    seed: int
    rows: float = 1.0
    steps: float = 1.0
    trivial: bool = False
    key: str = field(default="", compare=False)

    @property
    def full(self) -> bool:
        """True for a training on all rows for all steps."""
        return self.rows == self.steps == 1.0


@dataclass(frozen=True)
class Scored:
    """Scores of a cell's samples; the journal holds them as JSON.

    Attributes:
        score: Score of the metric on the test split.
        replicates: Jackknife replicates of the score, (groups,).
        share: Share of samples that are nearer to train rows than to as many unseen rows (DCR share).
        p_value: Probability of such a share for a model that copies no more than is tolerated.
        copied: Estimated share of exact copies.
        passed: True if the model passes the memorization test and the diversity test.
        seconds: Seconds of training; for a baseline, of fitting and sampling.
        samples: Number of scored samples.
    """

    score: float
    replicates: tuple[float, ...]
    share: float
    p_value: float
    copied: float
    passed: bool
    seconds: float
    samples: int

    def to_json(self) -> dict[str, Any]:
        """Convert to JSON values by name."""
        return asdict(self) | {"replicates": list(self.replicates)}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "Scored":
        """Rebuild from the record of ``to_json``; other fields of the record are ignored."""
        values = {name: record[name] for name in cls.__dataclass_fields__}
        return cls(**values | {"replicates": tuple(values["replicates"])})


@dataclass(frozen=True)
class Ground:
    """Data set that models are compared on.

    Attributes:
        entry: Entry of the plan.
        data: Data set, read, split and encoded.
    """

    entry: SetEntry
    data: DataModule

    @cached_property
    def metric_name(self) -> str:
        """Registered name of the metric."""
        return self.entry.metric or default_metric(self.data.kind.name)

    @cached_property
    def metric(self) -> Metric:
        """Metric that scores samples. Raises ``UserError`` if it does not score this kind of data."""
        target = str(self.entry.options.get("target", ""))
        return metric_for(self.metric_name, self.data.kind.name, target=target)

    def cells(self, plan: BenchmarkPlan) -> Iterator[Cell]:
        """Yield all cells of a plan on this data set, the cheapest of each seed first."""
        kind = self.data.kind.name
        yield self._cell(plan, REAL_ROWS, Role.REAL, {"family": REAL_ROWS}, 0)
        for seed in range(plan.seeds):
            for name, baseline in baselines_for(kind).items():
                role = Role.CONTROL if baseline.control else Role.BASELINE
                yield self._cell(plan, name, role, {"family": name}, seed, trivial=baseline.trivial)
            for model in plan.models:
                if not model.kinds or kind in model.kinds:
                    config = model.config_in(plan.space_of(kind))
                    for rows, steps in _shares(plan):
                        chosen = _shortened(config, steps)
                        yield self._cell(plan, model.name, Role.MODEL, chosen, seed, rows=rows, steps=steps)

    def _cell(
        self, plan: BenchmarkPlan, model: str, role: Role, config: Config, seed: int, **more: Any
    ) -> Cell:
        cell = Cell(self.entry.name, model, role, config, seed, **more)
        goal = self.metric.objective
        about: dict[str, Value] = {
            "data": self.data.split_sha256["train"] + self.data.split_sha256["test"],
            "metric": f"{goal.name} v{goal.version}",
            "study": plan.seed,
            "autogen": autogen.__version__,
            "role": str(role),
            "seed": seed,
            "rows": cell.rows,
        }
        named = {f"config.{name}": value for name, value in config.items()}
        return Cell(self.entry.name, model, role, config, seed, **more, key=config_key(about | named))


def _shares(plan: BenchmarkPlan) -> list[tuple[float, float]]:
    """List (rows, steps): shares of rows at all steps, then shares of steps on all rows; no grid of both."""
    rows = [(share, 1.0) for share in plan.rows]
    return rows + [(1.0, share) for share in plan.steps if share != 1.0]


def _shortened(config: Config, share: float) -> dict[str, Any]:
    """Shorten a config to a share of its steps. Raises ``SpaceError`` if its family has no such config."""
    steps = typed(config)[1].training.steps
    return dict(config) | {"training.steps": max(1, round(share * steps))}
