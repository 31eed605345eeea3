"""The command line: every command is a thin call of the Python API."""

import sys
from typing import Annotated

import typer

from autogen import __version__
from autogen.cli.benchmark import benchmark
from autogen.cli.judge import judge
from autogen.cli.listing import check, plugins, spaces
from autogen.cli.model import report, sample
from autogen.cli.run import resume, run
from autogen.cli.score import score
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


for command in (run, resume, report, sample, score, judge, benchmark, spaces, plugins, check):
    app.command()(command)


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
