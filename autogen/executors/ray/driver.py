"""Ray's driver in a process of its own: it spawns workers, sends them trial batches, and reports deaths.

Ray kills the driver process when the head of the cluster stays away, and the controller must survive that.
The controller talks to this process through a pipe, and starts another one when it is gone.
"""

import queue
import signal
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any

import ray

from autogen import __version__
from autogen.executors.process import die_with_the_controller
from autogen.executors.ray.actors import Actors, WorkerHandle
from autogen.executors.ray.capacity import SPARE, Need, cores_for, room, workers_at_once, workers_wanted
from autogen.executors.ray.cluster import join, line_of
from autogen.executors.ray.failures import BLAMELESS, KILLED, reason_of
from autogen.executors.ray.worker import WorkerSettings
from autogen.executors.run_batch import CANCELED, lost
from autogen.executors.seal import ForeignMessageError
from autogen.executors.shared_memory import pages_of
from autogen.hpo.executor import WorkerStatus
from autogen.hpo.trial import TrialBatch

_TICK = 0.5  # seconds between two checks of deadlines and of the number of workers
_SURVEY = 2.0  # seconds between two checks of the nodes
_OVERDUE = 60.0  # seconds after which a requested worker counts as waiting for capacity
_HOPELESS = 900.0  # time limit for a node with capacity for a worker, in seconds
_FAILED_STARTS = 3  # number of failed starts in a row, without a ready worker, that end the study
_KILLED_STARTS = 12  # the same of workers that were killed, which on a busy machine may be bad luck


class ClusterError(Exception):
    """Signal that the cluster cannot be used; the message is for the user."""


@dataclass(frozen=True)
class Patience:
    """Waits of a driver.

    Attributes:
        idle: seconds after which an idle worker is released.
        pause: seconds without new workers after a failed start.
    """

    idle: float = 60.0
    pause: float = 5.0


class Driver:
    """Driver of one controller.

    Args:
        pipe: pipe to the controller.
        actors: worker actors of the cluster.
        limit: maximum number of workers; 0 for no limit.
        need: resources of one worker.
        local: True if the cluster belongs to this study alone and cannot grow.
        patience: waits of the driver.
    """

    def __init__(
        self,
        pipe: "Connection[Any, Any]",
        actors: Actors,
        limit: int,
        need: Need,
        *,
        local: bool,
        patience: Patience = Patience(),
    ) -> None:
        self._pipe, self._actors, self._limit, self._need = pipe, actors, limit, need
        self._local, self._spare = local, 0 if local else SPARE
        self._patience = patience
        self._events: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
        self._pool: list[WorkerHandle] = []
        self._jobs: dict[int, WorkerHandle] = {}
        self._waiting: deque[tuple[int, TrialBatch]] = deque()
        self._slots, self._nodes = 0, 0
        self._failed_starts, self._start_at = 0, 0.0
        self._note = ""
        self._reported: tuple[int, WorkerStatus] | None = None
        self._began = self._ticked = time.monotonic()

    def run(self) -> None:
        """Serve until the controller closes the pipe.

        Raises:
            ClusterError: the cluster cannot be used.
        """
        self._on_nodes(self._actors.nodes())
        self._pipe.send(("up",))
        self._tell_status()
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._survey, daemon=True).start()
        while self._serve():
            pass

    def _serve(self) -> bool:
        """Handle one event; return True to continue."""
        try:
            kind, *content = self._events.get(timeout=_TICK)
        except queue.Empty:
            kind = "nothing"
        if kind == "close":
            return False
        if kind == "submit":
            self._waiting.append((content[0], content[1]))
        elif kind == "answer":
            self._on_answer(*content)
        elif kind == "cancel":
            self._cancel(*content)
        elif kind == "nodes":
            self._on_nodes(*content)
        elif kind == "reply":
            self._on_reply(*content)
        self._dispatch()
        if time.monotonic() >= self._ticked + _TICK:
            self._tick()
        return True

    def _read(self) -> None:
        """Turn messages of the controller into events."""
        while True:
            try:
                self._events.put(self._pipe.recv())
            except (EOFError, OSError):
                self._events.put(("close",))
                return

    def _survey(self) -> None:
        """Turn states of the nodes into events; blocks while the head is away, until Ray gives up."""
        while True:
            time.sleep(_SURVEY)
            try:
                self._events.put(("nodes", self._actors.nodes()))
            except Exception:  # a client's connection is gone: the controller joins again
                self._events.put(("close",))
                return

    def _ask(self, worker: WorkerHandle, message: Any) -> None:
        """Send a message to a worker; the answer becomes an event."""
        future = self._actors.ask(worker.actor, message)
        future.add_done_callback(lambda done: self._events.put(("reply", worker, done)))

    def _on_answer(self, job: int, answers: list[bool]) -> None:
        worker = self._jobs.get(job)
        if worker is not None:  # it may have died while it waited
            worker.run_on()
            self._ask(worker, answers)

    def _cancel(self, job: int) -> None:
        """Cancel a trial batch: kill its worker, or remove it from the queue."""
        if worker := self._jobs.get(job):
            self._lose(worker, CANCELED)
        for waiting in [one for one in self._waiting if one[0] == job]:
            self._waiting.remove(waiting)
            self._pipe.send(("end", job, [], lost(waiting[1], CANCELED), {}))

    def _on_nodes(self, nodes: Sequence[dict[str, Any]]) -> None:
        alive = [node for node in nodes if node["Alive"]]
        if self._actors.home not in {node["NodeID"] for node in alive}:
            raise ClusterError("the head of the cluster, or the node of this process, was restarted")
        self._nodes = len(alive)
        self._slots = room([node["Resources"] for node in alive], self._need)
        hopeless = self._local or time.monotonic() > self._began + _HOPELESS
        self._note = "" if self._slots else f"no node has {self._need} for a worker"
        if not self._slots and hopeless and not any(worker.ready for worker in self._pool):
            raise ClusterError(f"{self._note}; request less, or add such a node")

    def _on_reply(self, worker: WorkerHandle, done: "Future[bytes]") -> None:
        if worker not in self._pool:
            return
        if error := done.exception():
            self._lose(worker, reason_of(error))
            return
        try:
            kind, *content = self._actors.seal.unpack(done.result())
        except ForeignMessageError as error:
            self._lose(worker, str(error))
            return
        if kind == "rung":
            spent, measured = content
            worker.pause(spent)
            self._pipe.send(("rung", worker.job, measured))
        elif kind == "end":
            measured, ended, files = content
            located = [replace(finished, node=worker.node) for finished in ended]
            self._pipe.send(("end", worker.job, measured, located, files))
            self._jobs.pop(worker.job)
            worker.take(-1, None)
        elif kind == "ready":
            self._on_ready(worker, *content)
        else:
            if kind == "lost":
                self._actors.share_work()
            self._lose(worker, content[0])

    def _on_ready(self, worker: WorkerHandle, version: str, node: str) -> None:
        if version != __version__:
            self._lose(worker, f"node {node} has autogen {version}, but the controller has {__version__}")
            return
        worker.ready, worker.node, self._failed_starts = True, node, 0
        worker.take(-1, None)

    def _dispatch(self) -> None:
        """Send waiting trial batches to idle workers."""
        if not self._waiting:
            return
        for worker in self._pool:
            if worker.ready and worker.trial_batch is None:
                job, trial_batch = self._waiting.popleft()
                worker.take(job, trial_batch)
                self._jobs[job] = worker
                self._ask(worker, trial_batch)
                if not self._waiting:
                    return
        self._start_workers()

    def _tick(self) -> None:
        """Kill late workers, release idle ones, and request missing ones."""
        now = self._ticked = time.monotonic()
        for worker in list(self._pool):
            if worker.trial_batch is not None and worker.due < now:
                self._lose(worker, f"ran past its deadline of {worker.trial_batch.deadline:g} s")
            elif (
                worker.trial_batch is None
                and worker.since + self._patience.idle < now
                and len(self._pool) > self._wanted()
            ):
                self._stop_worker(worker)
        self._start_workers()
        self._tell_status()

    def _wanted(self) -> int:
        return workers_wanted(self._slots, self._limit, len(self._jobs) + len(self._waiting), self._spare)

    def _start_workers(self) -> None:
        while len(self._pool) < self._wanted() and time.monotonic() >= self._start_at:
            worker = WorkerHandle(self._actors.start())
            self._pool.append(worker)
            self._ask(worker, None)

    def _stop_worker(self, worker: WorkerHandle) -> None:
        self._pool.remove(worker)
        self._actors.kill(worker.actor)

    def _lose(self, worker: WorkerHandle, reason: str) -> None:
        """Fail the trial batch of a worker, and replace the worker."""
        self._stop_worker(worker)
        if worker.trial_batch is not None:
            self._jobs.pop(worker.job)
            ended = [replace(finished, node=worker.node) for finished in lost(worker.trial_batch, reason)]
            self._pipe.send(("end", worker.job, [], ended, {}))
        if worker.ready or reason in BLAMELESS:  # lost nodes are normal; failed starts repeat
            return
        self._failed_starts += 1
        self._start_at = time.monotonic() + self._patience.pause
        self._note = f"workers cannot start: {reason}"
        most = _KILLED_STARTS if reason.startswith(KILLED) else _FAILED_STARTS
        if self._failed_starts >= most and not any(other.ready for other in self._pool):
            raise ClusterError(self._note)

    def _tell_status(self) -> None:
        """Report the number of workers to the controller if it changed."""
        absent = [worker for worker in self._pool if not worker.ready]
        overdue = sum(worker.since + _OVERDUE < time.monotonic() for worker in absent)
        workers = WorkerStatus(len(self._pool) - len(absent), len(absent), self._nodes, self._note)
        status = workers_at_once(self._slots, self._limit, overdue), workers
        if status != self._reported:
            self._reported = status
            self._pipe.send(("status", *status))


def main(
    connection: int,
    spool: int,
    address: str,
    workers: int,
    need: dict[str, Any],
    settings: dict[str, Any],
) -> None:
    """Join the cluster and serve the controller that started this process.

    Args:
        connection: file descriptor of this end of the pipe.
        spool: file descriptor of the pickled work.
        address: address of the cluster.
        workers: maximum number of workers; 0 for as many as fit.
        need: fields of ``Need``, the resources of a worker.
        settings: fields of ``WorkerSettings``.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the controller handles Ctrl-C
    pipe: Connection[Any, Any] = Connection(connection)
    die_with_the_controller(pipe)
    local = address == "local"
    try:
        join(address, cores_for(workers, Need(**need)) if local else None)
    except Exception as error:  # Ray raises many classes; all mean that there is no cluster
        pipe.send(("absent", line_of(error)))
        return
    try:
        each = Need(**need)
        actors = Actors(pages_of(spool), each, WorkerSettings(**settings))
        Driver(pipe, actors, workers, each, local=local).run()
    except ClusterError as error:
        pipe.send(("failed", str(error)))
    finally:
        ray.shutdown()
