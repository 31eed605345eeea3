"""Trackers of one study: they follow the journal on a thread of their own, and never stop the search."""

import queue
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from autogen import registry
from autogen.engine.run_folder import RunFolder
from autogen.errors import AutogenError, RunError, SettingsError, told
from autogen.generator.generator import DATA, read_codec
from autogen.hpo.objective import Objective
from autogen.hpo.study.event import Event
from autogen.hpo.study.events import Ask, End, Result, Rung, Start
from autogen.hpo.study.journal import read
from autogen.hpo.study.state import StudyState, TrialRecord
from autogen.hpo.trial import State
from autogen.tracking.base import TrackedStudy, Tracker

#: Seconds that a finished study waits for its trackers to write what is left.
PATIENCE = 60.0


def trackers_of(names: Iterable[str]) -> dict[str, Tracker]:
    """Make trackers of texts ``NAME`` or ``NAME:TARGET``.

    Raises:
        UnknownNameError: no such tracker; the nearest one is suggested.
        SettingsError: the package of a tracker is not installed, or its target cannot be used.
    """
    found: dict[str, Tracker] = {}
    for text in names:
        name, _, target = text.partition(":")
        place = registry.get_place("tracker", name)
        try:
            found[text] = registry.load(place)(target)
        except ImportError as error:
            raise SettingsError(
                f"the tracker {name} needs a package that is not installed ({error}); "
                f"install it with: pip install {error.name or name}"
            ) from error
        except AutogenError:
            raise
        except Exception as error:  # whatever a server or a file makes another tool fail with
            raise SettingsError(f"the tracker {text} cannot be used: {told(error)}") from error
    return found


class Tracking:
    """Passes the events of a study on to trackers.

    It is a listener of the study that only queues events; a thread replays them, so the search does not wait
    for a server or a disk. A tracker that fails is left out from then on; all are if the journal cannot be
    read.

    Args:
        trackers: Trackers by name.
        patience: Seconds to wait in the end for what is left to be written; ``None`` for no limit.

    Attributes:
        problems: Why a tracker was left out, by its name.
    """

    def __init__(self, trackers: dict[str, Tracker], patience: float | None = PATIENCE) -> None:
        self._patience = patience
        self.problems: dict[str, str] = {}
        self._trackers = dict(trackers)
        self._queue: queue.SimpleQueue[Event | Sequence[Event] | None] = queue.SimpleQueue()
        self._state = StudyState(Objective(""))
        self._folder: RunFolder | None = None
        self._heard = False
        self._thread = threading.Thread(target=self._run, name="autogen-trackers", daemon=True)

    def __enter__(self) -> Self:
        if self._trackers:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join(self._patience)
        if self._thread.is_alive():
            self.problems |= dict.fromkeys(
                self._trackers, f"did not finish within {self._patience or 0.0:.0f} s"
            )

    def listen(self, event: Event, _: StudyState) -> None:
        """Take an event of the study; a start brings all events before it."""
        self._heard = True
        if self._thread.is_alive():
            self._queue.put(event)

    def replay(self, events: Sequence[Event]) -> None:
        """Take all events of a journal at once."""
        self._queue.put(events)

    def show(self, run: Path) -> None:
        """Take all that a run has done so far.

        Raises:
            RunError: the folder is no run, or its study has not begun.
        """
        folder = RunFolder.open(run)
        events = read(folder.journal)
        if not any(isinstance(event, Start) for event in events):
            raise RunError(f"{run} has not begun yet: its journal has no trial; resume it first")
        # The run may have been copied from another machine.
        self.replay([replace(one, run=str(folder.path)) if isinstance(one, Start) else one for one in events])

    def show_finished(self, run: Path) -> bool:
        """Show a run that had nothing left to do, so that no event was heard.

        Returns:
            True if it is shown, to at least one tracker.
        """
        if self._heard or not self._trackers:
            return False
        self.show(run)
        return True

    def _run(self) -> None:
        while (given := self._queue.get()) is not None:
            if not self._trackers:
                continue
            try:
                self._take(_up_to(given) if isinstance(given, Event) else given)
            except Exception as error:  # of a run's files, which another process may change
                self.problems |= dict.fromkeys(self._trackers, told(error))
                self._trackers.clear()
        for name in list(self._trackers):
            self._call(name, "close")

    def _take(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, Start) and event.objective:
                self._state.objective = event.objective
            self._state.apply(event)
        starts = [event for event in events if isinstance(event, Start)]
        if starts:
            self._begin(starts[-1], events[-1])
        else:
            self._tell(events[-1])

    def _begin(self, start: Start, last: Event) -> None:
        """Show trackers the study, and the trials it has had."""
        folder = self._folder = RunFolder(Path(start.run))
        study = TrackedStudy.of(folder, start, read_codec(folder.trials / DATA).kind)
        for name in list(self._trackers):
            if self._call(name, "begin", study):
                for trial in list(self._state.trials):
                    self._repeat(name, trial)
            else:
                for trial in list(self._state.trials):
                    if trial.state is not State.RUNNING:
                        self._call(name, "remembered", trial)
        if isinstance(last, Result):
            self._tell(last)

    def _repeat(self, name: str, trial: TrialRecord) -> None:
        """Tell one tracker all of a trial."""
        self._call(name, "asked", trial)
        for at in trial.curve:
            self._call(name, "measured", trial, at)
        if trial.state is not State.RUNNING:
            self._call(name, "ended", trial)

    def _tell(self, event: Event) -> None:
        for name in list(self._trackers):
            match event:
                case Ask():
                    self._call(name, "asked", self._state.trials[event.n])
                case Rung():
                    trial = self._state.trials[event.n]
                    self._call(name, "measured", trial, trial.curve[-1])
                case End():
                    self._call(name, "ended", self._state.trials[event.n])
                case Result():
                    assert self._folder is not None
                    self._call(name, "concluded", self._folder.read_result())

    def _call(self, name: str, method: str, *arguments: object) -> object:
        """Call a tracker, and leave it out if it fails."""
        if name not in self._trackers:
            return None
        try:
            return getattr(self._trackers[name], method)(*arguments)
        except Exception as error:  # of a server, a disk, another tool
            self._trackers.pop(name)
            self.problems[name] = told(error)
            return None


def _up_to(event: Event) -> Sequence[Event]:
    """List an event, after all that stand before it in the journal if it is a start.

    The search goes on meanwhile: the events after the start are heard of one by one.
    """
    if not isinstance(event, Start):
        return [event]
    events = read(RunFolder(Path(event.run)).journal)
    last = max(place for place, one in enumerate(events) if isinstance(one, Start))
    return events[: last + 1]


def export_study(run: Path, trackers: dict[str, Tracker]) -> None:
    """Tell trackers of all that a run has done so far.

    Args:
        run: Folder of a run, finished or not.
        trackers: Trackers by name.

    Raises:
        RunError: the folder is no run, or a tracker failed.
    """
    with Tracking(trackers, patience=None) as tracking:
        tracking.show(run)
    for name, why in tracking.problems.items():
        raise RunError(f"the tracker {name} failed: {why}")
