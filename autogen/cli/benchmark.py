"""The command `autogen benchmark`."""

import json
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from autogen.cli.options import ExecutorOption, parse_executor_options
from autogen.cli.terminal.signals import exit_code


def benchmark(
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="A .toml file, or the name of a shipped plan.")],
    out: Annotated[Path, typer.Option(help="Folder for the results; a stopped benchmark there is resumed.")],
    executor: Annotated[str, typer.Option(help="Where cells run: local or ray.")] = "local",
    workers: Annotated[
        int, typer.Option(min=0, help="Cells at once; 0: one per core, or all of a cluster.")
    ] = 0,
    executor_option: ExecutorOption = None,
    address: Annotated[str, typer.Option(help="Ray: auto, ray://HOST:PORT, HOST:PORT or local. [auto]")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print summary.json and nothing else.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress.")] = False,
) -> None:
    """Compare model families over data sets and seeds; the same command resumes a stopped comparison."""
    from autogen.benchmarking.run import benchmark as compare

    options = parse_executor_options(executor_option or ())
    more: dict[str, Any] = {"executor": executor, "workers": workers, "executor_options": options}
    listen = None if quiet or as_json else _Progress()
    try:
        result = compare(plan, out=out, address=address, listen=listen, **more)
    except KeyboardInterrupt as stop:
        typer.echo(f"stopped; {out} holds the finished cells, the same command resumes the rest", err=True)
        sys.exit(exit_code(stop))
    if as_json:
        typer.echo(json.dumps(result.summary, indent=2))
    else:
        _print(result)


class _Progress:
    """Prints a line on stderr for each finished cell."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._first: int | None = None

    def __call__(self, done: int, total: int, cell: Any, end: Any) -> None:
        self._first = done - 1 if self._first is None else self._first
        seconds = (time.monotonic() - self._began) / (done - self._first) * (total - done)
        shares = "" if cell.full else f", {cell.rows:.0%} of rows, {cell.steps:.0%} of steps"
        outcome = f"{end.scored.score:.4g}" if end.scored else f"failed: {end.why}"
        name = f"{cell.data}, {cell.model}, seed {cell.seed}{shares}"
        typer.echo(f"{done}/{total}  {name}: {outcome}  ({seconds / 60:.0f} min left)", err=True)


def _print(result: Any) -> None:
    """Print the table of scores, mean ranks and the test."""
    console = Console(highlight=False)
    console.width = max(console.width, 120)  # a narrow terminal wraps the table instead of cutting it
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("data", "model"):
        table.add_column(name, no_wrap=True)
    for name in ("score", "95 % interval", "normalized", "copies?", "train s", "latency ms"):
        table.add_column(name, justify="right", no_wrap=True)
    for mean in result.outcome.means:
        if mean.full:
            table.add_row(mean.data, mean.model, *_cells(mean))
    console.print(table)
    ranks = result.outcome.ranks
    listed = ", ".join(f"{n} {mean:.2f}" for n, mean in zip(ranks.names, ranks.means, strict=True))
    console.print()
    console.print(f"mean ranks  {listed}", markup=False, soft_wrap=True)
    if ranks.note:
        console.print(f"no test     {ranks.note}", markup=False, soft_wrap=True)
    else:
        console.print(
            f"Friedman    p = {ranks.p_value:.3g}; critical difference {ranks.critical_difference:.2f}",
            soft_wrap=True,
        )
    for name, reason in result.outcome.absent.items():
        console.print(f"left out    {name}: {reason}", markup=False, soft_wrap=True)
    console.print(f"page        {result.page}", markup=False, soft_wrap=True)


def _cells(mean: Any) -> list[str]:
    if mean.score is None:
        return ["failed" if mean.failed else "", "", "", "", "", ""]
    place = "" if mean.calibrated is None else f"{mean.calibrated[0]:.3f}"
    latency = "" if not mean.cost else f"{mean.cost.latency_ms:.2f}"
    between = f"{mean.score.low:.3g} to {mean.score.high:.3g}"
    return [f"{mean.score.mean:.4g}", between, place, mean.copies, f"{mean.seconds:.1f}", latency]
