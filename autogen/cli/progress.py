"""What the command line shows while a study runs, and its verdict; the door to rich."""

import sys
import time
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from autogen.hpo.study.event import Event
from autogen.hpo.study.events import Confirm, Cut, End, Finalists, Start, Test, WorkerStatus
from autogen.hpo.study.state import StudyState
from autogen.hpo.trial import State
from autogen.report.page.judging import judging_lines
from autogen.report.schema import Contender
from autogen.report.verdict import between, called, mean_of

#: Seconds between two lines where the output is no terminal.
QUIET_SECONDS = 10.0
#: Share of a budget up to which a study that is foretold to overrun it is not worth a word.
LATE = 1.15


class Progress:
    """Shows a study as it goes on: a live line on a terminal, a line now and then elsewhere.

    Ctrl-C ends it with a line that says how to go on.

    Args:
        silent: Show nothing.
    """

    def __init__(self, silent: bool) -> None:
        self.silent = silent
        self.console = Console(stderr=True, highlight=False)
        self.live = Live(console=self.console, transient=True, refresh_per_second=4)
        self.chapter = "search"
        self.start = Start()
        self.crew: WorkerStatus | None = None
        self.confirmed = 0
        self.planned = 0
        self.shown = time.monotonic()

    def __enter__(self) -> Any:
        if not self.silent and self.console.is_terminal:
            self.live.start()
        return self.listen

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.live.stop()
        if kind is KeyboardInterrupt:
            how = f"; resume with: autogen resume {self.start.run}" if self.start.run else ""
            self.console.print(f"stopped{how}", markup=False, soft_wrap=True)
            sys.exit(130)

    def listen(self, event: Event, state: StudyState) -> None:
        """Take note of an event and show what it means."""
        if isinstance(event, Start):
            self.start = event
        if self.silent:
            return
        self._note(event, state)
        if self.console.is_terminal:
            self.live.update(Text(self.line(state), no_wrap=True, overflow="ellipsis"))
        elif time.monotonic() - self.shown > QUIET_SECONDS:
            self.say(self.line(state))

    def line(self, state: StudyState) -> str:
        """Where the study stands, in one line."""
        ended = state.ended
        parts = [f"{self.chapter}  {state.seconds:.0f}s{self._left(state)}"]
        parts.append(f"{sum(ended.values())} trials")
        stopped = {"stopped early": ended[State.PRUNED], "failed": ended[State.FAILED]}
        stopped["infeasible"] = ended[State.INFEASIBLE]
        parts += [f"{count} {word}" for word, count in stopped.items() if count]
        if self.chapter == "compare":
            if self.planned:
                parts.append(f"{self.confirmed} of {self.planned} fresh trainings")
        elif state.running:
            parts.append(self._crew_line(len(state.running)))
        best = state.complete()[:1]
        if best:
            score = best[0].curve[-1].score
            family = best[0].task.config["family"]
            parts.append(f"best {score:.4g} ({family}, trial {best[0].task.number})")
        return "  ".join(parts)

    def _crew_line(self, running: int) -> str:
        """Who is at work, in a few words."""
        if not self.crew:
            return f"{min(running, self.start.workers or running)} workers busy"
        ready, requested, nodes = self.crew.ready, self.crew.requested, self.crew.nodes
        words = f"{min(running, ready)} of {ready} workers busy on {nodes} node{'s' * (nodes != 1)}"
        words += f", {requested} requested" if requested else ""
        return words + (f" ({self.crew.note})" if self.crew.note else "")

    def say(self, text: str) -> None:
        """Print a line that stays."""
        self.console.print(text, markup=False, soft_wrap=True)
        self.shown = time.monotonic()

    def _left(self, state: StudyState) -> str:
        return f" of {self.start.seconds:.0f}s" if self.start.seconds else ""

    def _note(self, event: Event, state: StudyState) -> None:
        match event:
            case Start():
                self.say(event.about)
            case WorkerStatus():
                self.crew = event
            case End():
                self._ended(event, state)
            case Cut():
                task = state.trials[event.n].task
                name = f"trial {task.number} ({task.config['family']})"
                self.say(f"{name} is {event.why}: restarted with {task.steps} steps")
            case Finalists():
                self._comparing(event)
            case Confirm():
                self.chapter = "compare"  # of a resumed study the finalists were told long ago
                self.confirmed += 1
            case Test():
                self.chapter = "test"
                self.say("reading the test split, once")

    def _comparing(self, event: Finalists) -> None:
        count = len(event.trials)
        self.chapter, self.planned = "compare", count * event.trainings
        named = f"trial{'s' * (count != 1)} {', '.join(map(str, event.trials))}"
        again = f", training each on {event.trainings} fresh seeds" if self.planned else ""
        self.say(f"comparing {count} finalist{'s' * (count != 1)} ({named}){again}")
        self._say_of_time(event)

    def _say_of_time(self, event: Finalists) -> None:
        """What the budget has no time for."""
        budget, needed = self.start.seconds, event.needed
        if event.left_out:
            self.say(f"no time to compare trials {', '.join(map(str, event.left_out))} as well")
        if budget and needed > LATE * budget:
            self.say(
                f"the budget of {budget:.0f}s is too short: the comparison with the baselines is finished all the "
                f"same, after up to {needed:.0f}s"
            )

    def _ended(self, event: End, state: StudyState) -> None:
        trial = state.trials[event.n]
        name = f"trial {trial.task.number} ({trial.task.config['family']})"
        if trial.state is State.FAILED:
            self.say(f"{name} failed: {trial.reason}")
        elif trial.state is State.COMPLETE and state.complete()[0] is trial:
            self.say(f"{name} is the best so far: {trial.curve[-1].score:.4g} after {state.seconds:.0f}s")


def print_verdict(result: Any) -> None:
    """Print what a study found."""
    console = Console(highlight=False)
    console.width = max(console.width, 100)  # a narrow terminal wraps the table, nothing cuts it
    found = result.document
    table = Table(box=None, pad_edge=False)
    for column in ("", "test score", "95 % interval", "normalized", "copies?", "train s"):
        table.add_column(column, justify="right" if column else "left", no_wrap=True)
    best = found.best
    for row in found.finalists:
        table.add_row(called(row) + " *" * (row.trial == best.trial), *_cells(row, row.seconds))
    for baseline in found.baselines:
        returned = best.trial is None and baseline.name == best.family
        table.add_row(baseline.name + " *" * returned, *_cells(baseline))
    console.print()
    console.print(found.statement, markup=False, soft_wrap=True)
    console.print()
    console.print(table)
    console.print()
    for warning in found.warnings:
        console.print(f"note: {warning}", markup=False, soft_wrap=True)
    share = found.evaluation_share
    if share is not None:
        console.print(f"time     {found.seconds:.0f}s; {100 * share:.0f} % of the work was evaluation")
    for line in judging_lines(found):
        console.print(f"judged   {line.removeprefix('- ')}", markup=False, soft_wrap=True)
    console.print(f"* the model in {result.folder.best}", markup=False, soft_wrap=True)
    console.print(f"report   {result.folder.report}", markup=False, soft_wrap=True)
    console.print(
        f"samples  autogen sample {result.folder.path} -n 100 -o FILE", markup=False, soft_wrap=True
    )


def _cells(row: Contender, took: float | None = None) -> list[str]:
    """The figures of one line of the verdict's table."""
    gate = row.memorisation
    copies = "" if gate is None else ("no" if gate.passed else "YES") + f" ({gate.share:.2f})"
    copies += "" if row.diversity is None or row.diversity.passed else ", repeats"
    calibrated = "" if row.calibrated is None else f"{row.calibrated:.3f}"
    seconds = "" if took is None else f"{took:.1f}"
    return [mean_of(row), between(row), calibrated, copies, seconds]
