"""``autogen.search``: one call from data to verdict, with an explicit signature."""

from collections.abc import Mapping, Sequence
from inspect import signature
from pathlib import Path
from typing import Any

from autogen.api.followers import Followers
from autogen.api.habits import (
    Callback,
    Time,
    budget_of,
    files_of,
    name_of,
    names_of,
    paths_of,
    refuse_study_storage,
    texts_of,
    time_of,
    workers_of,
)
from autogen.data.open import queried
from autogen.engine.engine import start
from autogen.engine.settings import ALIASES, Settings
from autogen.engine.study_result import StudyResult
from autogen.errors import SettingsError, refuse_unknown
from autogen.generator.arguments import one_of, seed_of, table_of
from autogen.hpo.study.log import Listener
from autogen.metrics.features.custom import import_name


def search(
    data: Any,
    *,
    budget: Time | None = None,
    families: str | Sequence[str] = (),
    init_from: StudyResult | Path | str = "",
    pretrained: Path | str = "",
    feedback: Path | str | Sequence[Path | str] = (),
    feedback_column: str = "",
    objective: str | None = None,
    out: Path | str | None = None,
    kind: str = "",
    space: str = "",
    target: str = "",
    group: str = "",
    time: str = "",
    rules: str | Sequence[str] = (),
    constraints: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
    features: Any = "",
    judge: str | Sequence[str] = (),
    asking: Mapping[str, Any] | None = None,
    learn_from: StudyResult | Path | str | Sequence[StudyResult | Path | str] = (),
    sampler: str = "bayesian",
    pruner: str = "halving",
    workers: int | None = None,
    fused: int = 1,
    executor: str = "local",
    executor_options: Mapping[str, Any] | None = None,
    trial_timeout: Time = "1h",
    finalists: int = 8,
    eval_rows: int = 0,
    retrain: str | int = "auto",
    refit: bool = False,
    models_only: bool = False,
    epsilon: float | None = None,
    delta: float | None = None,
    ranges: Mapping[str, Sequence[float]] | None = None,
    seed: int | None = None,
    n_trials: int | None = None,
    timeout: Time | None = None,
    random_state: int | None = None,
    n_jobs: int | None = None,
    metric: str | None = None,
    callbacks: Sequence[Callback] = (),
    verbose: bool | int = 0,
    track: str | Sequence[str] = (),
    listen: Listener | None = None,
    **more: Any,
) -> StudyResult:
    """Search for the best generator of a data set and test it beside baselines.

    Names of Optuna and scikit-learn are understood: ``n_trials``, ``timeout``, ``callbacks``,
    ``random_state``, ``n_jobs``, ``metric``, ``verbose``.

    Args:
        data: Built-in name, path, DataFrame, array (N, D) of a table with columns
            ``x0``, ``x1`` ..., list of texts, or array of images (N, H, W) or (N, H, W, C).
        budget: For the whole study, finals included: seconds, or a text such as ``10m``, ``200trials`` or
            both with a comma; default ``10m``.
        families: Families to search; default all of the space.
        init_from: Earlier run, ``RUN:TRIAL``, or folder of a model, whose weights training may start from;
            default none.
        pretrained: Folder of a language model for texts, or of an autoencoder for images, as
            ``save_pretrained`` writes it, that trials may build on; default none.
        feedback: File with samples that users marked, or several, the newest last: a column ``keep`` with 0
            for rejected, 1 for kept, or a weight; ``constraints={"rejected": "<= 0.02"}`` sets a bound.
        feedback_column: Column of the marks; default ``keep``, ``feedback`` or ``weight``.
        objective: Metric to optimize, several with commas; default that of the kind of data.
        out: Folder of the run, new or empty; default ``runs/<data>-N``.
        kind: ``image``, ``tabular``, ``text`` or ``music``; default recognized.
        space: Name or file of a search space; default that of the kind.
        target: Column of a table that utility is measured by.
        group: Column of a table whose equal values keep rows in one split.
        time: Column of a table to split by time.
        rules: Binding rules of a table, such as ``"signup <= last_login"``.
        constraints: Bounds that a model must keep, such as ``{"latency": "<= 20ms"}``.
        columns: Kinds of columns of a table by name.
        options: Options of the reader of the data.
        features: Feature space of metrics: a name, or a class or function that workers can import.
        judge: Judges that rate the finalists' texts.
        asking: Limits of language models as judges.
        learn_from: Folders of earlier runs by the same objective, whose trials Bayesian search learns from.
        sampler: Proposes configs: ``bayesian``, ``random``, ``grid``.
        pruner: Stops trials early: ``halving``, ``hyperband``, ``median``, ``none``.
        workers: Parallel trials; default one per core.
        fused: Most trials of one architecture to train as one program, where that is faster.
        executor: Runs trials: ``local``, ``inprocess``, ``ray``.
        executor_options: Options of the executor by name.
        trial_timeout: Seconds, or a text, after which the worker of a trial is stopped.
        finalists: Most trained models in the final comparison.
        eval_rows: Most rows of each held-out split that scores use; 0 for all, or fewer below 60 s.
        retrain: Fresh seeds on which the best configs are trained again; ``auto``, ``no`` or a number.
        refit: True to train the returned config once more on all rows after the verdict.
        models_only: True to return a model even if none was shown to beat the best baseline.
        epsilon: Differential privacy: largest epsilon of what ``best/`` holds; default no guarantee.
        delta: Delta of the guarantee; default 1e-5, or a tenth of one over the number of rows.
        ranges: With ``epsilon``: range of each column of numbers, such as ``{"age": (0, 120)}``; a third
            number is the spacing of its values.
        seed: Random seed of the study; default 0.
        n_trials: Number of trials, instead of a budget.
        timeout: Seconds of the whole study, instead of a budget.
        random_state: Another name of ``seed``.
        n_jobs: Another name of ``workers``; -1 for one per core.
        metric: Another name of ``objective``.
        callbacks: Functions of the study and the trial, called after each trial, with Optuna's names:
            ``trial.number``, ``value``, ``params``, ``state``; ``study.best_value``, ``trials``, ``stop()``.
        verbose: 1 or True to print a line for each trial that ends.
        track: Tools that are shown the study while it runs: ``logging``, ``tensorboard``, ``mlflow``,
            ``wandb``, ``optuna:sqlite:///study.db``; a place may follow a colon.
        listen: Function called after each event of the journal with the event and the study's state.
        more: Options of the executor, such as ``device``.

    Returns:
        The result, a view of the run's folder.

    Raises:
        UserError: data or settings cannot be used; one line says why and what to do.
    """
    _check_names(more)
    refuse_study_storage(more.get("storage"))
    data, options = queried(data, table_of("options", options))
    named = isinstance(data, (str, Path))
    values: dict[str, Any] = {
        "data": str(data) if named else "",
        "kind": kind,
        "space": space,
        "families": names_of("families", families),
        "init_from": next(iter(paths_of("init_from", init_from)), ""),
        "pretrained": next(iter(paths_of("pretrained", pretrained)), ""),
        "feedback": files_of("feedback", feedback),
        "feedback_column": feedback_column,
        "objective": one_of("objective", objective, "metric", metric, ""),
        "features": import_name(features) if features else "",
        "target": target,
        "group": group,
        "time": time,
        "rules": texts_of("rules", rules),
        "learn_from": paths_of("learn_from", learn_from),
        "sampler": name_of("sampler", sampler),
        "pruner": name_of("pruner", pruner),
        "budget": budget_of(budget, n_trials, timeout) or Settings.budget,
        "workers": workers_of(workers, n_jobs),
        "fused": fused,
        "executor": executor,
        "trial_timeout": time_of("trial_timeout", trial_timeout),
        "finalists": finalists,
        "eval_rows": eval_rows,
        "retrain": retrain,
        "refit": refit,
        "models_only": models_only,
        "judge": names_of("judge", judge),
        "privacy": _privacy(epsilon, delta, ranges),
        "seed": seed_of(seed, random_state),
        "constraints": table_of("constraints", constraints),
        "columns": table_of("columns", columns),
        "options": table_of("options", options),
        "asking": table_of("asking", asking),
        "executor_options": table_of("executor_options", executor_options),
    }
    if "confirm_seeds" in more and retrain == "auto":  # its former name
        del values["retrain"]
    settings = Settings.of(values | more, "autogen.search")
    followers = Followers(listen, callbacks, verbose, track)
    folder = _unused(out)
    return followers.follow(
        lambda heard, stopped: start(settings, source=data, out=folder, listen=heard, stopped=stopped)
    )


def _privacy(epsilon: object, delta: object, ranges: object) -> dict[str, Any]:
    """Make the table ``[privacy]`` of a study; what was not given is left out.

    Raises:
        SettingsError: a range is no pair of numbers.
    """
    found: dict[str, Any] = {"epsilon": epsilon, "delta": delta}
    for name, ends in table_of("ranges", ranges).items():
        if not isinstance(ends, (list, tuple)):
            raise SettingsError(f"ranges[{name!r}] must be two numbers, such as (0, 120); got {ends!r:.60}")
        found.setdefault("ranges", []).append(f"{name}={':'.join(map(str, ends))}")
    return {name: value for name, value in found.items() if value is not None}


def _unused(out: object) -> Path | None:
    """Read the folder of a new run. Raises ``SettingsError`` if it is no path, or is in use."""
    if out is None or out == "":
        return None
    if not isinstance(out, (str, Path)):
        raise SettingsError(f"out must be the path of a folder; got {out!r:.80}")
    folder = Path(out)
    if folder.is_dir() and any(folder.iterdir()):
        known = (
            f"resume its run: autogen.resume({str(out)!r}); or " if (folder / "study.toml").exists() else ""
        )
        raise SettingsError(f"out={str(out)!r} is not empty; {known}give another folder, or no out")
    return folder


def _check_names(more: Mapping[str, Any]) -> None:
    """Refuse names that are neither parameters of ``search`` nor options of executors."""
    known = [name for name in signature(search).parameters if name != "more"]
    refuse_unknown("autogen.search", more.keys() - {"confirm_seeds"}, (*known, *ALIASES))
