"""The commands that list or check: ``autogen spaces``, ``plugins`` and ``check``."""

from pathlib import Path
from typing import Annotated

import typer

from autogen.cli.options import Run


def spaces(
    check: Annotated[Path | None, typer.Option(metavar="FILE", help="Validate a space of your own.")] = None,
) -> None:
    """List the search spaces that come with autogen, with their sizes."""
    from autogen.hpo.space.search_space import SearchSpace
    from autogen.hpo.space.shipped import space_names

    for name in [str(check)] if check else space_names():
        space = SearchSpace.load(name)
        typer.echo(f"{name:<14} {_size(space.size()):>12}  {', '.join(space.families)}  {space.about}")


def plugins() -> None:
    """List every family, metric, sampler, pruner, executor and data kind, with where it comes from."""
    from autogen import registry

    for kind in registry.kinds():
        for name, place in sorted(registry.names(kind).items()):
            typer.echo(f"{kind:<9} {name:<15} {place}")


def check(run: Run) -> None:
    """Read a run's journal and say whether every trial ended exactly once."""
    from autogen.engine.audit import audit

    findings = audit(run)
    for finding in findings:
        typer.echo(finding)
    if findings:
        raise typer.Exit(1)
    typer.echo("every trial ended once")


def _size(points: float) -> str:
    return "continuous" if points == float("inf") else f"{points:,.0f} points"
