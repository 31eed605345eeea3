"""Writes what a study leaves: the best model, its samples and card, leaderboard, result and report."""

import csv
import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autogen.data.base import DataModule, Samples
from autogen.data.text_files import read_lines
from autogen.finals import FinalVerdict
from autogen.journal import read
from autogen.metrics.base import Metric
from autogen.objective import Objective
from autogen.report.card import card
from autogen.report.html import Preview, ReportData, Rows, render
from autogen.report.leaderboard import Trial, leaderboard, to_csv
from autogen.result import compose
from autogen.run_folder import RunFolder, write
from autogen.settings import Settings
from autogen.study import StudyState, TrialRecord
from autogen.study_result import StudyResult
from autogen.training.generated import GeneratedModel

#: How many samples are shown beside as many real ones.
SHOWN = {"image": 64, "tabular": 8, "text": 10}
_SUFFIXES = {"image": ".png", "text": ".txt"}


def publish(
    folder: RunFolder,
    data: DataModule,
    metric: Metric,
    state: StudyState,
    verdict: FinalVerdict,
    settings: Settings,
    *,
    test_reads: int,
) -> StudyResult:
    """Write everything that a finished study leaves in its folder; result.json comes last but one.

    Args:
        folder: Of the run.
        data: The data, split.
        metric: What was optimised.
        state: Of the search.
        verdict: Of the finals.
        settings: Of the study.
        test_reads: How often this study has read the test split.
    """
    model = GeneratedModel.of_trial(folder.finalists / f"{verdict.model:04d}", data.codec)
    record = compose(
        data, metric, settings, state, verdict, parameters=model.parameters, test_reads=test_reads
    )
    model.save(folder.best)
    shown = SHOWN.get(data.kind.name, 10)
    _save_preview(data, model.sample(shown, seed=settings.seed), folder.best / "samples")
    _save_preview(
        data,
        data.kind.take(data.split("test"), np.arange(min(shown, len(data.rows["test"])))),
        folder.best / "real",
    )
    write(folder.best / "card.md", card(record))
    write(folder.result, json.dumps(record, indent=2, allow_nan=False) + "\n")
    write_report(folder)
    return StudyResult(folder.path)


def write_report(folder: RunFolder) -> Path:
    """Write leaderboard.csv and report.html from what the folder holds; the run may still go on.

    Raises:
        RunError: nothing to report yet, or the folder cannot be written.
    """
    record = folder.read_result()
    facts = tomllib.loads(folder.study.read_text(encoding="utf-8"))
    told = record["objective"]
    state = StudyState(Objective(told["name"], told["version"], told["direction"]))
    for entry in read(folder.journal):
        state.apply(entry)
    trials = [_trial(trial) for trial in state.trials]
    write(folder.leaderboard, to_csv(leaderboard(trials, state.objective.direction)))
    page = ReportData(
        data=Path(record["data"]["source"]).name,
        result=record,
        trials=trials,
        notes=record["data"]["notes"],
        real=_preview(folder.best, "real"),
        fake=_preview(folder.best, "samples"),
        provenance=_provenance(facts, folder),
    )
    write(folder.report, render(page))
    return folder.report


def _trial(trial: TrialRecord) -> Trial:
    """A trial as the report reads it."""
    last = trial.curve[-1] if trial.curve else None
    return {
        "number": trial.task.number,
        "family": trial.task.config["family"],
        "config": trial.task.config,
        "state": str(trial.state),
        "curve": [(measured.step, measured.score) for measured in trial.curve],
        "score": trial.score,
        "reason": trial.reason,
        "seconds": last.train_seconds + last.eval_seconds if last else 0.0,
    }


def _save_preview(data: DataModule, samples: Samples, path: Path) -> None:
    suffix = _SUFFIXES.get(data.kind.name, ".csv")
    data.kind.save(samples, path.with_suffix(suffix), data.codec)


def _preview(folder: Path, name: str) -> Preview | None:
    """Samples as the report shows them: a picture, the first rows of a table, or texts."""
    picture, rows, texts = (folder / f"{name}{suffix}" for suffix in (".png", ".csv", ".txt"))
    if picture.exists():
        return picture.read_bytes()
    if texts.exists():
        return Rows(["Text"], [[text.replace("\n", " ⏎ ")] for text in read_lines(texts)])
    return _rows(rows) if rows.exists() else None


def _rows(path: Path) -> Rows:
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    return Rows(header, rows)


def _provenance(facts: dict[str, Any], folder: RunFolder) -> dict[str, str]:
    told = {f"{name} (sha256)": value for name, value in facts.get("sha256", {}).items()}
    told |= {f"version of {name}": value for name, value in facts.get("versions", {}).items()}
    settings: Sequence[tuple[str, Any]] = [(n, v) for n, v in facts.items() if not isinstance(v, dict)]
    told |= {name: ", ".join(value) if isinstance(value, list) else str(value) for name, value in settings}
    return told | {"repeat": f"autogen run {folder.study.name}"}
