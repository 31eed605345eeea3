"""Simulated workers on a virtual clock: the controller is real, only training is not."""

import heapq
import math
import random
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from autogen.hpo.executor import Decide, Executor, Work
from autogen.hpo.study.journal import Journal
from autogen.hpo.trial import Finished, Measurement, State, Task, TrialBatch


class VirtualClock:
    """Seconds that pass with the controller's processor time, and jump where it has nothing to do.

    Args:
        charged: Whether the controller's work takes time; without, a simulation repeats itself exactly.
    """

    def __init__(self, charged: bool = True) -> None:
        self.now = 0.0
        self.cpu = 0.0
        self._charged = charged
        self._running_since: float | None = None

    def __call__(self) -> float:
        """Seconds since the start."""
        if self._running_since is None or not self._charged:
            return self.now
        return self.now + time.process_time() - self._running_since

    def resume(self) -> None:
        """The controller goes on: time passes by itself."""
        self._running_since = time.process_time()

    def pause(self) -> None:
        """The simulation goes on: time stands."""
        if self._running_since is not None:
            spent = time.process_time() - self._running_since
            self.cpu += spent
            self.now += spent * self._charged
            self._running_since = None

    def wait(self, seconds: float) -> None:
        """Let the controller wait, for a disk."""
        self.now += seconds * self._charged


class WatchedJournal(Journal):
    """The journal, with the seconds in which the disk kept the controller waiting charged to it."""

    def __init__(self, path: Path, clock: VirtualClock) -> None:
        self.syncs, self.sync_seconds = 0, 0.0
        self._virtual = clock
        super().__init__(path, clock)

    def sync(self) -> None:
        """Sync, and charge what it took."""
        start = time.perf_counter()
        super().sync()
        self.syncs += 1
        waited = time.perf_counter() - start
        self.sync_seconds += waited
        self._virtual.wait(waited)


@dataclass(frozen=True)
class Training:
    """How long simulated trials take and how well they end: functions of a task's seed.

    Attributes:
        tail: ``lognormal`` (sigma 1) or ``pareto`` (alpha 1.5), both heavy.
        mean: Seconds that a trial takes on average when it is trained to its end.
        failing: Share of trials that fail by themselves.
    """

    tail: str = "lognormal"
    mean: float = 60.0
    failing: float = 0.02

    def __call__(self, task: Task) -> tuple[float, float, bool]:
        """Seconds to its end, its loss there, and whether it fails."""
        draw = random.Random(task.seed)
        if self.tail == "pareto":
            seconds = self.mean / 3 * draw.paretovariate(1.5)
        else:
            seconds = draw.lognormvariate(math.log(self.mean) - 0.5, 1.0)
        rate = float(task.config.get("training.lr", 1e-2))  # a family without gradients has none
        away = abs(math.log10(rate) + 3)
        return seconds, away + abs(draw.gauss()), draw.random() < self.failing


@dataclass
class _Run:
    """One trial on one worker."""

    task: Task
    worker: int
    seconds: float
    loss: float
    fails: bool
    started: float
    rung: int = 0
    lost: bool = False


@dataclass
class Tally:
    """Where the workers' seconds went.

    Attributes:
        trained: In training, what was lost with a node included.
        waited: Idle, until the controller answered or gave another trial.
        nodes_lost: Nodes that died.
    """

    trained: float = 0.0
    waited: float = 0.0
    nodes_lost: int = 0


@dataclass
class SimulatedExecutor(Executor):
    """Workers that only say when they would be done.

    Attributes:
        workers: How many.
        clock: The study's clock too.
        training: How long trials take.
        node: Workers that live and die together.
        losses: Share of nodes that die within an hour.
        outage: Seconds until another node takes a dead one's place.
    """

    workers: int
    clock: VirtualClock
    training: Callable[[Task], tuple[float, float, bool]] = field(default_factory=Training)
    node: int = 8
    losses: float = 0.01
    outage: float = 180.0

    def __post_init__(self) -> None:
        self.tally = Tally()
        self._events: list[tuple[float, int, Callable[[float, Decide], list[Finished]]]] = []
        self._count = 0
        self._idle = deque((worker, 0.0) for worker in range(self.workers))
        self._runs: dict[int, _Run] = {}
        self._down: set[int] = set()
        self._queue: deque[TrialBatch] = deque()
        self._draw = random.Random(0)

    def start(self, work: Work) -> None:
        """Let the first node die in its time."""
        if self.losses:
            self._at(self._next_death(), self._node_dies)

    def submit(self, trial_batch: TrialBatch) -> None:
        """Give a trial batch of one trial to the worker that waits longest."""
        self.clock.pause()
        self._queue.append(trial_batch)
        self._dispatch()
        self.clock.resume()

    def results(self, decide: Decide, timeout: float | None = None) -> Iterator[Finished]:
        """Jump to the next event; go on while there are some that are due."""
        self.clock.pause()
        if self._events and (self._runs or self._queue):
            self.clock.now = max(self.clock.now, self._events[0][0])
        while self._events and self._events[0][0] <= self.clock.now:
            at, _, happen = heapq.heappop(self._events)
            for finished in happen(at, decide):
                self.clock.resume()
                yield finished
                self.clock.pause()
        self.clock.resume()

    def close(self) -> None:
        """Nothing runs that could be stopped."""

    def _at(self, seconds: float, happen: Callable[[float, Decide], list[Finished]]) -> None:
        self._count += 1
        heapq.heappush(self._events, (seconds, self._count, happen))

    def _dispatch(self) -> None:
        while self._queue and self._idle:
            (task,) = self._queue.popleft().tasks
            worker, since = self._idle.popleft()
            self.tally.waited += self.clock.now - since
            run = _Run(task, worker, *self.training(task), started=self.clock.now)
            self._runs[worker] = run
            self._train(run)

    def _train(self, run: _Run) -> None:
        """Train to the next rung, from now on."""
        steps = run.task.rungs[run.rung] - (run.task.rungs[run.rung - 1] if run.rung else 0)
        seconds = run.seconds * steps / run.task.steps
        self._at(self.clock.now + seconds, lambda at, decide: self._measured(run, seconds, at, decide))

    def _measured(self, run: _Run, seconds: float, at: float, decide: Decide) -> list[Finished]:
        """A rung is reached; the worker waits for the answer from then on."""
        if run.lost:
            return []
        self.tally.trained += seconds
        if run.fails:
            return [self._ends(run, at, State.FAILED, "loss is not finite")]
        step = run.task.rungs[run.rung]
        score = run.loss + 0.3 * run.task.steps / step
        measured = Measurement(run.task.number, step, score, at - run.started)
        self.clock.resume()
        goes_on = decide(measured)
        self.clock.pause()
        self.tally.waited += self.clock.now - at
        if goes_on and step < run.task.steps:
            run.rung += 1
            self._train(run)
            return []
        state = State.COMPLETE if step == run.task.steps else State.PRUNED
        return [self._ends(run, self.clock.now, state)]

    def _ends(self, run: _Run, at: float, state: State, reason: str = "") -> Finished:
        del self._runs[run.worker]
        self._idle.append((run.worker, at))
        self._dispatch()
        return Finished(run.task.number, state, reason)

    def _next_death(self) -> float:
        nodes = math.ceil(self.workers / self.node)
        return self.clock.now + self._draw.expovariate(self.losses * nodes / 3600)

    def _node_dies(self, at: float, decide: Decide) -> list[Finished]:
        """All workers of a node are gone, with what they trained; others come after a while."""
        self.tally.nodes_lost += 1
        self._at(self._next_death(), self._node_dies)
        first = self._draw.randrange(0, self.workers, self.node)
        gone = set(range(first, min(first + self.node, self.workers))) - self._down
        self._idle = deque(one for one in self._idle if one[0] not in gone)
        lost = [self._runs.pop(worker) for worker in sorted(gone & self._runs.keys())]
        for run in lost:
            run.lost = True
        self._down |= gone
        self._at(self.clock.now + self.outage, lambda at, _: self._comes_back(gone, at))
        return [Finished(run.task.number, State.FAILED, "the node died", retry=True) for run in lost]

    def _comes_back(self, workers: set[int], at: float) -> list[Finished]:
        self._down -= workers
        self._idle.extend((worker, at) for worker in sorted(workers))
        self._dispatch()
        return []
