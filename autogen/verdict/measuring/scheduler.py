"""Queue of the evaluations of a verdict, which workers do and the journal records.

A score in the journal is not measured again, so a study resumes where it stopped. If samples cannot be
measured, their contender is excluded and the study goes on; a disk that is full or fails stops it.
"""

import math
from collections import deque
from collections.abc import Callable, Iterable, Mapping

from autogen.errors import MetricError, WriteError
from autogen.hpo.executor import Executor
from autogen.hpo.study.events import Scored
from autogen.hpo.study.log import RETRIES, StudyLog
from autogen.hpo.trial import Finished, Measurement, Scoring, State, TrialBatch
from autogen.training.worker.work import failure, scored

Act = Callable[[], Mapping[str, float]]
Values = Mapping[str, float]


class EvaluationQueue:
    """Queue of evaluations for idle workers, with the measured values.

    Args:
        log: Log of the study.
        executor: Executor, started with the study's work; ``None`` to measure in this process.
        timeout: Seconds after which a worker is given up; ``None`` for no limit.
    """

    def __init__(self, log: StudyLog, executor: Executor | None = None, timeout: float | None = None) -> None:
        self.log = log
        self.timeout = timeout
        self.executor = executor
        self._known: dict[str, Values] = {}
        self._errors: dict[str, str] = {}
        self._makers: dict[str, Callable[[], Act]] = {}
        self._waiting: deque[str] = deque()
        self._in_flight: dict[int, str] = {}
        self._lost: dict[str, int] = {}
        self._asked = 0
        for event in log.journal.events:
            if isinstance(event, Scored) and not event.why:  # a failed one is tried again
                self._known[event.key] = {**event.values, "seconds": event.seconds}

    def add(self, key: str, make: Callable[[], Act]) -> str:
        """Queue an evaluation, unless it is done or queued already; returns its key.

        Args:
            key: Key of the evaluation: ``test/smote/5``.
            make: Function that makes the evaluation when it is submitted, since its data may be large.
        """
        if key not in self._makers and not self._settled(key):
            self._makers[key] = make
            self._waiting.append(key)
        return key

    def known(self, key: str) -> bool:
        """Tell if an evaluation is done."""
        return key in self._known

    def values(self, key: str) -> Values:
        """Return the values of an evaluation, which is done here and now if no worker has done it.

        Raises:
            MetricError: the evaluation failed.
        """
        if why := self.error(key):
            raise MetricError(f"{key} could not be scored: {why}")
        return self._known[key]

    def error(self, key: str) -> str:
        """Return the reason why an evaluation failed, after doing it if necessary; empty for none."""
        if not self._settled(key):
            self._measure(key)
        return self._errors.get(key, "")

    def submit(self, workers: int) -> None:
        """Submit evaluations to so many idle workers."""
        while self.executor and self._waiting and workers > 0:
            key = self._waiting.popleft()
            if self._settled(key):
                continue
            self._asked += 1
            try:
                task = Scoring.of(-self._asked, self._makers[key]())
            except Exception as error:  # a reference that cannot be prepared, a model that cannot be read
                self._settle(key, failure(0, error))
                continue
            workers -= 1
            self._in_flight[-self._asked] = key
            self.executor.submit(TrialBatch((task,), "", self.timeout))

    @property
    def in_flight(self) -> int:
        """Number of evaluations that workers are doing."""
        return len(self._in_flight)

    def receive(self, finished: Finished) -> None:
        """Take the outcome of an evaluation; a failed one is repeated in this process to get the error."""
        key = self._in_flight.pop(finished.number)
        lost = self._lost.get(key, 0)
        if finished.state is State.COMPLETE:
            self._note(key, finished.values)
        elif finished.retry and lost < RETRIES:
            self._lost[key] = lost + 1
            self._waiting.appendleft(key)
        else:
            self._measure(key)

    def run(self, keys: Iterable[str], until: float = float("inf")) -> None:
        """Do evaluations on all workers in the given order, and no others.

        Args:
            keys: Keys of queued evaluations.
            until: Second on the study's clock after which no evaluation starts; default no limit.
        """
        wanted = [key for key in dict.fromkeys(keys) if key in self._makers and not self._settled(key)]
        in_flight = set(self._in_flight.values())
        self._waiting = deque(key for key in wanted if key not in in_flight)
        while self._in_flight or (self._waiting and self.log.seconds < until):
            if self.executor is None:
                self._measure(self._waiting.popleft())
                continue
            if self.log.seconds < until:
                self.submit(self.executor.workers - len(self._in_flight))
            for finished in self.executor.results(_go_on, timeout=1.0):
                self.receive(finished)
            self.log.note_workers(self.executor.status)

    def _settled(self, key: str) -> bool:
        return key in self._known or key in self._errors

    def _measure(self, key: str) -> None:
        """Do an evaluation in this process; an exception of a metric is a failure of the evaluation."""
        try:
            finished = scored(Scoring.of(0, self._makers[key]()))
        except Exception as error:  # plug-ins may raise any
            finished = failure(0, error)
        self._settle(key, finished)

    def _settle(self, key: str, finished: Finished) -> None:
        """Record the outcome of an evaluation.

        Raises:
            WriteError: the disk is full or fails, which says nothing about the samples.
        """
        if finished.disk_error:
            raise WriteError(
                f"{key} cannot be scored, since the disk is full or fails: {finished.reason}; free space or "
                "repair it, then resume the run: autogen resume RUN"
            )
        if finished.state is State.COMPLETE:
            self._note(key, finished.values)
        else:
            self._give_up(key, finished.reason)

    def _note(self, key: str, values: Values) -> None:
        bad = [name for name, value in values.items() if not math.isfinite(value)]
        if bad:
            self._give_up(key, f"its {bad[0]} is {values[bad[0]]}")
            return
        seconds = values.get("seconds", 0.0)
        measured = {name: value for name, value in values.items() if name != "seconds"}
        self.log.record(Scored(key, seconds, measured))
        self._known[key] = values

    def _give_up(self, key: str, why: str) -> None:
        self.log.record(Scored(key, 0.0, {}, why))
        self._errors[key] = why


def _go_on(_: Measurement) -> bool:
    return True
