"""Types of trials: tasks, measurements and outcomes, all frozen."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Value = bool | int | float | str
#: One point of a search space, flat: ``{"family": "vae", "model.latent_dim": 32, "training.lr": 1e-3}``.
Config = Mapping[str, Value]


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


def config_key(config: Config) -> str:
    """Digest of a config, equal for two configs if and only if they are the same point."""
    return hashlib.blake2b(_CANONICAL.encode(dict(config)).encode(), digest_size=16).hexdigest()


def architecture(config: Config) -> Config:
    """Architecture key: the part of a config that trials must share to be trained as one program."""
    shared = ("family", "training.steps", "training.batch_size")
    return {key: value for key, value in config.items() if key in shared or key.startswith("model.")}


def derived_seed(seed: int, *names: int | str) -> int:
    """Derive a seed in [0, 2**63) for a purpose, practically independent of those for other purposes."""
    digest = hashlib.sha256("/".join(map(str, (seed, *names))).encode()).digest()
    return int.from_bytes(digest[:8]) >> 1


class State(StrEnum):
    """State of a trial."""

    RUNNING = "running"
    COMPLETE = "complete"
    PRUNED = "pruned"
    FAILED = "failed"
    INFEASIBLE = "infeasible"  # it breaks a constraint


@dataclass(frozen=True, slots=True)
class Measurement:
    """Measurement of a trial at a rung.

    Attributes:
        number: Number of the trial.
        step: Optimizer steps done so far.
        score: Score of the objective, in the objective's own direction.
        train_seconds: Seconds of training since the trial's start.
        eval_seconds: Seconds of sampling and scoring since the trial's start.
        fused: Trials that were trained as one program since the rung before, this one included; 0 for alone.
    """

    number: int
    step: int
    score: float
    train_seconds: float = 0.0
    eval_seconds: float = 0.0
    fused: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outcome of a trial, as samplers see it.

    Attributes:
        number: Number of the trial; configs are numbered in the order in which they were asked.
        state: ``COMPLETE``, ``PRUNED``, ``FAILED`` or ``INFEASIBLE``.
        loss: Last score oriented so that lower is better; ``None`` if the trial failed or is infeasible.
        fidelity: Share of the trial's steps that was trained, in (0, 1].
        values: Further objectives and constrained quantities by name, for complete trials.
        seconds: Seconds of training and evaluation, if they count, as with a time budget; default 0.
    """

    number: int
    state: State
    loss: float | None
    fidelity: float = 1.0
    values: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Task:
    """One training: a config with a seed.

    Attributes:
        number: Number of the trial.
        config: Point of the search space.
        seed: Random seed of which every random number of the trial is a function.
        steps: Optimizer steps at full fidelity.
        rungs: Steps at which the trial is measured, ascending; the last equals ``steps``.
        keep_samples: Number of encoded samples to save in the trial's folder once it is complete; default 0.
    """

    number: int
    config: Config
    seed: int
    steps: int
    rungs: tuple[int, ...]
    keep_samples: int = 0


@dataclass(frozen=True, slots=True)
class Scoring(Task):
    """A measurement without training, which a worker takes like any task and answers with values.

    Attributes:
        act: Picklable function that measures; its result becomes ``Finished.values``, with ``seconds`` added.
    """

    act: Callable[[], Mapping[str, float]] = dict

    @classmethod
    def of(cls, number: int, act: Callable[[], Mapping[str, float]]) -> "Scoring":
        """Make a scoring with a number that no training has."""
        return cls(number, {}, 0, 0, (), act=act)


@dataclass(frozen=True, slots=True)
class TrialBatch:
    """Trials of one architecture that one program trains together.

    Attributes:
        tasks: Tasks with equal rungs.
        folder: Folder of the tasks' folders ``NNNN`` with their checkpoints; default none.
        deadline: Seconds a task may run before its worker is given up; ``None`` for no limit.
        storage: Folder or URL for copies of checkpoints that other machines reach; default none.
    """

    tasks: tuple[Task, ...]
    folder: str = ""
    deadline: float | None = None
    storage: str = ""


@dataclass(frozen=True, slots=True)
class Finished:
    """Outcome of a task, as a worker reports it.

    Attributes:
        number: Number of the trial.
        state: ``COMPLETE``, ``PRUNED``, ``FAILED`` or ``INFEASIBLE`` (refused before it was trained).
        reason: Reason of a failure or refusal, for the journal; empty otherwise.
        retry: True if the worker failed rather than the trial, so that a retry may help.
        node: Machine of the worker, if there are several.
        values: Further objectives and constrained quantities by name, if the task asked for them.
        suspect: Reason to rank a complete trial behind all others; empty for none.
        check_seconds: Seconds of the test behind ``suspect``.
        disk_error: True if a file could not be written: the study stops, and the trial has not ended.
    """

    number: int
    state: State
    reason: str = ""
    retry: bool = False
    node: str = ""
    values: Mapping[str, float] = field(default_factory=dict)
    suspect: str = ""
    check_seconds: float = 0.0
    disk_error: bool = False
