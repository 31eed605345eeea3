"""The verdict put to the test: trials whose true quality is known, and twenty seeds posing as architectures.

    python -m benchmarks.verdict [--repetitions 1000] [--no-real]

A simulated config has a true loss; a training adds what its seed does, a split what its rows do, which
all models share, and what a model does on single rows. Three ways to name the best config spend the
same number of trainings: ours (search with one seed each, three finalists on fresh seeds, leader by
select, claim by test, all by ``autogen.verdict.statistics.judge``); the plain best of all trials; the best of
the five best trials when each is trained once more. The last two always name one.

A winner is false if another config that it was chosen from is truly as good or better: of the finalists
for ours, of all configs tried for the others.
"""

import argparse
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from autogen import registry
from autogen.data.open import open_data
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.trial import Task, derived_seed
from autogen.training.worker.work import GenerativeWork
from autogen.verdict.statistics import Contender, judge
from benchmarks.results import save

GROUPS, ROWS = 20, 200
TRIALS, FINALISTS, AGAIN = 50, 3, 5
SEED_SD, ROW_SD, OWN_SD = 1.0, 6.0, 3.0  # of a seed's effect, of a row's, of a model's on a row

Noise = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]


def normal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Seeds that are normal."""
    return rng.normal(size=shape)


def heavy(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Student's t with three degrees of freedom, at a standard deviation of 1."""
    return rng.standard_t(3, size=shape) / 3**0.5


def skewed(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Lognormal: a few seeds are far worse than the rest."""
    drawn = rng.lognormal(0.0, 1.0, shape)
    return (drawn - np.exp(0.5)) / (np.exp(1) * (np.exp(1) - 1)) ** 0.5


def collapsing(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """One seed in ten collapses."""
    drawn = 0.5 * rng.normal(size=shape) + 3.0 * (rng.random(shape) < 0.1)
    return (drawn - 0.3) / (0.25 + 0.81) ** 0.5


@dataclass(frozen=True)
class Scenario:
    """What is true.

    Attributes:
        truth: True losses of the configs tried, drawn anew each time.
        noise: What seeds do.
        seeds: Fresh seeds of a finalist.
    """

    truth: Callable[[np.random.Generator, int], np.ndarray]
    noise: Noise = normal
    seeds: int = 5


def equal(_: np.random.Generator, count: int) -> np.ndarray:
    """All configs are the same."""
    return np.zeros(count)


def one_better(by: float) -> Callable[[np.random.Generator, int], np.ndarray]:
    """One config is better by so many standard deviations of a seed."""
    return lambda rng, count: -by * (np.arange(count) == rng.integers(count))


def spread(rng: np.random.Generator, count: int) -> np.ndarray:
    """Configs differ as much as seeds do."""
    return rng.normal(size=count)


SCENARIOS = {
    "all equal": Scenario(equal),
    "all equal, heavy tails": Scenario(equal, heavy),
    "all equal, skewed": Scenario(equal, skewed),
    "all equal, one seed in ten collapses": Scenario(equal, collapsing),
    "all equal, 2 seeds": Scenario(equal, seeds=2),
    "all equal, 3 seeds": Scenario(equal, seeds=3),
    "one better by 2": Scenario(one_better(2.0)),
    "one better by 4": Scenario(one_better(4.0)),
    "one better by 4, heavy tails": Scenario(one_better(4.0), heavy),
    "one better by 4, 3 seeds": Scenario(one_better(4.0), seeds=3),
    "one better by 8": Scenario(one_better(8.0)),
    "spread like seeds": Scenario(spread),
}


class Split:
    """Rows that all models are scored on: what a row does is shared by them."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.rows = ROW_SD * rng.normal(size=ROWS)

    def scores(self, losses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean over rows, (...), and with groups of rows left out, (..., G), of models with these losses."""
        values = losses[..., None] + self.rows + OWN_SD * self.rng.normal(size=(*losses.shape, ROWS))
        grouped = values.reshape(*losses.shape, ROWS // GROUPS, GROUPS).sum(-2)
        whole = grouped.sum(-1)
        return whole / ROWS, (whole[..., None] - grouped) / (ROWS - ROWS // GROUPS)


@dataclass
class Tally:
    """What a way to choose came to.

    Attributes:
        counts: ``claimed``, ``false``, ``right`` (the truly best of all tried was named), kinds of verdict.
        regret: True loss of what was returned, minus the least of all tried.
    """

    counts: Counter[str] = field(default_factory=Counter)
    regret: list[float] = field(default_factory=list)

    def add(self, chosen: int, truth: np.ndarray, rivals: np.ndarray, *, claimed: bool) -> None:
        """Take in one repetition."""
        others = rivals[rivals != chosen]
        false = bool((truth[others] <= truth[chosen]).any())
        self.counts["claimed"] += claimed
        self.counts["false"] += claimed and false
        self.counts["right"] += claimed and bool(truth[chosen] == truth.min()) and not false
        self.regret.append(float(truth[chosen] - truth.min()))

    def rates(self, repetitions: int) -> dict[str, float]:
        """Shares of the repetitions, and the mean regret."""
        told = {f"{name}": self.counts[name] / repetitions for name in ("claimed", "false", "right")}
        return told | {"regret": round(float(np.mean(self.regret)), 3)}


def ours(scenario: Scenario, rng: np.random.Generator, tally: Tally) -> None:
    """Search, confirm on fresh seeds, leader by select, claim by test."""
    truth = scenario.truth(rng, TRIALS)
    tune, _ = Split(rng).scores(truth + SEED_SD * scenario.noise(rng, (TRIALS,)))
    finalists = np.argsort(tune)[:FINALISTS]
    fresh = truth[finalists][:, None] + SEED_SD * scenario.noise(rng, (FINALISTS, scenario.seeds))
    select, _ = Split(rng).scores(fresh)
    test, left_out = Split(rng).scores(fresh)
    order = np.argsort(select.mean(axis=1))
    contenders = [Contender(str(finalists[place]), test[place], left_out[place]) for place in order]
    verdict = judge(contenders[0], contenders[1:], [])
    tally.counts[verdict.kind] += 1
    tally.add(int(verdict.chosen), truth, finalists, claimed=verdict.kind == "winner")


def plain(scenario: Scenario, rng: np.random.Generator, tally: Tally) -> None:
    """The best of as many trials as ours has trainings."""
    count = TRIALS + FINALISTS * scenario.seeds
    truth = scenario.truth(rng, count)
    tune, _ = Split(rng).scores(truth + SEED_SD * scenario.noise(rng, (count,)))
    tally.add(int(tune.argmin()), truth, np.arange(count), claimed=True)


def again(scenario: Scenario, rng: np.random.Generator, tally: Tally) -> None:
    """The best of the five best trials, each trained once more and scored on other rows."""
    count = TRIALS + FINALISTS * scenario.seeds - AGAIN
    truth = scenario.truth(rng, count)
    tune, _ = Split(rng).scores(truth + SEED_SD * scenario.noise(rng, (count,)))
    best = np.argsort(tune)[:AGAIN]
    once, _ = Split(rng).scores(truth[best] + SEED_SD * scenario.noise(rng, (AGAIN,)))
    tally.add(int(best[once.argmin()]), truth, np.arange(count), claimed=True)


def simulate(scenario: Scenario, repetitions: int) -> dict[str, Any]:
    """All three ways, the same number of times."""
    figures: dict[str, Any] = {}
    for way in (ours, plain, again):
        tally, rng = Tally(), np.random.default_rng(0)
        for _ in range(repetitions):
            way(scenario, rng, tally)
        figures[way.__name__] = tally.rates(repetitions)
        if way is ours:
            figures["ours"]["tie"] = tally.counts["tie"] / repetitions
    return figures


def twenty_seeds(steps: int = 30, seeds: int = 3) -> dict[str, Any]:
    """Twenty times one config of a GAN on the digits, each with its own seeds, judged as twenty configs."""
    torch.set_num_threads(1)
    data = open_data("digits")
    metric = registry.get("metric", "kd")()
    references = {
        name: metric.prepare_with(data.split(name), data.codec, data.split("train"))
        for name in ("select", "test")
    }
    work = GenerativeWork(data.encoded("train"), data.codec, "kd", references["select"], 0)
    config = dict(SearchSpace.load("image_tiny").default("gan")) | {"training.steps": steps}
    contenders, on_select = [], []
    for posing in range(20):
        select, test, left_out = [], [], []
        for index in range(seeds):
            program = work.program(Task(0, config, derived_seed(posing, index), steps, (steps,)))
            program.advance(steps)
            sizes = {name: len(data.rows[name]) for name in references}
            fakes = {name: data.codec.decode(program.sample(size, 0)) for name, size in sizes.items()}
            select.append(metric.score(references["select"], fakes["select"]))
            test.append(metric.score(references["test"], fakes["test"]))
            left_out.append(metric.replicates(references["test"], fakes["test"], GROUPS))
        on_select.append(float(np.mean(select)))
        contenders.append(Contender(f"posing {posing}", np.array(test), np.stack(left_out)))
    ranked = [contenders[place] for place in np.argsort(on_select)]
    verdict = judge(ranked[0], ranked[1:], [])
    means = [float(one.losses.mean()) for one in contenders]
    return {
        "config": config,
        "seeds": seeds,
        "verdict": verdict.kind,
        "tied": len(verdict.tied),
        "smallest_adjusted_p": min(c.adjusted_p for c in verdict.comparisons),
        "means": {"least": min(means), "most": max(means)},
    }


def main() -> None:
    """Simulate, print, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=1000)
    parser.add_argument("--no-real", action="store_true")
    told = parser.parse_args()
    figures: dict[str, Any] = {"repetitions": told.repetitions, "scenarios": {}}
    for name, scenario in SCENARIOS.items():
        found = simulate(scenario, told.repetitions)
        figures["scenarios"][name] = found
        cells = [f"{way} false {found[way]['false']:.3f} right {found[way]['right']:.3f}" for way in found]
        print(f"{name:<38} tie {found['ours']['tie']:.3f}  {'  '.join(cells)}", flush=True)
    save("verdict", figures)
    if not told.no_real:
        figures["twenty_seeds_of_one_config"] = twenty_seeds()
        print(figures["twenty_seeds_of_one_config"])
        save("verdict", figures)


if __name__ == "__main__":
    main()
