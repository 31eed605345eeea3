"""The commands that list, check or migrate: ``spaces``, ``plugins``, ``licenses``, ``check``, ``migrate``."""

import contextlib
import json
import re
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from autogen.cli.options import Run
from autogen.errors import RunError, printable

#: Name of the distribution of this package.
OWN = "autogen-search"


def spaces(
    check: Annotated[Path | None, typer.Option(metavar="FILE", help="Check a space of your own.")] = None,
    show: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Print a space as TOML, to be changed and given to run --space."),
    ] = None,
) -> None:
    """List the shipped search spaces with their sizes, or print one."""
    from autogen.hpo.space.search_space import SearchSpace
    from autogen.hpo.space.shipped import space_names

    if show:
        typer.echo(SearchSpace.load(show).to_toml(), nl=False)
        return
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
    from autogen.engine.audit import OPEN, audit, notes, standing

    findings = audit(run)
    for finding in findings:
        typer.echo(printable(finding))
    if all(finding.endswith(OPEN) for finding in findings) and (state := standing(run)):
        typer.echo(printable(state))
    if findings:
        raise typer.Exit(1)
    for note in notes(run):
        typer.echo(f"note: {note}")
    typer.echo("sound: settings, journal, models and result; every trial ended exactly once")


def migrate(
    run: Run,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="New folder for a migrated copy. [in place]")
    ] = None,
) -> None:
    """Bring a run of an earlier version to the formats of this one; the old files are kept."""
    from autogen.engine.transfer.migrate import migrate as migrated

    changes = migrated(run, out)
    for change in changes:
        typer.echo(printable(change))
    if not changes:
        unmade = "" if out is None else f", and {printable(str(out))} was not made"
        typer.echo(
            f"{printable(str(run))} has the formats of this version: there is nothing to migrate{unmade}"
        )


def licenses(
    sbom: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write a CycloneDX bill of materials (JSON).")
    ] = None,
) -> None:
    """List the installed packages that autogen needs, with versions and licenses."""
    from autogen.files import write

    found = [_about(package) for package in _needed(OWN)]
    for name, number, terms in found:
        typer.echo(f"{name:<28} {number:<16} {terms}")
    if sbom is not None:
        write(sbom, json.dumps(_bill(found), indent=1) + "\n")


def _needed(root: str) -> list[metadata.Distribution]:
    """Find a distribution and all installed ones that it needs, extras left out, in order of their names."""
    found: dict[str, metadata.Distribution] = {}
    waiting = [root]
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        with contextlib.suppress(metadata.PackageNotFoundError):
            if name not in found:
                found[name] = metadata.distribution(name)
                needs = [one for one in found[name].requires or () if "extra ==" not in one]
                waiting += [one[: re.match(r"[\w.-]+", one).end()] for one in needs]  # type: ignore[union-attr]
    if not found:
        raise RunError(f"{root} is not installed as a package here; run pip install . in its checkout")
    return [found[name] for name in sorted(found)]


def _about(package: metadata.Distribution) -> tuple[str, str, str]:
    """Name, version and license of a distribution."""
    about = package.metadata
    classified = [
        one.rpartition(" :: ")[2] for one in about.get_all("Classifier", ()) if one.startswith("License")
    ]
    said, free = ((about.get_all(key) or [""])[0] for key in ("License-Expression", "License"))
    terms = said or ", ".join(classified) or free.strip().partition("\n")[0][:60] or "not said"
    return about["Name"], package.version, printable(terms)


def _bill(found: list[tuple[str, str, str]]) -> dict[str, object]:
    """Make a bill of materials in the form of CycloneDX 1.5."""
    parts = [
        {
            "type": "library",
            "name": name,
            "version": number,
            "purl": f"pkg:pypi/{name.lower()}@{number}",
            "licenses": [{"license": {"name": terms}}],
        }
        for name, number, terms in found
    ]
    return {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": parts}


def _size(points: float) -> str:
    return "continuous" if points == float("inf") else f"{points:,.0f} points"
