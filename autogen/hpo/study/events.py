"""The events of a study's journal: one frozen type each, with the fields of the record in the file."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from autogen.hpo.objective import Objective
from autogen.hpo.study.event import Event, Record, Unknown, optional
from autogen.hpo.trial import Config, State


@dataclass(frozen=True, slots=True)
class Start(Event):
    """A process started or resumed the study.

    Attributes:
        about: Data, search space, metric and budget in one line.
        run: Folder of the run.
        seconds: Time budget in seconds; ``None`` for no limit.
        workers: Number of trials at once; 0 for as many as there is room for.
        objective: Metric that is optimized; ``None`` in journals of the first autogen.
        notes: Decisions of reading and splitting the data, one per sentence.
        repaired: Number of bytes of a torn last line that were cut off before; left out where there was none.
        changed: What is different since the run began, one per sentence; left out where nothing is.
        lessons: SHA-256 of the trials of each earlier study that it learns from; left out without any.
    """

    NAME: ClassVar[str] = "start"
    about: str = ""
    run: str = ""
    seconds: float | None = None
    workers: int = 0
    objective: Objective | None = None
    notes: tuple[str, ...] = ()
    repaired: int = optional(0)
    changed: tuple[str, ...] = optional(())
    lessons: tuple[str, ...] = optional(())

    def __post_init__(self) -> None:
        objective: object = self.objective
        if isinstance(objective, Mapping):
            object.__setattr__(self, "objective", Objective(**objective))
        object.__setattr__(self, "notes", tuple(self.notes))
        object.__setattr__(self, "changed", tuple(self.changed))
        object.__setattr__(self, "lessons", tuple(self.lessons))

    def to_json(self) -> Record:
        """Convert to a record of the journal."""
        objective = None if self.objective is None else asdict(self.objective)
        return Event.to_json(self) | {"objective": objective}


@dataclass(frozen=True, slots=True)
class Ask(Event):
    """The sampler proposed a trial.

    Attributes:
        n: Number of the trial; trials are numbered from 0 in the order in which they are asked.
        config: Point of the search space.
        seed: Random seed of the trial.
        rungs: Optimizer steps at which the trial is measured, ascending.
        inherited: Settings that the trial has besides, from an earlier model; left out where there are none.
    """

    NAME: ClassVar[str] = "ask"
    n: int
    config: Config
    seed: int
    rungs: tuple[int, ...]
    inherited: Config = field(default_factory=dict, metadata={"optional": True})

    def __post_init__(self) -> None:
        object.__setattr__(self, "rungs", tuple(self.rungs))


@dataclass(frozen=True, slots=True)
class Rung(Event):
    """A trial was measured.

    Attributes:
        n: Number of the trial.
        step: Optimizer steps done.
        score: Score of the objective, in the objective's own direction.
        keep: True if the trial goes on.
        train: Seconds of training since the trial's start.
        eval: Seconds of sampling and scoring since the trial's start.
        why: Reason why the trial was stopped; left out where it goes on.
        fused: Trials that were trained as one program, this one included; left out for one alone.
    """

    NAME: ClassVar[str] = "rung"
    n: int
    step: int
    score: float
    keep: bool
    train: float = 0.0
    eval: float = 0.0
    why: str = optional("")
    fused: int = optional(0)


@dataclass(frozen=True, slots=True)
class Lost(Event):
    """The worker of a trial was lost; the trial is tried once more.

    Attributes:
        n: Number of the trial.
        why: Reason of the loss.
        node: Machine of the worker; on a cluster only.
    """

    NAME: ClassVar[str] = "lost"
    n: int
    why: str = ""
    node: str = optional("")


@dataclass(frozen=True, slots=True)
class Cut(Event):
    """A trial was restarted with fewer steps, because it was too long for the budget.

    Later trials of its family have the same share of their steps, until the study is resumed with another
    budget.

    Attributes:
        n: Number of the trial.
        share: Share of the config's steps, in (0, 1).
        rungs: Optimizer steps at which the trial is measured from now on, ascending.
        why: Reason.
    """

    NAME: ClassVar[str] = "cut"
    n: int
    share: float
    rungs: tuple[int, ...]
    why: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "rungs", tuple(self.rungs))


@dataclass(frozen=True, slots=True)
class End(Event):
    """A trial ended.

    Attributes:
        n: Number of the trial.
        state: ``complete``, ``pruned``, ``failed`` or ``infeasible``.
        node: Machine of the worker; on a cluster only.
        values: Further objectives and constrained quantities by name; for complete trials that have some.
        why: Reason of a failure, of a broken constraint or of a stop; left out where there is none.
        suspect: Reason to rank a complete trial behind all others, such as copies of the train split; left
            out where there is none.
        check: Seconds of the test for copies; left out where there was none.
    """

    NAME: ClassVar[str] = "end"
    n: int
    state: State
    node: str = optional("")
    values: Mapping[str, float] = field(default_factory=dict, metadata={"optional": True})
    why: str = optional("")
    suspect: str = optional("")
    check: float = optional(0.0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", _ended(self.state))


@dataclass(frozen=True, slots=True)
class WorkerStatus(Event):
    """The workers of a cluster changed.

    Attributes:
        ready: Workers that run trials or wait for one.
        requested: Workers that are being started, or wait for room.
        nodes: Machines of the cluster.
        note: Reason why there are not more workers; empty for none.
    """

    NAME: ClassVar[str] = "crew"
    ready: int
    requested: int
    nodes: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finalists(Event):
    """The finalists were chosen.

    Attributes:
        trials: Numbers of the trials, the best of each family first.
        seeds: Fresh seeds that a claim about recipes rests on; 0 where the trials' own models are judged.
        left_out: Numbers of trials that the budget has no time to compare.
        after: Number of trials of the search when the finalists were chosen.
        needed: Second of the study's clock at which the study is expected to end.
        draws: Number of sampling seeds of each model on select; 1 where time is short.
        trainings: Number of fresh trainings of each config, those that rank them included; 0 for none.
        look: Number of sets of finalists that the study has judged by the test split, this one included.
    """

    NAME: ClassVar[str] = "finalists"
    trials: tuple[int, ...]
    seeds: int
    left_out: tuple[int, ...] = ()
    after: int | None = None
    needed: float = 0.0
    draws: int = 0
    trainings: int = 0
    look: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "trials", tuple(self.trials))
        object.__setattr__(self, "left_out", tuple(self.left_out))


@dataclass(frozen=True, slots=True)
class Confirm(Event):
    """One training of a finalist on a fresh seed ended.

    Attributes:
        task: Number of the training, also the name of its folder.
        trial: Number of the finalist's trial.
        seed: Index of the fresh seed, from 0.
        state: ``complete`` or ``failed``.
        train: Seconds of training.
        eval: Seconds of sampling and scoring.
        why: Reason of a failure; left out where there is none.
        node: Machine of the worker; on a cluster only.
    """

    NAME: ClassVar[str] = "confirm"
    task: int
    trial: int
    seed: int
    state: State
    train: float
    eval: float = 0.0
    why: str = optional("")
    node: str = optional("")

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", _ended(self.state))


@dataclass(frozen=True, slots=True)
class Scored(Event):
    """A worker or the controller scored samples; resuming does not repeat it.

    Attributes:
        key: Key of the score, such as ``select/trial 3/trials/0003/1`` (draw 1 of its model),
            ``test/smote/5`` (5 draws), ``constraints/smote/5`` or ``others/trials/0003/1``.
        seconds: Seconds of sampling and scoring.
        values: Measured values by name.
        why: Reason why it could not be scored, which costs the contender its place; ``resume`` tries again.
            Left out where it was scored.
    """

    NAME: ClassVar[str] = "scored"
    key: str
    seconds: float
    values: Mapping[str, Any]
    why: str = optional("")


@dataclass(frozen=True, slots=True)
class Test(Event):
    """The study reads the test split from here on.

    Attributes:
        trials: Numbers of the trials that are compared on test if they pass the hard tests.
        draws: Number of sampling seeds of each contender on test.
        look: Number of sets of finalists that the study has judged by the test split, this one included.
    """

    NAME: ClassVar[str] = "test"
    trials: tuple[int, ...] = ()
    draws: int = 0
    look: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "trials", tuple(self.trials))


@dataclass(frozen=True, slots=True)
class Costs(Event):
    """The finalists' efficiency and likelihoods were measured.

    Attributes:
        seconds: Seconds of the measurement.
    """

    NAME: ClassVar[str] = "costs"
    seconds: float


@dataclass(frozen=True, slots=True)
class Stop(Event):
    """The process of the study ended before the verdict; one that is killed writes none.

    Attributes:
        why: Reason, in a few words.
    """

    NAME: ClassVar[str] = "stop"
    why: str


@dataclass(frozen=True, slots=True)
class Result(Event):
    """``result.json`` was written.

    Attributes:
        verdict: Verdict of the study.
        sha256: SHA-256 of ``result.json``, and of each stored model with its config and codec, by the path of
            the file within the run folder; left out by earlier versions.
    """

    NAME: ClassVar[str] = "result"
    verdict: str
    sha256: Mapping[str, str] = field(default_factory=dict, metadata={"optional": True})


def _ended(state: str) -> State:
    if State(state) is State.RUNNING:
        raise ValueError("what has ended is not running")
    return State(state)


KINDS: tuple[type[Event], ...] = (
    Start, Ask, Rung, Lost, Cut, End, WorkerStatus, Finalists, Confirm, Scored, Test, Costs, Stop, Result,
)  # fmt: skip
#: Types of events by their name in the file.
EVENTS: dict[str, type[Event]] = {kind.NAME: kind for kind in KINDS}


def decode(record: Record) -> Event:
    """Read a record of a study's journal; an event of a newer autogen is kept as ``Unknown``.

    Raises:
        JournalError: a known event lacks a field, or a field holds something else.
    """
    return EVENTS.get(record["e"], Unknown).from_json(record)
