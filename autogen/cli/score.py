"""The command ``autogen score``."""

import json
from typing import Annotated

import typer

from autogen.cli.options import Features, RuleOption, listed, parse_columns


def score(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Samples of any tool: file or folder.")],
    against: Annotated[str, typer.Option(help="Real data that the generator has not seen.")],
    train: Annotated[str | None, typer.Option(help="Real data that the generator was fitted on.")] = None,
    kind: Annotated[str | None, typer.Option(help="Kind of data. [recognized]")] = None,
    target: Annotated[
        str | None,
        typer.Option(help="Column to predict: models are trained on samples and tested on real rows (TSTR)."),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=KIND", help="Kind of a column; drop leaves it out. Repeatable."),
    ] = None,
    rule: RuleOption = None,
    metric: Annotated[
        list[str] | None, typer.Option(metavar="NAME,...", help="Metrics. [all of the kind]")
    ] = None,
    features: Features = None,
    n: Annotated[int, typer.Option("-n", "--n", min=1, help="Most samples to compare.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Random seed.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Score samples of any tool against real data: every metric, normalized, and the hard tests."""
    from autogen.verdict import external as scoring

    found = scoring.score(
        file,
        against=against,
        train=train,
        kind=kind,
        target=target,
        columns=parse_columns(column or ()),
        rules=rule or (),
        metrics=listed(metric),
        features=features,
        n=n,
        seed=seed,
    )
    if as_json:
        typer.echo(json.dumps(found.to_json(), indent=2, allow_nan=False))
    else:
        from autogen.cli.terminal.score_table import print_scores

        print_scores(found)
