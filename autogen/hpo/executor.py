"""The contract of all executors: where cohorts run. Every decision stays with the controller."""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

from autogen.hpo.trial import Finished, Measurement, TrialBatch

#: Given the measurements of one rung, one a trial still running, says which of the trials go on. At a
#: trial's last rung there is nothing to decide: an executor need not wait there for the controller.
Report = Callable[[Sequence[Measurement]], Sequence[bool]]
#: The controller's answer to one measurement: go on?
Decide = Callable[[Measurement], bool]


class Work(Protocol):
    """What is done with a cohort; picklable, its large arrays numpy, so that workers share them."""

    def __call__(self, cohort: TrialBatch, report: Report) -> list[Finished]:
        """Train the cohort's trials, report each rung; a trial's failure is a result, no exception."""
        ...


@dataclass(frozen=True)
class WorkerStatus:
    """Who is at work for an executor whose workers come and go.

    Attributes:
        ready: Workers that run trials or wait for one.
        requested: Workers that are on their way, or wait for room.
        nodes: Machines there are.
        note: What stands in the way of more; empty where nothing does.
    """

    ready: int = 0
    requested: int = 0
    nodes: int = 0
    note: str = ""


@runtime_checkable
class HasDevice(Protocol):
    """Work that can be done on another device than the processor."""

    def cards(self) -> int:
        """Graphics cards that this process sees."""
        ...

    def on(self, device: str, share: float) -> Work:
        """The same work on a device, of whose memory it may use a share in (0, 1]."""
        ...


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Options:
    """What an executor can be told besides the number of workers; a subclass adds fields with defaults.

    Fields are ``str``, ``int``, ``float`` or ``bool``. ``__post_init__`` raises ``SettingsError``.
    """

    def worker_count(self, asked: int) -> int:
        """Number of workers where a study asks for so many, or 0; 0 where the executor finds out itself."""
        return asked or cores()

    def about(self) -> str:
        """Where trials run, in words that follow a number of workers; empty for this machine."""
        return ""

    def trains_on(self) -> str:
        """Hardware that trials train on, for study.toml; empty where that is not this machine's."""
        return f"{cores()} cores"

    def foreign(self) -> Mapping[str, str]:
        """Options whose value would let another machine run code here, each with a sentence that says so.

        A file may not set them unless the caller sets them as well.
        """
        return {}


class Executor(ABC):
    """Runs cohorts on its workers and streams what they measure to the controller.

    A worker that dies, or runs past a cohort's deadline, or out of memory, makes the trials it had
    ``Finished(..., FAILED, reason, retry=True)``: whether to try again is the controller's decision.

    Args:
        workers: Number of workers; what 0 means is the executor's business.
        options: Options of its own.

    Attributes:
        Options: Class of its options.
        workers: How many cohorts can run at once; may change while the executor is at work.
        crew: Who is at work, where that changes by itself; ``None`` elsewhere.
    """

    Options: ClassVar[type[Options]] = Options
    workers: int
    crew: WorkerStatus | None = None

    @abstractmethod
    def __init__(self, workers: int, options: Any) -> None:
        """Take the settings; nothing is started yet. Raises ``SettingsError`` for what cannot be given."""

    @classmethod
    def for_study(cls, workers: int, options: Any, *, timed: bool) -> "Executor":  # noqa: ARG003
        """The executor of a study.

        Args:
            workers: Number of workers.
            options: Options of its own.
            timed: Whether there is a budget of seconds, at whose end a trial is abandoned.
        """
        return cls(workers, options)

    @abstractmethod
    def start(self, work: Work) -> None:
        """Make workers ready for this work; called once, before the first ``submit``."""

    @abstractmethod
    def submit(self, cohort: TrialBatch) -> None:
        """Queue a cohort; returns at once."""

    @abstractmethod
    def results(self, decide: Decide, timeout: float | None = None) -> Iterator[Finished]:
        """Answer measurements as they arrive and yield trials that have ended.

        Args:
            decide: Called in this thread for each measurement; its answer goes to the worker.
            timeout: Seconds to wait for the first event; then the iterator ends, maybe empty.

        Returns:
            Ends as soon as nothing more is at hand, so that the controller can submit more.
        """

    def cancel(self, number: int) -> None:  # noqa: B027 - not all executors can
        """Stop a trial where it is, not at its next rung; its cohort ends as if its worker had died.

        May be said again until the trial has ended, and changes nothing where it is not at work. An executor
        that cannot do it goes on.
        """

    @abstractmethod
    def close(self) -> None:
        """Stop all workers, running cohorts included; idempotent."""
