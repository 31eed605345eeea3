"""How any executor carries out a cohort: every task ends exactly once, whatever the work does."""

from autogen.hpo.executor import Report, Work
from autogen.hpo.trial import Cohort, Finished, State

#: Why the tasks of a cohort end that the controller has abandoned.
ABANDONED = "abandoned by the controller"


def carry_out(work: Work, cohort: Cohort, report: Report) -> list[Finished]:
    """Do the work; a cohort that it drops or breaks off by an exception becomes failed tasks."""
    reason, retry = "the work ended without saying how this trial ended", False
    ended: list[Finished] = []
    try:
        ended = work(cohort, report)
    except Exception as error:  # the contract forbids it, but a study must outlive a broken work
        text = (str(error).splitlines() or [""])[0]
        retry = isinstance(error, MemoryError)
        reason = f"{'out of memory' if retry else type(error).__name__}: {text}".rstrip(": ")
    told = {finished.number for finished in ended}
    return ended + lost(cohort, reason, told, retry=retry)


def lost(cohort: Cohort, reason: str, told: set[int] | None = None, *, retry: bool = True) -> list[Finished]:
    """The failure of all tasks of a cohort that have not been told yet."""
    numbers = [task.number for task in cohort.tasks if task.number not in (told or ())]
    return [Finished(number, State.FAILED, reason, retry) for number in numbers]
