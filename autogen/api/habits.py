"""Names that users of Optuna and scikit-learn write, as settings of a study."""

from collections.abc import Callable, Sequence
from typing import Any

from autogen.errors import SettingsError
from autogen.hpo.study.event import Event
from autogen.hpo.study.events import End
from autogen.hpo.study.log import Listener
from autogen.hpo.study.state import StudyState, TrialRecord

#: Called after each trial with the study's state and the trial, as in Optuna.
Callback = Callable[[StudyState, TrialRecord], None]
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
        return _time("budget", budget)
    if n_trials is not None and (isinstance(n_trials, bool) or not isinstance(n_trials, int)):
        raise SettingsError(f"n_trials must be a whole number; got {n_trials!r}")
    parts = [] if timeout is None else [_time("timeout", timeout)]
    return ",".join(parts + ([] if n_trials is None else [f"{n_trials}trials"])) or None


def names_of(value: str | Sequence[str]) -> tuple[str, ...]:
    """Read one name, several with commas between them, or a list of them."""
    if isinstance(value, str):
        return tuple(name.strip() for name in value.split(",") if name.strip())
    return tuple(value)


def workers_of(workers: int | None, n_jobs: int | None) -> int:
    """Read a number of parallel trials; 0 for one a core, as ``n_jobs=-1``.

    Raises:
        SettingsError: both are given, or ``n_jobs`` is 0 or no whole number.
    """
    if n_jobs is None:
        return workers or 0
    if workers is not None:
        raise SettingsError("give workers or n_jobs, but not both")
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, int) or n_jobs == 0 or n_jobs < -1:
        raise SettingsError(
            f"n_jobs must be a number of parallel trials, or -1 for one a core; got {n_jobs!r}"
        )
    return max(0, n_jobs)


def one_of(first: str, one: Any, second: str, other: Any, default: Any) -> Any:
    """Read a setting that has two names.

    Raises:
        SettingsError: both are given.
    """
    if one is not None and other is not None:
        raise SettingsError(f"give {first} or {second}, but not both: they mean the same")
    return next((value for value in (one, other) if value is not None), default)


def listener(listen: Listener | None, callbacks: Sequence[Callback], verbose: int) -> Listener | None:
    """Join what listens to a study.

    Args:
        listen: Called after each event.
        callbacks: Called after each trial.
        verbose: 0 for silence; 1 to tell of each trial that ends.
    """
    if callable(callbacks):
        raise SettingsError("callbacks must be a list of functions of the study's state and the trial")
    told: list[Callback] = [*callbacks, *([_tell] if verbose else [])]
    if not told:
        return listen

    def heard(event: Event, state: StudyState) -> None:
        if listen is not None:
            listen(event, state)
        if isinstance(event, End):
            for callback in told:
                callback(state, state.trials[event.n])

    return heard


def _time(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SettingsError(f"{name} must be seconds, or a text such as 10m; got {value!r}")
    return f"{float(value):.15g}s"


def _tell(state: StudyState, trial: TrialRecord) -> None:
    """Print a line about a trial that ended."""
    family, best = trial.task.config.get("family"), state.complete()
    score = f"{trial.curve[-1].score:.4g}" if trial.curve else "no score"
    line = f"trial {trial.task.number} ({family}): {trial.state.value}, {score}"
    if best:
        line += f"; best {best[0].score:.4g} (trial {best[0].task.number})"
    print(line, flush=True)
