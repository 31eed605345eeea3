"""A tracker that keeps what it is told."""

from autogen.tracking.base import Tracker


class Told(Tracker):
    """Keeps the names of calls with numbers of trials; fails where its target names a call."""

    def __init__(self, target=""):
        if target == "unusable":
            raise OSError(2, "no such server")
        if target == "missing":
            raise ImportError("No module named 'nosuch'")
        super().__init__(target)
        self.calls = []

    def note(self, name, *facts):
        self.calls.append((name, *facts))
        if name == self.target:
            raise ConnectionError("the server is gone")

    def begin(self, study):
        self.study = study
        self.note("begin", study.name)
        return self.target != "known"

    def remembered(self, trial):
        self.note("remembered", trial.task.number)

    def asked(self, trial):
        self.note("asked", trial.task.number)

    def measured(self, trial, at):
        self.note("measured", trial.task.number, at.step, at.score)

    def ended(self, trial):
        self.note("ended", trial.task.number, trial.state.value)

    def concluded(self, result):
        self.note("concluded", result.verdict)

    def close(self):
        self.note("close")
