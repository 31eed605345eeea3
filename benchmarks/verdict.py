"""The verdict put to the test: contenders of known quality, and twenty seeds posing as architectures.

    python -m benchmarks.verdict [--repetitions 2000] [--no-real]

A simulated config has a true loss, which a seed of training moves. A score adds what the rows of a split do
to all contenders alike, and what a draw of samples does to one. Both claims are judged by the code that
judges studies (``autogen.verdict.statistics``):

* *this model*: finalists with models of their own quality, five draws on select rank them, five fresh
  draws on test carry the claim; a winner is false if another finalist's model is truly as good.
* *this model, in short*: one draw on select ranks them, and the first two are judged by three draws on
  test, as where time is short.
* *this recipe*: two fresh seeds rank the finalists on select, five others carry the claim on test; a winner
  is false if another finalist's config is truly as good on average over seeds.

Costs differ by a lognormal factor. What is returned is held against the leader on select: ``regret`` is the
true loss of either minus the least among the finalists. Beside these stand the plain best of all trials and
the best of five after one more training, which always name one.
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
from autogen.hpo.study.forecast import SHORT
from autogen.hpo.trial import Task, derived_seed
from autogen.training.worker.work import GenerativeWork
from autogen.verdict.confirmation import RANKING
from autogen.verdict.measuring.sources import DRAWS, FEW_DRAWS
from autogen.verdict.statistics import TOLERATED, Contender, Scores, interval, judge, level, near_leader
from benchmarks.results import save

GROUPS = 20
TRIALS, SEEDS, AGAIN = 50, 5, 5
#: Standard deviations of a seed's effect; of a group of rows, common to all contenders; of a draw's own rows
#: in a group; and of what a draw does to all its rows together.
SEED_SD, ROW_SD, OWN_SD, DRAW_SD = 1.0, 2.0, 1.0, 0.2
#: Loss from ceiling to floor.
ROOM = 20.0

Noise = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]
Truth = Callable[[np.random.Generator, int], np.ndarray]


def normal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Effects that are normal."""
    return rng.normal(size=shape)


def heavy(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Student's t with three degrees of freedom, at a standard deviation of 1."""
    return rng.standard_t(3, size=shape) / 3**0.5


def skewed(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Lognormal, at a mean of 0 and a standard deviation of 1: a few are far worse than the rest."""
    drawn = rng.lognormal(0.0, 1.0, shape)
    return (drawn - np.exp(0.5)) / (np.exp(1) * (np.exp(1) - 1)) ** 0.5


def collapsing(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """One in ten collapses."""
    drawn = 0.5 * rng.normal(size=shape) + 3.0 * (rng.random(shape) < 0.1)
    return (drawn - 0.3) / (0.25 + 0.81) ** 0.5


def equal(_: np.random.Generator, count: int) -> np.ndarray:
    """All contenders are the same."""
    return np.zeros(count)


def one_better(by: float) -> Truth:
    """One contender is better by so many standard deviations of a seed."""
    return lambda rng, count: -by * (np.arange(count) == rng.integers(count))


def spread(rng: np.random.Generator, count: int) -> np.ndarray:
    """Contenders differ as much as seeds do."""
    return rng.normal(size=count)


@dataclass(frozen=True)
class Scenario:
    """What is true of finalists.

    Attributes:
        truth: True losses, drawn anew each time.
        noises: Effects of seeds and draws, dealt to the contenders in turn.
        scales: Factors of these effects, dealt likewise.
    """

    truth: Truth = equal
    noises: tuple[Noise, ...] = (normal,)
    scales: tuple[float, ...] = (1.0,)

    def effects(self, rng: np.random.Generator, count: int, units: int) -> np.ndarray:
        """Effects of seeds or draws, (count, units)."""
        drawn = [self.noises[place % len(self.noises)](rng, (units,)) for place in range(count)]
        scales = [self.scales[place % len(self.scales)] for place in range(count)]
        return np.stack(drawn) * np.array(scales)[:, None]


SCENARIOS = {
    "equal": Scenario(),
    "equal, unlike": Scenario(scales=(1.0, 3.0)),
    "equal, heavy tails": Scenario(noises=(heavy,)),
    "equal, skewed": Scenario(noises=(skewed,)),
    "equal, skewed and unlike": Scenario(noises=(skewed,), scales=(1.0, 3.0)),
    "equal, one skewed": Scenario(noises=(skewed, normal)),
    "equal, one in ten collapses": Scenario(noises=(collapsing,)),
    "one better by 1": Scenario(one_better(1.0)),
    "one better by 2": Scenario(one_better(2.0)),
    "one better by 4": Scenario(one_better(4.0)),
    "one better by 4, skewed": Scenario(one_better(4.0), noises=(skewed,)),
    "spread like seeds": Scenario(spread),
}


class Split:
    """Rows that all contenders are scored on: what a group of rows does is common to them."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.rows = ROW_SD * rng.normal(size=GROUPS)

    def scores(self, losses: np.ndarray) -> list[Scores]:
        """Scores of contenders with these losses, (contenders, draws or seeds)."""
        groups = losses[..., None] + self.rows + OWN_SD * self.rng.normal(size=(*losses.shape, GROUPS))
        means = groups.mean(-1)
        left_out = (GROUPS * means[..., None] - groups) / (GROUPS - 1)
        return [Scores(*one) for one in zip(means, left_out, strict=True)]


@dataclass
class Tally:
    """What a claim came to.

    Attributes:
        counts: Kinds of verdict, ``false`` winners, ``right`` ones, ``covered``: the interval of the leader's
            score holds the truth.
        returned: Regret of what was returned.
        led: Regret of the leader.
    """

    counts: Counter[str] = field(default_factory=Counter)
    returned: list[float] = field(default_factory=list)
    led: list[float] = field(default_factory=list)

    def rates(self, repetitions: int) -> dict[str, float]:
        """Shares of the repetitions, and mean regrets."""
        names = ("winner", "tie", "false", "right", "covered")
        found = {name: round(self.counts[name] / repetitions, 4) for name in names}
        regrets = {"regret": self.returned, "regret_of_leader": self.led}
        return found | {name: round(float(np.mean(values)), 4) for name, values in regrets.items()}


def judged(
    truth: np.ndarray,
    select: list[Scores],
    test: list[Scores],
    costs: np.ndarray,
    tally: Tally,
    claim: str,
) -> None:
    """Rank by select, judge by test, and take note of what was true."""
    order = sorted(range(len(truth)), key=lambda place: select[place].mean)
    leader, rivals = order[0], order[1:]
    if claim == "model, in short":
        rivals = rivals[: SHORT - 1]
    elif claim == "model":
        kept = near_leader(select[leader], [select[place] for place in rivals])
        rivals = [place for place, near in zip(rivals, kept, strict=True) if near]
    contenders = [Contender(str(place), test[place], float(costs[place])) for place in (leader, *rivals)]
    verdict = judge(
        contenders[0], contenders[1:], [], margin=TOLERATED * ROOM, alpha=level(1, claim.split(",")[0])
    )
    won = verdict.kind == "winner"
    others = np.delete(truth, leader)
    false = won and bool((others <= truth[leader]).any())
    own = interval(test[leader].losses, test[leader].replicates)
    covered = bool(own.low <= truth[leader] <= own.high)
    right = won and not false
    tally.counts.update([verdict.kind, *["false"] * false, *["right"] * right, *["covered"] * covered])
    tally.returned.append(float(truth[int(verdict.chosen)] - truth.min()))
    tally.led.append(float(truth[leader] - truth.min()))


def of_models(scenario: Scenario, count: int, rng: np.random.Generator, tally: Tally) -> None:
    """Finalists are models: draws rank them, fresh draws carry the claim."""
    truth = scenario.truth(rng, count)
    costs = rng.lognormal(0.0, 1.0, count)
    sets = [truth[:, None] + DRAW_SD * scenario.effects(rng, count, DRAWS) for _ in range(2)]
    select, test = (Split(rng).scores(losses) for losses in sets)
    judged(truth, select, test, costs, tally, "model")


def of_models_in_short(scenario: Scenario, count: int, rng: np.random.Generator, tally: Tally) -> None:
    """Finalists are models that one draw ranks, and the first two are judged by three fresh draws."""
    truth = scenario.truth(rng, count)
    costs = rng.lognormal(0.0, 1.0, count)
    sets = [truth[:, None] + DRAW_SD * scenario.effects(rng, count, draws) for draws in (1, FEW_DRAWS)]
    select, test = (Split(rng).scores(losses) for losses in sets)
    judged(truth, select, test, costs, tally, "model, in short")


def of_recipes(scenario: Scenario, count: int, rng: np.random.Generator, tally: Tally) -> None:
    """Finalists are recipes: some fresh seeds rank them, others carry the claim."""
    truth = scenario.truth(rng, count)
    costs = rng.lognormal(0.0, 1.0, count)
    trained = [truth[:, None] + SEED_SD * scenario.effects(rng, count, units) for units in (RANKING, SEEDS)]
    select, test = (Split(rng).scores(losses) for losses in trained)
    judged(truth, select, test, costs, tally, "recipe")


CLAIMS = {"model": of_models, "model, in short": of_models_in_short, "recipe": of_recipes}


def plain(scenario: Scenario, rng: np.random.Generator, again: bool) -> tuple[bool, float]:
    """The best of all trials, or of the five best after one more training: whether false, and its regret."""
    truth = scenario.truth(rng, TRIALS)
    tune = [s.mean for s in Split(rng).scores(truth[:, None] + SEED_SD * scenario.effects(rng, TRIALS, 1))]
    best = np.argsort(tune)[: AGAIN if again else 1]
    once = truth[best][:, None] + SEED_SD * scenario.effects(rng, len(best), 1)
    chosen = int(best[int(np.argmin([s.mean for s in Split(rng).scores(once)]))])
    others = np.delete(truth, chosen)
    return bool((others <= truth[chosen]).any()), float(truth[chosen] - truth.min())


def simulate(scenario: Scenario, repetitions: int) -> dict[str, Any]:
    """Both claims with 2, 3 and 8 finalists, and the two plain ways."""
    figures: dict[str, Any] = {}
    for claim, run in CLAIMS.items():
        for count in (2, 3, 8):
            tally, rng = Tally(), np.random.default_rng(count)
            for _ in range(repetitions):
                run(scenario, count, rng, tally)
            figures[f"{claim}, {count} finalists"] = tally.rates(repetitions)
    for again in (False, True):
        rng = np.random.default_rng(0)
        found = [plain(scenario, rng, again) for _ in range(repetitions)]
        false, regret = np.mean(found, axis=0)
        name = "best of five after one more training" if again else "best of all trials"
        figures[name] = {"false": round(float(false), 4), "regret": round(float(regret), 4)}
    return figures


def twenty_seeds(steps: int = 30, seeds: int = 3) -> dict[str, Any]:
    """Twenty times one config of a GAN on the digits, each with its own seeds, judged as twenty recipes."""
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
        for index in range(RANKING + seeds):
            program = work.program(Task(0, config, derived_seed(posing, index), steps, (steps,)))
            program.advance(steps)
            split = "select" if index < RANKING else "test"
            fake = data.codec.decode(program.sample(len(data.rows[split]), 0))
            score, replicates = metric.jackknife(references[split], fake, GROUPS)
            (select if split == "select" else test).append(score)
            left_out += [replicates] if split == "test" else []
        on_select.append(float(np.mean(select)))
        contenders.append(Contender(f"posing {posing}", Scores(np.array(test), np.stack(left_out))))
    ranked = [contenders[place] for place in np.argsort(on_select)]
    verdict = judge(ranked[0], ranked[1:], [], alpha=level(1, "recipe"))
    means = [one.scores.mean for one in contenders]
    return {
        "config": config,
        "seeds": seeds,
        "verdict": verdict.kind,
        "tied": len(verdict.tied),
        "largest_p": max(c.difference.p_value for c in verdict.comparisons),
        "means": {"least": min(means), "most": max(means)},
    }


def main() -> None:
    """Simulate, print, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=2000)
    parser.add_argument("--no-real", action="store_true")
    told = parser.parse_args()
    figures: dict[str, Any] = {"repetitions": told.repetitions, "scenarios": {}}
    for name, scenario in SCENARIOS.items():
        figures["scenarios"][name] = found = simulate(scenario, told.repetitions)
        for way, rates in found.items():
            print(f"{name:<28} {way:<38} " + "  ".join(f"{k} {v:.3f}" for k, v in rates.items()), flush=True)
    save("verdict", figures)
    if not told.no_real:
        figures["twenty_seeds_of_one_config"] = twenty_seeds()
        print(figures["twenty_seeds_of_one_config"])
        save("verdict", figures)


if __name__ == "__main__":
    main()
