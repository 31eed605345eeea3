"""Search by exact likelihood: the engine's study, workers and pruner, with nats for a sample metric.

An anchor gives arrays that train, arrays that steer the search and a space; it gets back the best
trial's program. What is published as a loss is measured by the caller, once, on its test arrays.
"""

import contextlib
import math
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from autogen.data.specs import Arrays
from autogen.executors.local.executor import LocalExecutor
from autogen.families.base import HasLikelihood
from autogen.hpo.budget import Budget
from autogen.hpo.objective import Objective
from autogen.hpo.pruners.halving import HalvingPruner
from autogen.hpo.samplers.bayesian import BayesianSampler
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.study.journal import Journal
from autogen.hpo.study.log import StudyLog
from autogen.hpo.study.state import TrialRecord
from autogen.hpo.study.study import Limits, Strategy, Study
from autogen.hpo.trial import Task
from autogen.training.loop import Evaluation
from autogen.training.noise import KeyedNoise
from autogen.training.solo import SoloProgram
from autogen.training.worker.work import GenerativeWork, typed

_ROWS = 512  # of a pass


class LikelihoodProgram(SoloProgram):
    """A program whose «samples» are the negative log-likelihoods of given rows, in nats."""

    held_out: Arrays

    def sample(self, n: int, seed: int) -> dict[str, np.ndarray]:
        """``{"nats": float64 (N,)}`` of the rows held out, whatever n is."""
        self._refresh_average()
        return {"nats": self.nats(self.held_out)}

    def nats(self, arrays: Arrays) -> np.ndarray:
        """Negative log-likelihood of each row under the averaged weights, float64 (N,)."""
        assert isinstance(self.family, HasLikelihood)
        rows = len(next(iter(arrays.values())))
        parts = []
        with torch.no_grad():
            for first in range(0, rows, _ROWS):
                batch = {
                    name: torch.from_numpy(a[first : first + _ROWS]).to(self.device)
                    for name, a in arrays.items()
                }
                noise = KeyedNoise(0, device=self.device)
                nats = -self.family.log_likelihood(self.average, batch, noise)
                parts.append(nats.double().cpu().numpy())
        return np.concatenate(parts)


@dataclass(frozen=True)
class LikelihoodWork(GenerativeWork):
    """Trains models that know their likelihood and scores them by it: ``reference`` holds the rows."""

    def program(self, task: Task) -> LikelihoodProgram:
        """A fresh program for a task."""
        family, config = typed(task.config)
        config = replace(config, training=replace(config.training, steps=task.steps))
        program = LikelihoodProgram(family, config, self.codec.spec, self.train, task.seed)
        program.held_out = self.reference
        return program

    def evaluation(self) -> Evaluation:
        """By mean nats per unit."""
        units = self.rows
        return Evaluation(lambda samples: float(samples["nats"].sum()) / units, units, self.seed)


@dataclass(frozen=True)
class Found:
    """What a search by likelihood found.

    Attributes:
        best: The best complete trial.
        program: Its trained program.
        trials: Configurations tried.
        complete: Of these, trained to their last step.
        seconds: Of wall-clock, on all workers together.
    """

    best: TrialRecord
    program: LikelihoodProgram
    trials: int
    complete: int
    seconds: float


def search(
    work: LikelihoodWork, space: SearchSpace, budget: str, *, workers: int = 2, seed: int = 0
) -> Found:
    """Search a space by the likelihood of the rows held out; ``work.rows`` is what nats are divided by."""
    started = time.monotonic()
    with _folder() as folder, contextlib.closing(LocalExecutor(workers)) as executor:
        defaults = [space.default(family) for family in space.families]
        study = Study(
            Strategy(BayesianSampler(space, seed), HalvingPruner(), defaults),
            executor,
            StudyLog(Journal(folder / "journal.jsonl"), Objective("nats")),
            Limits(Budget.parse(budget)),
            seed=seed,
            folder=str(folder),
        )
        state = study.run(work)
        best = state.complete()[0]
        program = restored(work, best, folder)
    seconds = time.monotonic() - started
    return Found(best, program, len(state.trials), len(state.complete()), seconds)


def train(work: LikelihoodWork, config: Any, seed: int, steps: int) -> LikelihoodProgram:
    """Train one config to its end in this process."""
    program = work.program(Task(0, config, seed, steps, (steps,)))
    program.advance(steps)
    program._refresh_average()
    return program


def restored(work: LikelihoodWork, trial: TrialRecord, folder: Path) -> LikelihoodProgram:
    """The trained program of a complete trial."""
    from safetensors.torch import load_file

    program = work.program(trial.task)
    weights = load_file(folder / f"{trial.task.number:04d}" / "model.safetensors")
    program.average.load_state_dict(weights)
    program._fitted_at = program.step
    return program


def bootstrap(nats: np.ndarray, units: np.ndarray, repeats: int = 2000) -> tuple[float, float]:
    """A 95 % interval of the mean nats per unit: rows are drawn again with what they hold.

    Args:
        nats: Of each row.
        units: Characters, frames ... of each row.
        repeats: Of the bootstrap.
    """
    draws = np.random.default_rng(0).integers(0, len(nats), (repeats, len(nats)))
    low, high = np.quantile(nats[draws].sum(1) / units[draws].sum(1), [0.025, 0.975])
    assert math.isfinite(low)
    return float(low), float(high)


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp())
    try:
        yield path
    finally:
        shutil.rmtree(path)
