"""``autogen.update``: fresh data for a finished run, with the names of ``autogen.search``."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autogen.api.followers import Followers
from autogen.api.habits import Callback, Time, budget_of, files_of, run_of, workers_of
from autogen.engine.study_result import StudyResult
from autogen.engine.transfer import update as engine
from autogen.engine.transfer.update import Update
from autogen.errors import suggesting
from autogen.generator.arguments import table_of
from autogen.hpo.study.log import Listener


@suggesting("autogen.update")
def update(
    run: StudyResult | Path | str,
    data: Any,
    *,
    budget: Time | None = None,
    n_trials: int | None = None,
    timeout: Time | None = None,
    forget: bool = False,
    train_anyway: bool = False,
    feedback: Path | str | Sequence[Path | str] = (),
    feedback_column: str = "",
    max_rejected: float | str = "",
    workers: int | None = None,
    n_jobs: int | None = None,
    address: str | None = None,
    executor_options: Mapping[str, Any] | None = None,
    out: Path | str | None = None,
    features: str = "",
    callbacks: Sequence[Callback] = (),
    verbose: bool | int = 0,
    track: str | Sequence[str] = (),
    listen: Listener | None = None,
) -> Update:
    """Update a finished run with fresh data: say what is different, and search again only if need be.

    Args:
        run: Folder of the run, or its result.
        data: Fresh rows, in the form of the run's data, or all of its rows and fresh ones: those that the run
            has are no fresh ones.
        budget: Budget of the update: seconds, or a text; default a third of the run's.
        n_trials: Number of trials, instead of a budget.
        timeout: Seconds of the whole update, instead of a budget.
        forget: True to train on fresh rows alone; default also on the training rows of the run.
        train_anyway: True to search even if nothing moved and the model still does.
        feedback: File with samples that users marked, or several, after those of the run.
        feedback_column: Column of the marks; default that of the run.
        max_rejected: Largest share of samples that users would reject; default that of the run.
        workers: Parallel trials; default those of the run.
        n_jobs: Another name of ``workers``; -1 for one per core.
        address: Address of the Ray cluster; default that of the run.
        executor_options: Options of the executor to change; default none. The address of a cluster that this
            machine is no part of, and a storage, have to be named again.
        out: Folder of the new run; default ``runs/<data>-N``.
        features: Name of the feature code of the run, as a confirmation that it may run here.
        callbacks: Functions of the study and the trial, called after each trial, as of ``search``.
        verbose: 1 or True to print a line for each trial that ends.
        track: Tools that are shown the study while it runs, as of ``search``.
        listen: Function called after each event with the event and the study's state; default none.

    Returns:
        What was found of the data, and the new run; no run if nothing was trained.

    Raises:
        UserError: the run has no result, its data is gone or was given in memory, or the fresh data has other
            columns or too few rows.
        SettingsError: an argument is of another type, or the run would run code, join a cluster or write to a
            storage that is not named here.
    """
    folder = run_of(run)
    followers = Followers(listen, callbacks, verbose, track)
    same = workers is None and n_jobs is None
    return followers.follow(
        lambda heard, stopped: engine.update(
            folder,
            data,
            budget=budget_of(budget, n_trials, timeout),
            forget=forget,
            train_anyway=train_anyway,
            feedback=files_of("feedback", feedback),
            feedback_column=feedback_column,
            max_rejected=str(max_rejected),
            workers=None if same else workers_of(workers, n_jobs),
            address=address,
            executor_options=table_of("executor_options", executor_options),
            out=out,
            features=features,
            listen=heard,
            stopped=stopped,
        )
    )
