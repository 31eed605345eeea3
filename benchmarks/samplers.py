"""Simple regret of our Bayesian sampler, Optuna's TPE, random search and the 1-epoch rule.

    python -m benchmarks.samplers [--seeds 20] [--problems jenatton,combined,curves] [--methods ...]

Problems are those of ``benchmarks.problems``; their minima are known. Regret after a budget is the
best fully trained loss so far less the minimum: mean over seeds with a 95 % bootstrap interval. A
budget is counted in full trainings; rules that stop early are charged for the epochs they train.
Defaults are drawn at random for each seed, so that proposing them first gives no hint. Methods are
compared with ours by the paired differences' interval.
"""

import argparse
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import optuna
from numpy.typing import NDArray

from autogen.hpo.pruners.halving import HalvingPruner
from autogen.hpo.pruners.ranking import Ranking
from autogen.hpo.samplers.base import Sampler
from autogen.hpo.samplers.bayesian import BayesianSampler
from autogen.hpo.samplers.random import RandomSampler
from autogen.hpo.space import Choice, Constant, Float, Int, Parameter
from autogen.hpo.trial import Outcome, State, Value
from benchmarks.problems import PROBLEMS, Problem
from benchmarks.results import FOLDER, save

BUDGETS = (30, 60, 120)
#: Cost so far in full trainings, and a fully trained config's loss.
Results = Iterator[tuple[float, float]]
Regrets = NDArray[np.float64]


def ours(problem: Problem, seed: int, budget: int) -> Results:
    """Our Bayesian sampler, every trial trained to the end."""
    return _asked(BayesianSampler(problem.space, seed), problem, budget)


def random(problem: Problem, seed: int, budget: int) -> Results:
    """Random search, every trial trained to the end."""
    return _asked(RandomSampler(problem.space, seed), problem, budget)


def ours_halving(problem: Problem, seed: int, budget: int) -> Results:
    """Our Bayesian sampler with our successive halving."""
    return _halved(BayesianSampler(problem.space, seed), problem, budget)


def random_halving(problem: Problem, seed: int, budget: int) -> Results:
    """Random search with our successive halving."""
    return _halved(RandomSampler(problem.space, seed), problem, budget)


def _halved(sampler: Sampler, problem: Problem, budget: int) -> Results:
    """Losses of the configs that a sampler of ours asks for and that halving lets finish."""
    pruner = HalvingPruner()
    peers: defaultdict[int, Ranking] = defaultdict(Ranking)
    epochs = number = 0
    while epochs < budget * problem.epochs:
        (config,) = sampler.ask()
        curve: list[float] = []
        done = 0
        for rung in pruner.rungs(problem.epochs, number):
            curve.append(problem.loss(config, rung))
            epochs, done = epochs + rung - done, rung
            goes_on = done == problem.epochs or pruner.keep(curve, peers[rung])
            peers[rung].add(curve[-1])
            if not goes_on:
                break
        state = State.COMPLETE if done == problem.epochs else State.PRUNED
        sampler.tell([Outcome(number, state, curve[-1], done / problem.epochs)])
        number += 1
        if state is State.COMPLETE:
            yield epochs / problem.epochs, curve[-1]


def one_epoch(problem: Problem, seed: int, budget: int) -> Results:
    """Random configs trained one epoch, the best tenth of the budget of them (three at least) to the end.

    The rule of Egele 2023 (arxiv.org/abs/2307.15422); it has one result, at the end of its budget.
    """
    last = max(3, budget // 10)
    first = (budget - last) * problem.epochs + last
    configs = RandomSampler(problem.space, seed).ask(first)
    best = sorted(configs, key=lambda config: problem.loss(config, 1))[:last]
    yield budget, min(problem.loss(config) for config in best)


def tpe(problem: Problem, seed: int, budget: int) -> Results:
    """Optuna's TPE as it comes."""
    return _suggested(optuna.samplers.TPESampler(seed=seed), problem, budget)


def tpe_group(problem: Problem, seed: int, budget: int) -> Results:
    """Optuna's TPE, one joint model for each group of parameters that occur together."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True)
    return _suggested(sampler, problem, budget)


METHODS: dict[str, Callable[[Problem, int, int], Results]] = {
    "ours": ours,
    "tpe": tpe,
    "tpe_group": tpe_group,
    "random": random,
    "one_epoch": one_epoch,
    "ours_halving": ours_halving,
    "random_halving": random_halving,
}
#: Methods that stop trainings early: they need learning curves.
EARLY = {"one_epoch", "ours_halving", "random_halving"}
#: Methods whose course depends on the budget: they are run once for each.
BUDGETED = {"one_epoch"}


def _asked(sampler: Sampler, problem: Problem, budget: int) -> Results:
    """Losses of what a sampler of ours asks for."""
    for number in range(budget):
        (config,) = sampler.ask()
        loss = problem.loss(config)
        sampler.tell([Outcome(number, State.COMPLETE, loss)])
        yield number + 1, loss


def _suggested(sampler: optuna.samplers.BaseSampler, problem: Problem, budget: int) -> Results:
    """Losses of what one of Optuna's samplers suggests, asked as its users ask it."""
    study = optuna.create_study(sampler=sampler)
    for number in range(budget):
        trial = study.ask()
        family = trial.suggest_categorical("family", problem.space.families)

        def pick(key: str, parameter: Parameter, trial: optuna.Trial = trial, family: str = family) -> Value:
            return _suggest(trial, f"{family}.{key}", parameter)

        loss = problem.loss(problem.space.branch(family).fill(pick))
        study.tell(trial, loss)
        yield number + 1, loss


def _suggest(trial: optuna.Trial, name: str, parameter: Parameter) -> Value:
    """A parameter's value as an objective function asks for it."""
    match parameter:
        case Choice(values=values):
            chosen = trial.suggest_categorical(name, tuple(values))
            assert chosen is not None
            return chosen
        case Float(low=low, high=high, log=log, step=step):
            return trial.suggest_float(name, low, high, log=log, step=step)
        case Int(low=low, high=high, log=log, step=step):
            return trial.suggest_int(name, low, high, log=log, step=step or 1)
        case Constant(value=value):
            return value
    raise AssertionError(parameter)


def regrets(method: str, problem_name: str, seeds: int) -> Regrets:
    """Regret for each seed and budget, (seeds, budgets)."""
    found = np.empty((seeds, len(BUDGETS)))
    for seed in range(seeds):
        problem = PROBLEMS[problem_name](seed)
        if method not in BUDGETED:
            results = list(METHODS[method](problem, seed, BUDGETS[-1]))
        for place, budget in enumerate(BUDGETS):
            if method in BUDGETED:
                results = list(METHODS[method](problem, seed, budget))
            losses = [loss for cost, loss in results if cost <= budget]
            found[seed, place] = min(losses) - problem.minimum
    return found


def interval(values: Regrets, resamples: int = 10_000) -> tuple[float, float]:
    """95 % bootstrap interval of the mean."""
    rng = np.random.default_rng(0)
    means = values[rng.integers(len(values), size=(resamples, len(values)))].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)


def figures(
    values: Regrets, reference: Regrets, budgets: Sequence[int] = BUDGETS
) -> list[dict[str, float | list[float]]]:
    """Mean, median and interval of a method for each budget, and of its difference from ours."""
    return [
        {
            "budget": budget,
            "mean": float(values[:, place].mean()),
            "median": float(np.median(values[:, place])),
            "interval": list(interval(values[:, place])),
            "minus_ours": list(interval(values[:, place] - reference[:, place])),
        }
        for place, budget in enumerate(budgets)
    ]


def table(
    told: dict[str, dict[str, list[dict[str, float | list[float]]]]], budgets: Sequence[int] = BUDGETS
) -> str:
    """The figures as a table in Markdown."""
    lines = [
        "| problem | method | " + " | ".join(f"{budget} trainings" for budget in budgets) + " |",
        "|---|---|" + "---|" * len(budgets),
    ]
    for problem, methods in told.items():
        for method, rows in methods.items():
            cells = " | ".join(_cell(row, method) for row in rows)
            lines.append(f"| {problem} | {method} | {cells} |")
    return "\n".join(lines)


def _cell(row: dict[str, float | list[float]], method: str) -> str:
    """Mean, interval, and whether the paired difference from ours is clear."""
    (low, high), (less, more) = row["interval"], row["minus_ours"]  # type: ignore[misc]
    mark = "" if method == "ours" or less <= 0 <= more else " (worse)" if less > 0 else " (better)"
    return f"{row['mean']:.4f} [{low:.4f}, {high:.4f}]{mark}"


def main() -> None:
    """Run all methods on all problems, print a table, write the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--problems", default=",".join(PROBLEMS))
    parser.add_argument("--methods", default=",".join(METHODS))
    chosen = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    told: dict[str, dict[str, list[dict[str, float | list[float]]]]] = {}
    start = time.process_time()
    for problem in chosen.problems.split(","):
        methods = [
            one for one in chosen.methods.split(",") if one not in EARLY or PROBLEMS[problem].epochs > 1
        ]
        found = {method: regrets(method, problem, chosen.seeds) for method in methods}
        reference = found.get("ours", found[methods[0]])
        told[problem] = {method: figures(values, reference) for method, values in found.items()}
        print(table({problem: told[problem]}), flush=True)
    seconds = time.process_time() - start
    save("samplers", {"seeds": chosen.seeds, "cpu_seconds": round(seconds), "regret": told})
    caption = (
        "Simple regret, mean over seeds [95 % interval]; (worse), (better): than ours, by paired differences."
    )
    (FOLDER / "samplers.md").write_text(f"{caption}\n\n{table(told)}\n")


if __name__ == "__main__":
    main()
