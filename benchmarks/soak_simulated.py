"""A long study of a controller with simulated workers on a fast clock, looked at while it runs."""

import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

from autogen import registry
from autogen.hpo.budget import Budget
from autogen.hpo.objective import Objective
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.study.event import Event
from autogen.hpo.study.journal import Journal
from autogen.hpo.study.log import StudyLog
from autogen.hpo.study.state import StudyState
from autogen.hpo.study.study import Limits, Strategy, Study
from benchmarks.scale import no_work
from benchmarks.simulation import SimulatedExecutor, Training, VirtualClock
from benchmarks.vitals import Vitals, vitals

_PARTS = 4  # budgets that the study is given, one after the other
_EVERY = 1800.0  # seconds of the fast clock between two looks


@dataclass(frozen=True)
class Simulated:
    """What was seen of a simulated study.

    Attributes:
        hours: Hours of the fast clock.
        trials: Trials.
        seconds: Seconds that the simulation took.
        looks: Part of the study, second of the fast clock, trials so far, and what the process held.
    """

    hours: float
    trials: int
    seconds: float
    looks: list[tuple[str, float, int, Vitals]]


class Watch:
    """Listener of a study that looks at this process every half hour of a clock.

    Args:
        clock: The fast clock.
    """

    def __init__(self, clock: VirtualClock) -> None:
        self.clock, self.due, self.part = clock, _EVERY, ""
        self.looks: list[tuple[str, float, int, Vitals]] = []

    def __call__(self, _: Event, state: StudyState) -> None:
        """Look, if it is time."""
        if self.clock.now >= self.due and (held := vitals(os.getpid())):
            self.looks.append((self.part, self.clock.now, len(state.trials), held))
            self.due += _EVERY


def simulated(hours: float, workers: int, folder: Path) -> Simulated:
    """Run a study, which is resumed with more budget again and again.

    Args:
        hours: Hours of the fast clock.
        workers: Simulated workers; one in twenty nodes of them dies within an hour.
        folder: Where its journal is left.
    """
    clock, trials, began = VirtualClock(charged=False), 0, time.monotonic()
    watch = Watch(clock)
    for part in range(1, _PARTS + 1):
        watch.part = str(part)
        executor = SimulatedExecutor(workers, clock, Training(), losses=0.05)
        with contextlib.closing(Journal(folder / "journal.jsonl")) as journal:
            log = StudyLog(journal, Objective("simulated"), listen=watch, clock=clock)
            limits = Limits(Budget(seconds=3600 * hours * part / _PARTS))
            sampler = registry.get("sampler", "random")(SearchSpace.load("image"), 0)
            pruner = registry.get("pruner", "halving")()
            trials = len(Study(Strategy(sampler, pruner), executor, log, limits).run(no_work).trials)
        clock.pause()
    return Simulated(round(clock.now / 3600, 2), trials, round(time.monotonic() - began, 1), watch.looks)
