"""The command ``autogen inspect``."""

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer


def inspect(
    data: Annotated[str, typer.Argument(metavar="DATA", help="Built-in name, file or folder.")],
    kind: Annotated[str | None, typer.Option(help="Kind of data: image, tabular, ... [recognized]")] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=KIND", help="Kind of a column, or its order ('S < M < L'). Repeatable."),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Option for reading the data: encoding=cp1251. Repeatable."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Say what DATA is taken for: each column, cells as read and as they come back, what is left out."""
    from autogen.cli.options import parse_columns, parse_options
    from autogen.data.kind import WARNING
    from autogen.data.open import open_data, queried
    from autogen.report.columns import column_lines, rule_option

    columns = parse_columns(column or ())
    options = {**parse_options(option or ()), **({"columns": columns} if columns else {})}
    source, left = queried(data, options)
    module = open_data(source, kind=kind, options=left)
    sizes = module.sizes
    if as_json:
        record = {"data": data, "kind": module.kind.name, "splits": sizes, "notes": module.notes}
        found = {"columns": list(map(asdict, module.readings)), "rules": _found_rules(module)}
        typer.echo(json.dumps(record | found, indent=2))
        return
    total = len(module.raw.samples)
    typer.echo(f"{data}: {total} {module.kind.unit}s, read as {module.kind.name} data")
    for line in column_lines(module.readings):
        typer.echo(line)
    if rules := _found_rules(module):
        typer.echo("Rules that every row keeps; samples keep those that are given to autogen run:")
        for rule in rules:
            typer.echo(f"  {rule_option(rule)}")
    for note in sorted(module.notes, key=lambda note: not note.startswith(WARNING)):
        typer.echo(f"- {note}")


def _found_rules(module: Any) -> list[str]:
    """Find rules between the columns of the data, where its kind has columns."""
    from autogen import registry
    from autogen.data.declaration import declared

    place = declared(module.kind.name).found_rules
    return list(registry.load(place)(module)) if place else []
