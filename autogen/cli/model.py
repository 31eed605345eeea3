"""The commands that use a finished run: ``autogen sample`` and ``autogen report``."""

import contextlib
import sys
from pathlib import Path
from typing import Annotated

import typer

from autogen.cli.options import Run, RunOrTrial
from autogen.errors import SettingsError, counted, printable

#: Number of samples that are written, and that are printed, unless the user names one.
MANY, SHOWN = 100, 5


def report(
    run: Run,
    watch: Annotated[
        bool, typer.Option("--watch", help="Write the report repeatedly until the study has ended.")
    ] = False,
    every: Annotated[float, typer.Option(min=1, help="With --watch: seconds between two writes.")] = 10,
    real_rows: Annotated[
        bool | None,
        typer.Option(
            "--real-rows/--no-real-rows",
            help="Show real samples on the page and in best/; later reports keep to it. "
            "[only if no column looks like personal data]",
        ),
    ] = None,
) -> None:
    """Write report.html and leaderboard.csv again, also while the study runs."""
    from autogen.engine import report_data as reporting
    from autogen.engine.run_folder import RunFolder

    folder = RunFolder.open(run)
    if watch:
        with contextlib.suppress(KeyboardInterrupt):
            reporting.watch(folder, every, typer.echo, real_rows)
    else:
        reporting.write_report(folder, refresh=every, real_rows=real_rows)
        typer.echo(folder.report)


def history(
    run: Run, as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False
) -> None:
    """List the runs that RUN started from, and score the model of each on the test rows of RUN."""
    import json
    from dataclasses import asdict

    from autogen.engine.transfer.history import history as followed

    metric, found = followed(run)
    if as_json:
        typer.echo(
            json.dumps({"metric": metric, "runs": [asdict(one) | {"run": str(one.run)} for one in found]})
        )
        return
    typer.echo(
        f"{metric} of each model on the test rows of {run}, mean and spread of draws; the youngest first:"
    )
    for one in found:
        score = one.why if one.common is None else f"{one.common:.4g} +- {one.spread:.2g}"
        model = f"the baseline {one.family}" if one.baseline else one.family or "no model"
        verdict = f"verdict {one.verdict}" if one.verdict else "no verdict"
        about = f"{model} of {one.data or 'unknown data'}, {verdict}"
        if one.baseline and one is not found[0]:
            about += "; the later run started from a searched model, not from the baseline"
        typer.echo(printable(f"  {one.run}: {score} ({about})"))
        if one.feedback:
            typer.echo(printable(f"    feedback: {one.feedback}"))


def sample(
    run: RunOrTrial,
    n: Annotated[
        int | None, typer.Option("-n", "--n", min=1, help="Number of samples. [100; 5 that are printed]")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            help="File, or folder for images or music; the suffix sets the format: "
            ".csv .parquet .arrow .jsonl .npz .png .txt .mid .zip .tar (WebDataset) "
            "[rows, texts and music (as ABC notation) are printed]",
        ),
    ] = None,
    form: Annotated[
        str,
        typer.Option(
            "--format", metavar="NAME", help="Format: csv ... webdataset, midi; datasets for a folder."
        ),
    ] = "",
    seed: Annotated[int, typer.Option(min=0, help="Equal seeds give equal samples.")] = 0,
    condition: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN=VALUE", help="A value that all samples have; repeatable."),
    ] = None,
    prompt: Annotated[str, typer.Option(metavar="TEXT", help="Texts: how all samples begin.")] = "",
) -> None:
    """Draw samples from the best model of a run; without -o, print a few rows, texts or pieces of music."""
    from autogen import load
    from autogen.exporting.samples import print_samples, save_samples
    from autogen.generator.write import complete_prompt, parse_condition, write_texts

    wanted = parse_condition(condition or ())
    if prompt and (wanted or form):
        raise SettingsError("--prompt goes with -n, -o and --seed alone; leave out --condition and --format")
    model = load(run)
    if model.note:
        typer.echo(f"note: {printable(model.note)}", err=True)
    if prompt:
        texts = complete_prompt(model, prompt, n or (SHOWN if output is None else MANY), seed)
        if output is not None:
            write_texts(model, texts, output)
            typer.echo(f"{counted(len(texts), 'sample')} written to {output}")
        for text in texts if output is None else ():
            typer.echo(printable(text))
    elif output is None:
        for line in print_samples(model, n or SHOWN, seed, wanted, form):
            # a pipe gets the format as it is, a terminal nothing that steers it
            typer.echo(line if form and not sys.stdout.isatty() else printable(line))
    else:
        save_samples(model, n or MANY, output, seed, wanted, form)
        typer.echo(f"{counted(n or MANY, 'sample')} written to {output}")
