"""A study of trials that take no power, run as a controller of its own that can be killed.

    python -m benchmarks.fault_study RUN ADDRESS --trials 40 --workers 3

Started again on the same folder it goes on where it stopped.
"""

import argparse
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autogen.executors.inprocess import InProcessExecutor
from autogen.executors.ray.executor import RayExecutor
from autogen.executors.ray.options import RayOptions
from autogen.hpo.budget import Budget
from autogen.hpo.executor import Executor, Report
from autogen.hpo.objective import Objective
from autogen.hpo.pruners.none import NoPruner
from autogen.hpo.samplers.random import RandomSampler
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.study.journal import Journal, read
from autogen.hpo.study.log import StudyLog
from autogen.hpo.study.state import StudyState
from autogen.hpo.study.study import Limits, Strategy, Study
from autogen.hpo.trial import Finished, Measurement, State, Task, TrialBatch

SPACE = """
about = "Trials of a second or two."
[a.training]
lr = { float = [1e-4, 1e-1], log = true, default = 1e-2 }
steps = 9
"""


@dataclass(frozen=True)
class SleepingWork:
    """Sleeps between rungs; a trial's score is a function of its seed and step.

    Attributes:
        seconds: Of sleep before each rung.
    """

    seconds: float = 0.4

    def __call__(self, trial_batch: TrialBatch, report: Report) -> list[Finished]:
        """Report at every rung."""
        return [self._run(task, report) for task in trial_batch.tasks]

    def _run(self, task: Task, report: Report) -> Finished:
        for rung in task.rungs:
            time.sleep(self.seconds)
            (go_on,) = report([Measurement(task.number, rung, score_of(task.seed, rung))])
            if not go_on and rung < task.steps:
                return Finished(task.number, State.PRUNED)
        return Finished(task.number, State.COMPLETE)


def score_of(seed: int, step: int) -> float:
    """The score of ``SleepingWork``: any trial can be checked afterwards."""
    return ((seed * 2654435761 + step * 40503) % 2**32) / 2**32


def control(run: Path, address: str, trials: int, workers: int) -> None:
    """Run the study to its end, on a cluster."""
    from benchmarks.fault_study import SleepingWork as ImportableWork  # not __main__'s

    search(run, RayExecutor(workers, RayOptions(address)), trials, ImportableWork())


def undisturbed(run: Path, trials: int) -> None:
    """Run the same study in this process without sleep, so that nothing can kill it."""
    search(run, InProcessExecutor(), trials, SleepingWork(0.0))


def search(run: Path, executor: Executor, trials: int, work: SleepingWork) -> None:
    """Run the study; it prunes nothing, so that its verdict does not depend on the order of events."""
    run.mkdir(parents=True, exist_ok=True)
    (run / "study.toml").touch()
    with contextlib.closing(Journal(run / "journal.jsonl")) as journal, contextlib.closing(executor):
        Study(
            Strategy(RandomSampler(SearchSpace.parse(SPACE), 0), NoPruner()),
            executor,
            StudyLog(journal, Objective("score")),
            Limits(Budget(trials=trials), timeout=60.0),
        ).run(work)


def verdict_of(run: Path) -> dict[str, Any]:
    """The best trial of a study: its number, config and score."""
    state = StudyState(Objective("score"))
    state.replay(read(run / "journal.jsonl"), run / "journal.jsonl")
    best = state.complete()[0]
    return {"trial": best.task.number, "config": dict(best.task.config), "score": best.score}


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("address")
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--workers", type=int, default=3)
    told = parser.parse_args(arguments)
    control(told.run, told.address, told.trials, told.workers)


if __name__ == "__main__":
    main()
