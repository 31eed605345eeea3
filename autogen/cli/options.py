"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Run = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")]
Budget = Annotated[str | None, typer.Option(help="90s, 10m, 2h, 200trials, or several: 2h,200trials. [10m]")]
AsJson = Annotated[bool, typer.Option("--json", help="Print result.json and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show no progress.")]
Workers = Annotated[
    int | None, typer.Option(help="Trials at once; 0: one per core, or all of a cluster. [0]")
]
Features = Annotated[
    str | None, typer.Option(help="Feature space: a name of `autogen plugins`, or package.module:name.")
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
