"""Storages of Optuna by their places, and the trials in them as an earlier study; a door to Optuna."""

import math
from importlib.util import find_spec
from pathlib import Path

import optuna
from optuna.exceptions import OptunaError
from optuna.storages import BaseStorage, JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from autogen.errors import SettingsError, reason
from autogen.files import near_path
from autogen.hpo.earlier import MOST, EarlierStudy
from autogen.hpo.objective import Objective
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.trial import Config, Outcome, State

_EXAMPLE = "sqlite:///study.db, postgresql://USER@HOST/DATABASE or journal:study.log"


def open_storage(url: str, create: bool = True) -> BaseStorage:
    """Open an Optuna storage: a database by its URL, or Optuna's own journal file by ``journal:PATH``.

    Args:
        url: URL of the database, or ``journal:PATH``.
        create: Create the file or the tables that are missing; else nothing is written.

    Raises:
        SettingsError: there is no target, it cannot be opened, or it is missing and must not be created.
    """
    if not url:
        raise SettingsError(f"an Optuna storage needs a place: {_EXAMPLE}")
    if url.startswith("journal:"):
        path = url.removeprefix("journal:")
        if not create:
            _check_file(path)
        return JournalStorage(JournalFileBackend(path))
    if "://" not in url:
        raise SettingsError(f"{url!r} is no Optuna storage; give {_EXAMPLE}")
    if url.startswith("postgresql://") and find_spec("psycopg2") is None:
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    if create:
        return RDBStorage(url)
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        _check_file(parsed.database or "")
    return RDBStorage(url, skip_table_creation=True)


def _check_file(path: str) -> None:
    """Raise ``SettingsError`` for a file that does not exist: to open it would create it."""
    if path and not path.startswith("file:") and not Path(path).is_file():
        near = near_path(Path(path))
        raise SettingsError(f"there is no file {path}" + (f"; did you mean {near!r}?" if near else ""))


def earlier_study(
    place: str, space: SearchSpace, objective: Objective, usual: Config | None = None
) -> EarlierStudy:
    """Read the complete trials of a study of Optuna that are points of a space.

    A parameter counts by its name, ``training.lr``, with or without its family before it
    (``vae.training.lr``), as ``OptunaTracker`` names them; one that is missing has the space's default. A
    trial without a parameter ``family`` is of the space's only family.

    Args:
        place: Storage as for ``open_storage``; with ``#NAME`` for one of several studies.
        space: Search space of the study that learns.
        objective: Its objective, by which the values are taken to be scores.
        usual: Values of missing parameters that are not the space's defaults; none by default.

    Raises:
        SettingsError: there is no such study, it has several objectives or another direction, or none of its
            trials is a point of the space.
    """
    url, _, name = place.partition("#")
    study = _study(url, name)
    direction = study.directions[0].name.lower()
    if len(study.directions) > 1 or direction != objective.direction:
        found = "several objectives" if len(study.directions) > 1 else f"to {direction} its value"
        raise SettingsError(
            f"learn_from: the study {study.study_name} of {url} has {found}, but {objective.name} is to "
            f"{objective.direction}; leave it out"
        )
    trials = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    known = [(_config(trial, space, usual or {}), _outcome(trial, objective)) for trial in trials[:MOST]]
    inside = tuple((config, outcome) for config, outcome in known if config is not None)
    if not inside:
        raise SettingsError(
            f"learn_from: none of the {len(trials)} complete trials of the study {study.study_name} lies in "
            f"the search space ({space.origin or 'its own'}); its parameters must be named as there"
        )
    return EarlierStudy(f"optuna:{study.study_name}", inside)


def _study(url: str, name: str) -> Study:
    """Load a study by its name, or the only one of a storage."""
    try:
        storage = open_storage(url, create=False)
        names = [one.study_name for one in storage.get_all_studies()]
    except (OptunaError, SQLAlchemyError, ImportError, OSError, ValueError) as error:
        raise SettingsError(
            f"learn_from: {url} cannot be read as an Optuna storage: {_why(error)}"
        ) from error
    if not name and len(names) == 1:
        name = names[0]
    if name not in names:
        listed = ", ".join(names) or "none"
        raise SettingsError(f"learn_from: name one of the studies of {url} as {url}#NAME; it has {listed}")
    return optuna.load_study(study_name=name, storage=storage)


def _why(error: Exception) -> str:
    """Say what a database answered, without the statement that it was asked."""
    cause = error.__cause__ if isinstance(error.__cause__, SQLAlchemyError) else error
    return reason(getattr(cause, "orig", None) or cause)


def _config(trial: FrozenTrial, space: SearchSpace, usual: Config) -> Config | None:
    """Return the point of the space that a trial is; ``None`` if it is none."""
    only = space.families[0] if len(space.families) == 1 else ""
    family = str(trial.params.get("family", trial.user_attrs.get("family", only)))
    if family not in space.families:
        return None
    given = {name.removeprefix(f"{family}."): value for name, value in trial.params.items()}
    branch = space.branch(family)
    known = {**usual, **given}
    config = branch.fill(lambda key, parameter: known.get(key, parameter.initial))
    unknown = given.keys() - {"family", *branch}
    return None if unknown or branch.complaint(config) else config


def _outcome(trial: FrozenTrial, objective: Objective) -> Outcome:
    seconds = trial.duration.total_seconds() if trial.duration else 0.0
    value = math.nan if trial.value is None else trial.value
    return Outcome(trial.number, State.COMPLETE, objective.loss(value), 1.0, {}, seconds)
