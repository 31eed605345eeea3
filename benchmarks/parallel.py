"""Simple regret of Bayesian search where many trials are pending: in batches, one by one, and at random.

    python -m benchmarks.parallel [--workers 256] [--results 512,1024] [--seeds 8] [--problems ...]

So many workers each have a trial at any time; one that ends is told and another is asked for at once.
Trials take a random time (lognormal, sigma 0.5), the same for each method. *One by one* has batches
switched off: the model is asked anew for each proposal, by Optuna's TPE beyond 150 results. Regret is
that of ``benchmarks.samplers``; methods are compared with ours by the paired differences' interval.
"""

import argparse
import heapq
import random
import time
from collections.abc import Callable
from unittest.mock import patch

import numpy as np

from autogen.hpo.samplers.base import Sampler
from autogen.hpo.samplers.bayesian import BayesianSampler
from autogen.hpo.samplers.model import history
from autogen.hpo.samplers.random import RandomSampler
from autogen.hpo.trial import Outcome, State
from benchmarks.problems import PROBLEMS, Problem
from benchmarks.results import FOLDER, save
from benchmarks.samplers import Regrets, figures, table

METHODS: dict[str, Callable[[Problem, int], Sampler]] = {
    "ours": lambda problem, seed: BayesianSampler(problem.space, seed),
    "one_by_one": lambda problem, seed: BayesianSampler(problem.space, seed),
    "random": lambda problem, seed: RandomSampler(problem.space, seed),
}


def search(sampler: Sampler, problem: Problem, seed: int, workers: int, results: int) -> list[float]:
    """The losses of a study in the order in which its trials end."""
    draw = random.Random(seed)
    running: list[tuple[float, int]] = []
    losses: list[float] = []
    now = 0.0
    while len(losses) < results:
        for number in range(len(sampler.asked), len(sampler.asked) + workers - len(running)):
            sampler.ask()
            heapq.heappush(running, (now + draw.lognormvariate(0.0, 0.5), number))
        now, number = heapq.heappop(running)
        losses.append(problem.loss(sampler.asked[number]))
        sampler.tell([Outcome(number, State.COMPLETE, losses[-1])])
    return losses


def regrets(method: str, name: str, seeds: int, workers: int, marks: list[int]) -> tuple[Regrets, float]:
    """Regret for each seed after so many results, (seeds, marks), and processor milliseconds a proposal."""
    found = np.empty((seeds, len(marks)))
    spent = 0.0
    for seed in range(seeds):
        problem = PROBLEMS[name](seed)
        most = 1 if method == "one_by_one" else history.MOST
        with patch.object(history, "MOST", most):
            start = time.process_time()
            losses = search(METHODS[method](problem, seed), problem, seed, workers, marks[-1])
            spent += time.process_time() - start
        found[seed] = [min(losses[:mark]) - problem.minimum for mark in marks]
    return found, 1000 * spent / seeds / (marks[-1] + workers - 1)


def main() -> None:
    """Run all methods on all problems, print a table, write the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--workers", type=int, default=256)
    parser.add_argument("--results", default="512,1024", help="how many are told, ascending")
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--problems", default="combined,curves")
    parser.add_argument("--methods", default=",".join(METHODS))
    chosen = parser.parse_args()
    marks = [int(mark) for mark in chosen.results.split(",")]
    told, milliseconds = {}, {}
    for problem in chosen.problems.split(","):
        found = {
            method: regrets(method, problem, chosen.seeds, chosen.workers, marks)
            for method in chosen.methods.split(",")
        }
        told[problem] = {
            method: figures(values, found["ours"][0], marks) for method, (values, _) in found.items()
        }
        milliseconds[problem] = {method: round(spent, 3) for method, (_, spent) in found.items()}
        print(table({problem: told[problem]}, marks), milliseconds[problem], sep="\n", flush=True)
    name = f"parallel_{chosen.workers}"
    save(name, {"seeds": chosen.seeds, "cpu_ms_per_proposal": milliseconds, "regret": told})
    caption = (
        f"Simple regret with {chosen.workers} workers, mean over seeds [95 % interval]; "
        "(worse), (better): than ours, by paired differences."
    )
    (FOLDER / f"{name}.md").write_text(f"{caption}\n\n{table(told, marks)}\n")


if __name__ == "__main__":
    main()
