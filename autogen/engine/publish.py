"""Writes the output of a study: the best model, its samples and card, leaderboard, result and report."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from autogen.data.module import DataModule
from autogen.engine.plan import Plan
from autogen.engine.previews import save_previews
from autogen.engine.report_data import deliver_real_rows, gather, publish_page
from autogen.engine.result import compose
from autogen.engine.run_folder import RunFolder
from autogen.engine.settings import Settings
from autogen.engine.study_result import StudyResult
from autogen.engine.transfer.earlier import EarlierRun
from autogen.engine.transfer.notes import read_drift, start_section
from autogen.errors import RunError
from autogen.files import write
from autogen.generator.baseline import BaselineModel
from autogen.generator.generator import DATA, GeneratedModel, read_codec
from autogen.hpo.study.events import Finalists
from autogen.hpo.study.journal import read
from autogen.hpo.study.state import StudyState
from autogen.hpo.study.timing import Times
from autogen.hpo.trial import State, Task, TrialBatch, derived_seed
from autogen.privacy.guarantee import Guarantee
from autogen.report.card import card
from autogen.report.hard_tests import Feedback
from autogen.training.checkpoint import MODEL
from autogen.verdict.goals import Goals
from autogen.verdict.outcome import FinalVerdict


def publish(
    folder: RunFolder,
    data: DataModule,
    goals: Goals,
    state: StudyState,
    verdict: FinalVerdict,
    settings: Settings,
    *,
    earlier: EarlierRun | None = None,
    feedback: Feedback | None = None,
    confirmation: Finalists,
    guarantee: Guarantee | None = None,
    times: Callable[[], Times],
) -> StudyResult:
    """Write the output of a finished study; result.json is the last but one file.

    Args:
        folder: Folder of the run.
        data: Data set with its splits.
        goals: Objectives and constraints of the study.
        state: State of the search.
        verdict: Outcome of the finals.
        settings: Settings of the study.
        earlier: Models that training could start from; default none.
        feedback: What the marks of users did; default none.
        confirmation: Event that named the finalists.
        guarantee: Differential privacy of the delivered model; default none.
        times: Function that sums up the study's seconds, called as late as possible.
    """
    model = save_best(folder, data, verdict)
    exhibits = save_previews(folder, data, model, settings.seed, goals.target)
    result = compose(
        data,
        goals,
        settings,
        state,
        verdict,
        parameters=model.parameters,
        start=start_section(earlier, state, verdict.chosen, read_drift(folder.drift)) if earlier else None,
        feedback=feedback,
        confirmation=confirmation,
        times=times(),
        guarantee=guarantee,
        rules=exhibits.get("relations", {}).get("binding", ()),
    )
    write(folder.best / "card.md", card(result))
    write(folder.result, json.dumps(result.to_json(), indent=2, allow_nan=False) + "\n")
    publish_page(folder, gather(folder, read(folder.journal), result))
    deliver_real_rows(folder)
    return StudyResult(folder.path)


def save_best(folder: RunFolder, data: DataModule, verdict: FinalVerdict) -> GeneratedModel | BaselineModel:
    """Write ``best/``: exactly the tested model, after removing that of an earlier verdict."""
    shutil.rmtree(folder.best, ignore_errors=True)
    delivered = verdict.delivered
    if delivered.model is None:
        assert delivered.baseline is not None
        baseline = BaselineModel(verdict.chosen.name, delivered.baseline, data.codec)
        baseline.save(folder.best)
        return baseline
    own = delivered.model / DATA  # of a model of an earlier run
    model = GeneratedModel.of_trial(delivered.model, read_codec(own) if own.exists() else data.codec)
    model.save(folder.best)
    write(folder.best / MODEL, (delivered.model / MODEL).read_bytes())
    return model


def refit(folder: RunFolder, plan: Plan, verdict: FinalVerdict) -> None:
    """Train the returned config once more on all rows and save the model in ``refit/``, without a score."""
    data, rows = plan.data, np.arange(len(plan.data.raw.samples))
    whole = replace(data, rows=data.rows | {"train": rows})
    entry = verdict.chosen.entry
    if verdict.delivered.baseline is not None:
        baseline = type(verdict.delivered.baseline)()
        fitted = plan.feedback.drawn(rows) if plan.feedback else rows
        baseline.fit(data.kind.take(data.raw.samples, fitted), data.codec)
        BaselineModel(entry.name, baseline, data.codec).save(folder.refit)
    else:
        steps = int(entry.config.get("training.steps", 1))
        seed = derived_seed(plan.settings.seed, "refit")
        weights = plan.feedback.weights(rows) if plan.feedback else None
        work = replace(plan.work(), train=whole.encoded("train"), raw=whole.split("train"), weights=weights)
        task = Task(0, entry.config, seed, steps, (steps,), keep_samples=1)
        shutil.rmtree(folder.refit, ignore_errors=True)
        (finished,) = work(TrialBatch((task,), str(folder.refit)), lambda measured: [True for _ in measured])
        if finished.state is not State.COMPLETE:
            raise RunError(f"the verdict stands, but training on all rows failed: {finished.reason}")
        model = GeneratedModel.of_trial(folder.refit / "0000", data.codec)
        shutil.rmtree(folder.refit / "0000")
        model.save(folder.refit)
    note = (
        f"# Trained on all {len(rows):,} rows\n\nThis is the configuration of `best/`, trained once more "
        "after the verdict, on all rows, validation and test rows included. No row is left to score it: the "
        "score in `best/card.md` belongs to the model in `best/`.\n"
    )
    write(folder.refit / "card.md", note)
