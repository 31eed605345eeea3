"""How long a journal of many trials takes to open, and how long the next question takes after it.

    python -m benchmarks.replay [--trials 10000] [--repeats 3]

Reports the seconds from a journal on disk to a study ready to go on, the milliseconds of the
Bayesian sampler's next five proposals, and the controller's peak memory (of a fresh process each).
"""

import argparse
import contextlib
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autogen.executors.inprocess import InProcessExecutor
from autogen.hpo.budget import Budget
from autogen.hpo.objective import Objective
from autogen.hpo.pruners.halving import HalvingPruner
from autogen.hpo.samplers.random import RandomSampler
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.study.journal import Journal
from autogen.hpo.study.log import StudyLog
from autogen.hpo.study.study import Limits, Strategy, Study
from autogen.hpo.trial import Config
from autogen.registry import get
from benchmarks.results import save
from tests.hpo.trivial import TrivialWork


def made(path: Path, sampler: str, trials: int) -> Study:
    """A study of the shipped image space on a journal."""
    space = SearchSpace.load("image_tiny")
    chosen = RandomSampler(space, 0) if sampler == "random" else get("sampler", sampler)(space, 0)
    journal = Journal(path / "journal.jsonl")
    log, limits = StudyLog(journal, Objective("loss")), Limits(Budget(trials=trials))
    return Study(Strategy(chosen, HalvingPruner()), InProcessExecutor(), log, limits)


def one(path: Path, trials: int) -> dict[str, float]:
    """Open the journal and ask, in this process."""
    start = time.perf_counter()
    study = made(path, "bayesian", trials)
    opened = time.perf_counter() - start
    asked = []
    for _ in range(5):
        start = time.perf_counter()
        proposals: list[Config] = study.sampler.ask(1)
        asked.append(1000 * (time.perf_counter() - start))
        assert proposals
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "open_seconds": opened,
        "first_ask_ms": asked[0],
        "next_ask_ms": statistics.median(asked[1:]),
        "peak_mib": peak,
    }


def main() -> None:
    """Write a journal, then open it in fresh processes and print the medians."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--open", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.open:
        print(json.dumps(one(chosen.open, chosen.trials)))
        return
    with tempfile.TemporaryDirectory() as folder:
        study = made(Path(folder), "random", chosen.trials)
        with contextlib.closing(study.log.journal):
            study.run(TrivialWork(fail_every=50))
        size = (Path(folder) / "journal.jsonl").stat().st_size / 2**20
        command = [
            sys.executable,
            "-m",
            "benchmarks.replay",
            "--open",
            folder,
            "--trials",
            str(chosen.trials),
        ]
        runs = [json.loads(subprocess.check_output(command)) for _ in range(chosen.repeats)]
    medians = {name: round(statistics.median(run[name] for run in runs), 3) for name in runs[0]}
    figures = {"trials": chosen.trials, "journal_mib": round(size, 2)} | medians
    for name, value in figures.items():
        print(f"{name:<16} {value:10.3f}")
    save("replay", figures)


if __name__ == "__main__":
    main()
