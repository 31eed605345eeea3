"""Every exception and warning that autogen raises on purpose, under one base, and words for messages."""

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from inspect import signature
from shlex import join, quote
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")

#: Characters that move the cursor, change colors or turn the direction of a terminal's line.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
#: Least similarity of names that begin with different letters.
ALIKE = 0.72
#: Most characters of a message: what a file holds is quoted, not printed.
MOST_CHARACTERS = 1000


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Return the known name most like a name; an empty text where none is.

    A name that begins with another letter must be more alike: letters in common are chance in short names.

    Args:
        name: Name that is not known.
        known: Names that are.
        cutoff: Least similarity from 0 to 1, as ``difflib`` measures it.
    """
    names = list(known)
    close = difflib.get_close_matches(name, names, n=len(names) or 1, cutoff=cutoff)
    sure = set(difflib.get_close_matches(name, names, n=len(names) or 1, cutoff=max(cutoff, ALIKE)))
    return next((one for one in close if one in sure or one[:1].casefold() == name[:1].casefold()), "")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """End a message with the known name most like a name: `` Did you mean 'x'?``, or nothing."""
    near = nearest(name, known)
    return f" Did you mean {near!r}?" if near else ""


def reason(error: BaseException) -> str:
    """One line without a full stop at its end."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return one_line(" ".join(str(text).split())).rstrip(".")


def one_line(text: str, most: int = MOST_CHARACTERS) -> str:
    """Make a message safe to print: no control characters of a file, and no kilobytes of it.

    Args:
        text: message, maybe with parts of a file.
        most: most characters to keep; the middle of a longer message is left out.
    """
    line = _CONTROL.sub(" ", text)
    half = (most - 5) // 2
    return line if len(line) <= most else f"{line[:half]} ... {line[-half:]}"


def told(error: BaseException) -> str:
    """Describe an exception in one line: its message for ours, else with the name of its class."""
    text = reason(error)
    return text if isinstance(error, AutogenError) else f"{type(error).__name__}: {text}"[:300]


def printable(text: str, most: int = 2000) -> str:
    """Make one line of a text that a file or a server may have written: nothing in it steers a terminal.

    Args:
        text: Any text.
        most: Largest number of characters; what is longer loses its middle.
    """
    line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return line if len(line) <= most else f"{line[: most // 2]} ... {line[-most // 2 :]}"


def option(flag: str, value: str) -> str:
    """Write an option of the command line such that it can be pasted into a shell, whatever a file holds.

    Args:
        flag: Name without its hyphens.
        value: Value.
    """
    return f"--{flag} {quote(value)}"


def command(*words: str) -> str:
    """Write a command that can be pasted into a shell, whatever the names of folders and files are.

    Args:
        words: Program and arguments.
    """
    return join(words)


def resume_command(run: object) -> str:
    """Write the command that resumes a run.

    Args:
        run: Path of its folder.
    """
    return command("autogen", "resume", str(run))


def agreed(count: float, one: str, many: str) -> str:
    """Choose the words of a message that go with a count: ``row was`` for 1, else ``rows were``."""
    return one if count == 1 else many


def listed(names: Sequence[str]) -> str:
    """Join names: ``a, b and c``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def capital(text: str) -> str:
    """Write the first letter as a capital."""
    return text[:1].upper() + text[1:]


def counted(count: int, one: str, many: str = "") -> str:
    """Write a count with its noun: ``1 trial``, ``1,200 trials``.

    Args:
        count: Number of things.
        one: Name of one of them.
        many: Name of several; by default with an s.
    """
    return f"{count:,} {agreed(count, one, many or f'{one}s')}"


class AutogenError(Exception):
    """Base of all exceptions that autogen raises on purpose."""


class UserError(AutogenError, ValueError):
    """Something the user can correct: one line that says what was expected, what came, what to do.

    Args:
        message: the line; control characters are taken out, and the middle of a very long one.
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(one_line(str(message)))


class SpaceError(UserError):
    """A search space, or a config that should lie in one, is wrong."""


class DataError(UserError):
    """A data set cannot be read, or is too small to be split."""


class SettingsError(UserError):
    """A setting of a study, on the command line or in study.toml, is wrong."""


class RunError(UserError):
    """A run folder cannot be created, opened, locked or written."""


class WriteError(RunError):
    """A file of a run cannot be written: the study stops, whichever trial it was, and can be resumed."""


class JournalError(RunError):
    """A journal is foreign, newer than this autogen, or damaged beyond its last line."""


class UnknownNameError(UserError):
    """A name that no built-in and no plug-in answers to."""


class MetricError(UserError):
    """A metric cannot score what it was given."""


class TrialFailure(AutogenError):  # noqa: N818 - a trial fails, not the program
    """A trial that cannot be finished; the message is the reason written to the journal."""


class Diverged(TrialFailure):
    """A loss, a weight or a sample of the trial is no longer finite."""


class DeadlineExceeded(TrialFailure):
    """The trial ran past its deadline."""


class OutOfMemory(TrialFailure):
    """The trial asked for more memory than its worker may use."""


class Infeasible(TrialFailure):
    """The trial breaks a constraint."""


class WorkerLost(TrialFailure):
    """The worker that ran the trial is gone."""


class AutogenWarning(UserWarning):
    """Base of all warnings that autogen issues on purpose."""


#: Parameters here, each with those of Optuna, scikit-learn, Ray Tune, SDV and AutoML that mean the same.
_ELSEWHERE = {
    ours: names.split()
    for ours, names in {
        "n_trials": "max_trials n_iter num_samples num_trials trials n_calls",
        "timeout": "time_limit time_budget max_time max_runtime_secs time_left_for_this_task time_budget_s",
        "metric": "scoring metrics eval_metric loss",
        "families": "model models algorithms estimator estimators include_algos family",
        "target": "label y y_train target_column label_column outcome",
        "data": "x x_train df dataset train_data training_data",
        "space": "search_space param_distributions param_grid param_space",
        "out": "output_dir output path run_dir study_name name experiment_name local_dir",
        "verbose": "show_progress_bar progress progress_bar verbosity silent quiet",
        "random_state": "seed random_seed",
        "seed": "random_state random_seed",
        "n_jobs": "jobs n_workers num_workers threads max_concurrent_trials",
        "device": "gpu gpus use_gpu accelerator",
        "pruner": "early_stopping scheduler",
        "sampler": "search_alg optimizer algorithm",
        "track": "logger log_to tracker",
        "constraints": "constraint",
        "n": "num_rows n_samples num_samples size rows",
    }.items()
}
#: Parameters of theirs that a search here does not need, with the reason.
_NEEDLESS = {
    **dict.fromkeys(
        ("direction", "directions", "greater_is_better"),
        "each metric knows whether lower or higher is better",
    ),
    "gc_after_trial": "trials run in processes of their own",
    "catch": "a trial that fails is recorded as FAILED, and the search continues",
    "load_if_exists": "autogen.resume(RUN) continues a run",
    **dict.fromkeys(
        ("cv", "test_size", "validation_split"),
        "a search holds out rows for tuning, selection and test itself",
    ),
    **dict.fromkeys(
        ("epochs", "max_epochs", "max_iter", "batch_size", "lr", "learning_rate", "n_startup_trials"),
        "the search chooses it; the ranges are in the search space (space)",
    ),
}


def _instead(name: str, known: Sequence[str]) -> str:
    """Say what to give instead of an unknown parameter, or all that there are."""
    name = name.lower()
    if name in _NEEDLESS and "budget" in known:
        return f"; leave it out: {_NEEDLESS[name]}"
    ours = (one for one in known if name in _ELSEWHERE.get(one, ()))
    near = next(ours, "") or nearest(name, known)
    return f"; did you mean {near!r}?" if near else f"; it has {', '.join(known)}"


def is_storage_url(storage: str) -> bool:
    """Tell if a value of ``storage`` is that of a study of Optuna, and not a place for checkpoints."""
    return bool(re.match(r"(sqlite|postgresql|mysql|redis|journal)(\+\w+)?:", storage))


def refuse_unknown(where: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse names that a function does not have.

    Args:
        where: Name of the function.
        given: Names that were given.
        known: Names that it has.

    Raises:
        SettingsError: one is not known; the nearest one is named, or all are.
    """
    names = list(known)
    for name in given:
        if name not in names:
            raise SettingsError(f"{where} has no parameter {name!r}{_instead(name, names)}")


def suggesting(where: str) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Make a function, or the ``__init__`` of a class, answer an unknown parameter with the nearest one.

    Args:
        where: Name of the function in messages.
    """

    def wrapped(function: Callable[_P, _R]) -> Callable[_P, _R]:
        known = [name for name in signature(function).parameters if name != "self"]

        @wraps(function)
        def checked(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            refuse_unknown(where, kwargs, known)
            return function(*args, **kwargs)

        return checked

    return wrapped
