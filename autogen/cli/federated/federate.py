"""The command ``autogen federate``: one model of the rows of several owners."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from autogen.cli.options import AsJson, Budget, Quiet, listed, parse_columns
from autogen.cli.run import progress_of
from autogen.cli.terminal.opening import Opening
from autogen.errors import SettingsError, did_you_mean, printable

#: What can be done, with the options that only it has.
ACTIONS = {
    "try": ("by",),
    "serve": ("wait",),
    "join": ("name", "wait"),
}
#: Options that an action cannot have besides those that only others have.
_NOT = {
    "serve": ("target", "column", "threshold"),
    "join": ("budget", "space", "families", "quorum", "owners"),
}


def federate(
    action: Annotated[str, typer.Argument(metavar="ACTION", help="try, serve or join.")],
    places: Annotated[
        list[str],
        typer.Argument(
            metavar="PLACE...", help="try: DATA of each owner; serve: FOLDER; join: FOLDER and DATA."
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(help="Folder of the run, new or empty; of join: of the model.")
    ] = None,
    by: Annotated[
        str | None, typer.Option(metavar="NAME", help="try: column that splits one table among owners.")
    ] = None,
    owners: Annotated[
        int | None, typer.Option(help="serve: owners to wait for. try: parts of the table. [2; all]")
    ] = None,
    name: Annotated[str | None, typer.Option(help="join: name of this owner. [that of the data]")] = None,
    threshold: Annotated[
        int | None, typer.Option(help="Rows below which a value of a column is not told. [10]")
    ] = None,
    target: Annotated[str | None, typer.Option(help="Column that you want to predict.")] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=KIND", help="Kind of a column. Repeatable. [recognized]"),
    ] = None,
    space: Annotated[str | None, typer.Option(help="File of a search space. [the shipped one]")] = None,
    families: Annotated[
        list[str] | None, typer.Option(metavar="NAME,...", help="Families to search. [all]")
    ] = None,
    budget: Budget = None,
    quorum: Annotated[
        float | None, typer.Option(help="Share of the owners asked that must answer. [0.5]")
    ] = None,
    deadline: Annotated[str | None, typer.Option(help="Longest wait for an answer. [10m]")] = None,
    wait: Annotated[str | None, typer.Option(help="serve: wait for owners; join: for a server. [1h]")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the study. [0]")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Train one model on the rows of several owners, none of whom shows rows."""
    given = {key: value for key, value in locals().items() if value not in (None, [])}
    _check(action, places, given)
    opening = Opening(quiet or as_json)
    opening.say("loading autogen ...")
    from autogen.federated import command

    care = command.care_of(quorum, deadline)
    options = {"columns": parse_columns(column or ()), "target": target}
    reading = {key: value for key, value in options.items() if value}
    if action == "join":
        folder, data = places

        def told(act: str) -> None:
            if not (quiet or as_json):
                typer.echo(f"asked to {printable(act)}", err=True)

        opening.clear()
        command.join_folder(
            Path(folder), data, reading, name or "", threshold, out, command.seconds_of(wait, "--wait"), told
        )
        return
    plan = command.plan_of(budget, space, listed(families), care, seed)
    with opening, progress_of(quiet or as_json) as listen:

        def heard(event: Any, state: Any) -> None:
            opening.clear()
            listen(event, state)

        if action == "try":
            record = command.try_here(places, by or "", owners or 0, reading, threshold, plan, out, heard)
        else:
            opening.say(f"waiting for owners in {printable(places[0])} ...")
            record = command.serve_folder(
                Path(places[0]), owners or 2, command.seconds_of(wait, "--wait"), plan, out, heard
            )
    lines = [json.dumps(record, indent=2)] if as_json else command.told(record)
    for line in lines:
        typer.echo(line if as_json else printable(line))


def _check(action: str, places: list[str], given: dict[str, Any]) -> None:
    """Refuse an unknown action, options of another action, and a wrong number of places."""
    if action not in ACTIONS:
        hint = did_you_mean(action, list(ACTIONS))
        raise SettingsError(f"autogen federate does {', '.join(ACTIONS)}, not {action!r}.{hint}")
    others = {one for names in ACTIONS.values() for one in names} - set(ACTIONS[action])
    if wrong := [one for one in given if one in others or one in _NOT.get(action, ())]:
        raise SettingsError(f"autogen federate {action} has no option --{wrong[0]}; leave it out")
    wanted = {"try": "the data of each owner", "serve": "one folder", "join": "the folder and the data"}
    if len(places) != {"try": len(places), "serve": 1, "join": 2}[action]:
        raise SettingsError(f"autogen federate {action} takes {wanted[action]}; got {' '.join(places)}")
