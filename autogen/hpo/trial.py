"""The frozen vocabulary of trials: what is asked, what is measured, what came out."""

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
    """A digest that is equal for two configs exactly when they are the same point."""
    return hashlib.blake2b(_CANONICAL.encode(dict(config)).encode(), digest_size=16).hexdigest()


def architecture(config: Config) -> Config:
    """The part of a config that trials must share to be trained as one program."""
    shared = ("family", "training.steps", "training.batch_size")
    return {key: value for key, value in config.items() if key in shared or key.startswith("model.")}


def derived_seed(seed: int, *names: int | str) -> int:
    """A seed in [0, 2**63) for a purpose, as good as independent of those for other purposes."""
    digest = hashlib.sha256("/".join(map(str, (seed, *names))).encode()).digest()
    return int.from_bytes(digest[:8]) >> 1


class State(StrEnum):
    """Where a trial stands."""

    RUNNING = "running"
    COMPLETE = "complete"
    PRUNED = "pruned"
    FAILED = "failed"
    INFEASIBLE = "infeasible"  # it breaks a constraint


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a trial reports at a rung.

    Attributes:
        number: The trial's number in its study.
        step: Optimiser steps done so far.
        score: The objective's score at this step, in the objective's own direction.
        train_seconds: Seconds this trial has spent in training since its start.
        eval_seconds: Seconds it has spent in sampling and scoring since its start.
    """

    number: int
    step: int
    score: float
    train_seconds: float = 0.0
    eval_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a trial ended, as samplers see it.

    Attributes:
        number: The trial's number: configs are numbered in the order in which they were asked.
        state: ``COMPLETE``, ``PRUNED``, ``FAILED`` or ``INFEASIBLE``.
        loss: The last score oriented so that lower is better; ``None`` when it failed or is infeasible.
        fidelity: Share of the trial's full number of steps that was trained, in (0, 1].
        values: Of further objectives and of what is constrained, by name; of complete trials.
    """

    number: int
    state: State
    loss: float | None
    fidelity: float = 1.0
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """One training to be done: a config with a seed.

    Attributes:
        number: The trial's number.
        config: The point of the search space.
        seed: Every random number of the trial is a function of this seed.
        steps: Optimiser steps at full fidelity.
        rungs: Steps at which the trial is measured, ascending; the last equals ``steps``.
        keep_samples: Samples to leave, encoded, in the trial's folder once it is complete.
    """

    number: int
    config: Config
    seed: int
    steps: int
    rungs: tuple[int, ...]
    keep_samples: int = 0


@dataclass(frozen=True, slots=True)
class Scoring(Task):
    """Something to be measured, no training: a worker takes it like any task and answers with its values.

    Attributes:
        act: Measures; picklable, with all it needs. Its values are of ``Finished``, with ``seconds`` beside.
    """

    act: Callable[[], Mapping[str, float]] = dict

    @classmethod
    def of(cls, number: int, act: Callable[[], Mapping[str, float]]) -> "Scoring":
        """A scoring with a number that no training has."""
        return cls(number, {}, 0, 0, (), act=act)


@dataclass(frozen=True, slots=True)
class TrialBatch:
    """Trials of one architecture that one program trains together.

    Attributes:
        tasks: The trials; they have equal rungs. One task: the program runs solo.
        folder: Where each task's folder ``NNNN`` with its checkpoint lies, or is to lie; may be empty.
        deadline: Seconds a task may run before its worker is given up; ``None`` for no limit.
        storage: Folder or URL where checkpoints are kept as well, for other machines; may be empty.
    """

    tasks: tuple[Task, ...]
    folder: str = ""
    deadline: float | None = None
    storage: str = ""


@dataclass(frozen=True, slots=True)
class Finished:
    """How a task ended, as a worker tells it.

    Attributes:
        number: The trial's number.
        state: ``COMPLETE``, ``PRUNED``, ``FAILED`` or ``INFEASIBLE`` (refused before it was trained).
        reason: Why it failed or was refused, for the journal; empty otherwise.
        retry: Whether the failure lies in the worker rather than in the trial, so that a second try may help.
        node: Machine of the worker, where there are several.
        values: Of further objectives and of what is constrained, by name, where the task was asked for them.
    """

    number: int
    state: State
    reason: str = ""
    retry: bool = False
    node: str = ""
    values: Mapping[str, float] = field(default_factory=dict)
