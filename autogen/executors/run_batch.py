"""Execution of a trial batch, for all executors: every task ends exactly once, whatever the work does."""

from dataclasses import replace

from autogen.files import is_disk_error
from autogen.hpo.executor import Report, Work
from autogen.hpo.trial import Finished, State, TrialBatch

#: Reason of the end of tasks that the controller canceled.
CANCELED = "canceled by the controller"


def carry_out(work: Work, trial_batch: TrialBatch, report: Report) -> list[Finished]:
    """Run a trial batch; tasks that the work drops, or that an exception stops, become failures.

    Args:
        work: work of the study.
        trial_batch: trials that are trained together.
        report: callback of the work for each rung.

    Returns:
        The end of each task, exactly once.
    """
    reason, retry, disk_error = "the work ended without reporting the end of this trial", False, False
    ended: list[Finished] = []
    try:
        ended = work(trial_batch, report)
    except Exception as error:  # the contract forbids it, but a study must survive a faulty work
        text = (str(error).splitlines() or [""])[0]
        retry, disk_error = isinstance(error, MemoryError), is_disk_error(error)
        reason = f"{'out of memory' if retry else type(error).__name__}: {text}".rstrip(": ")
    done = {finished.number for finished in ended}
    missing = lost(trial_batch, reason, done, retry=retry)
    return ended + [replace(finished, disk_error=disk_error) for finished in missing]


def lost(
    trial_batch: TrialBatch, reason: str, done: set[int] | None = None, *, retry: bool = True
) -> list[Finished]:
    """Fail all tasks of a trial batch whose end was not reported yet.

    Args:
        trial_batch: trials that are trained together.
        reason: reason of the failure.
        done: numbers of the tasks whose end was reported.
        retry: True if the trials may run again.
    """
    numbers = [task.number for task in trial_batch.tasks if task.number not in (done or ())]
    return [Finished(number, State.FAILED, reason, retry) for number in numbers]
