"""What a trial leaves on disk: config, curve, a checkpoint while it runs, a model when it is complete."""

import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import numpy as np

from autogen.errors import RunError
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.space.toml import constant_toml
from autogen.hpo.trial import Config, Measurement, Task
from autogen.training.checkpoint import (
    CHECKPOINT,
    MODEL,
    Progress,
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
    """The folder of one trial; with an empty ``root`` nothing is written.

    Args:
        root: Where the trials' folders lie.
        task: The trial.
        storage: Folder or URL where checkpoints are kept as well; may be empty.
    """

    def __init__(self, root: str, task: Task, storage: str = "") -> None:
        self.task = task
        self.path = Path(root) / f"{task.number:04d}" if root else None
        self.storage = Storage(storage) if root and storage else None

    def open(self, program: Program) -> Progress:
        """Write the config down; bring the program to the checkpoint, where there is one.

        Returns:
            Seconds spent before.

        Raises:
            RunError: the folder cannot be written.
        """
        if self.path is None:
            return Progress()
        progress = Progress()
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            write_config(self.path / CONFIG, self.task.config)
            if (self.path / CHECKPOINT).exists():
                progress = restore_program(self.path / CHECKPOINT, program)
            elif self.storage is not None:
                progress = self._fetch(self.storage, self.path, program)
            self._rewind(program.step)
        except OSError as error:
            raise RunError(f"cannot write {self.path}: {error.strerror}") from error
        return progress

    def add(self, measurement: Measurement) -> None:
        """Append a line to the curve."""
        if self.path is not None:
            line = {name: value for name, value in asdict(measurement).items() if name != "number"}
            with (self.path / CURVE).open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")

    def checkpoint(self, program: Program, progress: Progress) -> None:
        """Save the state to go on from, should the trial be interrupted."""
        if self.path is not None:
            save_program(self.path / CHECKPOINT, program, progress)
            if self.storage is not None:
                for name in _KEPT:
                    self.storage.keep(self.path / name, f"{self.path.name}/{name}")

    def complete(self, program: Program, member: int, samples: dict[str, np.ndarray]) -> None:
        """Save the model, and samples where there are any; the checkpoint has served."""
        if self.path is None:
            return
        write_tensors(self.path / MODEL, program.weights(member), {"step": program.step})
        if samples:
            np.savez(self.path / SAMPLES, allow_pickle=False, **samples)
        self.forget()

    def forget(self) -> None:
        """Remove the checkpoint of a trial that will not go on."""
        if self.path is not None:
            with suppress(OSError):
                (self.path / CHECKPOINT).unlink()
            if self.storage is not None:
                self.storage.forget(self.path.name)

    def _fetch(self, storage: Storage, path: Path, program: Program) -> Progress:
        """Go on from the storage's checkpoint; one that is missing or damaged costs time and nothing else."""
        if all(storage.fetch(f"{path.name}/{name}", path / name) for name in _KEPT):
            with suppress(RunError):
                return restore_program(path / CHECKPOINT, program)
        (path / CHECKPOINT).unlink(missing_ok=True)
        return Progress()

    def _rewind(self, step: int) -> None:
        """Drop the lines of rungs beyond a step: they will be written again."""
        assert self.path is not None
        curve = self.path / CURVE
        lines = curve.read_text(encoding="utf-8").splitlines() if curve.exists() else []
        kept = [line for line in lines if line.endswith("}") and json.loads(line)["step"] <= step]
        curve.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")


def write_config(path: Path, config: Config) -> None:
    """Write a config as a search space with only constants."""
    path.write_text(constant_toml(config), encoding="utf-8")


def read_config(path: Path) -> Config:
    """Read the one config of a search space with only constants.

    Raises:
        RunError: missing, or more than one config.
    """
    if not path.is_file():
        raise RunError(f"{path} does not exist; a saved model has it")
    space = SearchSpace.load(path)
    if space.size() != 1:
        raise RunError(f"{path} must hold one config, but it is a search space of {space.size()}")
    return space.default(space.families[0])
