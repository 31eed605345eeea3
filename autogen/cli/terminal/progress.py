"""Terminal output of a study while it runs: what is loaded and read, then a bar with what is left."""

import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.text import Text

from autogen.cli.terminal.bar import bar, seconds_in_words
from autogen.cli.terminal.signals import exit_code
from autogen.data.kind import WARNING
from autogen.data.module import DataModule
from autogen.engine.run_folder import RunFolder
from autogen.errors import agreed, command, counted
from autogen.hpo.budget import Budget
from autogen.hpo.study.event import Event
from autogen.hpo.study.events import Confirm, Cut, End, Finalists, Start, Test, WorkerStatus
from autogen.hpo.study.state import COPIES, StudyState, doubted
from autogen.hpo.trial import State
from autogen.report.columns import short_column_lines

#: Seconds between two lines if the output is no terminal.
QUIET_SECONDS = 10.0
#: Multiple of a time budget from which an estimated overrun is announced.
LATE = 1.15


class Progress:
    """Shows the progress of a study: a live line on a terminal, a line now and then elsewhere.

    Ctrl-C, SIGTERM or SIGHUP ends it with a line that gives the command to resume.

    Args:
        silent: True to show nothing.
    """

    def __init__(self, silent: bool) -> None:
        self.silent = silent
        self.console = Console(stderr=True, highlight=False)
        self.state: StudyState | None = None
        self.live = Live(
            console=self.console, transient=True, refresh_per_second=4, get_renderable=self.renderable
        )
        self.chapter = "search"
        self.trials: float | None = None
        self.heard = time.monotonic()
        self.start = Start()
        self.worker_status: WorkerStatus | None = None
        self.confirmed = 0
        self.planned = 0
        self.shown = time.monotonic()

    def __enter__(self) -> Any:
        return self.listen

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.live.stop()
        if isinstance(error, KeyboardInterrupt):
            resumed = command("autogen", "resume", self.start.run)
            how = f"; resume with: {resumed}" if self.start.run else ""
            self.console.print(f"stopped{how}", markup=False, soft_wrap=True)
            sys.exit(exit_code(error))

    def list_columns(self, data: DataModule) -> None:
        """Say what each column was taken for, and warn of the data, before anything is trained."""
        if not self.silent:
            for line in short_column_lines(data.readings):
                self.say(line)
            for note in data.notes:
                if note.startswith(WARNING):
                    self.say(f"warning: {note.removeprefix(WARNING)}")

    def listen(self, event: Event, state: StudyState) -> None:
        """Take an event of the study and show it."""
        if isinstance(event, Start):
            self.start = event
        if self.silent:
            return
        self.state, self.heard = state, time.monotonic()
        if self.console.is_terminal:
            self.live.start()  # once; other calls do nothing
        self._note(event, state)
        if not self.console.is_terminal and time.monotonic() - self.shown > QUIET_SECONDS:
            self.say(self.line(state))

    def renderable(self) -> Text:
        """Bar and line of this moment; the clock goes on between two events."""
        if self.state is None:
            return Text("")
        line, share = self.line(self.state), self.share(self.state)
        drawn = "" if share is None else bar(share, self.console.encoding) + "  "
        return Text(drawn + line, no_wrap=True, overflow="ellipsis")

    def now(self, state: StudyState) -> float:
        """Second on the study's clock."""
        return state.seconds + time.monotonic() - self.heard

    def share(self, state: StudyState) -> float | None:
        """Share of the budget that is used, 0 to 1; ``None`` without a limit, or beyond a limit of trials."""
        shares = [self.now(state) / self.start.seconds] if self.start.seconds else []
        if self.trials and self.chapter == "search":
            shares.append(state.ended.total() / self.trials)
        return min(1.0, max(shares)) if shares else None

    def left(self, state: StudyState) -> str:
        """Estimate of the time that is left, in words; empty for none."""
        now, ended = self.now(state), state.ended.total()
        if self.start.seconds:
            rest = self.start.seconds - now
            return f"{seconds_in_words(rest)} left" if rest > 0 else "finishing"
        if self.trials and self.chapter == "search" and ended:
            rest = now / ended * (self.trials - ended)
            return f"about {seconds_in_words(rest)} of search left"
        return ""

    def line(self, state: StudyState) -> str:
        """Progress of the study in one line."""
        ended = state.ended
        parts = [f"{self.chapter}  {self.now(state):.0f}s{self._limit()}"]
        parts += [left] if (left := self.left(state)) else []
        parts.append(counted(sum(ended.values()), "trial"))
        stopped = {
            "pruned": ended[State.PRUNED] - state.timeouts,
            "out of time": state.timeouts,
            "failed": ended[State.FAILED],
            "infeasible": ended[State.INFEASIBLE],
        }
        parts += [f"{count} {word}" for word, count in stopped.items() if count]
        if self.chapter == "compare":
            if self.planned:
                parts.append(f"{self.confirmed} of {self.planned} fresh trainings")
        elif state.running:
            parts.append(self._describe_workers(len(state.running)))
        best = state.complete()[:1]
        if best:
            score = best[0].curve[-1].score
            family = best[0].task.config["family"]
            suspect = best[0].suspect
            doubt = f", suspected{' of copying' * (COPIES in suspect)}" if suspect else ""
            parts.append(f"best {score:.4g} ({family}, trial {best[0].task.number}{doubt})")
        return "  ".join(parts)

    def _describe_workers(self, running: int) -> str:
        """Busy workers in a few words."""
        status = self.worker_status
        if status is None:
            busy = min(running, self.start.workers or running)
            return f"{counted(busy, 'worker')} busy"
        ready = counted(status.ready, "worker")
        words = f"{min(running, status.ready)} of {ready} busy on {counted(status.nodes, 'node')}"
        words += f", {status.requested} requested" if status.requested else ""
        return words + (f" ({status.note})" if status.note else "")

    def say(self, text: str) -> None:
        """Print a line that stays."""
        self.console.print(text, markup=False, soft_wrap=True)
        self.shown = time.monotonic()

    def _limit(self) -> str:
        return f" of {self.start.seconds:.0f}s" if self.start.seconds else ""

    def _note(self, event: Event, state: StudyState) -> None:
        match event:
            case Start():
                self._begin(event, state)
            case WorkerStatus():
                self.worker_status = event
            case End():
                self._ended(event, state)
            case Cut():
                task = state.trials[event.n].task
                name = f"trial {task.number} ({task.config['family']})"
                self.say(f"{name} is {event.why}: restarted with {counted(task.steps, 'step')}")
            case Finalists():
                self._comparing(event)
            case Confirm():
                self.chapter = "compare"  # a resumed study has no event of its finalists
                self.confirmed += 1
            case Test():
                if self.chapter != "test":
                    self.say("reading the test split, once")
                self.chapter = "test"

    def _begin(self, event: Start, state: StudyState) -> None:
        self.say(event.about)
        if event.run:
            self.trials = Budget.parse(str(RunFolder(Path(event.run)).read_study()["budget"])).trials
        if event.repaired:
            self.say(
                f"the last line of the journal was torn ({event.repaired} bytes): what it told is repeated"
            )
        for change in event.changed:
            self.say(f"note: {change}")
        if doubt := state.doubt():
            self.say(f"note: {doubt}")

    def _comparing(self, event: Finalists) -> None:
        if self.chapter == "test":
            more = event.trials[-1]
            self.say(f"no finalist can win so far, and there is time: comparing trial {more}, too")
            return
        count = len(event.trials)
        self.chapter, self.planned = "compare", count * event.trainings
        named = f"{agreed(count, 'trial', 'trials')} {', '.join(map(str, event.trials))}"
        again = f", training each on {event.trainings} fresh seeds" if self.planned else ""
        self.say(f"comparing {counted(count, 'finalist')} ({named}){again}")
        self._say_of_time(event)

    def _say_of_time(self, event: Finalists) -> None:
        """Announce what the budget has no time for."""
        budget, needed = self.start.seconds, event.needed
        if event.left_out:
            left_out = ", ".join(map(str, event.left_out))
            named = f"{agreed(len(event.left_out), 'trial', 'trials')} {left_out}"
            self.say(f"no time to compare {named} as well")
        if budget and needed > LATE * budget:
            self.say(
                f"the budget of {budget:.0f}s is too short to compare one finalist with the baselines; this "
                f"is finished all the same: the study may take up to {needed:.0f}s"
            )

    def _ended(self, event: End, state: StudyState) -> None:
        trial = state.trials[event.n]
        name = f"trial {trial.task.number} ({trial.task.config['family']})"
        if trial.state is State.FAILED:
            self.say(f"{name} failed: {trial.reason}")
        elif trial.suspect and state.doubt() == doubted(trial):
            self.say(f"{doubted(trial)}: it ranks behind all others")
        elif trial.state is State.COMPLETE and state.complete()[0] is trial and not trial.suspect:
            doubt = f"; {state.doubt()}" if state.doubt() else ""
            score = f"{trial.curve[-1].score:.4g} after {state.seconds:.0f}s"
            self.say(f"{name} is the best so far: {score}{doubt}")
