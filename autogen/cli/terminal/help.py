"""Help of the commands: options in groups, and examples; and one line for a wrong call."""

import re
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from autogen.cli.terminal.habits import HABITS, given_value
from autogen.errors import SettingsError, did_you_mean

#: Groups of options in the order in which they are shown, with the options of each; the rest comes first.
GROUPS = {
    "Data": ("kind", "column", "option", "target", "group", "time_", "rule", "condition"),
    "Search": (
        *("space", "families", "objective", "features", "sampler", "pruner", "seed"),
        *("learn_from", "init_from", "pretrained", "feedback", "feedback_column"),
        *("max_latency", "max_params", "max_memory", "max_rejected"),
    ),
    "Verdict": ("finalists", "eval_rows", "retrain", "refit", "models_only", "judge"),
    "Machines": (
        *("workers", "fused", "replicas", "device", "executor", "executor_option", "address"),
        *("gpus_per_trial", "memory_per_trial", "storage", "trial_timeout"),
    ),
    "Columns": ("question", "answer", "context", "truth", "system", "prompt"),
    "Language model as judge": (
        *("endpoint", "model", "embeddings", "concurrency", "rpm", "max_calls", "seconds", "cache"),
    ),
    "Targets": ("onnx", "hub", "hf", "optuna", "license_", "language"),
    "Output": ("track", "output", "form", "as_json", "quiet"),
}
_GROUP = {name: group for group, names in GROUPS.items() for name in names}

#: Examples of each command.
EXAMPLES = {
    "history": ("autogen history runs/names-2", "autogen history runs/names-2 --json"),
    "run": (
        "autogen run customers.csv --budget 10m",
        "autogen run photos/ --families gan,vae --budget 2h --out runs/photos",
        "autogen run customers.csv --target churned --rule 'signup <= last_login' --column zip=categorical",
        "autogen run digits --budget 50trials --track tensorboard --track optuna:sqlite:///study.db",
    ),
    "update": (
        "autogen update runs/may --data june.csv --out runs/june",
        "autogen update runs/may --data june.csv --forget --budget 10m",
        "autogen update runs/may --data june.csv --feedback marked.csv",
    ),
    "federate": (
        "autogen federate try customers.csv --by country --budget 10m",
        "autogen federate serve SHARED --owners 3 --out runs/all",
        "autogen federate join SHARED customers.csv --name north --out model",
    ),
    "resume": ("autogen resume runs/photos", "autogen resume runs/photos --budget +10m"),
    "inspect": ("autogen inspect customers.csv", "autogen inspect customers.csv --column zip=categorical"),
    "report": ("autogen report runs/photos", "autogen report runs/photos --watch --every 30"),
    "sample": (
        "autogen sample runs/customers",
        "autogen sample runs/customers -n 1000 -o samples.csv --condition country=DE",
        "autogen sample runs/photos -n 64 -o samples.png",
    ),
    "score": (
        "autogen score samples.csv --against holdout.csv --train train.csv --target churned",
        "autogen score generated/ --against photos/ --metric fd,kd -n 5000",
    ),
    "compare": ("autogen compare runs/customers-1 runs/customers-2",),
    "export": (
        "autogen export runs/customers --optuna sqlite:///study.db",
        "autogen export runs/customers --onnx generator/",
        "autogen export runs/customers --hub upload/ --license apache-2.0",
        "autogen export runs/mails --hf adapter/",
    ),
    "judge": (
        "autogen judge answers.csv --question q --answer a --context c -o judged.csv",
        "autogen judge --run runs/names --prompts prompts.csv -o judged.csv --metric fluency,coherence",
    ),
    "benchmark": ("autogen benchmark tiny --out runs/tiny", "autogen benchmark plan.toml --out runs/plan"),
    "spaces": ("autogen spaces", "autogen spaces --show image_tiny", "autogen spaces --check mine.toml"),
    "plugins": ("autogen plugins",),
    "licenses": ("autogen licenses --sbom bom.json",),
    "check": ("autogen check runs/photos",),
    "migrate": ("autogen migrate runs/photos", "autogen migrate runs/photos --out runs/photos-new"),
}


#: What every exception of a wrong call derives from, whatever parser typer uses.
WRONG_CALL: type[Exception] = typer.BadParameter.__bases__[0]


def wrong_call(error: Any, command: Any, path: str, args: Sequence[str] = ()) -> SettingsError:
    """Say in one line what is wrong with a call, and what to do.

    Args:
        error: What the parser raised.
        command: Command that was called.
        path: Words that it was called with, such as ``autogen run``.
        args: The other words of the call.
    """
    name = str(getattr(error, "option_name", "") or "")
    known = [
        option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)
    ]
    said = error.format_message().strip().rstrip(".")
    said = said[:1].lower() + said[1:]
    if "--" + name.lstrip("-") == name and name not in known:
        habit = HABITS.get(name.lower().replace("_", "-"))
        ours = habit(given_value(name, list(args))) if habit else ""
        there = all(word in known for word in re.findall(r"--[\w-]+", ours))
        hint = f" Did you mean {ours}?" if ours and there else did_you_mean(name, known)
        hint = f" {ours}" if there and ours.endswith(".") else hint
        said = f"there is no option {name}.{hint}" if hint else f"there is no option {name}"
    return SettingsError(f"{said}{' See' if said.endswith(('?', '.')) else '; see'} {path} --help")


def _path(command: Any, name: str | None, parent: Any) -> str:
    return f"{parent.command_path} {name or command.name}" if parent else str(name or command.name)


class Group(TyperGroup):
    """Commands whose wrong calls are one line."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Parse a call. Raises ``SettingsError`` for a wrong one."""
        _refuse_shell(args)
        asked = bool(args)  # the parser empties the list
        try:
            return super().make_context(info_name, args, parent, **extra)
        except WRONG_CALL as error:
            if not asked:  # the help is shown
                raise
            raise wrong_call(error, self, _path(self, info_name, parent)) from error


def _refuse_shell(args: Sequence[str]) -> None:
    """Refuse the name of a shell behind an option that takes none: it would be ignored."""
    for option in ("--install-completion", "--show-completion"):
        if option in args[:1] and len(args) > 1:
            raise SettingsError(
                f"{option} is for the shell that calls it and takes no name; got {args[1]!r:.40}. "
                f"Call it in that shell: {option}"
            )


class Command(TyperCommand):
    """A command whose help shows its options in groups, and examples."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Parse a call. Raises ``SettingsError`` for a wrong one."""
        words = list(args)  # the parser empties the list
        try:
            return super().make_context(info_name, args, parent, **extra)
        except WRONG_CALL as error:
            raise wrong_call(error, self, _path(self, info_name, parent), words) from error

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse a call. Raises ``SettingsError`` for a second value of an option that has one."""
        _, _, order = self.make_parser(ctx).parse_args(list(args))
        single = [
            one for one in order if not getattr(one, "multiple", True) and not getattr(one, "is_flag", True)
        ]
        for parameter in single:
            if single.count(parameter) > 1:
                raise SettingsError(
                    f"{parameter.opts[0]} is given {single.count(parameter)} times, but has one value; "
                    f"see {ctx.command_path} --help"
                )
        return super().parse_args(ctx, args)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments, then options by group."""
        found: dict[str, list[Any]] = {"Arguments": [], "Options": [], **{name: [] for name in GROUPS}}
        for parameter in self.get_params(ctx):
            if (record := parameter.get_help_record(ctx)) is not None:
                own = "Arguments" if parameter.param_type_name == "argument" else "Options"
                found[_GROUP.get(str(parameter.name), own)].append(record)
        for name, records in found.items():
            if records:
                with formatter.section(name):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write examples, each on a line that can be copied."""
        if examples := EXAMPLES.get(str(self.name), ()):
            with formatter.section("Examples"):
                for example in examples:
                    formatter.write(f"{'':{formatter.current_indent}}{example}\n")
