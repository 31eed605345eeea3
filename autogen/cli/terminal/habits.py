"""Options of Optuna, scikit-learn and our own Python API, with what to type instead."""

import re
from collections.abc import Callable

from autogen.registry import name_here, names

#: A number with or without a unit of time.
_TIME = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d|sec|min|minutes?|seconds?|hours?|days?)?s?", re.IGNORECASE)
Suggestion = Callable[[str], str]


def _with(option: str, example: str, kept: str = r"\S+") -> Suggestion:
    """Suggest an option with the user's own value if it has a form, else with an example."""
    return lambda value: f"{option} {value if re.fullmatch(kept, value) else example}"


def _time(unit: str) -> Suggestion:
    """Suggest a budget of time; a bare number counts in a unit."""

    def suggest(value: str) -> str:
        found = _TIME.fullmatch(value)
        return f"--budget {found[1]}{(found[2] or unit)[0].lower()}" if found else "--budget 10m"

    return suggest


def _trials(value: str) -> str:
    return f"--budget {value if re.fullmatch('[1-9][0-9]*', value) else 50}trials"


def _objective(value: str) -> str:
    return f"--objective {value if value in names('metric') else name_here('metric', value) or 'NAME'}"


def _workers(value: str) -> str:
    return f"--workers {0 if value == '-1' else value if value.isdecimal() else 2}"


def _progress(_: str) -> str:
    return "Progress is shown by default; --quiet hides it, --json prints the result alone."


def _direction(_: str) -> str:
    return "Leave it out: each metric knows whether lower or higher is better."


def _study(value: str) -> str:
    name = re.sub(r"[^\w.-]+", "-", value)
    return f"--out runs/{name or 'NAME'}"


#: What to type instead of an option, made of the value that the user gave (empty for none); or a sentence.
HABITS: dict[str, Suggestion] = {
    **dict.fromkeys(("--n-trials", "--trials", "--max-trials", "--num-samples"), _trials),
    **dict.fromkeys(("--timeout", "--time-limit", "--time-budget", "--max-time", "--seconds"), _time("s")),
    **dict.fromkeys(("--prefix", "--begin", "--start-with", "--text"), _with("--prompt", "'Dear '", "$")),
    "--minutes": _time("m"),
    "--hours": _time("h"),
    **dict.fromkeys(("--metric", "--scoring", "--loss"), _objective),
    **dict.fromkeys(("--verbose", "--verbosity", "--progress", "--debug", "--log-level"), _progress),
    **dict.fromkeys(("--silent", "--no-progress"), lambda _: "--quiet"),
    **dict.fromkeys(("--direction", "--directions"), _direction),
    **dict.fromkeys(("--n-jobs", "--jobs", "--threads", "--num-workers"), _workers),
    **dict.fromkeys(("--random-state", "--random-seed"), _with("--seed", "1", r"\d+")),
    **dict.fromkeys(("--models", "--family", "--algorithms"), _with("--families", "vae,gan", r"[\w,]+")),
    **dict.fromkeys(("--model", "--base-model", "--model-name-or-path"), _with("--pretrained", "FOLDER")),
    **dict.fromkeys(("--output", "--output-dir", "--out-dir", "--storage-dir"), _with("--out", "DIR")),
    **dict.fromkeys(("--study-name", "--name", "--experiment-name"), _study),
    **dict.fromkeys(("--gpu", "--gpus"), lambda _: "--device cuda"),
    **dict.fromkeys(("--label", "--label-column", "--target-column"), _with("--target", "COLUMN")),
    **dict.fromkeys(("--drop-column", "--drop"), lambda value: f"--column {value or 'NAME'}=drop"),
    **dict.fromkeys(("--num-rows", "--rows", "--size", "--samples"), _with("-n", "100", r"[1-9]\d*")),
}


def given_value(name: str, args: list[str]) -> str:
    """Find the value that a call gives an option; empty for none.

    Args:
        name: Option as it was written.
        args: Words of the call.
    """
    for place, word in enumerate(args):
        if word.startswith(f"{name}="):
            return word.partition("=")[2]
        if word == name and place + 1 < len(args) and not re.match(r"-\D", args[place + 1]):
            return args[place + 1]
    return ""
