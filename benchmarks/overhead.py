"""Trials per second where a trial costs nothing: what the engine itself takes.

    python -m benchmarks.overhead [--trials 1000] [--repeats 5] [--ray]

Ours (journal on, this process) against `optuna.Study.optimize` in memory and, with ``--ray``, Ray
Tune with reused actors; random sampling, interleaved, medians of the repeats.
"""

import argparse
import contextlib
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autogen.executors.inprocess import InProcessExecutor
from autogen.hpo.budget import Budget
from autogen.hpo.executor import Report
from autogen.hpo.objective import Objective
from autogen.hpo.pruners.none import NoPruner
from autogen.hpo.samplers.random import RandomSampler
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.study.journal import Journal
from autogen.hpo.study.log import StudyLog
from autogen.hpo.study.study import Limits, Strategy, Study
from autogen.hpo.trial import Config, Finished, Measurement, State, TrialBatch
from benchmarks.results import save

SPACE = """
[a.training]
x = { float = [-10.0, 10.0], default = 0.0 }
lr = { float = [1e-5, 1e-1], log = true, default = 1e-3 }
width = { int = [1, 512], log = true, default = 32 }
kind = { choice = ["p", "q", "r"], default = "p" }
"""


def objective(x: float) -> float:
    """The trivial objective that all engines are given."""
    return x * x


class Trivial:
    """The objective as work of our executors."""

    def __call__(
        self, trial_batch: TrialBatch, report: Callable[[Sequence[Measurement]], Sequence[bool]]
    ) -> list[Finished]:
        """Measure once and end."""
        for task in trial_batch.tasks:
            report([Measurement(task.number, 1, objective(float(task.config["training.x"])))])
        return [Finished(task.number, State.COMPLETE) for task in trial_batch.tasks]


class WithTorch(Trivial):
    """The same, in workers that import torch first, as those of all real work do."""

    def __setstate__(self, _: object) -> None:
        import torch  # noqa: F401

    def __getstate__(self) -> str:
        return "torch"


@dataclass(frozen=True)
class Sleeping:
    """Work that takes its time, so that a node can die under it."""

    seconds: float

    def __call__(self, trial_batch: TrialBatch, report: Report) -> list[Finished]:
        """Sleep, measure once, end."""
        time.sleep(self.seconds)
        report([Measurement(task.number, 1, 0.0) for task in trial_batch.tasks])
        return [Finished(task.number, State.COMPLETE) for task in trial_batch.tasks]


def ours(trials: int) -> float:
    """Seconds for our engine, from an empty folder to a closed journal."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        sampler = RandomSampler(SearchSpace.parse(SPACE), seed=0)
        journal = Journal(Path(folder) / "journal.jsonl")
        with contextlib.closing(journal):
            study = Study(
                Strategy(sampler, NoPruner()),
                InProcessExecutor(),
                StudyLog(journal, Objective("trivial")),
                Limits(Budget(trials=trials)),
            )
            assert len(study.run(Trivial()).complete()) == trials
        return time.perf_counter() - start


def optuna_in_memory(trials: int) -> float:
    """Seconds for Optuna's own loop, nothing written."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)

    def run(trial: "optuna.Trial") -> float:
        trial.suggest_float("lr", 1e-5, 1e-1, log=True)
        trial.suggest_int("width", 1, 512, log=True)
        trial.suggest_categorical("kind", ["p", "q", "r"])
        return objective(trial.suggest_float("x", -10, 10))

    start = time.perf_counter()
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(run, n_trials=trials)
    return time.perf_counter() - start


def ray_tune(trials: int) -> float:
    """Seconds for Ray Tune with reused actors on a running Ray; its start is not counted."""
    from ray import tune

    def run(config: Config) -> None:
        tune.report({"loss": objective(float(config["x"]))})

    draws = {
        "x": tune.uniform(-10, 10),
        "lr": tune.loguniform(1e-5, 1e-1),
        "width": tune.lograndint(1, 512),
        "kind": tune.choice(["p", "q", "r"]),
    }
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        tuner = tune.Tuner(
            run,
            param_space=draws,
            tune_config=tune.TuneConfig(metric="loss", mode="min", num_samples=trials, reuse_actors=True),
            run_config=tune.RunConfig(storage_path=folder, verbose=0),
        )
        assert tuner.fit().num_errors == 0
    return time.perf_counter() - start


def main() -> None:
    """Run and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--ray", action="store_true", help="Ray Tune too, on a tenth of the trials")
    chosen = parser.parse_args()
    engines = {"autogen": (ours, chosen.trials), "optuna in memory": (optuna_in_memory, chosen.trials)}
    if chosen.ray:
        import ray

        ray.init(num_cpus=2, logging_level="ERROR", include_dashboard=False)
        engines["ray tune"] = (ray_tune, chosen.trials // 10)
    rates: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(chosen.repeats):
        for name, (run, trials) in engines.items():
            rates[name].append(trials / run(trials))
    medians = {name: statistics.median(found) for name, found in rates.items()}
    for name, rate in medians.items():
        print(f"{name:<18} {rate:10.1f} trials/s   autogen is {medians['autogen'] / rate:6.2f} x")
    save(
        "overhead",
        {"trials": chosen.trials, "repeats": chosen.repeats, "trials_per_second": medians, "all": rates},
    )


if __name__ == "__main__":
    main()
