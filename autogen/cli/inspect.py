"""The command ``autogen inspect``."""

import json
from dataclasses import asdict
from typing import Annotated

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
    from autogen.data.open import open_data

    columns = parse_columns(column or ())
    options = {**parse_options(option or ()), **({"columns": columns} if columns else {})}
    module = open_data(data, kind=kind, options=options)
    readings = module.kind.readings(module.raw, module.rows["train"], module.codec)
    sizes = {name: len(rows) for name, rows in module.rows.items()}
    if as_json:
        record = {"data": data, "kind": module.kind.name, "splits": sizes, "notes": module.notes}
        typer.echo(json.dumps(record | {"columns": list(map(asdict, readings))}, indent=2))
        return
    total = len(module.raw.samples)
    typer.echo(f"{data}: {total} {module.kind.unit}s, read as {module.kind.name} data")
    for one in readings:
        shape = f", written like {one.format}" if one.format else ""
        typer.echo(f"  {one.name}: {one.kind}{shape}; {one.fate}")
        arrow = f" -> {' | '.join(one.back)}" if one.back else ""
        typer.echo(f"    {' | '.join(one.read)}{arrow}")
    for note in sorted(module.notes, key=lambda note: not note.startswith("Warning")):
        typer.echo(f"- {note}")
