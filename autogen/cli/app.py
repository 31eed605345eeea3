"""The command line: every command is a thin call of the Python API."""

import errno
import sys
import warnings
from functools import partial
from typing import Annotated, Any

import typer

import autogen
from autogen.cli.benchmark import benchmark
from autogen.cli.compare import compare
from autogen.cli.export import export
from autogen.cli.federated.federate import federate
from autogen.cli.inspect import inspect
from autogen.cli.judge import judge
from autogen.cli.listing import check, licenses, migrate, plugins, spaces
from autogen.cli.model import history, report, sample
from autogen.cli.run import resume, run
from autogen.cli.score import score
from autogen.cli.terminal.completion import completing, join_cut_words
from autogen.cli.terminal.help import WRONG_CALL, Command, Group, wrong_call
from autogen.cli.terminal.signals import like_ctrl_c
from autogen.cli.update import update
from autogen.errors import AutogenError, AutogenWarning, UnknownNameError, did_you_mean, printable
from autogen.files import DISK_ERRORS

#: Words of other tools, and of our own Python API, for our commands.
SYNONYMS = {
    **dict.fromkeys(("search", "fit", "train", "tune", "optimize", "start"), "run"),
    **dict.fromkeys(("generate", "draw", "synthesize"), "sample"),
    **dict.fromkeys(("evaluate", "eval", "test", "metrics"), "score"),
    **dict.fromkeys(("continue", "restart"), "resume"),
    **dict.fromkeys(("bench",), "benchmark"),
    **dict.fromkeys(("push", "upload", "convert", "onnx"), "export"),
    **dict.fromkeys(("diff",), "compare"),
    **dict.fromkeys(("show", "dashboard"), "report"),
}


class _Commands(Group):
    """Commands that suggest the right name for a wrong one."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find a command. Raises ``UnknownNameError`` for a name that is none."""
        name, known = args[0], self.list_commands(ctx)
        if name not in known and not name.startswith("-"):
            near = SYNONYMS.get(name.lower())
            hint = f" Did you mean `autogen {near}`?" if near else did_you_mean(name, known)
            raise UnknownNameError(f"there is no command {name!r}; there are {', '.join(known)}.{hint}")
        try:
            return super().resolve_command(ctx, args)
        except WRONG_CALL as error:
            raise wrong_call(error, self, ctx.command_path) from error


#: Names of the option that prints help.
HELP = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    context_settings=HELP,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"autogen {autogen.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("-V", "--version", help="Print the version.", is_eager=True, callback=_version)
    ] = False,
) -> None:
    """Bring a data set and a budget; get back the best generator found within the budget.

    With it come a test score, an interval and a comparison with baselines.
    """


for command in (
    run, resume, update, federate, inspect, report, sample, export, compare, history, score, judge, benchmark,
    spaces, plugins, licenses, check, migrate,
):  # fmt: skip
    app.command(cls=Command, context_settings=HELP)(completing(command))


def main() -> None:
    """Run the command line; an error of the user, or of the disk, is one line and exit code 2."""
    try:
        join_cut_words()
        with like_ctrl_c(), warnings.catch_warnings():
            warnings.showwarning = partial(_show, warnings.showwarning)
            app()
    except AutogenError as error:
        sys.exit(_fail(str(error)))
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE):
            sys.exit(_fail("too many files are open; allow more (ulimit -n 4096), or use fewer --workers"))
        if error.errno not in DISK_ERRORS:
            raise
        sys.exit(_fail(f"the disk is full or fails: {error}; free some space or repair it, then try again"))


def _show(others: Any, message: Warning | str, category: type[Warning], *place: Any) -> None:
    """Show a warning of ours as one line, and any other one as Python does."""
    if issubclass(category, AutogenWarning):
        typer.echo(f"warning: {printable(str(message))}", err=True)
    else:
        others(message, category, *place)


def _fail(message: str) -> int:
    typer.echo(f"error: {printable(message)}", err=True)
    return 2


if __name__ == "__main__":
    main()
