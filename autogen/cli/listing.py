"""The commands that list or check: ``autogen spaces``, ``plugins`` and ``check``."""

from pathlib import Path
from typing import Annotated

import typer

from autogen.cli.options import Run
from autogen.errors import printable


def spaces(
    check: Annotated[Path | None, typer.Option(metavar="FILE", help="Check a space of your own.")] = None,
) -> None:
    """List the shipped search spaces with their sizes."""
    from autogen.hpo.space.search_space import SearchSpace
    from autogen.hpo.space.shipped import space_names

    for name in [str(check)] if check else space_names():
        space = SearchSpace.load(name)
        typer.echo(f"{name:<14} {_size(space.size()):>12}  {', '.join(space.families)}  {space.about}")


def plugins() -> None:
    """List all families, metrics, samplers, pruners, executors and kinds of data with their modules."""
    from autogen import registry

    for kind in registry.kinds():
        for name, place in sorted(registry.names(kind).items()):
            typer.echo(f"{kind:<9} {name:<15} {place}")


def check(run: Run) -> None:
    """Check a run: its files and models, its journal, and that every trial ended exactly once."""
    from autogen.engine.audit import audit, notes

    findings = audit(run)
    for finding in findings:
        typer.echo(printable(finding))
    if findings:
        raise typer.Exit(1)
    for note in notes(run):
        typer.echo(f"note: {note}")
    typer.echo("every trial ended exactly once")


def _size(points: float) -> str:
    return "continuous" if points == float("inf") else f"{points:,.0f} points"
