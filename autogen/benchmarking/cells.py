"""The cells of a benchmark: one model trained on one data set with one seed, and what came of it."""

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
    """What a cell's samples come from."""

    MODEL = "model"
    BASELINE = "baseline"
    CONTROL = "control"  # a copy of train: it shows that the gate works
    REAL = "real"  # real rows, the ceiling of calibrated scores


@dataclass(frozen=True)
class Cell:
    """One training, or one draw of a baseline.

    Attributes:
        data: Name of the data set in the plan.
        model: Name of the model in the plan, of the baseline, or ``real rows``.
        role: What the samples come from.
        config: What is trained, with the steps in force; the name alone of a baseline.
        seed: Which of the plan's seeds, from 0.
        rows: Share of the train rows.
        steps: Share of the config's steps.
        trivial: Whether its score is part of the floor of calibrated scores.
        key: Equal for two cells exactly where all that their scores follow from is equal.
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
        """Whether it is trained on all rows for all steps."""
        return self.rows == self.steps == 1.0


@dataclass(frozen=True)
class Scored:
    """What is known of a cell's samples; as JSON it stands in the journal.

    Attributes:
        score: By the metric, on the test split.
        replicates: The same with groups of rows left out.
        share: Of samples nearer to the rows trained on than to as many unseen ones.
        p_value: Chance of such a share for a model that tells no more of its rows than is tolerated.
        copied: Estimated share of plain copies.
        passed: Whether the memorization test and the diversity test let it pass.
        seconds: Of training; of fitting and drawing, for a baseline.
        samples: How many were scored.
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
        """By name."""
        return asdict(self) | {"replicates": list(self.replicates)}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "Scored":
        """Rebuild from ``to_json``; what else the record holds is left out."""
        values = {name: record[name] for name in cls.__dataclass_fields__}
        return cls(**values | {"replicates": tuple(values["replicates"])})


@dataclass(frozen=True)
class Ground:
    """A data set that models are compared on.

    Attributes:
        entry: In the plan.
        data: Read, split and encoded.
    """

    entry: SetEntry
    data: DataModule

    @cached_property
    def metric_name(self) -> str:
        """Name in the registry of the metric that scores samples."""
        return self.entry.metric or default_metric(self.data.kind.name)

    @cached_property
    def metric(self) -> Metric:
        """That metric. Raises ``UserError`` where it does not score this kind of data."""
        target = str(self.entry.options.get("target", ""))
        return metric_for(self.metric_name, self.data.kind.name, target=target)

    def cells(self, plan: BenchmarkPlan) -> Iterator[Cell]:
        """All cells of a plan on this data set, the cheapest of a seed first."""
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
    """Shares of rows at all steps, then shares of steps on all rows: two lines, no grid."""
    rows = [(share, 1.0) for share in plan.rows]
    return rows + [(1.0, share) for share in plan.steps if share != 1.0]


def _shortened(config: Config, share: float) -> dict[str, Any]:
    """A config with this share of its steps. Raises ``SpaceError`` for one that is none of its family."""
    steps = typed(config)[1].training.steps
    return dict(config) | {"training.steps": max(1, round(share * steps))}
