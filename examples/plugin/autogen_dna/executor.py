"""An executor with an option of its own: runs trials in this process, and lets other programs go first."""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autogen.errors import SettingsError
from autogen.executors.run_batch import carry_out
from autogen.hpo.executor import Decide, Executor, Options, Work
from autogen.hpo.trial import Finished, Measurement, TrialBatch


@dataclass(frozen=True)
class PoliteOptions(Options):
    """Options of the executor ``polite``: ``--executor-option nice=10``.

    Attributes:
        nice: Niceness of this process from the search on, 0 to 19.
    """

    nice: int = 10

    def __post_init__(self) -> None:
        if not 0 <= self.nice <= 19:
            raise SettingsError(f"nice is a whole number from 0 to 19, not {self.nice}")

    def worker_count(self, asked: int) -> int:
        """This process."""
        return 1

    def about(self) -> str:
        """What follows the number of workers when a search begins."""
        return f" at niceness {self.nice}"


class DecisionError(BaseException):
    """Carries the controller's exception past a work that takes every ``Exception`` for its trial's."""

    def __init__(self, error: Exception) -> None:
        self.error = error


class PoliteExecutor(Executor):
    """Runs one trial batch a call of ``results``, at a low priority."""

    Options = PoliteOptions
    workers = 1

    def __init__(self, workers: int, options: PoliteOptions) -> None:
        self._nice = options.nice
        self._queue: deque[TrialBatch] = deque()

    def start(self, work: Work) -> None:
        """Take the work, and step back."""
        self._work = work
        os.setpriority(os.PRIO_PROCESS, 0, max(self._nice, os.getpriority(os.PRIO_PROCESS, 0)))

    def submit(self, trial_batch: TrialBatch) -> None:
        """Queue a trial batch."""
        self._queue.append(trial_batch)

    def results(self, decide: Decide, timeout: float | None = None) -> Iterator[Finished]:
        """Run the next trial batch and yield how its trials ended."""

        def report(measured: Sequence[Measurement]) -> list[bool]:
            try:
                return [decide(measurement) for measurement in measured]
            except Exception as error:
                raise DecisionError(error) from error

        if not self._queue:
            return
        try:
            ended = carry_out(self._work, self._queue.popleft(), report)
        except DecisionError as error:
            raise error.error from None
        yield from ended

    def close(self) -> None:
        """Forget what is queued."""
        self._queue.clear()
