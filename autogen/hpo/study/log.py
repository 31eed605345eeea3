"""The log of a study: its journal with its clock and with what the journal says so far."""

import time
from collections.abc import Callable
from dataclasses import asdict, replace

from autogen.hpo import executor
from autogen.hpo.objective import Objective
from autogen.hpo.study.event import Event
from autogen.hpo.study.events import WorkerStatus
from autogen.hpo.study.journal import Journal
from autogen.hpo.study.state import StudyState

#: How often a task is tried again after its worker was lost.
RETRIES = 1
#: Seconds between two events that say who is at work.
CREW_SECONDS = 5.0

#: Called after each event with the event and the state.
Listener = Callable[[Event, StudyState], None]


class StudyLog:
    """Writes what happens in a study and keeps the state that follows from it.

    An event is written first and applied then, so that a state is always the replay of its journal.

    Args:
        journal: Open journal; its events are replayed here.
        objective: Objective that orients scores.
        listen: Called after each event with the event and the state.
        spent: Seconds that this process has spent on the study so far, such as on reading its data.
        clock: Source of seconds; a simulation has a faster one.

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
        for event in journal.events:
            self.state.apply(event)
        self._listen = listen
        self._clock = clock
        self._began = clock() - self.state.seconds - spent
        self._crew: executor.WorkerStatus | None = None
        self._crew_at = 0.0

    @property
    def seconds(self) -> float:
        """Seconds on the study's clock: spent on it by all processes that ran it."""
        return self._clock() - self._began

    def record(self, event: Event) -> None:
        """Write an event, stamped with the study's clock, and apply it."""
        stamped = replace(event, t=round(self.seconds, 4))
        self.journal.append(stamped)
        self.state.apply(stamped)
        if self._listen:
            self._listen(stamped, self.state)

    def note_crew(self, crew: executor.WorkerStatus | None) -> None:
        """Record who is at work where that has changed, at most once in ``CREW_SECONDS``.

        Args:
            crew: Workers of the executor; ``None`` where they do not change.
        """
        now = self._clock()
        if crew is not None and crew != self._crew and now >= self._crew_at + CREW_SECONDS:
            self._crew, self._crew_at = crew, now
            self.record(WorkerStatus(**asdict(crew)))
