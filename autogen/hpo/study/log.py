"""The log of a study: its journal, its clock, and the state that follows from the journal."""

import time
from collections.abc import Callable
from dataclasses import asdict, replace

from autogen.hpo import executor
from autogen.hpo.objective import Objective
from autogen.hpo.study.event import Event
from autogen.hpo.study.events import WorkerStatus
from autogen.hpo.study.journal import Journal
from autogen.hpo.study.state import StudyState

#: Number of retries of a task whose worker was lost.
RETRIES = 1
#: Least seconds between two events on the workers.
STATUS_SECONDS = 5.0

#: Called after each event with the event and the state.
Listener = Callable[[Event, StudyState], None]


class StudyLog:
    """Writes the events of a study to its journal and keeps the state that follows from them.

    An event is written before it is applied, so a state is always the replay of its journal.

    Args:
        journal: Open journal, whose events are replayed.
        objective: Objective that orients scores.
        listen: Called after each event with the event and the state.
        spent: Seconds that this process has already spent on the study, such as on reading its data.
        clock: Function that gives seconds; a simulation has a faster one.

    Attributes:
        journal: The journal.
        state: Replay of the journal.
    """

    def __init__(
        self,
        journal: Journal,
        objective: Objective,
        *,
        listen: Listener | None = None,
        spent: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.journal = journal
        self.state = StudyState(objective)
        self.state.replay(journal.events, journal.path)
        self._listen = listen
        self._clock = clock
        self._began = clock() - self.state.seconds - spent
        self._workers: executor.WorkerStatus | None = None
        self._workers_at = 0.0

    @property
    def seconds(self) -> float:
        """Second on the study's clock: what all processes that ran the study have spent on it."""
        return self._clock() - self._began

    def record(self, event: Event) -> None:
        """Write an event, stamped with the study's clock, and apply it."""
        stamped = replace(event, t=round(self.seconds, 4))
        self.journal.append(stamped)
        self.state.apply(stamped)
        if self._listen:
            self._listen(stamped, self.state)

    def note_workers(self, status: executor.WorkerStatus | None) -> None:
        """Record a changed status of the workers, at most once in ``STATUS_SECONDS``.

        Args:
            status: Status of the executor's workers; ``None`` if their number is fixed.
        """
        now = self._clock()
        if status is not None and status != self._workers and now >= self._workers_at + STATUS_SECONDS:
            self._workers, self._workers_at = status, now
            self.record(WorkerStatus(**asdict(status)))
