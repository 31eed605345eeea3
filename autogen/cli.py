"""The command line: every command is a thin call of the Python API."""

import contextlib
import json
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from autogen import __version__
from autogen.cli_benchmark import benchmark as benchmark_command
from autogen.cli_judge import judge as judge_command
from autogen.errors import AutogenError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"autogen {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_version)
    ] = False,
) -> None:
    """Bring a data set and a budget; get back the best generative model, with proof."""


app.command("judge")(judge_command)
app.command("benchmark")(benchmark_command)

Run = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")]
Budget = Annotated[str | None, typer.Option(help="90s, 10m, 2h, 200trials, or several: 2h,200trials. [10m]")]
AsJson = Annotated[bool, typer.Option("--json", help="Print result.json and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show no progress.")]
Workers = Annotated[int | None, typer.Option(help="Trials at once; 0: one a core, all of a cluster. [0]")]
Features = Annotated[
    str | None, typer.Option(help="Feature space: a name of `autogen plugins`, or package.module:name.")
]
Address = Annotated[str | None, typer.Option(help="Ray: auto, ray://HOST:PORT, HOST:PORT or local. [auto]")]


@app.command()
def run(
    data: Annotated[str, typer.Argument(metavar="DATA", help="Built-in name, file, folder, or study.toml.")],
    out: Annotated[Path | None, typer.Option(help="Folder of the run; new or empty. [runs/DATA-N]")] = None,
    kind: Annotated[str | None, typer.Option(help="image, tabular, text, music; else recognised.")] = None,
    space: Annotated[
        str | None, typer.Option(help="Search space: a name of `autogen spaces` or a file.")
    ] = None,
    families: Annotated[str | None, typer.Option(help="Families to search, by commas. [all]")] = None,
    objective: Annotated[
        str | None,
        typer.Option(help="Metric; more, or costs, by commas: c2st,latency. [the kind's]"),
    ] = None,
    max_latency: Annotated[str | None, typer.Option(help="Bound on drawing one sample: 20ms.")] = None,
    max_params: Annotated[str | None, typer.Option(help="Bound on the parameters: 1e6, 2M.")] = None,
    max_memory: Annotated[str | None, typer.Option(help="Bound on memory while sampling: 500MB.")] = None,
    features: Features = None,
    target: Annotated[str | None, typer.Option(help="Column that a table is about.")] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=KIND",
            help="What a column holds, or its order ('S < M < L'), where recognised wrongly; repeatable.",
        ),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="How the data is read: size=32, tokens=bpe ...; repeatable."),
    ] = None,
    judge: Annotated[
        str | None,
        typer.Option(help="Judges of the finalists' texts, by commas; fluency.embedded=3.5: at least that."),
    ] = None,
    sampler: Annotated[str | None, typer.Option(help="bayesian, random or grid. [bayesian]")] = None,
    pruner: Annotated[str | None, typer.Option(help="halving, hyperband, median or none. [halving]")] = None,
    budget: Budget = None,
    workers: Workers = None,
    executor: Annotated[str | None, typer.Option(help="Where trials run: local or ray. [local]")] = None,
    address: Address = None,
    device: Annotated[str | None, typer.Option(help="cpu or cuda. [cuda where there is a card]")] = None,
    gpus_per_trial: Annotated[float | None, typer.Option(help="Ray: GPUs, or a share of one. [0]")] = None,
    memory_per_trial: Annotated[str | None, typer.Option(help="Ray: memory of a worker: 2GB.")] = None,
    storage: Annotated[
        str | None, typer.Option(help="Ray: folder or URL for checkpoints that all nodes reach.")
    ] = None,
    timeout: Annotated[str | None, typer.Option(help="When a trial's worker is given up. [1h]")] = None,
    finalists: Annotated[int | None, typer.Option(help="Configs trained on fresh seeds. [3]")] = None,
    confirm_seeds: Annotated[int | None, typer.Option(help="How many fresh seeds. [5]")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of everything. [0]")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Search for the best generator of DATA and confirm it."""
    began = time.monotonic()  # what is imported now takes seconds of the budget
    from autogen import engine
    from autogen.safeguards import trust
    from autogen.settings import Settings, parse_columns, parse_options

    given: dict[str, Any] = {
        "kind": kind,
        "space": space,
        "families": families and tuple(name.strip() for name in families.split(",")),
        "objective": objective,
        "features": features,
        "target": target,
        "judge": judge and tuple(name.strip() for name in judge.split(",")),
        "sampler": sampler,
        "pruner": pruner,
        "budget": budget,
        "workers": workers,
        "executor": executor,
        "address": address,
        "device": device,
        "gpus_per_trial": gpus_per_trial,
        "memory_per_trial": memory_per_trial,
        "storage": storage,
        "timeout": timeout,
        "finalists": finalists,
        "confirm_seeds": confirm_seeds,
        "seed": seed,
    }
    values = Settings.load(Path(data)) if data.endswith(".toml") else {"data": data}
    values |= {name: value for name, value in given.items() if value is not None}
    bounds = {"latency": max_latency, "params": max_params, "memory": max_memory}
    most = {name: f"<= {bound}" for name, bound in bounds.items() if bound is not None}
    given_columns: Any = values.get("columns", {})
    values["columns"] = given_columns | parse_columns(column or ())
    given_options: Any = values.get("options", {})
    values["options"] = given_options | parse_options(option or ())
    given_bounds: Any = values.get("constraints", {})
    values["constraints"] = given_bounds | most
    settings = Settings.of(values, data if data.endswith(".toml") else "the command line")
    trust(settings, f"autogen run {data}", features=features or "", address=address or "")
    with _progress(quiet or as_json) as listen:
        result = engine.start(settings, out=out, listen=listen, began=began)
    _tell(result, as_json)


@app.command()
def resume(
    run: Run,
    budget: Annotated[str | None, typer.Option(help="A new budget; +10m adds to the present one.")] = None,
    workers: Workers = None,
    address: Address = None,
    features: Features = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Go on with a run that was stopped, or give it more budget."""
    began = time.monotonic()
    from autogen import engine

    with _progress(quiet or as_json) as listen:
        result = engine.resume(
            run,
            budget=budget,
            workers=workers,
            address=address,
            features=features or "",
            listen=listen,
            began=began,
        )
    _tell(result, as_json)


@app.command()
def report(
    run: Run,
    watch: Annotated[
        bool, typer.Option("--watch", help="Write it again and again until the study has ended.")
    ] = False,
    every: Annotated[float, typer.Option(min=1, help="Seconds between two writings of a watched page.")] = 10,
) -> None:
    """Write report.html and leaderboard.csv anew, also while the run goes on."""
    from autogen import reporting
    from autogen.run_folder import RunFolder

    folder = RunFolder.open(run)
    if watch:
        with contextlib.suppress(KeyboardInterrupt):
            reporting.watch(folder, every, typer.echo)
    else:
        reporting.write_report(folder, refresh=every)
        typer.echo(folder.report)


@app.command()
def sample(
    run: Run,
    n: Annotated[int, typer.Option("-n", min=1, help="How many samples.")] = 100,
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            help="File, or a folder of images or tunes; its suffix says the form: "
            ".csv .parquet .npz .png .txt .jsonl .mid .zip",
        ),
    ] = ...,  # type: ignore[assignment]
    seed: Annotated[int, typer.Option(min=0, help="Equal seeds give equal samples.")] = 0,
    condition: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN=VALUE", help="What all samples have; may be repeated.")
    ] = None,
) -> None:
    """Draw samples from the best model of a run."""
    from autogen import load
    from autogen.sampling import parse_condition, write_samples

    wanted = parse_condition(condition or ())
    write_samples(load(run), n, output, seed, wanted)
    typer.echo(f"{n} samples written to {output}")


@app.command()
def score(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Samples that any tool made: file or folder.")],
    against: Annotated[str, typer.Option(help="Real data that the generator has not seen.")],
    train: Annotated[str | None, typer.Option(help="The real data that it was fitted on.")] = None,
    kind: Annotated[str | None, typer.Option(help="Kind of the data, where it is not recognised.")] = None,
    target: Annotated[str | None, typer.Option(help="Column that a table is about.")] = None,
    metric: Annotated[list[str] | None, typer.Option(help="May be repeated. [all of the kind]")] = None,
    features: Features = None,
    n: Annotated[int, typer.Option("--n", min=1, help="Most samples that are compared.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Of what is drawn.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Score samples that any tool made against real data: every metric, calibrated, and the copy test."""
    from autogen import scoring

    found = scoring.score(
        file,
        against=against,
        train=train,
        kind=kind,
        target=target,
        metrics=metric or (),
        features=features,
        n=n,
        seed=seed,
    )
    if as_json:
        typer.echo(json.dumps(found.to_json(), indent=2, allow_nan=False))
    else:
        from autogen.cli_scores import print_scores

        print_scores(found)


@app.command()
def spaces(
    check: Annotated[Path | None, typer.Option(metavar="FILE", help="Validate a space of your own.")] = None,
) -> None:
    """List the search spaces that come with autogen, with their sizes."""
    from autogen.space.search_space import SearchSpace
    from autogen.space.shipped import space_names

    for name in [str(check)] if check else space_names():
        space = SearchSpace.load(name)
        typer.echo(f"{name:<14} {_size(space.size()):>12}  {', '.join(space.families)}  {space.about}")


@app.command()
def plugins() -> None:
    """List every family, metric, sampler, pruner, executor and data kind, with where it comes from."""
    from autogen import registry

    for kind in registry.kinds():
        for name, place in sorted(registry.names(kind).items()):
            typer.echo(f"{kind:<9} {name:<15} {place}")


@app.command()
def check(run: Run) -> None:
    """Read a run's journal and say whether every trial ended exactly once."""
    from autogen.audit import audit

    findings = audit(run)
    for finding in findings:
        typer.echo(finding)
    if findings:
        raise typer.Exit(1)
    typer.echo("every trial ended once")


def _size(points: float) -> str:
    return "continuous" if points == float("inf") else f"{points:,.0f} points"


def _progress(silent: bool) -> Any:
    from autogen.cli_progress import Progress

    return Progress(silent)


def _tell(result: Any, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(result.record, indent=2))
    else:
        from autogen.cli_progress import print_verdict

        print_verdict(result)


def main() -> None:
    """Run the command line; errors of the user's are one line and exit code 2."""
    try:
        app()
    except AutogenError as error:
        sys.exit(_fail(str(error)))


def _fail(message: str) -> int:
    typer.echo(f"error: {' '.join(message.split())}", err=True)
    return 2


if __name__ == "__main__":
    main()
