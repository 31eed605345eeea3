"""What single operations of the controller and of training cost: the figures behind tests that count work.

    python -m benchmarks.micro [--repeats 7]

Microseconds of processor time for each operation; the least of several repeats, because whatever else the
machine does only adds to it.
"""

import argparse
import itertools
import time
from collections.abc import Callable
from typing import Any

from autogen.executors.inprocess import InProcessExecutor
from autogen.hpo.samplers.random import RandomSampler
from autogen.hpo.space import Choice, Float, Int, SearchSpace
from autogen.hpo.trial import Finished, Outcome, State, TrialBatch
from autogen.registry import get
from autogen.testing.executors import task_of
from autogen.testing.samplers import LARGE
from autogen.training.noise import KeyedNoise
from benchmarks.results import save

SMALL = SearchSpace({"a": {"x": Float(0.0, 1.0), "y": Int(1, 10)}, "b": {"z": Float(1e-3, 1.0, log=True)}})
HUGE = SearchSpace({"a": {f"x{i}": Int(1, 10**6) for i in range(5)} | {"c": Choice(("p", "q"))}})


def random_asks(count: int = 2000) -> tuple[int, Callable[[], Any]]:
    """Proposals of random search."""
    sampler = RandomSampler(SMALL, 0)
    return count, lambda: sampler.ask(count)


def grid_points(count: int = 1000) -> tuple[int, Callable[[], Any]]:
    """Points of a grid of 2e30."""
    return count, lambda: list(itertools.islice(HUGE.grid(), count))


def replayed_trials(count: int = 10_000) -> tuple[int, Callable[[], Any]]:
    """Trials that Bayesian search is told of when a study goes on."""
    asked = RandomSampler(LARGE, 0).ask(count)

    def replay() -> None:
        sampler = get("sampler", "bayesian")(LARGE, 0)
        for number, config in enumerate(asked):
            sampler.replay(config)
            sampler.tell([Outcome(number, State.COMPLETE, float(number % 977))])

    return count, replay


def asks_after_ten_thousand(count: int = 5) -> tuple[int, Callable[[], Any]]:
    """Proposals of Bayesian search after 10,000 trials."""
    sampler = get("sampler", "bayesian")(LARGE, 0)
    for number, config in enumerate(RandomSampler(LARGE, 0).ask(10_000)):
        sampler.replay(config)
        sampler.tell([Outcome(number, State.COMPLETE, float(number % 977))])
    sampler.ask(2)  # the defaults
    return count, lambda: sampler.ask(count)


def draws(count: int = 2000) -> tuple[int, Callable[[], Any]]:
    """Draws of 8 x 2 normal numbers, each keyed."""
    noise = KeyedNoise(0)
    return count, lambda: [noise.normal(8, 2) for _ in range(count)]


def trivial_trials(count: int = 2000) -> tuple[int, Callable[[], Any]]:
    """Trials without work through the executor of this process."""
    executor = InProcessExecutor()
    executor.start(lambda trial_batch, _: [Finished(trial_batch.tasks[0].number, State.COMPLETE)])
    trial_batch = TrialBatch((task_of(0),))

    def run() -> None:
        for _ in range(count):
            executor.submit(trial_batch)
            list(executor.results(lambda _: True))

    return count, run


OPERATIONS = (random_asks, grid_points, replayed_trials, asks_after_ten_thousand, draws, trivial_trials)


def main() -> None:
    """Run and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=7)
    chosen = parser.parse_args()
    figures = {}
    for operation in OPERATIONS:
        count, run = operation()
        costs = []
        for _ in range(chosen.repeats):
            start = time.process_time()
            run()
            costs.append((time.process_time() - start) / count)
        figures[operation.__name__] = round(1e6 * min(costs), 2)
        print(f"{operation.__name__:<24} {figures[operation.__name__]:12.2f} microseconds")
    save("micro", {"repeats": chosen.repeats, "microseconds": figures})


if __name__ == "__main__":
    main()
