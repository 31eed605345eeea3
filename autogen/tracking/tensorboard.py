"""A study as event files of TensorBoard: a curve and hyperparameters for each trial."""

from typing import Any

from torch.utils.tensorboard import SummaryWriter
from torch.utils.tensorboard.summary import hparams

from autogen.hpo.study.state import TrialRecord
from autogen.hpo.trial import Measurement
from autogen.report.result import Result
from autogen.tracking.base import TrackedStudy, Tracker

#: Folder of what concerns all trials.
_STUDY = "study"


class TensorBoardTracker(Tracker):
    """Writes ``trial-0007`` folders, as ``tensorboard --logdir FOLDER`` reads them.

    Args:
        target: Folder; default ``tensorboard`` in the run.
    """

    def __init__(self, target: str = "") -> None:
        super().__init__(target)
        self._writers: dict[str, SummaryWriter] = {}

    def begin(self, study: TrackedStudy) -> bool:
        """Choose the folder; earlier trials are written if it is new."""
        self._study = study
        self._folder = study.folder.path / "tensorboard"
        if self.target:
            self._folder = type(study.folder.path)(self.target)
        self._best: float | None = None
        new = not self._folder.exists()
        self._writer(_STUDY).add_text("about", study.about)
        return new

    def remembered(self, trial: TrialRecord) -> None:
        """Keep the best score of the trials that an earlier process wrote."""
        self._improves(trial)

    def measured(self, trial: TrialRecord, at: Measurement) -> None:
        """Add a point to the trial's curve."""
        writer = self._writer(_of(trial))
        writer.add_scalar("score", at.score, at.step)
        writer.add_scalar("seconds", at.train_seconds + at.eval_seconds, at.step)
        writer.flush()

    def ended(self, trial: TrialRecord) -> None:
        """Add the trial's config with its last score, and the best score of the study so far."""
        if not trial.curve:
            about = f"{trial.state.value}: {trial.reason}"
            self._writer(_STUDY).add_text(f"trial {trial.task.number}", about)
            return
        writer = self._writer(_of(trial))
        config = {"state": trial.state.value, **trial.task.config}
        metrics = {"last score": trial.curve[-1].score, **dict(trial.values)}
        file: Any = writer.file_writer
        for summary in hparams(config, metrics):  # type: ignore[no-untyped-call]
            file.add_summary(summary)
        for name, value in metrics.items():
            writer.add_scalar(name, value, trial.curve[-1].step)
        writer.close()
        self._writers.pop(_of(trial))
        self._note_best(trial)

    def concluded(self, result: Result) -> None:
        """Add the verdict."""
        self._writer(_STUDY).add_text("verdict", result.statement)
        if result.test.mean is not None:
            self._writer(_STUDY).add_scalar("test score", result.test.mean, result.configurations_tried)

    def close(self) -> None:
        """Write what is left."""
        for writer in self._writers.values():
            writer.close()

    def _note_best(self, trial: TrialRecord) -> None:
        """Add the best score so far if a complete trial improves it."""
        if self._improves(trial):
            self._writer(_STUDY).add_scalar("best score", trial.score, trial.task.number)

    def _improves(self, trial: TrialRecord) -> bool:
        """Tell if a complete trial is the best so far, and keep its score."""
        if trial.score is None or trial.suspect:
            return False
        loss = self._study.objectives[0].loss(trial.score)
        if self._best is not None and loss >= self._best:
            return False
        self._best = loss
        return True

    def _writer(self, name: str) -> SummaryWriter:
        if name not in self._writers:
            self._writers[name] = SummaryWriter(str(self._folder / name))
        return self._writers[name]


def _of(trial: TrialRecord) -> str:
    """Name of the folder of a trial."""
    return f"trial-{trial.task.number:04d}"
