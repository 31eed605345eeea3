"""Work of a worker on a trial batch: build, train, sample, score, and write the trial's files."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch

from autogen import registry
from autogen.data.codec import Codec
from autogen.data.specs import Arrays, Samples
from autogen.errors import (
    DeadlineExceeded,
    Diverged,
    Infeasible,
    MetricError,
    OutOfMemory,
    SpaceError,
    TrialFailure,
    WorkerLost,
)
from autogen.families.base import FamilyConfig, IsDataParallel, IsGrown, ModelFamily, parse_config
from autogen.families.based import BASE, codec_of
from autogen.files import is_disk_error
from autogen.hpo.executor import Ranks
from autogen.hpo.objective import COSTS, Constraint, broken
from autogen.hpo.trial import Config, Finished, Scoring, State, Task, TrialBatch
from autogen.metrics.base import Metric
from autogen.metrics.feedback.rejection import RejectionTest
from autogen.metrics.lookup import metric_for
from autogen.threads import torch_threads
from autogen.training.fused.choice import Choice
from autogen.training.initial import InitialWeights
from autogen.training.lookup import program_for
from autogen.training.loop import Deadline, Evaluation, Hooks, Report, Trial, conduct, rungs
from autogen.training.parallel.follower import follow
from autogen.training.parallel.group import Group
from autogen.training.parallel.leader import Leader
from autogen.training.private.gradients import PrivateTraining
from autogen.training.program import ModelProgram
from autogen.training.worker.copying import CopyCheck
from autogen.training.worker.device import Card, CudaCard, check_fit
from autogen.training.worker.drawn import DrawnSamples
from autogen.training.worker.early import Early
from autogen.training.worker.efficiency import Drawing, count_parameters
from autogen.training.worker.room import check_room
from autogen.training.worker.trial_folder import TrialFolder

_MEMORY_WORDS = ("out of memory", "not enough memory", "can't allocate memory", "cannot allocate memory")


@dataclass(frozen=True)
class GenerativeWork:
    """Training of generators and scoring of their samples.

    Attributes:
        train: Encoded train split, name to (N, ...).
        codec: Codec that decodes samples; its spec describes the data.
        metric: Name of the objective's metric.
        reference: The metric's reference, prepared from the validation split of the search (``tune``).
        rows: Samples drawn for a score.
        seed: Seed of these draws, the same for all trials of a study, so that their scores are paired.
        extra_metrics: Names of further costs and metrics to measure on complete trials.
        references: References of these metrics, by name.
        static_constraints: Bounds on the number of parameters; a config that breaks one is not trained.
        early: Subset for the scores before the last rung; ``None`` for the same as at the last.
        copy_check: Test of complete trials for copies of training rows; ``None`` for none.
        threads: Number of torch threads in a worker.
        device: Torch device of the training.
        card: Memory figures of the GPU; ``None`` for no bound on memory.
        share: Share of the GPU's memory that a trial may take, in (0, 1].
        initial: Weights of earlier models that training may start from, by family.
        private: Noise and units of training with differential privacy; ``None`` without.
        weights: Weight of each row of ``train``, float64 (N,); ``None`` for all equal.
        rejection: Test of complete trials for samples of the kind that users rejected; ``None`` for none.
        raw: Train split as it is, for models with a base; ``None`` to decode ``train``.
        encoded: Train split in the codes of the last base; filled by the worker.
        leader: Rank 0 of the processes that train each trial together; ``None`` for this one alone.
        choice: What the worker has found out about training several trials as one program.
    """

    train: Arrays
    codec: Codec
    metric: str
    reference: Any
    rows: int
    seed: int = 0
    extra_metrics: tuple[str, ...] = ()
    references: Mapping[str, Any] = field(default_factory=dict)
    static_constraints: tuple[Constraint, ...] = ()
    early: Early | None = None
    copy_check: CopyCheck | None = None
    threads: int = 1
    device: str = "cpu"
    card: Card | None = None
    share: float = 1.0
    initial: Mapping[str, InitialWeights] = field(default_factory=dict)
    private: PrivateTraining | None = None
    weights: np.ndarray | None = field(default=None, repr=False)
    rejection: RejectionTest | None = None
    raw: Samples | None = field(default=None, repr=False)
    encoded: dict[str, Arrays] = field(default_factory=dict, repr=False, compare=False)
    leader: Leader | None = field(default=None, repr=False, compare=False)
    choice: Choice = field(default_factory=Choice, repr=False, compare=False)

    def cards(self) -> int:
        """Return the number of GPUs that torch sees."""
        return torch.cuda.device_count()

    def on(self, device: str, share: float) -> "GenerativeWork":
        """Return the same work on a GPU if torch sees one; a trial may take ``share`` of its memory."""
        if not torch.cuda.is_available():
            return self
        torch.cuda.set_per_process_memory_fraction(share, device)
        return replace(self, device=device, card=CudaCard(device), share=share)

    def led(self, ranks: Ranks) -> "GenerativeWork":
        """Return the same work, whose trials other processes train too."""
        return replace(self, leader=Leader(ranks, self.device))

    def follow(
        self, receive: Callable[[], tuple[Any, ...]], rank: int, size: int, address: str, backend: str
    ) -> None:
        """Train what rank 0 says; see ``HasRanks.follow``."""
        with torch_threads(self.threads):
            follow(receive, (rank, size, address, backend), self.device, self._shared)

    def __call__(self, trial_batch: TrialBatch, report: Report) -> list[Finished]:
        """Train trials, as one program where that is faster; a trial's failure is a result, no exception."""
        with torch_threads(self.threads):
            scorings = [scored(task, self.device) for task in trial_batch.tasks if isinstance(task, Scoring)]
            tasks = [task for task in trial_batch.tasks if not isinstance(task, Scoring)]
            limit = trial_batch.deadline
            deadline = Deadline(None if limit is None else limit * len(tasks))
            report = deadline.paused(report)
            trials = [self._finish(task, trial_batch, report) for task in tasks]
            return scorings + conduct(trials, self.choice, deadline)

    def _finish(self, task: Task, trial_batch: TrialBatch, report: Report) -> Trial:
        folder = TrialFolder(trial_batch.folder, task, trial_batch.storage)
        try:
            finished = yield from self.for_trial(task)._run(task, trial_batch, folder, report)
        except Exception as error:  # whatever a plug-in raises ends its trial, not the study
            finished = failure(task.number, error)
        if not finished.retry and not finished.disk_error:  # else it will go on from its checkpoint
            folder.forget()
        return finished

    def _run(self, task: Task, trial_batch: TrialBatch, folder: TrialFolder, report: Report) -> Trial:
        """Train one trial to its end."""
        self._refuse_too_large(task)
        if self.card is not None and not isinstance(typed(task.config)[0], IsGrown):
            check_fit(self.program(task), self.card, self.share / len(trial_batch.tasks), self.rows)
        program = self.program(task)
        drawn = DrawnSamples(lambda n: self.codec.decode(program.sample(n, self.seed), self.seed))
        progress = folder.open(program)
        hooks = Hooks(measured=folder.add, kept=lambda: folder.checkpoint(program, progress))
        left: dict[str, np.ndarray] = {}
        try:
            evaluation = self._leaving(task, left) if task.keep_samples else self.evaluation(drawn.keep)
            ended = yield from rungs(program, task, evaluation, report, progress=progress, hooks=hooks)
        except DeadlineExceeded as error:
            raise DeadlineExceeded(f"ran past its deadline of {trial_batch.deadline:g} s") from error
        if ended.state is State.COMPLETE:
            folder.complete(program, left)
            if not task.keep_samples:  # of finalists the controller measures costs, while nothing else runs
                values = self._values(program, progress.train_seconds, drawn)
                found = None if self.rejection is None else self.rejection(drawn(self.rows))
                values |= {"rejected": found.share} if found else {}
                copies, seconds = self._suspect(drawn)
                suspect = copies or (found.reason if found else "")
                return replace(ended, values=values, suspect=suspect, check_seconds=seconds)
        return ended

    def for_trial(self, task: Task) -> "GenerativeWork":
        """Return the same work in the codes that the trial's model reads: of a model with a base, its own."""
        family, config = typed(task.config)
        codec = codec_of(family, config, self.codec)
        if codec is self.codec:
            return self
        key = f"{id(self.train)} {codec.spec} {task.config.get(BASE)}"
        if key not in self.encoded:
            self.encoded.clear()
            self.encoded[key] = codec.encode(self.codec.decode(self.train) if self.raw is None else self.raw)
        return replace(self, codec=codec, train=self.encoded[key])

    def _refuse_too_large(self, task: Task) -> None:
        """Refuse a config with more parameters than allowed, or than memory has room for.

        Raises:
            Infeasible: it breaks a limit.
            TrialFailure: it would take more memory than is free.
        """
        if self.static_constraints:
            size = count_parameters(*typed(task.config), self.codec.spec)
            if breaks := broken(self.static_constraints, {"params": size}):
                raise Infeasible(f"{breaks}; it was not trained")
        if self.card is None:
            family, config = typed(task.config)
            leader = self._leader_of(family)
            check_room(family, config, self.codec.spec, leader.ranks.size if leader else 1)

    def _values(self, program: ModelProgram, train_seconds: float, drawn: DrawnSamples) -> dict[str, float]:
        """Measure the further objectives and constrained values of a trained model."""
        values = {}
        if costs := COSTS.keys() & self.extra_metrics:  # of a whole model
            drawing = Drawing(program.family, program.config, program.average, program.spec)
            values = {name: drawing.cost(name, train_seconds) for name in self.extra_metrics if name in costs}
        if self.references:
            samples = drawn(self.rows)
            for name, reference in self.references.items():
                values[name] = float(metric_for(name, self.codec.kind).score(reference, samples))
        if bad := next((name for name, value in values.items() if not math.isfinite(value)), ""):
            raise Diverged(f"its {bad} is {values[bad]}")
        return values

    def _suspect(self, drawn: DrawnSamples) -> tuple[str, float]:
        """Test a trained model for copies: the reason to suspect it, empty for none, and the seconds."""
        if self.copy_check is None:
            return "", 0.0
        began = time.perf_counter()
        try:
            why = self.copy_check(drawn)
        except MetricError:
            why = ""
        return why, round(time.perf_counter() - began, 3)

    def program(self, task: Task) -> ModelProgram:
        """Return a fresh program for a task, which all ranks train if the family can share a batch.

        Raises:
            SpaceError: the config is not one of its family.
        """
        if leader := self._leader_of(typed(task.config)[0]):
            return leader.program(task, partial(self._program, task))
        return self._program(task)

    def _leader_of(self, family: ModelFamily) -> Leader | None:
        """Return rank 0 of those that train a model of a family together, if it can share a batch."""
        return self.leader if isinstance(family, IsDataParallel) else None

    def _shared(self, task: Task, group: Group) -> ModelProgram:
        return self.for_trial(task)._program(task, group)

    def _program(self, task: Task, group: Group | None = None) -> ModelProgram:
        family, config = typed(task.config)
        config = replace(config, training=replace(config.training, steps=task.steps))
        earlier = self.initial.get(str(task.config["family"]))
        initial = None if earlier is None else (earlier, self.codec.code_names())
        data, device, private = (self.codec.spec, self.train), self.device, self.private
        return program_for(family, config, *data, task.seed, device, initial, private, group, self.weights)

    def _leaving(self, task: Task, left: dict[str, np.ndarray]) -> Evaluation:
        """Return a finalist's evaluation: its samples are kept for others to score, and the score is 0."""

        def leave(arrays: dict[str, np.ndarray]) -> float:
            left.update(arrays)
            return 0.0

        return Evaluation(leave, task.keep_samples, self.seed)

    def evaluation(self, keep: Callable[[Samples], None] = lambda _: None) -> Evaluation:
        """Return how samples are scored; ``keep`` takes the raw ones of each score on all rows."""
        metric: Metric = registry.get("metric", self.metric)()

        def score(arrays: dict[str, np.ndarray]) -> float:
            samples = self.codec.decode(arrays, self.seed)
            keep(samples)
            return metric.score(self.reference, samples)

        return Evaluation(score, self.rows, self.seed, self._glances(metric))

    def _glances(self, metric: Metric) -> Evaluation | None:
        if (early := self.early) is None:
            return None

        def early_score(arrays: dict[str, np.ndarray]) -> float:
            return metric.early_score(early.reference, self.codec.decode(arrays, self.seed))

        return Evaluation(early_score, early.rows, self.seed)


def typed(config: Config) -> tuple[ModelFamily, FamilyConfig]:
    """Return the family that a config names, and the config as its dataclasses.

    Raises:
        SpaceError: the config is not one of its family.
        UnknownNameError: no such family.
    """
    if "family" not in config:
        raise SpaceError("a config must name its family, but this one does not")
    family: ModelFamily = registry.get("family", str(config["family"]))()
    return family, parse_config(family, config)


@runtime_checkable
class Placeable(Protocol):
    """A scoring that can be done on another device than the processor."""

    def on(self, device: str) -> Callable[[], Mapping[str, float]]:
        """The same scoring on a device."""
        ...


def scored(task: Scoring, device: str = "cpu") -> Finished:
    """Measure what a scoring asks for, and how long that takes.

    Args:
        task: The scoring.
        device: Where models draw their samples.
    """
    start = time.perf_counter()
    act: object = task.act
    try:
        values = act.on(device)() if device != "cpu" and isinstance(act, Placeable) else task.act()
    except Exception as error:  # told to the controller, which measures it itself to see what is wrong
        return failure(task.number, error)
    seconds = round(time.perf_counter() - start, 4)
    return Finished(task.number, State.COMPLETE, values={**values, "seconds": seconds})


def failure(number: int, error: Exception) -> Finished:
    """Describe how a failed trial ended: the reason in one line, and whether a retry may help."""
    text = (str(error).strip().splitlines() or [""])[0]
    if is_disk_error(error):
        return Finished(number, State.FAILED, text, disk_error=True)
    if _out_of_memory(error):
        return Finished(number, State.FAILED, f"out of memory: {text}".rstrip(": "), retry=True)
    if isinstance(error, Infeasible):
        return Finished(number, State.INFEASIBLE, text)
    if isinstance(error, TrialFailure):
        return Finished(number, State.FAILED, text, retry=isinstance(error, DeadlineExceeded | WorkerLost))
    return Finished(number, State.FAILED, f"{type(error).__name__}: {text}".rstrip(": "))


def _out_of_memory(error: Exception) -> bool:
    if isinstance(error, MemoryError | OutOfMemory | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(word in str(error).lower() for word in _MEMORY_WORDS)
