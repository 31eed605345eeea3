"""Terminal output of a study: its progress and its verdict; the door to rich."""

import sys
import time
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from autogen.cli.signals import exit_code
from autogen.data.module import DataModule
from autogen.hpo.study.event import Event
from autogen.hpo.study.events import Confirm, Cut, End, Finalists, Start, Test, WorkerStatus
from autogen.hpo.study.state import StudyState
from autogen.hpo.trial import State
from autogen.report.columns import rule_option, short_column_lines
from autogen.report.page.evidence.copying import GATE
from autogen.report.page.evidence.judging import judging_lines
from autogen.report.result import Result
from autogen.report.schema import Contender
from autogen.report.verdict import between, called, mean_of

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
        self.live = Live(console=self.console, transient=True, refresh_per_second=4)
        self.chapter = "search"
        self.start = Start()
        self.worker_status: WorkerStatus | None = None
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
        if isinstance(error, KeyboardInterrupt):
            how = f"; resume with: autogen resume {self.start.run}" if self.start.run else ""
            self.console.print(f"stopped{how}", markup=False, soft_wrap=True)
            sys.exit(exit_code(error))

    def list_columns(self, data: DataModule) -> None:
        """Say what each column of the data was taken for, before anything is trained."""
        if not self.silent:
            for line in short_column_lines(data.readings):
                self.say(line)

    def listen(self, event: Event, state: StudyState) -> None:
        """Take an event of the study and show it."""
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
        """Progress of the study in one line."""
        ended = state.ended
        parts = [f"{self.chapter}  {state.seconds:.0f}s{self._left(state)}"]
        parts.append(f"{sum(ended.values())} trials")
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
            parts.append(f"best {score:.4g} ({family}, trial {best[0].task.number})")
        return "  ".join(parts)

    def _describe_workers(self, running: int) -> str:
        """Busy workers in a few words."""
        status = self.worker_status
        if status is None:
            busy = min(running, self.start.workers or running)
            return f"{busy} worker{'s' * (busy != 1)} busy"
        nodes = f"{status.nodes} node{'s' * (status.nodes != 1)}"
        words = f"{min(running, status.ready)} of {status.ready} workers busy on {nodes}"
        words += f", {status.requested} requested" if status.requested else ""
        return words + (f" ({status.note})" if status.note else "")

    def say(self, text: str) -> None:
        """Print a line that stays."""
        self.console.print(text, markup=False, soft_wrap=True)
        self.shown = time.monotonic()

    def _left(self, state: StudyState) -> str:
        return f" of {self.start.seconds:.0f}s" if self.start.seconds else ""

    def _note(self, event: Event, state: StudyState) -> None:
        match event:
            case Start():
                self._begin(event)
            case WorkerStatus():
                self.worker_status = event
            case End():
                self._ended(event, state)
            case Cut():
                task = state.trials[event.n].task
                name = f"trial {task.number} ({task.config['family']})"
                self.say(f"{name} is {event.why}: restarted with {task.steps} steps")
            case Finalists():
                self._comparing(event)
            case Confirm():
                self.chapter = "compare"  # a resumed study has no event of its finalists
                self.confirmed += 1
            case Test():
                self.chapter = "test"
                self.say("reading the test split, once")

    def _begin(self, event: Start) -> None:
        self.say(event.about)
        if event.repaired:
            self.say(
                f"the last line of the journal was torn ({event.repaired} bytes): what it told is repeated"
            )
        for change in event.changed:
            self.say(f"note: {change}")

    def _comparing(self, event: Finalists) -> None:
        count = len(event.trials)
        self.chapter, self.planned = "compare", count * event.trainings
        named = f"trial{'s' * (count != 1)} {', '.join(map(str, event.trials))}"
        again = f", training each on {event.trainings} fresh seeds" if self.planned else ""
        self.say(f"comparing {count} finalist{'s' * (count != 1)} ({named}){again}")
        self._say_of_time(event)

    def _say_of_time(self, event: Finalists) -> None:
        """Announce what the budget has no time for."""
        budget, needed = self.start.seconds, event.needed
        if event.left_out:
            named = f"trial{'s' * (len(event.left_out) != 1)} {', '.join(map(str, event.left_out))}"
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
        elif trial.state is State.COMPLETE and state.complete()[0] is trial:
            self.say(f"{name} is the best so far: {trial.curve[-1].score:.4g} after {state.seconds:.0f}s")


#: Found rules that are shown after a run.
RULES = 5
#: Beginning of the notes on data that are warnings.
_WARNING = "Warning: "


def print_verdict(result: Any) -> None:
    """Print the verdict, the table of finalists and baselines, warnings and notes."""
    console = Console(highlight=False)
    console.width = max(console.width, 100)  # a narrow terminal wraps the table instead of cutting it
    found = result.document
    table = Table(box=None, pad_edge=False)
    for column in ("", "test score", "95 % interval", "normalized", "copies?", "train s"):
        table.add_column(column, justify="right" if column else "left", no_wrap=True)
    best = found.best
    for row in found.finalists:
        cells = _cells(row, row.seconds)
        if row.mean is None:
            late = row.trial in found.left_out
            worse = "worse on select" if late else "clearly worse on select"
            cells[1] = worse if row.dropped else "excluded"
        table.add_row(called(row) + " *" * (row.trial == best.trial), *cells)
    for baseline in found.baselines:
        returned = best.trial is None and baseline.name == best.family
        name = f"{baseline.name} (trivial)" if baseline.trivial else baseline.name
        table.add_row(name + " *" * returned, *_cells(baseline))
    console.print()
    console.print(f"verdict: {found.verdict}")
    console.print(found.statement, markup=False, soft_wrap=True)
    console.print()
    console.print(table)
    console.print()
    for line in (*_legend(found), *(f"warning  {one}" for one in found.warnings)):
        console.print(line, markup=False, soft_wrap=True)
    for note in sorted(found.data.notes, key=lambda one: not one.startswith(_WARNING)):
        line = f"data     {note}"
        if note.startswith(_WARNING):
            line = f"warning  {note.removeprefix(_WARNING)}"
        console.print(line, markup=False, soft_wrap=True)
    share = found.evaluation_share
    if share is not None:
        console.print(f"time     {found.seconds:.0f}s; {100 * share:.0f} % of the work was evaluation")
    if rules := result.found_rules:
        options = " ".join(map(rule_option, rules[:RULES]))
        more = f" (and {len(rules) - RULES} more in the report)" if len(rules) > RULES else ""
        line = f"rules    every real row keeps these; to make samples keep them: {options}{more}"
        console.print(line, markup=False, soft_wrap=True)
    for line in judging_lines(found):
        console.print(f"judged   {line.removeprefix('- ')}", markup=False, soft_wrap=True)
    console.print(f"* the model in {result.folder.best}", markup=False, soft_wrap=True)
    console.print(f"report   {result.folder.report}", markup=False, soft_wrap=True)
    console.print(
        f"samples  autogen sample {result.folder.path} -n 100 -o FILE", markup=False, soft_wrap=True
    )


def _legend(found: Result) -> list[str]:
    """Legend of the table: the better direction of scores, and the ends of the normalized scale."""
    objective = found.objective
    better = "lower" if objective.direction == "minimize" else "higher"
    scale = "normalized: 0 is the best trivial baseline, 1 is real rows"
    if found.test.calibrated is None:
        scale = "no normalized score"
    lines = [f"metric   {objective.name}: {better} is better; {scale}"]
    if any(row.memorisation for row in (*found.finalists, *found.baselines)):
        lines.append(
            "copies?  memorization test: share of samples nearer to training rows (0.50 by chance), or "
            "share copied"
        )
    return lines


def _cells(row: Contender, took: float | None = None) -> list[str]:
    """Figures of one row of the table."""
    gate = row.memorisation
    copies = "" if gate is None else ("no" if gate.passed else "YES") + f" ({gate.share:.2f})"
    if gate and not gate.passed and gate.copied and gate.share <= GATE:
        copies = f"YES ({100 * gate.copied:.0f} % copied)"  # the share alone would not be refused
    copies += "" if row.diversity is None or row.diversity.passed else ", repeats"
    place = "" if row.calibrated is None else f"{row.calibrated:.3f}"
    seconds = "" if took is None else f"{took:.1f}"
    return [mean_of(row), between(row), place, copies, seconds]
