"""What a trial costs across processes: ours on Ray, Ray Tune, Optuna on PostgreSQL; and a start, and a death.

    python -m benchmarks.cluster [--trials 1000] [--repeats 3]

Trivial trials, random sampling, two workers on the same two cores; engines take turns, medians. A rate
counts from the first result to the last, so that nobody's start is in it; the start is told apart.
Ray Tune (reused actors) and Optuna get fewer trials, for their rates are lower.
"""

import argparse
import contextlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autogen.executors.ray.executor import RayExecutor
from autogen.executors.ray.options import RayOptions
from autogen.hpo.budget import Budget
from autogen.hpo.executor import Work
from autogen.hpo.objective import Objective
from autogen.hpo.pruners.none import NoPruner
from autogen.hpo.samplers.random import RandomSampler
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.study.event import Event
from autogen.hpo.study.events import End, Lost
from autogen.hpo.study.journal import Journal
from autogen.hpo.study.log import StudyLog
from autogen.hpo.study.state import StudyState
from autogen.hpo.study.study import Limits, Strategy, Study
from autogen.hpo.trial import Finished, Task, TrialBatch
from benchmarks.overhead import SPACE, Sleeping, Trivial, WithTorch, objective
from benchmarks.postgres import postgres
from benchmarks.results import save

WORKERS = 2


@dataclass
class Stopwatch:
    """When results came, from the start of an engine on."""

    started: float = field(default_factory=time.perf_counter)
    ends: list[float] = field(default_factory=list)

    def note(self, *_: Any, **__: Any) -> None:
        """Take note of a result."""
        self.ends.append(time.perf_counter() - self.started)

    @property
    def rate(self) -> float:
        """Trials per second from the first result to the last."""
        return (len(self.ends) - 1) / (max(self.ends) - min(self.ends))


def study(address: str, trials: int, work: Work, listen: Callable[[Event, StudyState], None]) -> None:
    """Run a study of ours on a cluster, journal on."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        journal = stack.enter_context(contextlib.closing(Journal(Path(folder) / "journal.jsonl")))
        executor = stack.enter_context(contextlib.closing(RayExecutor(WORKERS, RayOptions(address))))
        sampler = RandomSampler(SearchSpace.parse(SPACE), seed=0)
        log = StudyLog(journal, Objective("trivial"), listen=listen)
        made = Study(Strategy(sampler, NoPruner()), executor, log, Limits(Budget(trials=trials)))
        assert len(made.run(work).complete()) == trials


def ours(address: str, trials: int) -> Stopwatch:
    """Our engine on a running Ray."""
    watch = Stopwatch()

    def listen(event: Event, _: StudyState) -> None:
        if isinstance(event, End):
            watch.note()

    study(address, trials, Trivial(), listen)
    return watch


def start_up(address: str) -> float:
    """Seconds from asking for a worker to the end of its first trivial trial, torch imported in between."""
    with contextlib.closing(RayExecutor(1, RayOptions(address))) as executor:
        executor.start(WithTorch())
        asked = time.perf_counter()
        executor.submit(TrialBatch((Task(0, {"training.x": 0.0}, seed=0, steps=1, rungs=(1,)),)))
        ended: list[Finished] = []
        while not ended:
            ended += executor.results(lambda _: True, timeout=1.0)
        return time.perf_counter() - asked


def ray_tune(trials: int) -> Stopwatch:
    """Ray Tune on the same Ray, with reused actors and as many trials at once."""
    from ray import tune

    def run(config: dict[str, Any]) -> None:
        tune.report({"loss": objective(float(config["x"]))})

    class Ends(tune.Callback):
        on_trial_complete = staticmethod(lambda **_: watch.note())

    draws = {
        "x": tune.uniform(-10, 10),
        "lr": tune.loguniform(1e-5, 1e-1),
        "width": tune.lograndint(1, 512),
        "kind": tune.choice(["p", "q", "r"]),
    }
    watch = Stopwatch()
    with tempfile.TemporaryDirectory() as folder:
        config = tune.TuneConfig(
            metric="loss", mode="min", num_samples=trials, reuse_actors=True, max_concurrent_trials=WORKERS
        )
        run_config = tune.RunConfig(storage_path=folder, verbose=0, callbacks=[Ends()])
        results = tune.Tuner(run, param_space=draws, tune_config=config, run_config=run_config).fit()
        assert results.num_errors == 0
    return watch


def optuna_on_postgres(url: str, trials: int) -> Stopwatch:
    """Optuna in two processes that share a study in PostgreSQL."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    name = f"study-{time.time_ns()}"
    watch = Stopwatch()
    optuna.create_study(storage=url, study_name=name)
    command = [sys.executable, "-m", "benchmarks.cluster", "--optuna", url, name, str(trials // WORKERS)]
    processes = [subprocess.Popen(command) for _ in range(WORKERS)]
    assert [process.wait() for process in processes] == [0] * WORKERS
    done = optuna.load_study(storage=url, study_name=name).get_trials(deepcopy=False)
    began = time.time() - (time.perf_counter() - watch.started)
    watch.ends = [one.datetime_complete.timestamp() - began for one in done if one.datetime_complete]
    assert len(watch.ends) == trials // WORKERS * WORKERS
    return watch


def optuna_worker(url: str, name: str, trials: int) -> None:
    """One of the processes."""
    import optuna

    def run(trial: "optuna.Trial") -> float:
        trial.suggest_float("lr", 1e-5, 1e-1, log=True)
        trial.suggest_int("width", 1, 512, log=True)
        trial.suggest_categorical("kind", ["p", "q", "r"])
        return objective(trial.suggest_float("x", -10, 10))

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = optuna.samplers.RandomSampler()
    optuna.load_study(storage=url, study_name=name, sampler=sampler).optimize(run, n_trials=trials)


def death(seconds: float = 2.0) -> dict[str, float]:
    """A node dies in the middle of a trial: when that is noticed, and when the trial has been done again."""
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    node = cluster.add_node(num_cpus=1)
    at: dict[str, float] = {}

    def listen(event: Event, state: StudyState) -> None:
        if isinstance(event, End) and len(at) == 0 and sum(state.ended.values()) == 4:
            time.sleep(seconds / 2)
            at["killed"] = time.perf_counter()
            cluster.remove_node(node, allow_graceful=False)
        elif isinstance(event, Lost):
            at["noticed"], at["trial"] = time.perf_counter(), event.n
        elif isinstance(event, End) and event.n == at.get("trial"):
            at["done"] = time.perf_counter()

    try:
        study(cluster.address, 16, Sleeping(seconds), listen)
    finally:
        cluster.shutdown()
    return {
        "trial_seconds": seconds,
        "noticed_after": at["noticed"] - at["killed"],
        "done_again_after": at["done"] - at["killed"],
    }


@contextlib.contextmanager
def cluster_of_one() -> Iterator[str]:
    """Ray on this machine, joined by this process; yields its address."""
    import ray
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": WORKERS, "include_dashboard": False})
    ray.init(address=cluster.address, logging_level="ERROR", log_to_driver=False)
    try:
        yield cluster.address
    finally:
        ray.shutdown()
        cluster.shutdown()


@contextlib.contextmanager
def engines(address: str, trials: int) -> Iterator[dict[str, Callable[[], Stopwatch]]]:
    """The engines, each with what it needs running."""
    with postgres() as url:
        yield {
            "autogen on Ray": lambda: ours(address, trials),
            "Ray Tune": lambda: ray_tune(trials // 10),
            "Optuna on PostgreSQL": lambda: optuna_on_postgres(url, trials // 4),
        }


def main() -> None:
    """Run and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--optuna", nargs=3, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.optuna:
        optuna_worker(chosen.optuna[0], chosen.optuna[1], int(chosen.optuna[2]))
        return
    watches: dict[str, list[Stopwatch]] = {}
    with cluster_of_one() as address, engines(address, chosen.trials) as found:
        starts = [start_up(address) for _ in range(chosen.repeats)]
        for _ in range(chosen.repeats):
            for name, run in found.items():
                watches.setdefault(name, []).append(run())
                print(f"{name:<22} {watches[name][-1].rate:9.1f} trials/s", flush=True)
    told = {
        name: {
            "trials_per_second": statistics.median(one.rate for one in own),
            "first_result_seconds": statistics.median(min(one.ends) for one in own),
            "all_rates": [one.rate for one in own],
        }
        for name, own in watches.items()
    }
    fastest = told["autogen on Ray"]["trials_per_second"]
    print("\n| engine | trials/s | ms a trial | first result after | autogen is |\n|---|---|---|---|---|")
    for name, figures in told.items():
        rate, first = figures["trials_per_second"], figures["first_result_seconds"]
        print(f"| {name} | {rate:.1f} | {1000 / rate:.2f} | {first:.1f} s | {fastest / rate:.1f} x |")
    print(f"\nworker ready, torch imported, after {statistics.median(starts):.1f} s")
    lost = death()
    print("\n" + ", ".join(f"{name} {value:.1f} s" for name, value in lost.items()))
    costs = {"worker_start_seconds": starts, "node_death": lost}
    save("cluster", {"trials": chosen.trials, "repeats": chosen.repeats, "engines": told} | costs)


if __name__ == "__main__":
    main()
