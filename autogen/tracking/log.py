"""A study in Python's ``logging``: one line for each trial that starts, is measured or ends."""

import logging

from autogen.hpo.study.state import TrialRecord
from autogen.hpo.trial import Measurement, State
from autogen.report.result import Result
from autogen.tracking.base import TrackedStudy, Tracker

#: Name of the logger.
LOGGER = "autogen.study"
_FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class LogTracker(Tracker):
    """Writes to the logger ``autogen.study``, with a level of ``INFO``, failures ``WARNING``.

    Args:
        target: File that the lines are appended to; default the handlers that the application has set up,
            and stderr where there are none.
    """

    def __init__(self, target: str = "") -> None:
        super().__init__(target)
        self._logger = logging.getLogger(LOGGER)
        self._handler: logging.Handler | None = None
        if target:
            self._handler = logging.FileHandler(target, encoding="utf-8")
        elif not self._logger.hasHandlers():
            self._handler = logging.StreamHandler()
        if self._handler:
            self._handler.setFormatter(logging.Formatter(_FORM))
            self._logger.addHandler(self._handler)
        if self._logger.getEffectiveLevel() > logging.INFO:
            self._logger.setLevel(logging.INFO)

    def begin(self, study: TrackedStudy) -> bool:
        """Log what the study is about; earlier trials are not repeated."""
        self._logger.info("study %s: %s", study.name, study.about)
        return False

    def asked(self, trial: TrialRecord) -> None:
        """Log the config of a trial."""
        self._logger.info("trial %d starts: %s", trial.task.number, dict(trial.task.config))

    def measured(self, trial: TrialRecord, at: Measurement) -> None:
        """Log a score."""
        self._logger.info("trial %d: score %.6g at step %d", trial.task.number, at.score, at.step)

    def ended(self, trial: TrialRecord) -> None:
        """Log how a trial ended."""
        level = logging.WARNING if trial.state is State.FAILED else logging.INFO
        why = f": {trial.reason}" if trial.reason else ""
        self._logger.log(level, "trial %d is %s%s", trial.task.number, trial.state.value, why)

    def concluded(self, result: Result) -> None:
        """Log the verdict."""
        self._logger.info("verdict %s: %s", result.verdict, result.statement)

    def close(self) -> None:
        """Close the file."""
        if self._handler:
            self._logger.removeHandler(self._handler)
            self._handler.close()
