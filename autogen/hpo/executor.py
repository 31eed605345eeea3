"""Base of all executors, which run trial batches somewhere. Every decision stays with the controller."""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

from autogen.hpo.trial import Finished, Measurement, TrialBatch

#: Function of the measurements of one rung, one for each running trial, that tells which trials go on. At the
#: last rung there is nothing to decide: an executor need not wait there for the controller.
Report = Callable[[Sequence[Measurement]], Sequence[bool]]
#: Answer of the controller to one measurement: True to go on.
Decide = Callable[[Measurement], bool]


class Work(Protocol):
    """Work of a worker with a trial batch; picklable; large arrays are NumPy, so that workers share them."""

    def __call__(self, trial_batch: TrialBatch, report: Report) -> list[Finished]:
        """Train the trials of a batch and report each rung; a failed trial is a result, not an exception."""
        ...


@dataclass(frozen=True)
class WorkerStatus:
    """Workers of an executor whose number changes.

    Attributes:
        ready: Number of workers that run trials or wait for one.
        requested: Number of workers that are being started, or wait for room.
        nodes: Number of machines.
        note: Reason why there are not more workers; empty for none.
    """

    ready: int = 0
    requested: int = 0
    nodes: int = 0
    note: str = ""


@runtime_checkable
class HasDevice(Protocol):
    """Work that can run on another device than the processor."""

    def cards(self) -> int:
        """Count the graphics cards that this process sees."""
        ...

    def on(self, device: str, share: float) -> Work:
        """Move the work to a device, of whose memory it may use a share in (0, 1]."""
        ...


class Ranks(Protocol):
    """Processes that train trials together with this one, which is rank 0.

    Attributes:
        size: N, number of processes, this one included.
        address: Address of this machine that the others reach it by.
        backend: Way in which they exchange tensors: ``gloo``, or ``nccl`` between cards.
    """

    size: int
    address: str
    backend: str

    def start(self) -> None:
        """Start the others, unless they run."""
        ...

    def send(self, message: tuple[Any, ...]) -> None:
        """Send a message to each of the others."""
        ...

    def check(self) -> None:
        """End this process if one of the others has ended: the trial is lost."""
        ...

    def stop(self) -> None:
        """End the others."""
        ...


@runtime_checkable
class HasRanks(Protocol):
    """Work that several processes can do together."""

    def led(self, ranks: Ranks) -> Work:
        """Return the work of rank 0."""
        ...

    def follow(
        self, receive: Callable[[], tuple[Any, ...]], rank: int, size: int, address: str, backend: str
    ) -> None:
        """Do the work of another rank, as rank 0 says in messages, until ``receive`` raises ``EOFError``."""
        ...


def cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Options:
    """Options of an executor besides the number of workers; a subclass adds fields with defaults.

    Fields are ``str``, ``int``, ``float`` or ``bool``. ``__post_init__`` raises ``SettingsError``.
    """

    def worker_count(self, asked: int) -> int:
        """Resolve the number of workers that a study asks for, 0 for all; 0 if the executor decides."""
        return asked or cores()

    def settled(self, workers: int, trials: int) -> Self:
        """Return the same options with what follows from the study in place of automatic choices.

        Args:
            workers: Number of workers that the study asks for, 0 for all.
            trials: Number of its trials, 0 if it is unknown.
        """
        return self

    def replica_count(self) -> int:
        """Return the number of processes that train a trial together."""
        return 1

    def about(self) -> str:
        """Describe where trials run, in words that follow a number of workers; empty for this machine."""
        return ""

    def trains_on(self) -> str:
        """Name the hardware that trials train on, for study.toml; empty if it is not this machine's."""
        return f"{cores()} cores"

    def foreign(self) -> Mapping[str, str]:
        """List options that let another machine run code here, or files elsewhere be written, with sentences.

        A file may set them only if the caller sets them as well.
        """
        return {}


class Executor(ABC):
    """Runs trial batches on workers and streams their measurements to the controller.

    If a worker dies, runs past a trial batch's deadline or out of memory, its trials become
    ``Finished(..., FAILED, reason, retry=True)``: the controller decides about a retry.

    Args:
        workers: Number of workers; the executor decides what 0 means.
        options: Options of the executor.

    Attributes:
        Options: Class of the options.
        workers: Number of trial batches that can run at once; may change during a study.
        status: Status of the workers if their number changes by itself; ``None`` otherwise.
    """

    Options: ClassVar[type[Options]] = Options
    workers: int
    status: WorkerStatus | None = None

    @abstractmethod
    def __init__(self, workers: int, options: Any) -> None:
        """Take the settings without starting anything. Raises ``SettingsError`` for impossible settings."""

    @classmethod
    def for_study(cls, workers: int, options: Any, *, timed: bool) -> "Executor":  # noqa: ARG003
        """Make the executor of a study.

        Args:
            workers: Number of workers.
            options: Options of the executor.
            timed: True if there is a time budget, at whose end trials are canceled.
        """
        return cls(workers, options)

    def warm(self, modules: Sequence[str]) -> None:  # noqa: B027 - not all executors can
        """Start workers while their work is still being made; called at most once, before ``start``.

        Args:
            modules: Modules that the work needs, to be imported meanwhile.
        """

    @abstractmethod
    def start(self, work: Work) -> None:
        """Start workers for this work; called once, before the first ``submit``."""

    @abstractmethod
    def submit(self, trial_batch: TrialBatch) -> None:
        """Queue a trial batch and return at once."""

    @abstractmethod
    def results(self, decide: Decide, timeout: float | None = None) -> Iterator[Finished]:
        """Answer measurements as they arrive and yield trials that have ended.

        Args:
            decide: Called in this thread for each measurement; its answer goes to the worker.
            timeout: Seconds to wait for the first event; ``None`` for no limit.

        Returns:
            An iterator that ends as soon as no event is left, so that the controller can submit more.
        """

    def cancel(self, number: int) -> None:  # noqa: B027 - not all executors can
        """Stop a trial at once, not at its next rung; its trial batch ends as if the worker had died.

        May be called repeatedly until the trial has ended; does nothing for a trial that is not running. An
        executor that cannot stop trials does nothing.
        """

    @abstractmethod
    def close(self) -> None:
        """Stop all workers and their running trial batches; idempotent."""
