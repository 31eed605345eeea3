"""Executor on this machine: long-lived worker processes."""

import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from multiprocessing.connection import wait
from typing import IO, Any

from autogen.errors import RunError, SettingsError
from autogen.executors.inprocess import InProcessExecutor
from autogen.executors.local.nursery import Nursery, available
from autogen.executors.local.placement import LocalOptions
from autogen.executors.process import Companion, Process, Start, new_interpreter
from autogen.executors.run_batch import CANCELED, lost
from autogen.executors.shared_memory import make_spool, write_spool
from autogen.hpo.executor import Decide, Executor, Work
from autogen.hpo.trial import Finished, TrialBatch

_GRACE = 1.0  # seconds after a deadline in which a worker may still report it itself
_START_SECONDS = 300.0  # time limit of the start of a worker
_STARTS = 3  # number of failed starts in a row that end the study
_HEARTBEAT = 1.0  # seconds between two checks of silent workers
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class _Worker(Companion):
    """Handle of one worker process in the controller."""

    def __init__(
        self,
        spool: IO[bytes],
        environment: Mapping[str, str],
        settings: Mapping[str, Any],
        started: Callable[[Start], Process],
    ) -> None:
        inherited = {"spool": spool.fileno()}
        super().__init__("autogen.executors.local.worker", settings, inherited, environment, started)
        self.index: int = settings["index"]
        self.asked = False
        self.ready = False
        self.canceled = False
        self.trial_batch: TrialBatch | None = None
        self.due = time.monotonic() + _START_SECONDS

    def read_work(self) -> None:
        """Tell the process, if it lives, that the work is written; its time to start begins anew."""
        self.asked = self.process.poll() is None
        self.due = time.monotonic() + _START_SECONDS
        self.send(None)

    def give(self, trial_batch: TrialBatch) -> None:
        """Send a trial batch; its deadline starts now."""
        self.trial_batch = trial_batch
        if trial_batch.deadline is not None:
            self.due = time.monotonic() + trial_batch.deadline * len(trial_batch.tasks) + _GRACE
        self.send(trial_batch)

    def answer(self, asked: float, answers: list[bool]) -> None:
        """Answer a question asked at ``asked`` (``time.monotonic()``); the deadline excludes the wait."""
        self.send(answers)
        self.due += time.monotonic() - asked


class LocalExecutor(Executor):
    """Executor with worker processes that live as long as it does and share the arrays of the work.

    A worker that dies or hangs is replaced. Workers die with the controller, however it ends.

    Args:
        workers: Number of processes.
        options: Device, and the number of processes that train a trial.
        threads: Torch and BLAS threads of each.
        memory_limit: Bytes that a worker may take on top of what it holds when it is ready; Linux only.
    """

    Options = LocalOptions

    def __init__(
        self,
        workers: int = 2,
        options: LocalOptions | None = None,
        *,
        threads: int = 1,
        memory_limit: int | None = None,
    ) -> None:
        options = options or LocalOptions()
        options.check()
        if workers < 1 or threads < 1:
            raise SettingsError(f"workers and threads must be at least 1, but they are {workers}, {threads}")
        if memory_limit and sys.platform != "linux":
            raise SettingsError("memory_limit needs Linux; leave it out")
        self.workers = workers
        self._environment = dict.fromkeys(_THREADS, str(threads))
        self._memory_limit = memory_limit or 0
        self._device, self._replicas = options.device, options.replica_count()
        self._spool: IO[bytes] | None = None
        self._modules: tuple[str, ...] = ()
        self._written = False
        self._nurseries: list[Nursery] = []
        self._pool: list[_Worker] = []
        self._queue: deque[TrialBatch] = deque()
        self._failed_starts = 0

    @classmethod
    def for_study(cls, workers: int, options: LocalOptions, *, timed: bool) -> Executor:
        """One worker runs in this process, unless it may have to be given up."""
        alone = workers == 1 and not timed and options.replica_count() == 1
        return InProcessExecutor(workers, options) if alone else cls(workers, options)

    def warm(self, modules: Sequence[str]) -> None:
        """Start the workers, which import modules, on Linux together, and wait for the work."""
        self._spool, self._modules = make_spool(), tuple(modules)
        self._pool = [self._start_worker(index) for index in range(self.workers)]

    def start(self, work: Work) -> None:
        """Pickle the work and let the workers read it, without waiting until they are ready."""
        if self._spool is None:
            self.warm(())
        assert self._spool is not None
        write_spool(work, self._spool)
        self._written = True
        for worker in self._pool:
            worker.read_work()

    def submit(self, trial_batch: TrialBatch) -> None:
        """Queue a trial batch."""
        self._queue.append(trial_batch)
        self._dispatch()

    def results(self, decide: Decide, timeout: float | None = None) -> Iterator[Finished]:
        """Answer measurements and yield ends of trials; see ``Executor.results``.

        Raises:
            RunError: the workers cannot be started.
        """
        until = float("inf") if timeout is None else time.monotonic() + timeout
        events = self._wait(until)
        while events:
            for worker in events:
                if worker not in self._pool:  # replaced while the controller submitted more
                    continue
                ended = self._receive(worker, decide)
                self._dispatch()
                yield from ended
            events = self._wait(0.0)

    def cancel(self, number: int) -> None:
        """Kill the worker of this trial, at the next call of ``results``."""
        for worker in self._pool:
            if worker.trial_batch and any(task.number == number for task in worker.trial_batch.tasks):
                worker.canceled, worker.due = True, 0.0

    def close(self) -> None:
        """Kill all workers."""
        for worker in self._pool:
            worker.stop()
        self._pool.clear()
        self._queue.clear()
        for nursery in self._nurseries:
            nursery.stop()
        self._nurseries.clear()
        if self._spool is not None:
            self._spool.close()
            self._spool = None

    def _start_worker(self, index: int) -> _Worker:
        assert self._spool is not None
        settings = {"memory_limit": self._memory_limit, "device": self._device, "index": index}
        settings |= {"workers": self.workers, "modules": self._modules, "replicas": self._replicas}
        worker = _Worker(self._spool, self._environment, settings, self._starter())
        if self._written:
            worker.read_work()
        return worker

    def _starter(self) -> Callable[[Start], Process]:
        """What starts a worker: on Linux the nursery, if there is something to import."""
        if not self._modules or not available():
            return new_interpreter
        for ended in [one for one in self._nurseries if one.ended]:
            ended.stop()
            self._nurseries.remove(ended)
        if not self._nurseries or self._nurseries[-1].stopped:  # workers of a stopped one go on
            self._nurseries.append(Nursery(self._modules, self._environment))
        return self._nurseries[-1].fork

    def _dispatch(self) -> None:
        """Send queued trial batches to idle workers."""
        for worker in list(self._pool):
            if not self._queue or not worker.ready or worker.trial_batch:
                continue
            if worker.process.poll() is None:
                worker.give(self._queue.popleft())
            else:
                self._replace(worker, late=False)

    def _wait(self, until: float) -> list[_Worker]:
        """Wait for workers with a message, dead ones, or ones past their deadline; empty if time is up."""
        while self._queue or any(worker.trial_batch for worker in self._pool):
            now = time.monotonic()
            patience = max(0.0, min(until, *(worker.due for worker in self._pool)) - now)
            ready = wait([worker.connection for worker in self._pool], min(patience, _HEARTBEAT))
            now = time.monotonic()
            found = [
                w for w in self._pool if w.connection in ready or w.due < now or w.process.poll() is not None
            ]
            if found or now >= until:
                return found
        return []

    def _receive(self, worker: _Worker, decide: Decide) -> list[Finished]:
        """Handle one message of a worker, or its death or delay."""
        try:
            if not worker.connection.poll():
                late = worker.process.poll() is None
                return self._replace(worker, late=late)
            kind, content = worker.connection.recv()
        except (EOFError, OSError):
            return self._replace(worker, late=False)
        if kind == "rung":
            asked, measured = content
            worker.answer(asked, [decide(measurement) for measurement in measured])
        elif kind == "end":
            worker.trial_batch, worker.due, worker.canceled = None, float("inf"), False
            return list(content)
        elif kind == "ready":
            worker.ready, worker.due, self._failed_starts = True, float("inf"), 0
        else:
            raise RunError(f"worker processes cannot start: {content}{_hint(content)}")
        return []

    def _replace(self, worker: _Worker, *, late: bool) -> list[Finished]:
        """Kill a worker, start another in its place, and fail its trial batch."""
        trial_batch = worker.trial_batch
        worker.process.kill() if late else worker.process.wait()
        reason = _lateness(worker) if late else f"worker {worker.death()}"
        self._check_start(worker, reason)
        worker.stop()
        self._pool[self._pool.index(worker)] = self._start_worker(worker.index)
        return lost(trial_batch, reason) if trial_batch else []

    def _check_start(self, worker: _Worker, reason: str) -> None:
        """Stop the study after several failed starts in a row; a worker that died before had no work."""
        self._failed_starts += worker.asked and not worker.ready
        if self._failed_starts >= _STARTS:
            raise RunError(f"worker processes cannot start: {reason}")


def _lateness(worker: _Worker) -> str:
    """Describe why a living worker is replaced."""
    if worker.trial_batch is None:
        return f"the worker was not ready within {_START_SECONDS:g} s"
    if worker.canceled:
        return CANCELED
    assert worker.trial_batch.deadline is not None
    return f"ran past its deadline of {worker.trial_batch.deadline:g} s"


def _hint(reason: str) -> str:
    """Advise what to do if workers cannot start."""
    if "__main__" in reason:
        return "; move the definitions of the script to a module that workers can import"
    return ""
