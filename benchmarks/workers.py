"""Trial throughput on the digits with two local workers over one, the same trials, ready workers.

    python -m benchmarks.workers [--trials 6] [--steps 150] [--repeats 5] [--families vae,gan]

The two executors take turns; medians of the repeats. The machine should have two idle cores: the
load at the start is printed. Also told: what a trial without training costs an executor, what
a worker holds in memory, shared and its own, and how long a crew of workers takes to begin, and a dead one
to be replaced, forked by a nursery and as interpreters of their own.
"""

import argparse
import contextlib
import os
import statistics
import time
from collections.abc import Iterator
from multiprocessing.connection import wait
from pathlib import Path
from typing import TypeVar

from autogen import registry
from autogen.data.open import open_data
from autogen.executors.inprocess import InProcessExecutor
from autogen.executors.local.executor import LocalExecutor
from autogen.hpo.executor import Executor, Work
from autogen.hpo.trial import State, Task, TrialBatch
from autogen.testing.executors import CountingWork, collect, task_of
from autogen.training.worker.work import GenerativeWork
from benchmarks.results import save

_WORKERS = (1, 2)
_MODULES = ("autogen.training.worker.work",)
AnExecutor = TypeVar("AnExecutor", bound=Executor)


def digits_work() -> GenerativeWork:
    """Training on the digits as a study does it."""
    data = open_data("digits")
    metric = registry.get("metric", "kd")()
    reference = metric.prepare_with(data.split("tune"), data.codec, data.split("train"))
    return GenerativeWork(data.encoded("train"), data.codec, "kd", reference, len(data.rows["tune"]))


def trial_batches(families: list[str], count: int, steps: int) -> list[TrialBatch]:
    """The work list: default configs, families by turns, two rungs each."""
    tasks = []
    for number in range(count):
        config = {"family": families[number % len(families)], "training.steps": steps}
        tasks.append(Task(number, config, seed=number, steps=steps, rungs=(steps // 2, steps)))
    return [TrialBatch((task,)) for task in tasks]


@contextlib.contextmanager
def ready(executor: AnExecutor, work: Work, warm_up: list[TrialBatch]) -> Iterator[AnExecutor]:
    """An executor whose workers have imported what a trial needs."""
    try:
        executor.start(work)
        collect(executor, warm_up * executor.workers, patience=600)
        yield executor
    finally:
        executor.close()


def seconds_for(executor: Executor, work_list: list[TrialBatch]) -> float:
    """Seconds in which an executor does a list of trials."""
    start = time.perf_counter()
    ended = collect(executor, work_list, patience=3600)
    assert all(finished.state is State.COMPLETE for finished in ended), ended
    return time.perf_counter() - start


def throughput(families: list[str], count: int, steps: int, repeats: int) -> dict[str, object]:
    """Trials per second with one worker and with two."""
    work, trials = digits_work(), trial_batches(families, count, steps)
    spent: dict[int, list[float]] = {workers: [] for workers in _WORKERS}
    with contextlib.ExitStack() as stack:
        executors = {
            workers: stack.enter_context(ready(LocalExecutor(workers), work, trial_batches(families, 1, 4)))
            for workers in _WORKERS
        }
        for _ in range(repeats):
            for workers, executor in executors.items():
                spent[workers].append(seconds_for(executor, trials))
        memory = _memories(executors[2])
    rates = {str(workers): round(count / statistics.median(spent[workers]), 4) for workers in _WORKERS}
    ratios = [one / two for one, two in zip(spent[1], spent[2], strict=True)]
    return {
        "trials_per_second": rates,
        "two_over_one": round(statistics.median(ratios), 3),
        "two_over_one_each": [round(ratio, 3) for ratio in ratios],
        "worker_memory_mb": memory,
    }


def cost_of_a_trivial_trial(executor: Executor, count: int = 2000) -> float:
    """Microseconds that an executor takes for a trial with nothing to train and one rung."""
    work_list = [TrialBatch((task_of(number, rungs=(1,)),)) for number in range(count)]
    with ready(executor, CountingWork(), work_list[:1]):
        return round(seconds_for(executor, work_list) / count * 1e6, 1)


def starting(workers: int, modules: tuple[str, ...], repeats: int = 3) -> dict[str, float]:
    """Seconds until each of some workers is ready, and another is in the place of a dead one; medians.

    Args:
        workers: Number of workers.
        modules: What a nursery imports before it forks them; empty for interpreters.
        repeats: Number of measurements.
    """
    work = digits_work()
    began: list[float] = []
    replaced: list[float] = []
    own: list[float] = []
    for _ in range(repeats):
        executor = LocalExecutor(workers)
        start = time.perf_counter()
        try:
            executor.warm(modules)
            executor.start(work)
            _await(executor)
            began.append(time.perf_counter() - start)
            own += [memory["resident"] - memory["shared"] for memory in _memories(executor)]
            executor._pool[0].process.kill()
            executor._pool[0].process.wait()
            start = time.perf_counter()
            executor._receive(executor._pool[0], lambda _: True)  # its end
            _await(executor)
            replaced.append(time.perf_counter() - start)
        finally:
            executor.close()
    found = {"ready_s": began, "replaced_s": replaced, "own_mb": own}
    return {name: round(statistics.median(values), 3) for name, values in found.items() if values}


def _await(executor: LocalExecutor) -> None:
    while not all(worker.ready for worker in executor._pool):
        wait([worker.connection for worker in executor._pool])
        for worker in list(executor._pool):
            if worker.connection.poll():
                executor._receive(worker, lambda _: True)


def _memories(executor: LocalExecutor) -> list[dict[str, int]]:
    return [found for worker in executor._pool if (found := _memory(worker.process.pid))]


def _memory(pid: int) -> dict[str, int]:
    """Megabytes of a process, from /proc; empty where there is none."""
    path = Path(f"/proc/{pid}/smaps_rollup")
    if not path.exists():
        return {}
    lines = (line.split() for line in path.read_text().splitlines()[1:])
    kilobytes = {fields[0].rstrip(":"): int(fields[1]) for fields in lines}
    shared = kilobytes["Shared_Clean"] + kilobytes["Shared_Dirty"]
    return {name: value // 1024 for name, value in (("resident", kilobytes["Rss"]), ("shared", shared))}


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=6)
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--families", default="vae,gan")
    told = parser.parse_args()
    load = round(os.getloadavg()[0], 2)
    print(f"load of the last minute: {load}")
    figures = {"load_at_start": load, "settings": vars(told)}
    figures |= {
        "trivial_trial_us": {
            "inprocess": cost_of_a_trivial_trial(InProcessExecutor()),
            "local, 1 worker": cost_of_a_trivial_trial(LocalExecutor(1)),
        }
    }
    figures["starting"] = {
        f"{workers} workers, {name}": starting(workers, modules)
        for workers in (2, 8)
        for name, modules in (("nursery", _MODULES), ("interpreters", ()))
    }
    figures |= throughput(told.families.split(","), told.trials, told.steps, told.repeats)
    for name, value in figures.items():
        print(f"{name}: {value}")
    save("workers", figures)


if __name__ == "__main__":
    main()
