"""Searches among recorded learning curves in virtual time: ours, its parts switched, and Optuna's.

    python -m benchmarks.search_replay [--sets insurance,...] [--seeds 20] [--methods ours,tpe,...]
        [--seconds 60] [--against asha] [--results NAME]

``benchmarks.search.record`` recorded the curves. Each proposal counts as the nearest recorded config of its
family that was not played yet. The study, its sampler and its pruner are the real ones
(``benchmarks.search.asked`` for Optuna's); two workers train, and the clock jumps. *Regret* is the least loss
of fully trained trials less that of all recorded configs, as a share of the median config's (0 is the best
recorded one, 1 the median), its mean over the seconds of the search, and *final* that at their end. *Ratio*
is that of ``benchmarks.search_efficiency`` to ``--against``.
"""

import argparse
import contextlib
import math
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np

from autogen.hpo.budget import Budget
from autogen.hpo.objective import Objective
from autogen.hpo.pruners.base import Pruner
from autogen.hpo.pruners.halving import HalvingPruner
from autogen.hpo.pruners.none import NoPruner
from autogen.hpo.samplers.base import Sampler
from autogen.hpo.samplers.bayesian import BayesianSampler
from autogen.hpo.samplers.random import RandomSampler
from autogen.hpo.space import SearchSpace
from autogen.hpo.study.deadline import TimeBudget
from autogen.hpo.study.journal import Journal
from autogen.hpo.study.log import StudyLog
from autogen.hpo.study.study import Limits, Strategy, Study
from autogen.hpo.trial import Finished, Outcome, config_key
from benchmarks.results import save
from benchmarks.search.asked import METHODS, Asked, study_of
from benchmarks.search.chosen import learnt, starting_with
from benchmarks.search.record import Curve, load
from benchmarks.search.replayed import Recorded, ReplayExecutor
from benchmarks.search.setting import SHORT_SPACES, WORKERS
from benchmarks.search.side import listener
from benchmarks.search.trace import Run, Trace
from benchmarks.search_efficiency import ratio
from benchmarks.simulation import VirtualClock

OBJECTIVE = Objective("loss")


class Untimed(BayesianSampler):
    """Our sampler without the seconds of trials."""

    def _on_tell(self, outcome: Outcome) -> None:
        super()._on_tell(replace(outcome, seconds=0.0))


class DefaultsFirst(BayesianSampler):
    """Our sampler with the defaults of all families before the portfolio."""

    def __init__(self, space: SearchSpace, seed: int = 0) -> None:
        super().__init__(space, seed)
        defaults = [space.default(family) for family in space.families]
        self._begin = {config_key(one): one for one in defaults} | self._begin


class Eager(BayesianSampler):
    """Our sampler with the defaults of all families before anything else."""

    _held_back = False


#: Our sampler and our pruner, and variants, by space and seed; ``unfitted`` begins trials that cannot end,
#: ``unlearnt`` has no portfolio. Portfolios are chosen without the set that is searched.
OURS: dict[str, Callable[[SearchSpace, int], tuple[Sampler, Pruner]]] = {
    "ours": lambda space, seed: (BayesianSampler(space, seed), HalvingPruner()),
    "unlearnt": lambda space, seed: (BayesianSampler(starting_with(space, ()), seed), HalvingPruner()),
    "defaults_first": lambda space, seed: (DefaultsFirst(space, seed), HalvingPruner()),
    "eager": lambda space, seed: (Eager(space, seed), HalvingPruner()),
    "untimed": lambda space, seed: (Untimed(space, seed), HalvingPruner()),
    "unfitted": lambda space, seed: (Untimed(space, seed), HalvingPruner()),
    "whole": lambda space, seed: (BayesianSampler(space, seed), NoPruner()),
    "late": lambda space, seed: (BayesianSampler(space, seed), HalvingPruner(min_share=0.3)),
    "random": lambda space, seed: (RandomSampler(space, seed), HalvingPruner()),
}


def ours(name: str, method: str, curves: Sequence[Curve], seed: int, seconds: float) -> Run:
    """Search by a study of ours."""
    portfolio = learnt(SHORT_SPACES[name], without=name)
    space = starting_with(SearchSpace.load(SHORT_SPACES[name]).within(seconds), portfolio)
    clock = VirtualClock(charged=False)
    trace = Trace(OBJECTIVE, clock)
    sampler, pruner = OURS[method](space, seed)
    defaults = [space.default(family) for family in space.families]
    executor = ReplayExecutor(WORKERS, Recorded(space, curves), clock)
    family = (lambda *_: "") if method == "unfitted" else TimeBudget.family
    with (
        patch.object(TimeBudget, "family", family),
        tempfile.TemporaryDirectory() as folder,
        contextlib.closing(Journal(Path(folder) / "journal.jsonl")) as journal,
    ):
        log = StudyLog(journal, OBJECTIVE, listen=listener(trace), clock=clock)
        strategy = Strategy(sampler, pruner, defaults=defaults)
        Study(strategy, executor, log, Limits(Budget(seconds)), seed=seed).run(_nothing)
    return Run.of(trace.lines, name, seed, method, seconds)


def theirs(name: str, method: str, curves: Sequence[Curve], seed: int, seconds: float) -> Run:
    """Search by one of Optuna's methods."""
    space, clock = SearchSpace.load(SHORT_SPACES[name]).within(seconds), VirtualClock(charged=False)
    trace = Trace(OBJECTIVE, clock)
    executor = ReplayExecutor(WORKERS, Recorded(space, curves), clock)
    trace.ready = 0.0
    Asked(space, study_of(method, seed), trace, seed).run(executor, seconds)
    return Run.of(trace.lines, name, seed, method, seconds)


def _nothing(*_: object, **__: object) -> list[Finished]:
    """Work of workers that do none."""
    return []


def regret(run: Run, curves: Sequence[Curve], marks: int = 60) -> tuple[float, float]:
    """Mean regret over the seconds of a search, and that at their end."""
    final = [curve.losses[-1] for curve in curves if curve.state == "complete"]
    least, scale = min(final), float(np.median(final)) - min(final)
    at = np.linspace(run.seconds / marks, run.seconds, marks)
    regrets = [min(1.0, (run.best(second) - least) / scale) for second in at]
    return float(np.mean(regrets)), regrets[-1]


def run(name: str, method: str, curves: Sequence[Curve], seed: int, seconds: float) -> Run:
    """Search by one method."""
    return (ours if method in OURS else theirs)(name, method, curves, seed, seconds)


def figures(runs: Sequence[Run], others: Sequence[Run], curves: Sequence[Curve]) -> dict[str, float]:
    """Regret of a method's runs on one set, and their ratio to another method's runs with the same seeds."""
    regrets = np.array([regret(one, curves) for one in runs])
    ratios = [ratio(one, other) for one, other in zip(runs, others, strict=True)]
    return {
        "regret": round(float(regrets[:, 0].mean()), 4),
        "final": round(float(regrets[:, 1].mean()), 4),
        "complete": round(float(np.mean([len(one.times) for one in runs])), 1),
        "trials": round(float(np.mean([one.trials for one in runs])), 1),
        "ratio": round(math.exp(float(np.mean([math.log(one.ratio) for one in ratios]))), 3),
        "censored": sum(one.censored for one in ratios),
    }


def main() -> None:
    """Run all methods on all sets, print and save their figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sets", default=",".join(name for name in SHORT_SPACES if load(name)))
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--methods", default=",".join((*OURS, *METHODS)))
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--against", default="asha")
    parser.add_argument("--results", default="search_replay")
    chosen = parser.parse_args()
    told: dict[str, dict[str, dict[str, float]]] = {}
    for name in chosen.sets.split(","):
        curves = load(name)
        if not curves:
            raise SystemExit(f"{name} has no curves; run: python -m benchmarks.search.record {name}")
        methods = dict.fromkeys([chosen.against, *chosen.methods.split(",")])
        runs = {
            method: [run(name, method, curves, seed, chosen.seconds) for seed in range(chosen.seeds)]
            for method in methods
        }
        told[name] = {method: figures(found, runs[chosen.against], curves) for method, found in runs.items()}
        for method, found in told[name].items():
            print(name, method, found, flush=True)
    save(chosen.results, {"seconds": chosen.seconds, "seeds": chosen.seeds, "sets": told})


if __name__ == "__main__":
    main()
