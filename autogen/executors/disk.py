"""Executor around another one that stops the study if a worker cannot write its files."""

from collections.abc import Iterator, Sequence

from autogen.errors import WriteError
from autogen.hpo.executor import Decide, Executor, Work, WorkerStatus
from autogen.hpo.trial import Finished, TrialBatch


class StopsOnDiskErrors(Executor):
    """Executor that makes a full or failing disk the study's error, and not the trial's.

    The trial has no end then, so that resuming the study runs it again.

    Args:
        inner: Executor that does the work.
    """

    def __init__(self, inner: Executor) -> None:
        self.inner = inner

    @property
    def workers(self) -> int:  # type: ignore[override]
        """Number of trial batches that can run at once."""
        return self.inner.workers

    @property
    def status(self) -> WorkerStatus | None:  # type: ignore[override]
        """Status of the workers if their number changes by itself."""
        return self.inner.status

    def warm(self, modules: Sequence[str]) -> None:
        """Start workers while their work is still being made."""
        self.inner.warm(modules)

    def start(self, work: Work) -> None:
        """Start workers for this work."""
        self.inner.start(work)

    def submit(self, trial_batch: TrialBatch) -> None:
        """Queue a trial batch and return at once."""
        self.inner.submit(trial_batch)

    def results(self, decide: Decide, timeout: float | None = None) -> Iterator[Finished]:
        """Yield trials that have ended; see ``Executor.results``.

        Raises:
            WriteError: a worker could not write a file.
        """
        for finished in self.inner.results(decide, timeout):
            if finished.disk_error:
                raise WriteError(f"{finished.reason}{f' (on {finished.node})' if finished.node else ''}")
            yield finished

    def cancel(self, number: int) -> None:
        """Stop a trial at once."""
        self.inner.cancel(number)

    def close(self) -> None:
        """Stop all workers and their running trial batches."""
        self.inner.close()
