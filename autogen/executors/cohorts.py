"""Execution of a cohort, for all executors: every task ends exactly once, whatever the work does."""

from autogen.hpo.executor import Report, Work
from autogen.hpo.trial import Finished, State, TrialBatch

#: Reason of the end of tasks that the controller cancelled.
ABANDONED = "cancelled by the controller"


def carry_out(work: Work, cohort: TrialBatch, report: Report) -> list[Finished]:
    """Run a cohort; tasks that the work drops, or that an exception stops, become failures.

    Args:
        work: work of the study.
        cohort: trials that are trained together.
        report: callback of the work for each rung.

    Returns:
        The end of each task, exactly once.
    """
    reason, retry = "the work ended without reporting the end of this trial", False
    ended: list[Finished] = []
    try:
        ended = work(cohort, report)
    except Exception as error:  # the contract forbids it, but a study must survive a faulty work
        text = (str(error).splitlines() or [""])[0]
        retry = isinstance(error, MemoryError)
        reason = f"{'out of memory' if retry else type(error).__name__}: {text}".rstrip(": ")
    done = {finished.number for finished in ended}
    return ended + lost(cohort, reason, done, retry=retry)


def lost(
    cohort: TrialBatch, reason: str, done: set[int] | None = None, *, retry: bool = True
) -> list[Finished]:
    """Fail all tasks of a cohort whose end was not reported yet.

    Args:
        cohort: trials that are trained together.
        reason: reason of the failure.
        done: numbers of the tasks whose end was reported.
        retry: True if the trials may run again.
    """
    numbers = [task.number for task in cohort.tasks if task.number not in (done or ())]
    return [Finished(number, State.FAILED, reason, retry) for number in numbers]
