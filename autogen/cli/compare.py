"""The command ``autogen compare``."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from autogen.errors import SettingsError, printable

#: Settings of the data and of what is admitted, by the name that the command line has for them.
_ABOUT_DATA = {
    "rules": "rules",
    "constraints": "constraints",
    "feedback": "feedback",
    "target": "target",
    "group": "group",
    "time": "time",
    "options": "options of the data",
    "eval_rows": "rows that are scored",
}


def compare(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN RUN ...", help="Folders of finished runs.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Compare the results of runs side by side, and say whether their scores can be compared."""
    from autogen.engine.report_data import columns_of
    from autogen.engine.run_folder import RunFolder
    from autogen.engine.settings import Settings

    if len(runs) < 2:
        raise SettingsError(f"compare needs at least two runs; got {len(runs)}: autogen compare RUN RUN")
    folders = [RunFolder.open(run) for run in runs]
    results = [folder.read_result() for folder in folders]
    found = dict(zip(map(str, runs), results, strict=True))
    columns = [[one.name for one in columns_of(folder.columns)] for folder in folders]
    settings = [Settings.of(Settings.load(folder.study), str(folder.study)) for folder in folders]
    notes = _incomparable(results, columns, settings)
    names = _names(runs)
    differences = [*_differences(names, settings), *_zeros(results, settings)]
    if as_json:
        rows = [{"run": run} | _row(result) for run, result in found.items()]
        told = {"runs": rows, "comparable": not notes, "notes": notes, "differences": differences}
        typer.echo(json.dumps(told, indent=2))
        return
    _print(found)
    for note in notes or ["Same data, same test rows, same metric: the scores can be compared."]:
        typer.echo(note)
    for difference in differences:
        typer.echo(printable(difference))


def _names(runs: list[Path]) -> list[str]:
    """Names of the runs' folders, or their paths where two have one name."""
    names = [run.name for run in runs]
    return names if len(set(names)) == len(names) else list(map(str, runs))


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


def _differences(names: list[str], settings: list[Any]) -> list[str]:
    """Settings of the data that differ between runs, one sentence each, with their values by run."""
    lines = []
    for name, words in _ABOUT_DATA.items():
        values = [getattr(one, name) for one in settings]
        if any(value != values[0] for value in values):
            shown = (f"{run}: {_shown(value)}" for run, value in zip(names, values, strict=True))
            lines.append(f"The runs differ in {words}. {'; '.join(shown)}.")
    return lines


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        value = [f"{name}={one}" for name, one in value.items()]
    return ", ".join(map(str, value)) or "none" if isinstance(value, (list, tuple)) else str(value or "none")


def _zeros(results: list[Any], settings: list[Any]) -> list[str]:
    """Say that normalized scores have other zeros: baselines keep rules, too."""
    if all((one.rules, one.feedback) == (settings[0].rules, settings[0].feedback) for one in settings):
        return []
    zeros = ", ".join("none" if one.test.floor is None else f"{one.test.floor:.3g}" for one in results)
    return [
        "Compare the test scores, not the normalized ones: baselines keep rules and feedback of their run, "
        f"too, so that 0 need not stand for the same test score in each run (here for {zeros})."
    ]


def _incomparable(results: list[Any], columns: list[list[str]], settings: list[Any]) -> list[str]:
    """Reasons why scores of runs cannot be compared, one per sentence; none if they can.

    Args:
        results: Results of the runs.
        columns: Names of the columns of each run's data; none for other data than tables.
        settings: Settings of the runs.
    """
    first, *others = results
    notes = []
    if any(names != columns[0] for names in columns):  # the hash of the data is that of its cells
        notes.append("Not comparable: the runs have columns of other names.")
    if any(one.columns != settings[0].columns for one in settings):
        shown = "; ".join(_shown(one.columns) for one in settings)
        notes.append(f"Not comparable: the runs read columns as other kinds ({shown}).")
    if first.objective.name.startswith("tstr") and any(one.target != settings[0].target for one in settings):
        notes.append("Not comparable: tstr predicts another target in each run.")
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

    from autogen.report.scores import between, mean_of, normalized

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
