"""The verdict of a study on the terminal."""

from typing import Any

from rich.console import Console
from rich.table import Table

from autogen.cli.terminal.width import widen
from autogen.data.declaration import declared
from autogen.errors import printable
from autogen.files import short_path
from autogen.report.columns import rule_option
from autogen.report.page.evidence.comparison import unmeasured
from autogen.report.page.evidence.judging import judging_lines
from autogen.report.page.findings import sample_command
from autogen.report.result import Result
from autogen.report.schema import Baseline, Finalist
from autogen.report.scores import between, mean_of
from autogen.report.verdict import called

#: Found rules that are shown after a run.
RULES = 5


def print_verdict(result: Any) -> None:
    """Print the verdict, the table of finalists and baselines, warnings and notes."""
    console = Console(highlight=False)
    found = result.document
    table = table_of(found)
    widen(console, table)
    console.print()
    console.print(f"verdict: {found.verdict}")
    console.print(found.statement, markup=False, soft_wrap=True)
    if found.privacy:
        told = f"{found.privacy.headline()}. It holds for best/ as its card says; publish nothing else"
        console.print(f"privacy: {told}", markup=False, soft_wrap=True)
    console.print()
    console.print(table)
    console.print()
    for line in (*legend(found), *(f"warning  {one}" for one in found.warnings)):
        console.print(line, markup=False, soft_wrap=True)
    for note in found.not_warned(found.data.notes):
        console.print(f"data     {note}", markup=False, soft_wrap=True)
    share = found.evaluation_share
    if share is not None:
        evaluation = f"{100 * share:.0f} % of the work was evaluation"
        console.print(f"time     {found.seconds:.0f}s{_clock(found)}; {evaluation}", soft_wrap=True)
    if utility := result.utility:
        console.print(f"utility  {printable(utility)}", markup=False, soft_wrap=True)
    if (rules := result.found_rules) and not found.privacy:  # which refuses --rule
        options = " ".join(map(rule_option, rules[:RULES]))
        more = f" (and {len(rules) - RULES} more in the report)" if len(rules) > RULES else ""
        line = f"rules    every real row keeps these; to make samples keep them: {options}{more}"
        console.print(line, markup=False, soft_wrap=True)
    for line in judging_lines(found):
        console.print(f"judged   {line.removeprefix('- ')}", markup=False, soft_wrap=True)
    console.print(f"* the model in {short_path(result.folder.best)}", markup=False, soft_wrap=True)
    console.print(f"report   {short_path(result.folder.report)}", markup=False, soft_wrap=True)
    file = declared(found.data.kind).file
    draw = sample_command(short_path(result.folder.path), file)
    console.print(f"samples  {draw}", markup=False, soft_wrap=True)


def table_of(found: Result) -> Table:
    """Table of the finalists, the baselines and real data: score, interval, tests, time."""
    table = Table(box=None, pad_edge=False)
    for column in ("", "test score", "95 % interval", "normalized", "copies?", "train s"):
        table.add_column(column, justify="right" if column else "left", no_wrap=True)
    best = found.best
    for row in found.finalists:
        cells = _cells(row, found, row.seconds)
        table.add_row(called(row) + " *" * (row.trial == best.trial), *cells)
    for baseline in found.baselines:
        returned = best.trial is None and baseline.name == best.name
        name = f"{called(baseline)} (trivial)" if baseline.trivial else called(baseline)
        table.add_row(name + " *" * returned, *_cells(baseline, found))
    return table


def _clock(found: Result) -> str:
    """Where the seconds went, in brackets; empty in files of earlier versions."""
    named = {"startup": "start-up", "search": "search", "finals": "comparison and report"}
    spent = [(words, getattr(found.time, name)) for name, words in named.items()] if found.time else []
    if not any(seconds for _, seconds in spent):
        return ""
    return f" ({', '.join(f'{words} {seconds:.0f}s' for words, seconds in spent)})"


def legend(found: Result) -> list[str]:
    """Legend of the table: the better direction of scores, and the ends of the normalized scale."""
    objective = found.objective
    better = "lower" if objective.direction == "minimize" else "higher"
    scale = "normalized: 0 is the best trivial baseline, 1 is real data"
    if found.test.calibrated is None:
        scale = "no normalized score"
    lines = [f"metric   {objective.name}: {better} is better; {scale}"]
    rows = (*found.finalists, *found.baselines)
    if any(row.memorisation for row in rows):
        lines.append(
            "copies?  memorization test: share of samples nearer to training data (0.50 by chance); share "
            "copied if that alone was too high"
        )
    lines += [
        f"cleared  {called(row)}: suspected of copying in the search; the memorization test looked at more "
        "rows and did not confirm that"
        for row in found.cleared()
    ]
    if any(row.diversity and not row.diversity.passed for row in rows):
        lines.append("repeats  diversity test: too many of its samples are near duplicates of each other")
    if any(row.rejection and not row.rejection.passed for row in rows):
        lines.append("rejected too many of its samples are like those that users rejected (feedback)")
    return lines


def _cells(row: Finalist | Baseline, found: Result, took: float | None = None) -> list[str]:
    """Figures of one row of the table."""
    gate = row.memorisation
    copies = "" if gate is None else gate.shown
    copies += "" if row.diversity is None or row.diversity.passed else ", repeats"
    copies += "" if row.rejection is None or row.rejection.passed else ", rejected"
    place = "" if row.calibrated is None else f"{row.calibrated:.3f}"
    seconds = "" if took is None else f"{took:.1f}"
    return [mean_of(row), unmeasured(row, found) or between(row), place, copies, seconds]
