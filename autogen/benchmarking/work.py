"""Work of a benchmark: train or fit, sample, score, test for memorization."""

import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from autogen import registry
from autogen.benchmarking.cells import Cell, Ground, Role, Scored
from autogen.data.kind import DataKind
from autogen.data.module import real_rows, unseen_rows
from autogen.data.specs import Samples
from autogen.errors import Diverged
from autogen.families.baselines.base import Baseline
from autogen.families.baselines.lookup import baselines_for
from autogen.files import write
from autogen.hpo.executor import Report
from autogen.hpo.trial import Finished, Measurement, State, Task, TrialBatch, derived_seed
from autogen.metrics.base import Metric
from autogen.metrics.memorization.constraints import check
from autogen.threads import torch_threads
from autogen.training.worker.trial_folder import SAMPLES
from autogen.training.worker.work import GenerativeWork, failure

SCORES = "scores.json"


@dataclass(frozen=True)
class Arena:
    """Data set as workers get it.

    Attributes:
        work: Work that trains a model on all train rows and draws as many samples as the test split has.
        metric: Metric of the data set.
        train: Raw train rows.
        unseen: Raw rows that no model was trained on.
        real: Raw rows for the ceiling.
    """

    work: GenerativeWork
    metric: Metric
    train: Samples
    unseen: Samples
    real: Samples

    @classmethod
    def of(cls, ground: Ground, seed: int) -> "Arena":
        """Prepare a data set.

        Args:
            ground: Data set of the plan.
            seed: Random seed of the plan, from which the seed of sampling follows.
        """
        data, metric = ground.data, ground.metric
        work = GenerativeWork(
            train=data.encoded("train"),
            codec=data.codec,
            metric=ground.metric_name,
            reference=metric.prepare_with(data.split("test"), data.codec, data.split("train")),
            rows=len(data.rows["test"]),
            seed=derived_seed(seed, "sampling"),
        )
        return cls(work, metric, data.split("train"), unseen_rows(data), real_rows(data, "test"))

    def first(self, share: float) -> "Arena":
        """Keep the first share of the train rows; these are in the order of hashes, so a random subset."""
        size = max(1, round(share * len(self.train)))
        kind: DataKind = registry.get("data", self.work.codec.kind)()
        arrays = {name: array[:size] for name, array in self.work.train.items()}
        return replace(
            self, work=replace(self.work, train=arrays), train=kind.take(self.train, np.arange(size))
        )

    def drawn(self, cell: Cell, seed: int) -> Samples:
        """Draw samples of a baseline, or return the real rows."""
        if cell.role is Role.REAL:
            return self.real
        model: Baseline = baselines_for(self.work.codec.kind)[cell.model]()
        model.fit(self.train, self.work.codec)
        return model.sample(self.work.rows, np.random.default_rng(seed))

    def trained(self, path: Path) -> Samples:
        """Load and decode the samples of a trained model."""
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        return self.work.codec.decode(arrays, self.work.seed)

    def scored(self, samples: Samples, seconds: float) -> Scored:
        """Score samples, test for memorization and diversity. Raises ``Diverged`` for a score not finite."""
        groups = self.metric.groups(self.work.rows)
        score, replicates = self.metric.jackknife(self.work.reference, samples, groups)
        if not (math.isfinite(score) and np.isfinite(replicates).all()):
            raise Diverged(f"the score ({score}) or one of its replicates is not a finite number")
        gate = check(samples, self.train, self.unseen, self.work.codec)
        left_out = tuple(float(value) for value in replicates)
        copying = gate.memorisation
        found = (copying.share, copying.p_value, copying.copied, gate.passed)
        return Scored(float(score), left_out, *found, round(seconds, 3), len(samples))


@dataclass(frozen=True)
class BenchmarkWork:
    """Work that runs the cells of a benchmark and writes ``scores.json`` into the folder of each.

    Attributes:
        arenas: Data sets by name.
        cells: Cells by number of the task.
    """

    arenas: Mapping[str, Arena]
    cells: Mapping[int, Cell]

    def cards(self) -> int:
        """Count the GPUs that torch sees."""
        return next(iter(self.arenas.values())).work.cards()

    def on(self, device: str, share: float) -> "BenchmarkWork":
        """Return the same work on a GPU; see ``GenerativeWork.on``."""
        moved = {name: replace(a, work=a.work.on(device, share)) for name, a in self.arenas.items()}
        return replace(self, arenas=moved)

    def __call__(self, trial_batch: TrialBatch, report: Report) -> list[Finished]:
        """Run each task of a trial batch; a failure is a result, not an exception."""
        return [self._finish(task, replace(trial_batch, tasks=(task,)), report) for task in trial_batch.tasks]

    def _finish(self, task: Task, trial_batch: TrialBatch, report: Report) -> Finished:
        cell = self.cells[task.number]
        arena = self.arenas[cell.data]
        folder = Path(trial_batch.folder) / f"{task.number:04d}"
        try:
            with torch_threads(arena.work.threads):
                if cell.role is Role.MODEL:
                    return _train(arena.first(cell.rows), trial_batch, report, folder)
                started = time.perf_counter()
                samples = arena.drawn(cell, task.seed)
                _write_scores(folder, arena.scored(samples, time.perf_counter() - started))
        except Exception as error:  # whatever a plug-in raises ends its cell, not the benchmark
            return failure(task.number, error)
        return Finished(task.number, State.COMPLETE)


def _train(arena: Arena, trial_batch: TrialBatch, report: Report, folder: Path) -> Finished:
    """Train a model, then score its samples."""
    seconds = [0.0]

    def noting(measured: Sequence[Measurement]) -> Sequence[bool]:
        seconds.append(measured[0].train_seconds)
        return report(measured)

    finished = arena.work(trial_batch, noting)[0]
    if finished.state is State.COMPLETE:
        _write_scores(folder, arena.scored(arena.trained(folder / SAMPLES), seconds[-1]))
    return finished


def _write_scores(folder: Path, scored: Scored) -> None:
    write(folder / SCORES, json.dumps(scored.to_json(), allow_nan=False))
