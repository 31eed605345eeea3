"""Files of a trial: config, curve, a checkpoint while it runs, a model once it is complete."""

import io
import json
import math
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import numpy as np

from autogen.documents import parse_json
from autogen.errors import RunError
from autogen.files import append, disk_errors, read_file, write
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.space.toml import constant_toml
from autogen.hpo.trial import Config, Measurement, Task
from autogen.training.checkpoint import (
    CHECKPOINT,
    MODEL,
    TimeSpent,
    restore_program,
    save_program,
    write_tensors,
)
from autogen.training.program import Program
from autogen.training.worker.storage import Storage

CONFIG = "config.toml"
CURVE = "curve.jsonl"
SAMPLES = "samples.npz"
_KEPT = (CURVE, CHECKPOINT)  # what another machine needs to go on


class TrialFolder:
    """Folder of one trial; with an empty ``root`` nothing is written.

    Args:
        root: Folder of all trials.
        task: Task of the trial.
        storage: Folder or URL that keeps checkpoints as well; none if empty.
    """

    def __init__(self, root: str, task: Task, storage: str = "") -> None:
        self.task = task
        self.path = Path(root) / f"{task.number:04d}" if root else None
        self.storage = Storage(storage) if root and storage else None

    def open(self, program: Program) -> TimeSpent:
        """Write the config, and restore the program from the checkpoint if there is one.

        Returns:
            Time spent before.

        Raises:
            WriteError: the folder cannot be written.
            RunError: the checkpoint is damaged.
        """
        if self.path is None:
            return TimeSpent()
        progress = TimeSpent()
        with disk_errors(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            write_config(self.path / CONFIG, self.task.config)
            if (self.path / CHECKPOINT).exists():
                progress = restore_program(self.path / CHECKPOINT, program)
            elif self.storage is not None:
                progress = self._fetch(self.storage, self.path, program)
            self._rewind(program.step)
        return progress

    def add(self, measurement: Measurement) -> None:
        """Append a measurement to the curve."""
        if self.path is not None:
            measured = asdict(measurement).items()  # whether it was fused is the journal's
            line = {name: value for name, value in measured if name not in ("number", "fused")}
            append(self.path / CURVE, json.dumps(line) + "\n")

    def checkpoint(self, program: Program, progress: TimeSpent) -> None:
        """Save the program's state, from which an interrupted trial continues."""
        if self.path is not None:
            save_program(self.path / CHECKPOINT, program, progress)
            if self.storage is not None:
                for name in _KEPT:
                    self.storage.keep(self.path / name, f"{self.path.name}/{name}")

    def complete(self, program: Program, samples: dict[str, np.ndarray]) -> None:
        """Save the model, and samples (name to (n, ...)) if there are any; remove the checkpoint."""
        if self.path is None:
            return
        path, about = self.path / MODEL, {"step": program.step}
        program.give_weights(lambda tensors: write_tensors(path, tensors, about))
        if samples:
            packed = io.BytesIO()
            np.savez(packed, allow_pickle=False, **samples)
            write(self.path / SAMPLES, packed.getvalue())
        self.forget()

    def forget(self) -> None:
        """Remove the checkpoint of a trial that has ended."""
        if self.path is not None:
            with suppress(OSError):
                (self.path / CHECKPOINT).unlink()
            if self.storage is not None:
                self.storage.forget(self.path.name)

    def _fetch(self, storage: Storage, path: Path, program: Program) -> TimeSpent:
        """Restore from the storage's checkpoint; if it is missing or damaged, the trial starts again."""
        if all(storage.fetch(f"{path.name}/{name}", path / name) for name in _KEPT):
            with suppress(RunError):
                return restore_program(path / CHECKPOINT, program)
        (path / CHECKPOINT).unlink(missing_ok=True)
        return TimeSpent()

    def _rewind(self, step: int) -> None:
        """Remove the lines of rungs beyond a step: they will be written again."""
        assert self.path is not None
        curve = self.path / CURVE
        lines = read_file(curve).decode(errors="replace").splitlines() if curve.exists() else []
        kept = [line for line in lines if step >= _step(line)]
        write(curve, "".join(f"{line}\n" for line in kept))


def _step(line: str) -> float:
    """Read the step of a line of the curve; infinite for a line that is torn or is none."""
    try:
        return float(parse_json(line)["step"])
    except (ValueError, KeyError, TypeError, OverflowError):
        return math.inf


def write_config(path: Path, config: Config) -> None:
    """Write a config as a search space with constants only. Raises ``WriteError``."""
    write(path, constant_toml(config))


def read_config(path: Path) -> Config:
    """Read the one config of a search space with constants only.

    Raises:
        RunError: the file is missing, or holds more than one config.
    """
    if not path.is_file():
        raise RunError(f"{path} does not exist; a saved model has it")
    space = SearchSpace.load(path)
    if space.size() != 1:
        raise RunError(f"{path} must hold one config, but it is a search space of {space.size()}")
    return space.default(space.families[0])
