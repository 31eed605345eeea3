"""Lineage of a run: the runs that it could start from, and how good their models are on its test rows."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from autogen.engine.plan import Plan
from autogen.engine.run_folder import RunFolder
from autogen.engine.safety import check_unchanged, trust
from autogen.engine.settings import Settings
from autogen.engine.transfer.earlier import run_of
from autogen.errors import AutogenError, RunError, reason
from autogen.generator.baseline import BaselineModel
from autogen.generator.load import load
from autogen.hpo.trial import derived_seed
from autogen.report.page.evidence.feedback import feedback_line

#: Draws of samples that a score is the mean of.
DRAWS = 3


@dataclass(frozen=True)
class Generation:
    """One run of a lineage.

    Attributes:
        run: Folder of the run.
        data: Data of the run, as it was given.
        family: Family of its model; empty if there is none.
        verdict: Its verdict; empty before there is one.
        test: Mean score of its model on its own test rows; ``None`` before there is a verdict.
        common: Mean score of its model on the test rows of the youngest run; ``None`` if it cannot be scored.
        spread: Standard deviation of that score over the draws of samples; ``None`` without a score.
        why: Reason why there is no score; empty if there is one.
        feedback: What marks of users did in it; empty for none.
        baseline: True if its model is a baseline, which no later run can have started from: that one started
            from a searched model of this run, which has another score.
    """

    run: Path
    data: str
    family: str = ""
    verdict: str = ""
    test: float | None = None
    common: float | None = None
    spread: float | None = None
    why: str = ""
    feedback: str = ""
    baseline: bool = False


def history(run: Path | str) -> tuple[str, list[Generation]]:
    """Follow a run to the runs that it could start from, and score the model of each on its test rows.

    No row that an earlier model was trained on is among these (``autogen.data.module.honored``). All models
    draw as many samples as there are rows.

    Args:
        run: Folder of the youngest run; its data must be where it was.

    Returns:
        Name of the metric, and the generations, the youngest first.

    Raises:
        RunError: the folder is no run, or its data is not there.
    """
    folder = RunFolder.open(Path(run))
    settings = Settings.of(Settings.load(folder.study), str(folder.study))
    trust(settings, f"autogen history {run}", judges=settings.judge)
    if not settings.data:
        raise RunError(
            f"the data of {run} was given in memory, so that no model can be scored on its test rows"
        )
    plan = Plan(settings, settings.data, folder)
    check_unchanged(plan, folder)
    reference = plan.metric.prepare_with(plan.data.split("test"), plan.data.codec, plan.data.split("train"))
    rows = len(plan.data.rows["test"])
    seeds = [derived_seed(settings.seed, "history", draw) for draw in range(DRAWS)]

    def scored(one: Generation) -> Generation:
        """Score the model of a run, or say why it cannot be scored."""
        try:
            model = load(one.run)
            scores = [float(plan.metric.score(reference, model.draw(rows, seed))) for seed in seeds]
        except AutogenError as error:
            return replace(one, why=reason(error))
        mean, spread = float(np.mean(scores)), float(np.std(scores, ddof=1))
        baseline = isinstance(model, BaselineModel)
        return replace(one, family=model.family, common=mean, spread=spread, baseline=baseline)

    found = [one if one.why else scored(one) for one in _lineage(folder.path)]
    return plan.metric.objective.name, found


def _lineage(run: Path) -> Iterator[Generation]:
    """Follow the runs that each started from, the youngest first; the last one may be gone."""
    seen: set[Path] = set()
    while run not in seen:
        seen.add(run)
        folder = RunFolder(run)
        if not folder.study.exists():
            yield Generation(run, "", why="there is no run in this place any more")
            return
        settings = Settings.of(Settings.load(folder.study), str(folder.study))
        yield Generation(run, settings.data, **_outcome(folder))
        began = settings.init_from or settings.update
        if not began:
            return
        run = run_of(began)


def _outcome(folder: RunFolder) -> dict[str, Any]:
    """Read the verdict of a run, its score on its own test rows, and what feedback did; empty before."""
    try:
        result = folder.read_result()
    except RunError:
        return {}
    return {"verdict": result.verdict, "test": result.test.mean, "feedback": feedback_line(result)}
