"""Trial throughput on the digits with two local workers over one, the same trials, ready workers.

    python -m benchmarks.workers [--trials 6] [--steps 150] [--repeats 5] [--families vae,gan]

The two executors take turns; medians of the repeats. The machine should have two idle cores: the
load at the start is printed. Also told: what a trial without training costs an executor, and what
a worker holds in memory, shared and its own.
"""

import argparse
import contextlib
import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

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
def ready(executor: Executor, work: Work, warm_up: list[TrialBatch]) -> Iterator[Executor]:
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
        memory = [_memory(worker.process.pid) for worker in executors[2]._crew]
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
    figures |= throughput(told.families.split(","), told.trials, told.steps, told.repeats)
    for name, value in figures.items():
        print(f"{name}: {value}")
    save("workers", figures)


if __name__ == "__main__":
    main()
