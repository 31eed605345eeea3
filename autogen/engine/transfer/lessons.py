"""``--learn-from``: the trials of earlier runs, read once and kept in the folder of the run that learns."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from autogen.data.kind import WARNING
from autogen.documents import parse_json
from autogen.engine.run_folder import RunFolder
from autogen.engine.transfer.space import KEY
from autogen.errors import RunError, SettingsError, UserError
from autogen.files import read_file, write
from autogen.hpo.earlier import EarlierStudy
from autogen.hpo.objective import Objective
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.study.events import Start
from autogen.hpo.study.journal import read
from autogen.hpo.study.state import StudyState
from autogen.hpo.trial import Config
from autogen.training.initial import FRESH

#: What a study of Optuna begins with.
OPTUNA = "optuna:"
#: Largest file of lessons that is read: 256 MiB.
MOST_BYTES = 2**28


def gather(runs: Sequence[str], space: SearchSpace, objective: Objective) -> list[EarlierStudy]:
    """Read the trials of earlier runs that are points of a space.

    Args:
        runs: Folders of runs, or studies of Optuna: ``optuna:sqlite:///study.db``, ``#NAME`` behind.
        space: Search space of the study that learns.
        objective: Its objective, which the runs must have optimized too.

    Raises:
        SettingsError: one is no run, optimized another metric, or has no trial in the space.
    """
    usual = {KEY: FRESH}  # runs without an earlier model do not say where training starts
    return [
        _from_optuna(run, space, objective, usual) or _study(Path(run), space, objective, usual)
        for run in runs
    ]


def _from_optuna(place: str, space: SearchSpace, objective: Objective, usual: Config) -> EarlierStudy | None:
    """Read a study of Optuna; ``None`` for the folder of a run."""
    if not place.startswith(OPTUNA):
        return None
    from autogen.hpo.optuna_storages import earlier_study

    return earlier_study(place.removeprefix(OPTUNA), space, objective, usual)


def kept_name(place: str) -> str:
    """Write where a study learns from as settings keep it: an absolute path, or a URL without password."""
    if not place.startswith(OPTUNA):
        return str(Path(place).absolute())
    return re.sub(r"(://[^:/@]*):[^@/]*@", r"\1:***@", place)


def _study(run: Path, space: SearchSpace, objective: Objective, usual: Config) -> EarlierStudy:
    folder = RunFolder(run)
    try:
        folder.check()
        events = read(folder.journal)
        state = StudyState(objective)
        state.replay(events, folder.journal)
    except (UserError, OSError) as error:
        raise SettingsError(f"learn_from: cannot learn from {run}: {error}") from error
    for event in events:
        then = event.objective if isinstance(event, Start) else None
        if then is not None and then != objective:
            raise SettingsError(
                f"learn_from: {run} optimized {then.name}, but this study optimizes {objective.name}: their "
                "scores cannot be compared; leave it out, or choose the same objective"
            )
    found = EarlierStudy.of(run.absolute().name, state.trials, space, usual)
    if not found.trials:
        raise SettingsError(
            f"learn_from: no trial of {run} that has ended lies in the search space of this study "
            f"({space.origin or 'its own'}); leave it out, or search its space: --space {run}/space.toml"
        )
    return found


def skipped_notes(runs: Sequence[str]) -> Iterator[str]:
    """Warn of earlier runs whose returned model was suspected of copying: its config is not tried again.

    Args:
        runs: As for ``gather``; those that cannot be read are passed over.
    """
    for run in runs:
        if run.startswith(OPTUNA):
            continue
        try:
            result = RunFolder(Path(run)).read_result()
        except (RunError, OSError):  # no verdict yet, or a resumed study whose lessons are kept
            continue
        if any(one.suspected and one.trial == result.best.trial for one in result.finalists):
            yield (
                f"{WARNING}the search of {run} suspected trial {result.best.trial}, which it returned, of "
                "copying training rows, so this search does not try its config again."
            )


def keep(path: Path, studies: Sequence[EarlierStudy]) -> None:
    """Write what a study learns from beside its journal, so that it can be resumed without the runs."""
    if studies and not path.exists():
        write(path, json.dumps([study.to_json() for study in studies]))


def stored(folder: RunFolder) -> list[EarlierStudy] | None:
    """Read what a study learned from when it began; ``None`` if it was ended before that was written.

    Args:
        folder: Folder of its run.

    Raises:
        RunError: the file of the lessons is missing, damaged, or not the one that the run began with.
    """
    events = read(folder.journal) if folder.journal.exists() else []
    digests = next((list(event.lessons) for event in events if isinstance(event, Start)), None)
    path = folder.lessons
    if digests is None and not path.exists():
        return None
    if digests == []:
        return []
    try:
        records = parse_json(read_file(path, MOST_BYTES).decode())
        studies = [EarlierStudy.from_json(record) for record in records]
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise RunError(
            f"{path}, what this run learned from earlier ones, cannot be read: {error}; put it back, or "
            "start a new run"
        ) from error
    if digests is not None and [study.sha256 for study in studies] != digests:
        raise RunError(f"{path} is not what this run began with; put it back, or start a new run")
    return studies
