"""Write report.html and leaderboard.csv of a run, finished or not."""

import contextlib
import csv
import io
import json
import time
from base64 import b64decode
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from autogen import registry
from autogen.data.declaration import Declaration, declared
from autogen.data.kind import ColumnReading
from autogen.data.texts.files import read_lines
from autogen.documents import parse_json
from autogen.engine.run_folder import RunFolder
from autogen.engine.settings import MOST_BYTES
from autogen.errors import AutogenError, DataError, RunError, resume_command, told
from autogen.files import read_file, short_path, write
from autogen.hpo.objective import Objective
from autogen.hpo.study import events as happened
from autogen.hpo.study.event import Event
from autogen.hpo.study.events import Ask, Confirm, Finalists, Start, Stop, Test
from autogen.hpo.study.journal import in_use, read
from autogen.hpo.study.state import StudyState, TrialRecord
from autogen.report.contents import Marginal, Nearest, Preview, Progress, Relations, ReportData, Rows, Tune
from autogen.report.leaderboard import NOT_CONFIRMED, Trial, leaderboard, to_csv
from autogen.report.page.page import render
from autogen.report.result import Result
from autogen.report.typed_json import read as typed

#: Seconds between two updates of the page of a running study.
WATCH_SECONDS = 10.0
#: Suffixes of previews: a picture, texts, the rows of a table.
PREVIEWS = (".png", ".txt", ".csv")


def write_report(
    folder: RunFolder, *, refresh: float = WATCH_SECONDS, real_rows: bool | None = None
) -> ReportData:
    """Write leaderboard.csv and report.html; the study may still be running.

    Args:
        folder: Folder of the run.
        refresh: Seconds after which the page of a running study reloads, default 10.
        real_rows: True to show real rows on the page and in ``best/``, False for neither; later reports keep
            to it. By default as was said last, else unless a column looks like personal data.

    Returns:
        Data of the page.

    Raises:
        RunError: the study has no trial yet, something in the folder is damaged, or it cannot be written.
    """
    events = read(folder.journal)
    if real_rows is not None:
        folder.exhibits.mkdir(exist_ok=True)
        write(folder.shown, json.dumps({"real_rows": real_rows}) + "\n")
    try:
        page = gather(folder, events, folder.read_result() if has_ended(events) else None, real_rows)
        if page.progress:
            page = replace(page, progress=replace(page.progress, refresh=refresh))
        deliver_real_rows(folder, page.shows_real)
        return publish_page(folder, page)
    except (AutogenError, OSError):
        raise
    except Exception as error:  # whatever a damaged or hostile folder makes the page fail with
        raise RunError(
            f"{folder.path} holds something that no study writes ({told(error)}); copy the run again, "
            f"or see what is wrong: autogen check {folder.path}"
        ) from error


def has_ended(events: Sequence[Event]) -> bool:
    """Check whether the last event of a study is its result."""
    return bool(events) and isinstance(events[-1], happened.Result)


def watch(
    folder: RunFolder, seconds: float, say: Callable[[str], None], real_rows: bool | None = None
) -> None:
    """Update the report until the study has ended or no process runs it.

    Args:
        folder: Folder of the run.
        seconds: Seconds between two updates.
        say: Function that gets a line after each update.
        real_rows: As for ``write_report``.
    """
    while True:
        page = write_report(folder, refresh=seconds, real_rows=real_rows)
        if page.progress is None:
            return say(f"the study has ended: {folder.report}")
        if not page.progress.running:
            return say(f"the study has stopped: {folder.report}; resume: {page.progress.resume}")
        say(f"trials: {len(page.trials)}  {folder.report}")
        time.sleep(seconds)


def deliver_real_rows(folder: RunFolder, shown: bool | None = None) -> None:
    """Copy the preview of real rows from ``exhibits/`` into ``best/``, or remove it there.

    Runs of earlier versions have it in ``best/`` alone: then it is moved to ``exhibits/``.

    Args:
        folder: Folder of the run.
        shown: True to copy; default as for ``write_report``.
    """
    shown = _shows_real(folder, columns_of(folder.columns)) if shown is None else shown
    shown = shown and not folder.private.exists()  # what best/ holds is covered by a guarantee
    if not shown:
        kept = any(folder.exhibits.glob("real.*"))
        for path in filter(Path.is_file, folder.best.glob("real.*")):
            if kept:
                path.unlink()
            else:
                folder.exhibits.mkdir(exist_ok=True)
                path.rename(folder.exhibits / path.name)
    elif folder.best.exists():
        for path in filter(Path.is_file, folder.exhibits.glob("real.*")):
            if path.suffix != ".json":  # pieces of music for the player, which are files of their own too
                with contextlib.suppress(OSError):  # of reading: the report is for the figures
                    write(folder.best / path.name, read_file(path, MOST_BYTES))


def personal_columns(readings: Sequence[ColumnReading]) -> list[str]:
    """List the names of columns that look like personal data."""
    return [one.name for one in readings if one.personal]


def _shows_real(folder: RunFolder, columns: Sequence[ColumnReading]) -> bool:
    """Tell if real rows are shown: as the user said last, else if no column looks like personal data."""
    said: Any = None
    with contextlib.suppress(OSError, ValueError, RecursionError):
        said = parse_json(read_file(folder.shown, MOST_BYTES))
    chosen = said.get("real_rows") if isinstance(said, dict) else None
    return chosen if isinstance(chosen, bool) else not personal_columns(columns)


def gather(
    folder: RunFolder, events: Sequence[Event], result: Result | None, real_rows: bool | None = None
) -> ReportData:
    """Collect the data of the page.

    Args:
        folder: Folder of the run.
        events: Events of its journal.
        result: Content of result.json; ``None`` if the study has no verdict yet.
        real_rows: As for ``write_report``.

    Raises:
        RunError: the study has no trial yet.
    """
    start = next((event for event in reversed(events) if isinstance(event, Start)), None)
    objective = (start and start.objective) or _objective(result)
    if start is None or objective is None:
        raise RunError(
            f"{folder.path} has just started, or an older autogen started it: nothing to report yet; "
            f"wait for its first trial, or resume it: {resume_command(folder.path)}"
        )
    state = StudyState(objective)
    state.replay(events, folder.journal)
    facts, columns = folder.read_study(), columns_of(folder.columns)
    shown = _shows_real(folder, columns) if real_rows is None else real_rows
    exhibits = _exhibits(folder.exhibits) if result else {}
    near = exhibits.get("nearest")
    not_confirmed = {one.trial for one in result.cleared()} if result else set()
    return ReportData(
        data=Path(facts["data"]).name or "data given in memory",
        run=short_path(folder.path),
        file=_file(result.data.kind if result else str(facts.get("kind", ""))),
        objective=state.objective,
        trials=[as_trial(trial, not_confirmed) for trial in state.trials],
        result=result,
        progress=None if result else _progress(folder, events, start, state),
        notes=(*(start.notes or (result.data.notes if result else ())), *start.changed),
        real=_real(folder) if result and shown else None,
        fake=(_tunes(folder.exhibits, "samples") or _preview(folder.best, "samples")) if result else None,
        columns=columns,
        shows_real=shown,
        provenance=_provenance(facts, folder),
        **(exhibits | {"nearest": near if shown or near is None else replace(near, pairs=None)}),
    )


def _file(kind: str) -> str:
    """Name a file of samples of a kind of data, which may be one that is not installed here."""
    return declared(kind).file if kind in registry.names("data") else Declaration.file


def publish_page(folder: RunFolder, page: ReportData) -> ReportData:
    """Write leaderboard.csv and report.html from collected data."""
    write(folder.leaderboard, to_csv(leaderboard(page.trials, page.objective.direction)))
    write(folder.report, render(page))
    return page


def _objective(result: Result | None) -> Objective | None:
    """Return the objective of a result, for journals that do not name it."""
    found = result and result.objective
    return Objective(found.name, found.version, found.direction) if found else None


def as_trial(trial: TrialRecord, not_confirmed: Collection[int] = ()) -> Trial:
    """Convert a trial to the record that the report reads.

    Args:
        trial: Trial of the search.
        not_confirmed: Numbers of the trials of which the finals did not confirm that they copy.
    """
    last = trial.curve[-1] if trial.curve else None
    number, suspect = trial.task.number, trial.suspect
    suspect += NOT_CONFIRMED * (number in not_confirmed)
    return {
        "number": trial.task.number,
        "family": trial.task.config["family"],
        "config": trial.task.config,
        "state": str(trial.state),
        "steps": trial.task.steps,
        "curve": [(measured.step, measured.score) for measured in trial.curve],
        "score": trial.score,
        "reason": trial.reason or suspect,
        "seconds": last.train_seconds + last.eval_seconds if last else 0.0,
    }


def _progress(folder: RunFolder, events: Sequence[Event], start: Start, state: StudyState) -> Progress:
    """Describe the progress of an unfinished study by the events of its last process."""
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
        resume=resume_command(short_path(folder.path)),
        why=events[-1].why if isinstance(events[-1], Stop) else "",
    )


def _last(events: Sequence[Event], kind: type[Event]) -> int | None:
    """Return the index of the last event of a type; ``None`` without any."""
    return next((i for i in reversed(range(len(events))) if isinstance(events[i], kind)), None)


def _preview(folder: Path, name: str) -> Preview | None:
    """Load a preview of samples: a picture, the first rows of a table, or texts.

    ``None`` without a file, or if it cannot be read: the report is for the figures.
    """
    readers: tuple[Callable[[Path], Preview], ...] = (_picture, _texts, _rows)
    for path, reader in zip((folder / f"{name}{suffix}" for suffix in PREVIEWS), readers, strict=True):
        if path.exists():
            with contextlib.suppress(OSError, ValueError, csv.Error, DataError):
                return reader(path)
    return None


def _real(folder: RunFolder) -> Preview | None:
    """Load the preview of real samples; earlier versions wrote it into ``best/`` alone."""
    tunes = _tunes(folder.exhibits, "real")
    return tunes or _preview(folder.exhibits, "real") or _preview(folder.best, "real")


def _picture(path: Path) -> bytes:
    """Load a picture; the page must not hold anything else."""
    content = read_file(path, MOST_BYTES)
    if not content.startswith(b"\x89PNG\r\n\x1a\n"):
        raise ValueError("it is no PNG")
    return content


def _texts(path: Path) -> Rows:
    """Load texts as a table of one column."""
    read_file(path, MOST_BYTES)
    return Rows(["Text"], [[text.replace("\n", " ⏎ ")] for text in read_lines(path)])


def _exhibits(folder: Path) -> dict[str, Any]:
    """Load marginals, neighbors and relations; empty if an older autogen wrote none, or it cannot be read."""
    try:
        record = parse_json(read_file(folder / "exhibits.json", MOST_BYTES))
        pairs, near = _tunes(folder, "pairs") or _preview(folder, "pairs"), record["nearest"]
        return {
            "marginals": [Marginal(**entry) for entry in record["marginals"]],
            "nearest": Nearest(**near, pairs=pairs) if near and pairs else None,
            "relations": Relations(**record["relations"]) if "relations" in record else None,
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def relations_of(folder: RunFolder) -> Relations | None:
    """Load the relations between the columns of a table; ``None`` for other data, or if they are damaged."""
    found: Relations | None = _exhibits(folder.exhibits).get("relations")
    return found


def columns_of(path: Path) -> tuple[ColumnReading, ...]:
    """Load how each column was read; empty if an older autogen wrote none, or it cannot be read."""
    try:
        entries = parse_json(read_file(path, MOST_BYTES))
        return tuple(typed(ColumnReading, entry) for entry in entries)
    except (OSError, ValueError, TypeError):
        return ()


def _tunes(folder: Path, name: str) -> tuple[Tune, ...] | None:
    """Load pieces of music; ``None`` for other data, or if they cannot be read."""
    path = folder / f"{name}.json"
    if not path.exists():
        return None
    try:
        pieces = parse_json(read_file(path, MOST_BYTES))
        return tuple(Tune([(a, b, c) for a, b, c in one["notes"]], b64decode(one["midi"])) for one in pieces)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _rows(path: Path) -> Rows:
    """Load a table of a CSV file."""
    header, *rows = csv.reader(io.StringIO(read_file(path, MOST_BYTES).decode(), newline=""))
    return Rows(header, rows)


def _provenance(facts: dict[str, Any], folder: RunFolder) -> dict[str, str]:
    """List hashes, versions, hardware and settings of a run, and the command that repeats it."""
    what = {"data": "all rows", "modeled": "what is modeled", "code": "your code"}
    what |= {"space": folder.space.name, "private": folder.private.name}
    hashes = facts.get("sha256", {})
    found = {f"{what.get(name, f'{name} rows')} (sha256)": value for name, value in hashes.items()}
    found |= {f"version of {name}": value for name, value in facts.get("versions", {}).items()}
    found |= {name.replace("_", " "): value for name, value in facts.get("machine", {}).items()}
    found |= {name: str(value) for name, value in facts.get("executor_options", {}).items()}
    settings = [(name, value) for name, value in facts.items() if not isinstance(value, dict) and value != ""]
    found |= {name: ", ".join(value) if isinstance(value, list) else str(value) for name, value in settings}
    found = {name: value for name, value in found.items() if value}
    return found | {"repeat": f"autogen run {folder.study.name}"}
