"""The commands ``autogen run`` and ``autogen resume``."""

import json
import time
from contextlib import closing, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from autogen.cli.options import (
    Address,
    AsJson,
    Budget,
    Delta,
    Epsilon,
    EvalRows,
    ExecutorOption,
    Features,
    FeedbackColumn,
    FeedbackOption,
    Fused,
    InitFrom,
    Judges,
    MaxRejected,
    Pretrained,
    Quiet,
    RangeOption,
    Replicas,
    RuleOption,
    Run,
    Track,
    Workers,
    listed,
    pairs,
    parse_columns,
    parse_executor_options,
    parse_options,
    privacy_table,
    replicas_of,
)
from autogen.cli.terminal.opening import Opening
from autogen.errors import SettingsError, command, is_storage_url, printable
from autogen.errors import option as option_of


def run(
    data: Annotated[str, typer.Argument(metavar="DATA", help="Built-in name, file, folder, or study.toml.")],
    out: Annotated[Path | None, typer.Option(help="Folder of the run, new or empty. [runs/DATA-N]")] = None,
    kind: Annotated[str | None, typer.Option(help="Kind of data: image, tabular, ... [recognized]")] = None,
    space: Annotated[
        str | None, typer.Option(help="Search space: a name of `autogen spaces` or a file.")
    ] = None,
    families: Annotated[
        list[str] | None, typer.Option(metavar="NAME,...", help="Families to search. [all]")
    ] = None,
    init_from: InitFrom = None,
    pretrained: Pretrained = None,
    feedback: FeedbackOption = None,
    feedback_column: FeedbackColumn = None,
    max_rejected: MaxRejected = None,
    objective: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME,...", help="Metric, then further metrics or costs: c2st,latency. [the kind's]"
        ),
    ] = None,
    max_latency: Annotated[str | None, typer.Option(help="Most time to draw one sample: 20ms.")] = None,
    max_params: Annotated[str | None, typer.Option(help="Most parameters: 1e6, 2M.")] = None,
    max_memory: Annotated[str | None, typer.Option(help="Most memory while sampling: 500MB.")] = None,
    features: Features = None,
    target: Annotated[
        str | None,
        typer.Option(
            help="Column of a table that you want to predict: the report shows how well models predict it "
            "that are trained on samples and tested on real rows (TSTR)."
        ),
    ] = None,
    group: Annotated[
        str | None, typer.Option(help="Column of a table; rows with one value stay in one split.")
    ] = None,
    time_: Annotated[
        str | None, typer.Option("--time", help="Column of a table; its latest rows are the test split.")
    ] = None,
    rule: RuleOption = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=KIND",
            help="Kind of a column, or its order ('S < M < L'). Repeatable. [recognized]",
        ),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE", help="Option for reading the data: size=32, tokens=bpe, ... Repeatable."
        ),
    ] = None,
    judge: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME,...",
            help="Judges of the finalists' texts; fluency.embedded=3.5 asks for at least 3.5.",
        ),
    ] = None,
    learn_from: Annotated[
        list[str] | None,
        typer.Option(metavar="RUN", help="Earlier run by the same objective to learn from. Repeatable."),
    ] = None,
    sampler: Annotated[str | None, typer.Option(help="bayesian, random, grid or parego. [bayesian]")] = None,
    pruner: Annotated[str | None, typer.Option(help="halving, hyperband, median or none. [halving]")] = None,
    budget: Budget = None,
    workers: Workers = None,
    fused: Fused = None,
    executor: Annotated[str | None, typer.Option(help="Where trials run: local or ray. [local]")] = None,
    executor_option: ExecutorOption = None,
    address: Address = None,
    device: Annotated[str | None, typer.Option(help="cpu or cuda. [cuda if there is a GPU]")] = None,
    replicas: Replicas = None,
    gpus_per_trial: Annotated[
        float | None, typer.Option(help="Ray: GPUs of a trial, or a share of one. [0]")
    ] = None,
    memory_per_trial: Annotated[str | None, typer.Option(help="Ray: memory of a worker: 2GB.")] = None,
    storage: Annotated[
        str | None, typer.Option(help="Ray: folder or URL for checkpoints, within reach of all nodes.")
    ] = None,
    trial_timeout: Annotated[
        str | None, typer.Option(help="Time after which a worker is given up. [1h]")
    ] = None,
    finalists: Annotated[
        int | None, typer.Option(help="Most models that are compared in the end. [8]")
    ] = None,
    eval_rows: EvalRows = None,
    retrain: Annotated[
        str | None,
        typer.Option(
            metavar="N",
            help="Train the best configs again on N fresh seeds and compare these recipes; or no. "
            "[5 from a budget of 30m on, else no]",
        ),
    ] = None,
    refit: Annotated[
        bool | None, typer.Option("--refit", help="Train the returned config once more, on all rows.")
    ] = None,
    models_only: Annotated[
        bool | None,
        typer.Option("--models-only", help="Return a model even if none beats the best baseline."),
    ] = None,
    epsilon: Epsilon = None,
    delta: Delta = None,
    range_: RangeOption = None,
    seed: Annotated[int | None, typer.Option(help="Random seed. [0]")] = None,
    track: Track = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Search for the best generator of DATA and test it beside baselines."""
    began = time.monotonic()  # imports count as seconds of the budget
    opening = Opening(quiet or as_json)
    opening.say("loading autogen ...")
    from autogen.engine.settings import ALIASES, Settings

    _refuse_study_storage(storage)
    given: dict[str, Any] = {
        "kind": kind,
        "space": space,
        "families": tuple(listed(families)) or None,
        "objective": ",".join(listed(objective)) or None,
        "init_from": init_from,
        "pretrained": pretrained,
        "feedback": feedback and tuple(feedback),
        "feedback_column": feedback_column,
        "features": features,
        "target": target,
        "group": group,
        "time": time_,
        "judge": tuple(listed(judge)) or None,
        "learn_from": learn_from and tuple(learn_from),
        "sampler": sampler,
        "pruner": pruner,
        "budget": budget,
        "workers": workers,
        "fused": fused,
        "executor": executor,
        "address": address,
        "device": device,
        "replicas": replicas,
        "gpus_per_trial": gpus_per_trial,
        "memory_per_trial": memory_per_trial,
        "storage": storage,
        "trial_timeout": trial_timeout,
        "finalists": finalists,
        "eval_rows": eval_rows,
        "retrain": retrain,
        "refit": refit,
        "models_only": models_only,
        "seed": seed,
    }
    values = Settings.load(Path(data)) if data.endswith(".toml") else {"data": data}
    values |= {name: value for name, value in given.items() if value is not None}
    bounds = {"latency": max_latency, "params": max_params, "memory": max_memory, "rejected": max_rejected}
    limits = {name: f"<= {bound}" for name, bound in bounds.items() if bound is not None}
    given_columns: Any = values.get("columns", {})
    values["columns"] = given_columns | parse_columns(column or ())
    given_rules: Any = values.get("rules", [])
    values["rules"] = given_rules + (rule or [])
    given_options: Any = values.get("options", {})
    values["options"] = given_options | parse_options(option or ())
    given_bounds: Any = values.get("constraints", {})
    values["constraints"] = given_bounds | limits
    given_privacy: Any = values.get("privacy", {})
    ranges = [*given_privacy.get("ranges", ()), *pairs(range_)]
    values["privacy"] = given_privacy | privacy_table(epsilon, delta, ranges)
    executor_options = parse_executor_options(executor_option or ())
    given_executor_options: Any = values.get("executor_options", {})
    values["executor_options"] = given_executor_options | executor_options
    settings = Settings.of(values, data if data.endswith(".toml") else "the command line")
    if out is not None:
        from autogen.engine.run_folder import RunFolder

        RunFolder.refuse_used(out)  # before the data is read
    progress = progress_of(quiet or as_json)

    def opened(module: Any) -> None:
        opening.clear()
        progress.list_columns(module)
        opening.say("starting workers ...")

    # Workers load what they need while this process does; not before ``trust`` if they may be elsewhere.
    early = not settings.execution.foreign()
    with closing(settings.warmed_executor()) if early else nullcontext() as warmed:
        from autogen.data.open import queried
        from autogen.engine import engine
        from autogen.engine.safety import trust

        opening.say(f"reading {printable(data)} ...")
        source = None
        if not data.endswith(".toml"):
            source, left = queried(data, settings.options)
            settings = replace(settings, options=dict(left), data=data if source is data else "")
        asked = {*executor_options, *(name for name in ALIASES if given.get(name))}
        judges = [text.partition("=")[0].strip() for text in (*listed(judge), *listed(objective))]
        line = command("autogen", "run", data)
        trust(settings, line, features=features or "", options=asked, judges=judges)
        with opening, tracked(track) as tracking, progress as listen:
            result = engine.start(
                settings,
                source=source,
                out=out,
                listen=heard_by(opening, listen, tracking.listen),
                began=began,
                opened=opened,
                executor=warmed,
            )
    print_result(result, as_json)
    say_problems(tracking)


def _refuse_study_storage(storage: str | None) -> None:
    """Refuse the storage of an Optuna study: ``--storage`` holds the checkpoints of a Ray cluster."""
    if storage and is_storage_url(storage):
        raise SettingsError(
            "--storage is the place for checkpoints of a Ray cluster; a study is kept in its run folder. To "
            f"follow it in Optuna, use {option_of('track', f'optuna:{storage}')}; to learn from a study, "
            f"{option_of('learn-from', f'optuna:{storage}')}; to continue a run, autogen resume RUN"
        )


def resume(
    run: Run,
    budget: Annotated[str | None, typer.Option(help="New budget; +10m adds to the old one.")] = None,
    workers: Workers = None,
    executor_option: ExecutorOption = None,
    address: Address = None,
    replicas: Replicas = None,
    features: Features = None,
    judge: Judges = None,
    track: Track = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Resume a stopped run, or give a finished one more budget."""
    began = time.monotonic()
    opening = Opening(quiet or as_json)
    opening.say("loading autogen ...")
    from autogen.engine import engine

    opening.say(f"reading {printable(str(run))} and its data ...")
    with opening, tracked(track) as tracking, progress_of(quiet or as_json) as listen:
        result = engine.resume(
            run,
            budget=budget,
            workers=workers,
            address=address,
            executor_options=parse_executor_options(executor_option or ()) | replicas_of(replicas),
            features=features or "",
            judges=listed(judge),
            listen=heard_by(opening, listen, tracking.listen),
            began=began,
        )
        shown = tracking.show_finished(run)
    print_result(result, as_json)
    say_problems(tracking)
    if shown and (written := [name for name in track or () if name not in tracking.problems]):
        about = f"{run} is finished; its trials were written to {', '.join(written)}"
        typer.echo(f"note: {printable(about)}", err=True)


def tracked(track: list[str] | None) -> Any:
    """Trackers of a study, as a context."""
    from autogen.tracking.session import Tracking, trackers_of

    return Tracking(trackers_of(track or ()))


def heard_by(opening: Opening, *listeners: Any) -> Any:
    """Make the listener of a study: what was said before it goes, then each of these hears the event."""

    def heard(event: Any, state: Any) -> None:
        opening.clear()
        for listen in listeners:
            listen(event, state)

    return heard


def say_problems(tracking: Any) -> None:
    """Warn of trackers that were left out."""
    for name, why in tracking.problems.items():
        typer.echo(f"warning: the tracker {printable(name)} was left out: {printable(why)}", err=True)


def progress_of(silent: bool) -> Any:
    """Make the display of a study that runs, or one that shows nothing."""
    from autogen.cli.terminal.progress import Progress

    return Progress(silent)


def print_result(result: Any, as_json: bool) -> None:
    """Print the verdict of a study, or its result.json."""
    if as_json:
        typer.echo(json.dumps(result.record, indent=2))
    else:
        from autogen.cli.terminal.verdict import print_verdict

        print_verdict(result)
