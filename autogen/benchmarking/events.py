"""The events of a benchmark's journal; their clock ``t`` is the time of day in seconds since 1970."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Self

from autogen.benchmarking.cells import Scored
from autogen.hpo.study.event import Event, Record, Unknown, optional
from autogen.hpo.trial import State
from autogen.training.worker.efficiency import Efficiency


@dataclass(frozen=True, slots=True)
class Start(Event):
    """A process started or resumed the benchmark.

    Attributes:
        plan: Name of the plan.
        versions: Versions of autogen and of the libraries it computes with.
    """

    NAME: ClassVar[str] = "benchmark"
    plan: str
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Number(Event):
    """A cell got its number.

    Attributes:
        n: Number of the cell, also the name of its folder.
        key: Hash of the cell.
        data: Name of the data set.
        model: Name of the model or baseline.
        seed: Index of the training seed.
        rows: Share of the train rows.
        steps: Share of the optimizer steps.
    """

    NAME: ClassVar[str] = "cell"
    n: int
    key: str
    data: str
    model: str
    seed: int
    rows: float
    steps: float


@dataclass(frozen=True, slots=True)
class End(Event):
    """A cell ended.

    Attributes:
        n: Number of the cell.
        key: Hash of the cell.
        state: ``complete`` or ``failed``.
        scored: Scores of its samples; ``None`` if it failed. The record holds its fields directly.
        why: Reason of a failure.
        retry: True if the worker was lost, so that a later process runs the cell again.
    """

    NAME: ClassVar[str] = "end"
    n: int
    key: str
    state: State
    scored: Scored | None = field(default=None, metadata={"optional": True})
    why: str = optional("")
    retry: bool = optional(False)

    def to_json(self) -> Record:
        """Convert to a record of the journal."""
        record = Event.to_json(self)
        return record | (record.pop("scored").to_json() if self.scored else {})

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """Read a record."""
        state, complete = State(record["state"]), record["state"] == State.COMPLETE
        scored = Scored.from_json(record) if complete else None
        why, retry = record.get("why", ""), record.get("retry", False)
        return cls(record["n"], record["key"], state, scored, why, retry, t=record["t"])


@dataclass(frozen=True, slots=True)
class Cost(Event):
    """The cost of sampling from a model was measured.

    Attributes:
        n: Number of the cell that trained the model.
        efficiency: Measured cost. The record holds its fields directly.
    """

    NAME: ClassVar[str] = "cost"
    n: int
    efficiency: Efficiency

    def to_json(self) -> Record:
        """Convert to a record of the journal."""
        return {"e": self.NAME, "n": self.n, "t": self.t} | self.efficiency.to_json()

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """Read a record."""
        values = {one.name: record[one.name] for one in fields(Efficiency)}
        return cls(record["n"], Efficiency(**values), t=record["t"])


#: Types of events by their name in the file.
EVENTS: dict[str, type[Event]] = {kind.NAME: kind for kind in (Start, Number, End, Cost)}


def decode(record: Record) -> Event:
    """Read a record of a benchmark's journal.

    Raises:
        JournalError: a field is missing, or holds something else.
    """
    return EVENTS.get(record["e"], Unknown).from_json(record)
