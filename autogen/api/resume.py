"""``autogen.resume``: a stopped or finished run goes on, with the names of ``autogen.search``."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autogen.api.followers import Followers
from autogen.api.habits import Callback, Time, budget_of, run_of, workers_of
from autogen.engine import engine
from autogen.engine.study_result import StudyResult
from autogen.errors import suggesting
from autogen.generator.arguments import table_of
from autogen.hpo.study.log import Listener


@suggesting("autogen.resume")
def resume(
    run: StudyResult | Path | str,
    *,
    source: Any = None,
    budget: Time | None = None,
    n_trials: int | None = None,
    timeout: Time | None = None,
    workers: int | None = None,
    n_jobs: int | None = None,
    address: str | None = None,
    executor_options: Mapping[str, Any] | None = None,
    features: str = "",
    judge: str | Sequence[str] = (),
    callbacks: Sequence[Callback] = (),
    verbose: bool | int = 0,
    track: str | Sequence[str] = (),
    listen: Listener | None = None,
) -> StudyResult:
    """Resume a stopped run, or give a finished one more budget; without a budget a finished run is returned.

    What is missing of the output of a finished run is written again.

    Args:
        run: Folder of the run, or its result.
        source: Data again, if it was given in memory.
        budget: New budget of the whole study, what is spent included: seconds, or a text; ``+10m`` and
            ``+20trials`` add to the old one. Default the old one.
        n_trials: Number of trials of the whole study, instead of a budget; those of before count.
        timeout: Seconds of the whole study, instead of a budget; those of before count.
        workers: New number of trials at once; default the old one.
        n_jobs: Another name of ``workers``; -1 for one per core.
        address: New address of the Ray cluster; default the old one.
        executor_options: Options of the executor to change; default none.
        features: Name of the feature code of the run, as a confirmation that it may run here.
        judge: Names of the run's language models as judges, such as ``fluency.judge``, as a
            confirmation that they may be asked with your key.
        callbacks: Functions of the study and the trial, called after each trial, as of ``search``.
        verbose: 1 or True to print a line for each trial that ends.
        track: Tools that are shown the study while it runs, as of ``search``.
        listen: Function called after each event with the event and the study's state; default none.

    Raises:
        RunError: the folder is no run, the data has changed, or another process runs it.
        SettingsError: an argument is of another type, or there is no such argument.
    """
    folder = run_of(run)
    followers = Followers(listen, callbacks, verbose, track)
    same = workers is None and n_jobs is None
    return followers.follow(
        lambda heard, stopped: engine.resume(
            folder,
            source=source,
            budget=budget_of(budget, n_trials, timeout),
            workers=None if same else workers_of(workers, n_jobs),
            address=address,
            executor_options=table_of("executor_options", executor_options),
            features=features,
            judges=(judge,) if isinstance(judge, str) else judge,
            listen=heard,
            stopped=stopped,
        )
    )
