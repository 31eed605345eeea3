"""Optuna alone, by ask and tell: its samplers and pruners over our executor and our trial's program."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

import optuna
from optuna.trial import TrialState

from autogen.executors.lookup import executor_for, read_options
from autogen.hpo.executor import Executor
from autogen.hpo.pruners.halving import HalvingPruner
from autogen.hpo.space import SearchSpace
from autogen.hpo.trial import Config, Finished, Measurement, State, Task, TrialBatch, derived_seed
from benchmarks.search.setting import WORKERS, Setting
from benchmarks.search.suggest import suggested
from benchmarks.search.trace import Trace, spent

#: Resource of the rungs, which lie at a ninth, a third and all of a trial's steps.
NINTHS = (1, 3, 9)

#: Ends of our trials in Optuna's words; all others are failures.
STATES = {State.COMPLETE: TrialState.COMPLETE, State.PRUNED: TrialState.PRUNED}

Sampler = Callable[[int], optuna.samplers.BaseSampler]
#: Samplers by seed, and pruners, as their documentation sets them up for a resource of 9.
METHODS: dict[str, tuple[Sampler, Callable[[], optuna.pruners.BasePruner]]] = {
    "tpe": (lambda seed: optuna.samplers.TPESampler(seed=seed), optuna.pruners.MedianPruner),
    "asha": (
        lambda seed: optuna.samplers.TPESampler(seed=seed),
        lambda: optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=3),
    ),
    "hyperband": (
        lambda seed: optuna.samplers.TPESampler(seed=seed),
        lambda: optuna.pruners.HyperbandPruner(min_resource=1, max_resource=9, reduction_factor=3),
    ),
    "gp": (lambda seed: optuna.samplers.GPSampler(seed=seed), optuna.pruners.MedianPruner),
    "halving": (
        lambda seed: optuna.samplers.RandomSampler(seed=seed),
        lambda: optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=3),
    ),
}


def task_of(config: Config, number: int, seed: int) -> Task:
    """Make the task of a config, with the rungs of our own search's pruner."""
    steps = int(config.get("training.steps", 1))
    return Task(number, config, derived_seed(seed, "trial", number), steps, HalvingPruner().rungs(steps))


def resource(task: Task, step: int) -> int:
    """Resource of a rung."""
    return NINTHS[-1] if step == task.steps else NINTHS[task.rungs.index(step)]


def executor() -> Executor:
    """Make the executor of our own search."""
    return executor_for("local", WORKERS, read_options("local", {}), timed=True)


@dataclass
class Asked:
    """A search in progress.

    Attributes:
        space: Our space.
        study: Optuna's study.
        trace: Where it is noted.
        seed: Seed from which the seeds of trials derive.
        running: Trials that run, by number.
        losses: Last loss of each trial, by number.
    """

    space: SearchSpace
    study: optuna.Study
    trace: Trace
    seed: int
    running: dict[int, tuple[optuna.Trial, Task]] = field(default_factory=dict)
    losses: dict[int, float] = field(default_factory=dict)

    def run(self, workers: Executor, seconds: float) -> None:
        """Search for so many seconds from the first trial's start, with workers that were started."""
        while self.trace.clock() < self.trace.ready + seconds:
            while len(self.running) < WORKERS:
                self._submit(workers)
            for finished in workers.results(self._decide, timeout=1.0):
                self._tell(finished)
                self._submit(workers)

    def _submit(self, workers: Executor) -> None:
        trial = self.study.ask()
        task = task_of(suggested(trial, self.space), trial.number, self.seed)
        self.running[trial.number] = trial, task
        workers.submit(TrialBatch((task,)))

    def _decide(self, measured: Measurement) -> bool:
        trial, task = self.running[measured.number]
        self.trace.measured(measured.number, spent(measured))
        self.losses[measured.number] = self.trace.objective.loss(measured.score)
        trial.report(self.losses[measured.number], resource(task, measured.step))
        if measured.step == task.steps:
            self.trace.complete(measured.score, str(task.config["family"]))
            return True
        return not trial.should_prune()

    def _tell(self, finished: Finished) -> None:
        trial, _ = self.running.pop(finished.number)
        state = STATES.get(finished.state, TrialState.FAIL)
        value = self.losses[finished.number] if state is TrialState.COMPLETE else None
        self.study.tell(trial, value, state=state)


def study_of(method: str, seed: int) -> optuna.Study:
    """Make an empty study with the sampler and the pruner of a method."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler, pruner = METHODS[method]
    return optuna.create_study(sampler=sampler(seed), pruner=pruner())


def search(method: str, setting: Setting, seconds: float, trace: Trace) -> None:
    """Search by one of Optuna's methods."""
    with contextlib.closing(executor()) as workers:
        workers.start(setting.work())
        Asked(setting.space, study_of(method, setting.seed), trace, setting.seed).run(workers, seconds)
