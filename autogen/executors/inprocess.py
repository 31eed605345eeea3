"""Executor in this process: it runs one trial batch per call of ``results``."""

from collections import deque
from collections.abc import Iterator, Sequence

from autogen.errors import SettingsError
from autogen.executors.local.placement import LocalOptions, placed
from autogen.executors.run_batch import carry_out
from autogen.hpo.executor import Decide, Executor, Work
from autogen.hpo.trial import Finished, Measurement, TrialBatch


class _DecisionError(BaseException):
    """Exception of the controller, not derived from ``Exception``, so that no work catches it as its own."""

    def __init__(self, error: Exception) -> None:
        self.error = error


class InProcessExecutor(Executor):
    """Executor in the controller's process; only its own deadline can stop a hanging trial.

    Args:
        workers: Ignored: this process is the only one.
        options: Device.
    """

    Options = LocalOptions
    workers = 1

    def __init__(self, workers: int = 1, options: LocalOptions | None = None) -> None:
        options = options or LocalOptions()
        options.check()
        if options.replica_count() > 1:
            raise SettingsError(
                "replicas are processes of the executor local; take it, or leave replicas out"
            )
        self._device = options.device
        self._work: Work | None = None
        self._queue: deque[TrialBatch] = deque()

    def start(self, work: Work) -> None:
        """Store the work, on its device."""
        self._work = placed(work, self._device)

    def submit(self, trial_batch: TrialBatch) -> None:
        """Queue a trial batch."""
        self._queue.append(trial_batch)

    def results(self, decide: Decide, timeout: float | None = None) -> Iterator[Finished]:
        """Run the next trial batch and yield the ends of its trials; see ``Executor.results``."""

        def report(measured: Sequence[Measurement]) -> list[bool]:
            try:
                return [decide(measurement) for measurement in measured]
            except Exception as error:
                raise _DecisionError(error) from error

        if not self._queue:
            return
        assert self._work is not None
        try:
            ended = carry_out(self._work, self._queue.popleft(), report)
        except _DecisionError as error:
            raise error.error from None
        yield from ended

    def close(self) -> None:
        """Clear the queue."""
        self._queue.clear()
