"""The commands that use a finished run: ``autogen sample`` and ``autogen report``."""

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from autogen.cli.options import Run
from autogen.errors import printable


def report(
    run: Run,
    watch: Annotated[
        bool, typer.Option("--watch", help="Write the report repeatedly until the study has ended.")
    ] = False,
    every: Annotated[float, typer.Option(min=1, help="With --watch: seconds between two writes.")] = 10,
) -> None:
    """Write report.html and leaderboard.csv again, also while the study runs."""
    from autogen.engine import report_data as reporting
    from autogen.engine.run_folder import RunFolder

    folder = RunFolder.open(run)
    if watch:
        with contextlib.suppress(KeyboardInterrupt):
            reporting.watch(folder, every, typer.echo)
    else:
        reporting.write_report(folder, refresh=every)
        typer.echo(folder.report)


def sample(
    run: Run,
    n: Annotated[int, typer.Option("-n", min=1, help="Number of samples.")] = 100,
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            help="File, or folder for images or music; the suffix sets the format: "
            ".csv .parquet .npz .png .txt .jsonl .mid .zip",
        ),
    ] = ...,  # type: ignore[assignment]
    seed: Annotated[int, typer.Option(min=0, help="Equal seeds give equal samples.")] = 0,
    condition: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN=VALUE", help="A value that all samples have; repeatable."),
    ] = None,
) -> None:
    """Draw samples from the best model of a run."""
    from autogen import load
    from autogen.generator.write import parse_condition, write_samples

    wanted = parse_condition(condition or ())
    model = load(run)
    if model.note:
        typer.echo(f"note: {printable(model.note)}", err=True)
    write_samples(model, n, output, seed, wanted)
    typer.echo(f"{n} samples written to {output}")
