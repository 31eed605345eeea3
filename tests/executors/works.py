"""Works that misbehave as their configs say; workers import them from here."""

import ctypes
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from autogen.hpo.trial import Finished, Measurement, State, TrialBatch


@dataclass
class Misbehaving:
    """What the first task's ``do`` names happens after the first rung is reported."""

    array: np.ndarray = field(default_factory=lambda: np.arange(4.0))

    def __call__(self, trial_batch, report):
        task = trial_batch.tasks[0]
        report([Measurement(task.number, 1, float(os.getpid()))])
        getattr(self, str(task.config.get("do", "nothing")))(trial_batch)
        return [Finished(one.number, State.COMPLETE) for one in trial_batch.tasks]

    def nothing(self, trial_batch):
        pass

    def kill(self, trial_batch):
        os.kill(os.getpid(), signal.SIGKILL)

    def crash(self, trial_batch):
        print("about to touch address zero", file=sys.stderr, flush=True)
        ctypes.string_at(0)

    def leave(self, trial_batch):
        os._exit(3)

    def sleep(self, trial_batch):
        time.sleep(600)

    def hog(self, trial_batch):
        np.ones(2**31, dtype=np.float64)  # 16 GB

    def touch(self, trial_batch):
        """Use the shared array without writing to it."""
        assert float(self.array[:: 4096 // 8].sum()) >= 0
        Path(trial_batch.folder, str(trial_batch.tasks[0].number)).write_text(str(os.getpid()))
        time.sleep(600)

    def write(self, trial_batch):
        before = float(self.array[0])
        self.array[0] += 1
        Path(trial_batch.folder, str(trial_batch.tasks[0].number)).write_text(f"{before}")

    def unreadable(self, trial_batch):
        """Leave a file that fails with EIO where it is read."""
        folder = Path(trial_batch.folder, f"{trial_batch.tasks[0].number:04d}")
        folder.mkdir(parents=True)
        (folder / "model.safetensors").symlink_to("/proc/self/mem")

    def threads(self, trial_batch):
        path = Path(trial_batch.folder, str(trial_batch.tasks[0].number))
        path.write_text(os.environ["OMP_NUM_THREADS"])


class NeedsMissingModule:
    """Unpickles only where a module is that is nowhere."""

    def __call__(self, trial_batch: TrialBatch, report: object) -> list[Finished]:
        return []

    def __reduce__(self):
        return (__import__, ("no_such_module_anywhere",))


class DiesOnArrival:
    """Kills each worker that unpickles it."""

    def __call__(self, trial_batch: TrialBatch, report: object) -> list[Finished]:
        return []

    def __reduce__(self):
        return (os._exit, (7,))


@dataclass(frozen=True)
class Poisoned:
    """One trial kills its worker each time."""

    number: int

    def __call__(self, trial_batch, report):
        (task,) = trial_batch.tasks
        if task.number == self.number:
            os.kill(os.getpid(), signal.SIGKILL)
        report([Measurement(task.number, task.steps, float(task.number))])
        return [Finished(task.number, State.COMPLETE)]


@dataclass(frozen=True)
class DiesAfterItsLastRung:
    """The first try of a trial kills its worker between its last rung and its end."""

    folder: str

    def __call__(self, trial_batch, report):
        (task,) = trial_batch.tasks
        for rung in task.rungs:
            report([Measurement(task.number, rung, 1.0)])
        mark = Path(self.folder, f"tried-{task.number}")
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return [Finished(task.number, State.COMPLETE)]


@dataclass(frozen=True)
class Together:
    """No trial ends before so many are at work at once."""

    folder: str
    count: int

    def __call__(self, trial_batch, report):
        (task,) = trial_batch.tasks
        Path(self.folder, f"here-{task.number}").touch()
        until = time.monotonic() + 60.0
        while len(list(Path(self.folder).glob("here-*"))) < self.count and time.monotonic() < until:
            time.sleep(0.05)
        return [Finished(task.number, State.COMPLETE if time.monotonic() < until else State.FAILED)]
