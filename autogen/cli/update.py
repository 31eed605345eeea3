"""The command ``autogen update``."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from autogen.cli.options import (
    Address,
    AsJson,
    ExecutorOption,
    Features,
    FeedbackColumn,
    FeedbackOption,
    Judges,
    MaxRejected,
    Quiet,
    Run,
    Track,
    Workers,
    listed,
    parse_executor_options,
)
from autogen.cli.run import heard_by, print_result, progress_of, say_problems, tracked
from autogen.cli.terminal.opening import Opening
from autogen.errors import printable


def update(
    run: Run,
    data: Annotated[
        str, typer.Option(metavar="NEW", help="Fresh rows, or all rows with fresh ones among them.")
    ],
    budget: Annotated[str | None, typer.Option(help="Budget. [a third of that of RUN]")] = None,
    forget: Annotated[
        bool, typer.Option("--forget", help="Train on fresh rows alone. [also on the training rows of RUN]")
    ] = False,
    train_anyway: Annotated[
        bool, typer.Option("--train-anyway", help="Search even if nothing moved and the model still does.")
    ] = False,
    feedback: FeedbackOption = None,
    feedback_column: FeedbackColumn = None,
    max_rejected: MaxRejected = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the new run. [runs/NEW-N]")] = None,
    workers: Workers = None,
    executor_option: ExecutorOption = None,
    address: Address = None,
    features: Features = None,
    judge: Judges = None,
    track: Track = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Update a run with fresh data: say what moved, and search again only if need be."""
    opening = Opening(quiet or as_json)
    opening.say("loading autogen ...")
    from autogen.engine.transfer import update as updating
    from autogen.report.page.evidence.drift import drift_lines
    from autogen.report.typed_json import written

    opening.say(f"reading {printable(data)} beside the data of {printable(str(run))} ...")

    def tell(drift: Any) -> None:
        opening.clear()
        if not as_json:
            for line in drift_lines(drift):
                typer.echo(printable(line))

    with opening, tracked(track) as tracking, progress_of(quiet or as_json) as listen:
        found = updating.update(
            run,
            data,
            budget=budget,
            forget=forget,
            train_anyway=train_anyway,
            feedback=tuple(feedback or ()),
            feedback_column=feedback_column or "",
            max_rejected=max_rejected or "",
            workers=workers,
            address=address,
            executor_options=parse_executor_options(executor_option or ()),
            out=out,
            features=features or "",
            judges=listed(judge),
            listen=heard_by(opening, listen, tracking.listen),
            tell=tell,
        )
    if found.result is not None:
        print_result(found.result, as_json)
    elif as_json:
        typer.echo(json.dumps({"trained": False, "drift": written(found.drift)}, indent=2))
    else:
        typer.echo(f"nothing is trained: {run} still does; to search all the same: --train-anyway")
    say_problems(tracking)
