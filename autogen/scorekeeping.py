"""What finalists and baselines are scored by, measured on the workers and written down in the journal.

A score that the journal holds is not measured again, so that a study goes on where it stopped.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from autogen.executors.base import Executor
from autogen.study import RETRIES, Study
from autogen.training.work import scored
from autogen.trial import Cohort, Finished, Measurement, Scoring, State

Act = Callable[[], Mapping[str, float]]
Values = Mapping[str, float]


class Scorekeeper:
    """Hands scorings to workers that have nothing else to do, and keeps what they measured.

    Args:
        study: Whose journal and clock it shares.
        executor: Started with the study's work; ``None`` to measure in this process.
    """

    def __init__(self, study: Study, executor: Executor | None = None) -> None:
        self.study = study
        self.executor = executor
        self._known: dict[str, Values] = {}
        self._makers: dict[str, Callable[[], Act]] = {}
        self._waiting: deque[str] = deque()
        self._flying: dict[int, str] = {}
        self._lost: dict[str, int] = {}
        self._asked = 0
        for record in study.journal.records:
            if record["e"] == "scored":
                self._known[record["key"]] = record["values"] | {"seconds": record["seconds"]}

    def want(self, key: str, make: Callable[[], Act]) -> None:
        """Put a scoring in the queue, unless it is known or there already.

        Args:
            key: What is measured: ``test/smote/2``.
            make: Makes the scoring when its turn has come; what it needs may be large.
        """
        if key not in self._known and key not in self._makers:
            self._makers[key] = make
            self._waiting.append(key)

    def known(self, key: str) -> bool:
        """Whether it has been measured."""
        return key in self._known

    def values(self, key: str) -> Values:
        """What was measured; measured now and here where no worker has done so."""
        if key not in self._known:
            self._measure(key)
        return self._known[key]

    def submit(self, workers: int) -> None:
        """Give scorings to so many workers that have nothing else to do."""
        while self.executor and self._waiting and workers > 0:
            key = self._waiting.popleft()
            if key in self._known:
                continue
            self._asked += 1
            workers -= 1
            self._flying[-self._asked] = key
            task = Scoring.of(-self._asked, self._makers[key]())
            self.executor.submit(Cohort((task,), "", self.study.timeout))

    @property
    def flying(self) -> int:
        """Scorings that workers are at."""
        return len(self._flying)

    def take(self, finished: Finished) -> None:
        """Take in how a scoring ended; one that failed is measured again here, to raise what is wrong."""
        key = self._flying.pop(finished.number)
        lost = self._lost.get(key, 0)
        if finished.state is State.COMPLETE:
            self._note(key, finished.values)
        elif finished.retry and lost < RETRIES:
            self._lost[key] = lost + 1
            self._waiting.appendleft(key)
        else:
            self._measure(key)

    def gather(self, keys: Iterable[str], until: float = float("inf")) -> None:
        """Measure on all workers what is wanted of these, the first first.

        Args:
            keys: What is wanted.
            until: Second on the study's clock after which no further scoring is begun.
        """
        wanted = [key for key in keys if key in self._makers and key not in self._known]
        flying = set(self._flying.values())
        self._waiting = deque(key for key in wanted if key not in flying)
        while self._flying or (self._waiting and self.study.seconds < until):
            if self.executor is None:
                self._measure(self._waiting.popleft())
                continue
            if self.study.seconds < until:
                self.submit(self.executor.workers - len(self._flying))
            for finished in self.executor.results(_go_on, timeout=1.0):
                self.take(finished)
            self.study.note_crew()

    def _measure(self, key: str) -> None:
        """Measure in this process, and raise what goes wrong."""
        act = self._makers[key]()
        task = Scoring.of(0, act)
        finished = scored(task)
        self._note(key, finished.values if finished.state is State.COMPLETE else act())

    def _note(self, key: str, values: Values) -> None:
        seconds = values.get("seconds", 0.0)
        told: dict[str, Any] = {name: value for name, value in values.items() if name != "seconds"}
        self.study.record({"e": "scored", "key": key, "seconds": seconds, "values": told})
        self._known[key] = values


def _go_on(_: Measurement) -> bool:
    return True
