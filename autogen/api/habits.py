"""Names that users of Optuna and scikit-learn write, as settings of a study."""

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from numbers import Integral, Real
from pathlib import Path

from autogen import registry
from autogen.engine.study_result import StudyResult
from autogen.errors import RunError, SettingsError, is_storage_url
from autogen.generator.arguments import whole
from autogen.hpo.budget import Budget, seconds_text
from autogen.hpo.study.event import Event
from autogen.hpo.study.events import End
from autogen.hpo.study.log import Listener
from autogen.hpo.study.state import StudyState
from autogen.hpo.study.views import Study, Trial

#: Called after each trial with the study and the trial, as in Optuna.
Callback = Callable[[Study, Trial], None]
#: Seconds, or a text such as ``10m``.
Time = float | str


def budget_of(budget: Time | None, n_trials: int | None, timeout: Time | None) -> str | None:
    """Read a budget.

    Args:
        budget: Seconds, or a text such as ``10m`` and ``200trials``.
        n_trials: Number of trials, as in Optuna.
        timeout: Seconds of the whole study, as in Optuna, or a text.

    Returns:
        A budget as of ``autogen.hpo.budget.Budget``; ``None`` if nothing is given.

    Raises:
        SettingsError: a budget and one of the others is given, or a value is no budget.
    """
    if budget is not None:
        if n_trials is not None or timeout is not None:
            raise SettingsError("give a budget, or n_trials and timeout, but not both")
        return time_of("budget", budget)
    parts = [] if timeout is None else [_timeout_of(timeout)]
    return ",".join(parts + ([] if n_trials is None else [f"{whole('n_trials', n_trials, 1)}trials"])) or None


def names_of(name: str, value: object) -> tuple[str, ...]:
    """Read one name, several with commas between them, or a list of them.

    Args:
        name: Parameter, for the message.
        value: What the user gave.

    Raises:
        SettingsError: it is neither.
    """
    return texts_of(name, value.split(",") if isinstance(value, str) else value)


def texts_of(name: str, value: object) -> tuple[str, ...]:
    """Read one text or a list of texts.

    Raises:
        SettingsError: it is neither.
    """
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list | tuple) or not all(isinstance(one, str) for one in found):
        raise SettingsError(f"{name} must be a text or a list of texts; got {value!r:.80}")
    return tuple(one.strip() for one in found if one.strip())


def paths_of(name: str, value: object) -> tuple[str, ...]:
    """Read one path or a list of paths; a study's result stands for the folder of its run.

    Raises:
        SettingsError: it is neither.
    """
    found = [] if value is None else list(value) if isinstance(value, list | tuple) else [value]
    paths = [one.folder.path if isinstance(one, StudyResult) else one for one in found]
    if not all(isinstance(one, str | Path) for one in paths):
        raise SettingsError(f"{name} must be the folder of a run or a list of them; got {value!r:.80}")
    return tuple(str(one) for one in paths if str(one))


def files_of(name: str, value: object) -> tuple[str, ...]:
    """Read the path of one file or a list of them.

    Raises:
        SettingsError: it is neither, such as a DataFrame: a run names its files, so that it can be resumed.
    """
    found = list(value) if isinstance(value, list | tuple) else [value]
    if not all(isinstance(one, str | Path) for one in found):
        raise SettingsError(
            f"{name} must be the path of a file or a list of them; got {type(value).__name__}"
        )
    return tuple(str(one) for one in found if str(one))


def run_of(value: object) -> str:
    """Read the folder of one run; a study's result stands for it.

    Raises:
        SettingsError: it is none, or several.
    """
    folders = paths_of("run", value)
    if len(folders) != 1:
        raise SettingsError(f"run must be the folder of one run; got {value!r:.80}")
    return folders[0]


def workers_of(workers: int | None, n_jobs: object) -> int:
    """Read a number of parallel trials; 0 for one per core, as ``n_jobs=-1``.

    Raises:
        SettingsError: both are given, or ``n_jobs`` is 0 or no whole number.
    """
    if n_jobs is None:
        return workers or 0
    if workers is not None:
        raise SettingsError("give workers or n_jobs, but not both")
    if n_jobs == -1:
        return 0
    if n_jobs == 0 or isinstance(n_jobs, bool) or not isinstance(n_jobs, Integral) or n_jobs < 0:
        raise SettingsError(
            f"n_jobs must be a number of parallel trials, or -1 for one per core; got {n_jobs!r:.80}"
        )
    return int(n_jobs)


def name_of(kind: str, value: object) -> str:
    """Read the name of a sampler or a pruner.

    Raises:
        SettingsError: it is no text, such as an object of Optuna; the name here is given.
    """
    if isinstance(value, str):
        return value
    theirs = type(value).__name__
    near = registry.name_here(kind, theirs)
    hint = f"did you mean {near!r}?" if near else f"there are {', '.join(registry.names(kind))}"
    raise SettingsError(f"{kind} must be a name, not an object; {hint} Got {theirs}")


def refuse_study_storage(storage: object) -> None:
    """Refuse the storage of an Optuna study where checkpoints of a Ray cluster belong."""
    if isinstance(storage, str) and is_storage_url(storage):
        raise SettingsError(
            "storage is the place for checkpoints of a Ray cluster; a study is kept in its run folder. To "
            f'follow it in Optuna, use track="optuna:{storage}"; to learn from a study, '
            f'learn_from="optuna:{storage}"'
        )


def positive(name: str, value: object) -> float:
    """Read a finite number above 0, of Python or numpy.

    Raises:
        SettingsError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < float(value) < math.inf:
        raise SettingsError(f"{name} must be a number above 0; got {value!r:.80}")
    return float(value)


def listener(
    listen: Listener | None, callbacks: Sequence[Callback], verbose: bool | int, stop: Callable[[], None]
) -> Listener | None:
    """Join callbacks, a listener and lines that are printed to one listener.

    Args:
        listen: Called after each event.
        callbacks: Called after each trial.
        verbose: 0 or False for silence; 1 or True to tell of each trial that ends.
        stop: Function that ends the search, ``study.stop()`` of callbacks.

    Raises:
        SettingsError: one of them is none.
    """
    if not isinstance(callbacks, list | tuple) or not all(map(callable, callbacks)):
        raise SettingsError("callbacks must be a list of functions of the study and the trial")
    if listen is not None and not callable(listen):
        raise SettingsError(
            f"listen must be a function of an event and the study's state; got {listen!r:.80}"
        )
    verbose = int(verbose) if isinstance(verbose, bool) else whole("verbose", verbose, 0)
    told: list[Callback] = [*callbacks, *([_tell] if verbose else [])]
    if not told:
        return listen

    def heard(event: Event, state: StudyState) -> None:
        if listen is not None:
            listen(event, state)
        if isinstance(event, End):
            study, trial = Study(state, stop), Trial.of(state.trials[event.n])
            for callback in told:
                callback(study, trial)

    return heard


def both(first: Listener | None, second: Listener) -> Listener:
    """Join two listeners to one that calls the first, then the second."""
    if first is None:
        return second
    given = first

    def heard(event: Event, state: StudyState) -> None:
        given(event, state)
        second(event, state)

    return heard


def time_of(name: str, value: object) -> str:
    """Read seconds, or a text such as ``10m``, as a text. Raises ``SettingsError`` for other values."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < float(value) < math.inf:
        raise SettingsError(f"{name} must be seconds above 0, or a text such as 10m; got {value!r:.80}")
    return seconds_text(float(value))


def _timeout_of(value: object) -> str:
    """Read the timeout of a study. Raises ``SettingsError`` if it is no time, or has trials too."""
    text = time_of("timeout", value)
    if Budget.time(text) is None:
        raise SettingsError(
            f"timeout must be seconds above 0, or a text such as 10m; got {value!r:.80}; "
            "a number of trials is n_trials"
        )
    return text


def _tell(study: Study, trial: Trial) -> None:
    """Print a line about a trial that ended."""
    scores = list(trial.intermediate_values.values())
    score = f"{scores[-1]:.4g}" if scores else "no score"
    line = f"trial {trial.number} ({trial.params.get('family')}): {trial.state.value}, {score}"
    with suppress(RunError):  # none is complete yet
        line += f"; best {study.best_value:.4g} (trial {study.best_trial.number})"
    print(line, flush=True)
