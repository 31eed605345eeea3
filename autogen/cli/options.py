"""Options that several commands share, and values that are given as NAME=VALUE."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from autogen.errors import SettingsError

Run = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")]
RunOrTrial = Annotated[
    Path, typer.Argument(metavar="RUN[:TRIAL]", help="Folder of a run, or RUN:7 for the model of trial 7.")
]
Budget = Annotated[str | None, typer.Option(help="90s, 10m, 2h, 200trials, or several: 2h,200trials. [10m]")]
AsJson = Annotated[bool, typer.Option("--json", help="Print result.json and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show no progress.")]
Workers = Annotated[
    int | None, typer.Option(help="Trials at once; 0: one per core, or all of a cluster. [0]")
]
Replicas = Annotated[
    str | None,
    typer.Option(
        metavar="N|auto", help="Processes that train one trial together, each a part of a batch. [1]"
    ),
]
Fused = Annotated[
    int | None,
    typer.Option(
        metavar="K", help="Most trials of one architecture to train as one program, where that is faster. [1]"
    ),
]
EvalRows = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Most rows of each held-out split that scores use. [all; fewer for budgets under 1m]",
    ),
]
Features = Annotated[
    str | None, typer.Option(help="Feature space: a name of `autogen plugins`, or package.module:name.")
]
Judges = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME,...", help="Language models of the run that may be asked, as fluency.judge."),
]
ExecutorOption = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=VALUE", help="Option of the executor, such as device=cpu; repeatable."),
]
RuleOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="RULE", help="Rule of a table: 'signup <= last_login', 'zip -> city' ...; repeatable."
    ),
]
Address = Annotated[str | None, typer.Option(help="Ray: auto, ray://HOST:PORT, HOST:PORT or local. [auto]")]


FeedbackOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FILE",
        help="Samples that users marked, in a column keep: 0 for rejected, 1 for kept, or a weight. "
        "Repeatable, the newest last.",
    ),
]
FeedbackColumn = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Column of the marks. [keep, feedback or weight]"),
]
MaxRejected = Annotated[
    str | None,
    typer.Option(
        metavar="SHARE",
        help="Largest share of samples that users would reject, by the feedback: 0.02. [half of what can be "
        "avoided]",
    ),
]
InitFrom = Annotated[
    str | None,
    typer.Option(metavar="RUN[:TRIAL]", help="Earlier run or model whose weights training may start from."),
]
Pretrained = Annotated[
    str | None,
    typer.Option(metavar="FOLDER", help="Model that trials build on (save_pretrained)."),
]
Track = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME[:PLACE]",
        help="Show the study in another tool while it runs: logging, tensorboard, mlflow, wandb, "
        "optuna:sqlite:///study.db. Repeatable.",
    ),
]


Epsilon = Annotated[
    float | None,
    typer.Option(help="Differential privacy: largest epsilon of what best/ holds. [no guarantee]"),
]
Delta = Annotated[
    float | None, typer.Option(help="Delta of the guarantee. [1e-5, or a tenth of one over the rows]")
]
RangeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--range",
        metavar="NAME=LOW:HIGH",
        help="With --epsilon: range of a column of numbers, known without a look at the rows. Repeatable.",
    ),
]


def replicas_of(given: str | None) -> dict[str, str]:
    """Option of the executor for a number of replicas; none where it is left out."""
    return {} if given is None else {"replicas": given}


def listed(texts: Iterable[str] | None) -> list[str]:
    """Names of an option that is given several times, or once with commas."""
    return [name.strip() for text in texts or () for name in text.split(",") if name.strip()]


def pairs(texts: Iterable[str] | None) -> list[str]:
    """Texts ``NAME=VALUE`` of an option that is given several times, or once with commas.

    A comma separates only if each part has an equals sign, so that values may hold commas.
    """
    found: list[str] = []
    for text in texts or ():
        parts = text.split(",")
        found += [part.strip() for part in parts] if all("=" in part for part in parts) else [text]
    return found


def parse_columns(texts: Iterable[str]) -> dict[str, str]:
    """Kinds of columns by name, of texts ``NAME=KIND``; names may hold equals signs.

    Raises:
        SettingsError: another form.
    """
    found = {}
    for text in pairs(texts):
        name, equals, kind = text.rpartition("=")
        if not (name and equals and kind):
            raise SettingsError(
                f"a column's kind is given as NAME=KIND, such as zip=categorical, not {text!r}"
            )
        found[name] = kind
    return found


def privacy_table(epsilon: float | None, delta: float | None, ranges: Iterable[str]) -> dict[str, object]:
    """Table ``[privacy]`` of a study; what was not given is left out."""
    given = {"epsilon": epsilon, "delta": delta, "ranges": list(ranges)}
    return {name: value for name, value in given.items() if value not in (None, [])}


def parse_options(texts: Iterable[str]) -> dict[str, int | str]:
    """Options of a kind of data by name, of texts ``NAME=VALUE``; whole numbers become int.

    Raises:
        SettingsError: another form.
    """
    found: dict[str, int | str] = {}
    for text in pairs(texts):
        name, _, value = (part.strip() for part in text.partition("="))
        if not (name and value):
            raise SettingsError(f"an option is given as NAME=VALUE, such as size=32, not {text!r}")
        found[name] = int(value) if value.isdecimal() else value
    return found


def parse_executor_options(texts: Iterable[str]) -> dict[str, str]:
    """Options of an executor by name, of texts ``NAME=VALUE``; the executor knows the types of the values.

    Raises:
        SettingsError: another form.
    """
    found = {}
    for text in pairs(texts):
        name, _, value = (part.strip() for part in text.partition("="))
        if not (name and value):
            raise SettingsError(
                f"an executor's option is given as NAME=VALUE, such as device=cpu, not {text!r}"
            )
        found[name] = value
    return found
