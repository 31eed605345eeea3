"""Workers that play recorded curves back in virtual time: a trial is the nearest config not yet played."""

import heapq
import itertools
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from autogen.hpo.executor import Decide, Executor, Work
from autogen.hpo.samplers.model.encoding import Encoding
from autogen.hpo.space import SearchSpace
from autogen.hpo.trial import Config, Finished, Measurement, State, Task, TrialBatch
from benchmarks.search.record import Curve
from benchmarks.simulation import VirtualClock


class Recorded:
    """Recorded curves, by the nearest config of the same family.

    Args:
        space: Space of the configs.
        curves: Their curves.
    """

    def __init__(self, space: SearchSpace, curves: Sequence[Curve]) -> None:
        self._encodings = {family: Encoding(space.branch(family)) for family in space.families}
        self._own = {
            family: [curve for curve in curves if curve.config["family"] == family]
            for family in space.families
        }
        self._rows = {
            family: self._encodings[family].rows([curve.config for curve in own])
            for family, own in self._own.items()
        }

        self._free = {family: np.ones(len(own), dtype=bool) for family, own in self._own.items()}

    def take(self, config: Config) -> Curve:
        """Take the recorded config at the least distance in the unit cube of those that were not taken yet.

        Where all of a family were taken, they are put back.
        """
        family = str(config["family"])
        free = self._free[family]
        free |= not free.any()
        away = self._rows[family] - self._encodings[family].rows([config])
        place = int(np.argmin(np.where(free, np.sum(away * away, axis=1), np.inf)))
        free[place] = False
        return self._own[family][place]


@dataclass(frozen=True)
class _Run:
    """One trial on a worker."""

    task: Task
    curve: Curve
    began: float

    def place(self, rung: int) -> int:
        """Index of the recorded share at or after a rung."""
        share = self.task.rungs[rung] / self.task.steps
        return int(np.searchsorted(self.curve.shares, share - 1e-3))


class ReplayExecutor(Executor):
    """Workers whose trials take the recorded seconds and have the recorded losses.

    Args:
        workers: Number of workers.
        recorded: Recorded curves.
        clock: Clock of the study.
    """

    def __init__(self, workers: int, recorded: Recorded, clock: VirtualClock) -> None:
        self.workers = workers
        self._recorded, self._clock = recorded, clock
        self._queue: deque[TrialBatch] = deque()
        self._events: list[tuple[float, int, _Run, int]] = []
        self._busy = 0
        self._count = itertools.count()

    def start(self, work: Work) -> None:
        """There is nothing to start."""

    def submit(self, trial_batch: TrialBatch) -> None:
        """Give a trial batch of one trial to a free worker."""
        self._queue.append(trial_batch)
        self._dispatch()

    def results(self, decide: Decide, timeout: float | None = None) -> Iterator[Finished]:
        """Jump to the next measurement."""
        if not self._events:
            return
        at, _, run, rung = heapq.heappop(self._events)
        self._clock.now = max(self._clock.now, at)
        state = self._measured(run, rung, decide)
        if state is not None:
            self._busy -= 1
            yield Finished(run.task.number, state, "it failed" if state is State.FAILED else "")
            self._dispatch()

    def close(self) -> None:
        """Nothing runs that could be stopped."""

    def _dispatch(self) -> None:
        while self._queue and self._busy < self.workers:
            (task,) = self._queue.popleft().tasks
            self._busy += 1
            self._next(_Run(task, self._recorded.take(task.config), self._clock.now), 0)

    def _next(self, run: _Run, rung: int) -> None:
        place = min(run.place(rung), len(run.curve.seconds) - 1)
        seconds = run.curve.seconds[place] if run.curve.seconds else 1.0
        heapq.heappush(self._events, (run.began + seconds, next(self._count), run, rung))

    def _measured(self, run: _Run, rung: int, decide: Decide) -> State | None:
        """Report a rung; ``None`` if the trial goes on."""
        place, step = run.place(rung), run.task.rungs[rung]
        if place >= len(run.curve.losses):
            return State.FAILED
        measured = Measurement(run.task.number, step, run.curve.losses[place], self._clock.now - run.began)
        if not decide(measured):
            return State.PRUNED
        if step == run.task.steps:
            return State.COMPLETE
        self._next(run, rung + 1)
        return None
