"""Writes report.html and leaderboard.csv from a run's folder, whether its study has ended or not."""

import csv
import json
import time
from base64 import b64decode
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from autogen.data.texts.files import read_lines
from autogen.engine.run_folder import RunFolder
from autogen.errors import RunError
from autogen.files import write
from autogen.hpo.objective import Objective
from autogen.hpo.study import events as happened
from autogen.hpo.study.event import Event
from autogen.hpo.study.events import Ask, Confirm, Finalists, Start, Test
from autogen.hpo.study.journal import in_use, read
from autogen.hpo.study.state import StudyState, TrialRecord
from autogen.report.contents import Marginal, Nearest, Preview, Progress, Relations, ReportData, Rows, Tune
from autogen.report.leaderboard import Trial, leaderboard, to_csv
from autogen.report.page.page import render
from autogen.report.result import Result

#: Seconds between two writings of the page of a study that is watched.
WATCH_SECONDS = 10.0


def write_report(folder: RunFolder, *, refresh: float = WATCH_SECONDS) -> ReportData:
    """Write leaderboard.csv and report.html; the run may go on meanwhile.

    Args:
        folder: Of the run.
        refresh: Seconds after which the page of a running study loads itself again.

    Returns:
        What the page shows.

    Raises:
        RunError: the study has not begun, or the folder cannot be written.
    """
    events = read(folder.journal)
    page = gather(folder, events, folder.read_result() if has_ended(events) else None)
    if page.progress:
        page = replace(page, progress=replace(page.progress, refresh=refresh))
    return publish_page(folder, page)


def has_ended(events: Sequence[Event]) -> bool:
    """Whether the last thing that happened in a study is that its result was written."""
    return bool(events) and isinstance(events[-1], happened.Result)


def watch(folder: RunFolder, seconds: float, say: Callable[[str], None]) -> None:
    """Write the report again and again until the study has ended or no process is at it.

    Args:
        folder: Of the run.
        seconds: Between two writings.
        say: Called with a line when something has been written.
    """
    while True:
        page = write_report(folder, refresh=seconds)
        if page.progress is None:
            return say(f"the study has ended: {folder.report}")
        if not page.progress.running:
            return say(f"the study has stopped: {folder.report}; go on with: {page.progress.resume}")
        say(f"trials: {len(page.trials)}  {folder.report}")
        time.sleep(seconds)


def gather(folder: RunFolder, events: Sequence[Event], result: Result | None) -> ReportData:
    """Collect what the page shows.

    Args:
        folder: Of the run.
        events: Events of its journal.
        result: What result.json holds; ``None`` where the study has no verdict.
    """
    start = next((event for event in reversed(events) if isinstance(event, Start)), None)
    objective = (start and start.objective) or _objective(result)
    if start is None or objective is None:
        raise RunError(
            f"{folder.path} has only just begun, or was begun by an older autogen: nothing to report yet; "
            f"wait for its first trial, or go on with it: autogen resume {folder.path}"
        )
    state = replay(events, objective)
    facts = folder.read_study()
    return ReportData(
        data=Path(facts["data"]).name or "data given in memory",
        objective=state.objective,
        trials=[as_trial(trial) for trial in state.trials],
        result=result,
        progress=None if result else _progress(folder, events, start, state),
        notes=start.notes or (result.data.notes if result else ()),
        real=(_tunes(folder.exhibits, "real") or _preview(folder.best, "real")) if result else None,
        fake=(_tunes(folder.exhibits, "samples") or _preview(folder.best, "samples")) if result else None,
        provenance=_provenance(facts, folder),
        **(_exhibits(folder.exhibits) if result else {}),
    )


def publish_page(folder: RunFolder, page: ReportData) -> ReportData:
    """Write what was gathered."""
    write(folder.leaderboard, to_csv(leaderboard(page.trials, page.objective.direction)))
    write(folder.report, render(page))
    return page


def replay(events: Sequence[Event], objective: Objective) -> StudyState:
    """The state of a study from its journal."""
    state = StudyState(objective)
    for event in events:
        state.apply(event)
    return state


def _objective(result: Result | None) -> Objective | None:
    """The objective that a result names, for journals that do not."""
    found = result and result.objective
    return Objective(found.name, found.version, found.direction) if found else None


def as_trial(trial: TrialRecord) -> Trial:
    """A trial as the report reads it."""
    last = trial.curve[-1] if trial.curve else None
    return {
        "number": trial.task.number,
        "family": trial.task.config["family"],
        "config": trial.task.config,
        "state": str(trial.state),
        "steps": trial.task.steps,
        "curve": [(measured.step, measured.score) for measured in trial.curve],
        "score": trial.score,
        "reason": trial.reason,
        "seconds": last.train_seconds + last.eval_seconds if last else 0.0,
    }


def _progress(folder: RunFolder, events: Sequence[Event], start: Start, state: StudyState) -> Progress:
    """Where an unfinished study stands, from the last of its processes' events."""
    last, plan = _last(events, Start), _last(events, Finalists)
    since = events[plan:] if plan is not None else ()
    chosen = next((event for event in since if isinstance(event, Finalists)), None)
    confirming = chosen is not None and not any(isinstance(event, Ask) for event in since)
    testing = any(isinstance(event, Test) for event in events[last:])
    return Progress(
        running=in_use(folder.journal),
        chapter="test" if testing else "compare" if confirming else "search",
        seconds=state.seconds,
        limit=start.seconds,
        confirmed=sum(isinstance(event, Confirm) for event in since),
        planned=len(chosen.trials) * (chosen.trainings or chosen.seeds) if chosen else 0,
        about=start.about,
        resume=f"autogen resume {folder.path}",
    )


def _last(events: Sequence[Event], kind: type[Event]) -> int | None:
    """Place of the last event of a kind; ``None`` where there is none."""
    return next((i for i in reversed(range(len(events))) if isinstance(events[i], kind)), None)


def _preview(folder: Path, name: str) -> Preview | None:
    """Samples as the report shows them: a picture, the first rows of a table, or texts."""
    picture, rows, texts = (folder / f"{name}{suffix}" for suffix in (".png", ".csv", ".txt"))
    if picture.exists():
        return picture.read_bytes()
    if texts.exists():
        return Rows(["Text"], [[text.replace("\n", " ⏎ ")] for text in read_lines(texts)])
    return _rows(rows) if rows.exists() else None


def _exhibits(folder: Path) -> dict[str, Any]:
    """Marginals and neighbours; nothing where an older autogen wrote none, or they were taken away."""
    try:
        told = json.loads((folder / "exhibits.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    pairs, near = _tunes(folder, "pairs") or _preview(folder, "pairs"), told["nearest"]
    return {
        "marginals": [Marginal(**entry) for entry in told["marginals"]],
        "nearest": Nearest(**near, pairs=pairs) if near and pairs else None,
        "relations": Relations(**told["relations"]) if "relations" in told else None,
    }


def _tunes(folder: Path, name: str) -> tuple[Tune, ...] | None:
    """Pieces of music, where the data is such."""
    path = folder / f"{name}.json"
    if not path.exists():
        return None
    told = json.loads(path.read_text(encoding="utf-8"))
    return tuple(Tune([(a, b, c) for a, b, c in one["notes"]], b64decode(one["midi"])) for one in told)


def _rows(path: Path) -> Rows:
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    return Rows(header, rows)


def _provenance(facts: dict[str, Any], folder: RunFolder) -> dict[str, str]:
    told = {f"{name} (sha256)": value for name, value in facts.get("sha256", {}).items()}
    told |= {f"version of {name}": value for name, value in facts.get("versions", {}).items()}
    told |= {name.replace("_", " "): value for name, value in facts.get("machine", {}).items()}
    told |= {name: str(value) for name, value in facts.get("executor_options", {}).items()}
    settings = [(name, value) for name, value in facts.items() if not isinstance(value, dict) and value != ""]
    told |= {name: ", ".join(value) if isinstance(value, list) else str(value) for name, value in settings}
    told = {name: value for name, value in told.items() if value}
    return told | {"repeat": f"autogen run {folder.study.name}"}
