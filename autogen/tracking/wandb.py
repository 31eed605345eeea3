"""A study as one run of Weights & Biases, without a network unless the user asks for one."""

import hashlib
import os
from pathlib import Path
from typing import Any

import wandb

from autogen.hpo.study.state import TrialRecord
from autogen.report.result import Result
from autogen.tracking.base import TrackedStudy, Tracker


class WandbTracker(Tracker):
    """Logs each trial that ends, with the best score so far, and a table of all trials in the end.

    It runs offline unless ``WANDB_MODE`` says otherwise, into ``wandb/`` here; ``wandb sync`` uploads that.

    Args:
        target: Project; default ``autogen``.
    """

    def __init__(self, target: str = "") -> None:
        super().__init__(target)
        self._run: Any = None

    def begin(self, study: TrackedStudy) -> bool:
        """Start the run; earlier trials are logged if this run was not tracked before."""
        self._study = study
        known = hashlib.sha256(str(study.folder.path).encode()).hexdigest()[:16]
        # Beside the run and not in it: W&B makes links, which a run folder must not hold.
        new = not list(Path("wandb").glob(f"*run-*-{known}"))
        self._rows: list[list[Any]] = []
        self._best: float | None = None
        mode: Any = os.environ.get("WANDB_MODE", "offline")
        self._run = wandb.init(
            project=self.target or "autogen",
            name=study.name,
            id=known,
            resume="allow",
            dir=str(Path.cwd()),  # absolute: its service keeps the folder that it was started in
            mode=mode,
            config={"about": study.about, "objective": study.objectives[0].name, **_settings(study)},
            settings=wandb.Settings(silent=True, console="off", disable_git=True, save_code=False),
        )
        self._run.define_metric("trial")
        self._run.define_metric("*", step_metric="trial")
        return new

    def remembered(self, trial: TrialRecord) -> None:
        """Keep a trial that an earlier process logged, for the best score and the table of all trials."""
        self._row(trial)

    def ended(self, trial: TrialRecord) -> None:
        """Log score, state, config and values of a trial."""
        self._run.log(self._row(trial))

    def _row(self, trial: TrialRecord) -> dict[str, Any]:
        """Put a trial into the table; return what is logged of it."""
        number, state = trial.task.number, trial.state.value
        score = trial.curve[-1].score if trial.curve else None
        row: dict[str, Any] = {"trial": number, "state": state, "seconds": trial.seconds, **trial.values}
        row |= {f"config/{key}": value for key, value in trial.task.config.items()}
        if score is not None:
            row["score"] = score
        if trial.score is not None and not trial.suspect:
            loss = self._study.objectives[0].loss(trial.score)
            self._best = loss if self._best is None else min(loss, self._best)
            row["best score"] = self._study.objectives[0].loss(self._best)
        curve = " ".join(f"{at.step}:{at.score:.6g}" for at in trial.curve)
        self._rows.append([number, str(trial.task.config["family"]), state, score, curve, trial.reason])
        return row

    def concluded(self, result: Result) -> None:
        """Log the table of trials, verdict and test score."""
        columns = ["trial", "family", "state", "score", "score at steps", "reason"]
        self._run.log({"trials": wandb.Table(columns=columns, data=self._rows)})
        self._run.summary.update(
            {
                "verdict": result.verdict,
                "statement": result.statement,
                "test score": result.test.mean,
                "delivered trial": result.best.trial,
            }
        )

    def close(self) -> None:
        """End the run."""
        if self._run is not None:
            self._run.finish()


def _settings(study: TrackedStudy) -> dict[str, Any]:
    settings = study.settings
    names = ("data", "sampler", "pruner", "budget", "executor", "seed")
    return {name: getattr(settings, name) for name in names}
