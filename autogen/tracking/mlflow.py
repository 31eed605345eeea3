"""A study as runs of MLflow: a parent run, and a child for each trial."""

import os
import time

from mlflow.entities import Metric, Param, Run, RunTag
from mlflow.tracking import MlflowClient

from autogen.hpo.study.state import TrialRecord
from autogen.hpo.trial import Measurement, State
from autogen.report.result import Result
from autogen.tracking.base import TrackedStudy, Tracker

#: Store that is used unless the target or MLFLOW_TRACKING_URI names another.
DEFAULT = "sqlite:///mlflow.db"
_PARENT, _RUN, _NUMBER = "mlflow.parentRunId", "autogen.run", "autogen.trial"
_STATES = {State.COMPLETE: "FINISHED", State.FAILED: "FAILED"}


class MlflowTracker(Tracker):
    """Writes the experiment ``autogen``, with rungs as steps of the metric ``score``.

    Args:
        target: Tracking URI: a database, a folder or a server; default ``MLFLOW_TRACKING_URI``, else
            ``sqlite:///mlflow.db``.
    """

    def __init__(self, target: str = "") -> None:
        super().__init__(target)
        uri = target or os.environ.get("MLFLOW_TRACKING_URI", DEFAULT)
        self._client = MlflowClient(tracking_uri=uri)
        found = self._client.get_experiment_by_name("autogen")
        self._experiment = found.experiment_id if found else self._client.create_experiment("autogen")

    def begin(self, study: TrackedStudy) -> bool:
        """Create the parent run, or find that of an earlier process with its children."""
        self._study = study
        self._children: dict[int, str] = {}
        self._ended: set[int] = set()
        self._logged: set[tuple[int, int, float]] = set()
        run = str(study.folder.path)
        for found in self._search(f"tags.`{_RUN}` = '{run.replace(chr(39), '')}'"):
            self._parent = found.info.run_id
            self._client.update_run(self._parent, status="RUNNING")
            for child in self._search(f"tags.`{_PARENT}` = '{self._parent}'"):
                number = int(child.data.tags[_NUMBER])
                self._children[number] = child.info.run_id
                if child.info.status != "RUNNING":
                    self._ended.add(number)
                else:
                    points = self._client.get_metric_history(child.info.run_id, "score")
                    self._logged |= {(number, one.step, one.value) for one in points}
            return True
        tags = {_RUN: run.replace("'", ""), "mlflow.note.content": study.about}
        self._parent = self._client.create_run(self._experiment, tags=tags, run_name=study.name).info.run_id
        return True

    def asked(self, trial: TrialRecord) -> None:
        """Create the child run with its config."""
        number = trial.task.number
        if number in self._children:
            return
        tags = {_PARENT: self._parent, _NUMBER: str(number)}
        made = self._client.create_run(self._experiment, tags=tags, run_name=f"trial {number}")
        self._children[number] = made.info.run_id
        params = [Param(key, str(value)) for key, value in trial.proposed.items()]
        self._client.log_batch(made.info.run_id, params=[*params, Param("seed", str(trial.task.seed))])

    def measured(self, trial: TrialRecord, at: Measurement) -> None:
        """Log a score at its step."""
        number = trial.task.number
        if number not in self._ended and (number, at.step, at.score) not in self._logged:
            self._log(self._children[number], {"score": at.score}, at.step)

    def ended(self, trial: TrialRecord) -> None:
        """Log further values and the reason, and end the child run."""
        number = trial.task.number
        if number in self._ended:
            return
        child = self._children[number]
        self._log(child, {**trial.values, "seconds": trial.seconds}, trial.task.steps)
        tags = {"state": trial.state.value, "reason": trial.reason, "suspect": trial.suspect}
        self._client.log_batch(child, tags=[RunTag(key, value) for key, value in tags.items() if value])
        self._client.set_terminated(child, _STATES.get(trial.state, "KILLED"))
        self._ended.add(number)

    def concluded(self, result: Result) -> None:
        """Log verdict and test score, attach report and model card, and end the parent run."""
        figures = {"test score": result.test.mean, "normalized test score": result.test.calibrated}
        numbers = {name: value for name, value in figures.items() if isinstance(value, float)}
        self._log(self._parent, numbers, result.configurations_tried)
        self._client.set_tag(self._parent, "verdict", result.verdict)
        self._client.set_tag(self._parent, "mlflow.note.content", result.statement)
        for path in (self._study.folder.report, self._study.folder.best / "card.md"):
            if path.exists():
                self._client.log_artifact(self._parent, str(path))
        self._client.set_terminated(self._parent)

    def _log(self, run: str, values: dict[str, float], step: int) -> None:
        now = int(time.time() * 1000)
        self._client.log_batch(run, [Metric(name, float(value), now, step) for name, value in values.items()])

    def _search(self, text: str) -> list[Run]:
        return list(self._client.search_runs([self._experiment], text, max_results=50_000))
