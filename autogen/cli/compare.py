"""The command ``autogen compare``."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from autogen.errors import SettingsError, printable


def compare(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN RUN ...", help="Folders of finished runs.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Compare the results of runs side by side, and say whether their scores can be compared."""
    from autogen.engine.report_data import columns_of
    from autogen.engine.run_folder import RunFolder

    if len(runs) < 2:
        raise SettingsError(f"compare needs at least two runs; got {len(runs)}: autogen compare RUN RUN")
    folders = [RunFolder.open(run) for run in runs]
    found = {str(run): folder.read_result() for run, folder in zip(runs, folders, strict=True)}
    columns = [[one.name for one in columns_of(folder.columns)] for folder in folders]
    notes = _incomparable(list(found.values()), columns)
    if as_json:
        rows = [{"run": run} | _row(result) for run, result in found.items()]
        typer.echo(json.dumps({"runs": rows, "comparable": not notes, "notes": notes}, indent=2))
        return
    _print(found)
    for note in notes or ["Same data, same test rows, same metric: the scores can be compared."]:
        typer.echo(note)


def _row(result: Any) -> dict[str, Any]:
    """Figures of one run."""
    return {
        "data": result.data.source,
        "verdict": result.verdict,
        "grade": result.grade,
        "delivered": result.best.family,
        "metric": result.objective.name,
        "test": {"mean": result.test.mean, "low": result.test.low, "high": result.test.high},
        "normalized": result.test.calibrated,
        "configurations": result.configurations_tried,
        "parameters": result.best.parameters,
        "seconds": round(result.seconds, 1),
    }


def _incomparable(results: list[Any], columns: list[list[str]]) -> list[str]:
    """Reasons why scores of runs cannot be compared, one per sentence; none if they can.

    Args:
        results: Results of the runs.
        columns: Names of the columns of each run's data; none for other data than tables.
    """
    first, *others = results
    notes = []
    if any(names != columns[0] for names in columns):  # the hash of the data is that of its cells
        notes.append("Not comparable: the runs have columns of other names.")
    for what, of in (
        ("other data", lambda one: one.data.sha256),
        ("other test rows", lambda one: one.objective.split_sha256.get("test")),
        ("another metric or version of it", lambda one: (one.objective.name, one.objective.version)),
    ):
        if any(of(other) != of(first) for other in others):
            notes.append(f"Not comparable: the runs have {what}.")
    return notes


def _print(found: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from autogen.report.verdict import between, mean_of, normalized

    console = Console(highlight=False)
    console.width = max(console.width, 80)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("", no_wrap=True)
    for run in found:
        table.add_column(Text(printable(Path(run).name)), justify="right", overflow="fold")
    lines: dict[str, Callable[[Any], str]] = {
        "data": lambda one: printable(one.data.source),
        "metric": lambda one: one.objective.name,
        "verdict": lambda one: one.verdict,
        "grade": lambda one: one.grade or "none",
        "delivered": lambda one: printable(one.best.family),
        "test score": lambda one: mean_of(one.test),
        "95 % interval": lambda one: between(one.test),
        "normalized": lambda one: normalized(one.test),
        "configurations": lambda one: f"{one.configurations_tried:,}",
        "parameters": lambda one: f"{one.best.parameters:,}",
        "seconds": lambda one: f"{one.seconds:.0f}",
    }
    for name, line in lines.items():
        table.add_row(name, *(Text(line(result)) for result in found.values()))
    console.print(table)
    console.print()
