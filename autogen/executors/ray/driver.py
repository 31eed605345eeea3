"""Ray's driver in a process of its own: it spawns workers, sends them cohorts, and reports deaths.

Ray kills the driver process when the head of the cluster stays away, and the controller must survive that.
The controller talks to this process through a pipe, and starts another one when it is gone.
"""

import pickle
import queue
import signal
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
import ray

from autogen import __version__
from autogen.executors.cohorts import ABANDONED, lost
from autogen.executors.process import die_with_the_controller, module_path
from autogen.executors.ray import worker as ray_worker
from autogen.executors.ray.capacity import SPARE, Need, room, workers_at_once, workers_wanted
from autogen.executors.ray.cluster import join, line_of
from autogen.executors.ray.failures import BLAMELESS, reason_of
from autogen.executors.ray.worker import RayWorker, WorkerSettings
from autogen.executors.shared_memory import pages_of
from autogen.hpo.executor import WorkerStatus
from autogen.hpo.trial import TrialBatch

_GRACE = 2.0  # seconds after a deadline in which a worker may still report it itself
_TICK = 0.5  # seconds between two checks of deadlines and of the number of workers
_SURVEY = 2.0  # seconds between two checks of the nodes
_IDLE = 60.0  # seconds after which an idle worker is released
_OVERDUE = 60.0  # seconds after which a requested worker counts as waiting for capacity
_HOPELESS = 900.0  # time limit for a node with capacity for a worker, in seconds
_FAILED_STARTS = 3  # number of failed starts in a row, without a ready worker, that end the study
_PAUSE = 5.0  # seconds without new workers after a failed start


class ClusterError(Exception):
    """Signal that the cluster cannot be used; the message is for the user."""


class WorkerHandle:
    """Handle of one worker in the driver.

    Attributes:
        actor: Ray actor of the worker.
        since: time of the request or of the last work, on ``time.monotonic()``.
        ready: True if the worker can take cohorts.
        node: name of the node.
        job: number of the current cohort; -1 for none.
        cohort: current cohort, or ``None``.
        spent: seconds of work on the current cohort.
        due: time at which the worker is killed, on ``time.monotonic()``.
    """

    def __init__(self, actor: Any) -> None:
        self.actor = actor
        self.since = time.monotonic()
        self.ready = False
        self.node = ""
        self.take(-1, None)

    def take(self, job: int, cohort: TrialBatch | None) -> None:
        """Assign a cohort, or ``None`` for an idle worker."""
        self.job, self.cohort = job, cohort
        self.spent, self.due = 0.0, float("inf")
        self.since = time.monotonic()
        self.run_on()

    def run_on(self) -> None:
        """Set the deadline; time that the worker waited for an answer does not count."""
        if self.cohort is not None and self.cohort.deadline is not None:
            allowed = self.cohort.deadline * len(self.cohort.tasks) + _GRACE
            self.due = time.monotonic() + allowed - self.spent

    def pause(self, spent: float) -> None:
        """Suspend the deadline until the controller answers."""
        self.spent += spent
        self.due = float("inf")


class Driver:
    """Driver of one controller.

    Args:
        pipe: pipe to the controller.
        pages: bytes of the pickled work.
        limit: maximum number of workers; 0 for no limit.
        need: resources of one worker.
        settings: settings of one worker.
        local: True if the cluster belongs to this study alone and cannot grow.
    """

    def __init__(
        self,
        pipe: "Connection[Any, Any]",
        pages: memoryview,
        limit: int,
        need: Need,
        settings: WorkerSettings,
        *,
        local: bool,
    ) -> None:
        self._pipe, self._pages, self._limit, self._need = pipe, pages, limit, need
        self._settings, self._spare = settings, 0 if local else SPARE
        self._local = local
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
        self._home = ray.get_runtime_context().get_node_id()
        self._share_work()
        options = {"num_cpus": self._need.cpus, "num_gpus": self._need.gpus, "max_restarts": 0}
        options["enable_task_events"] = False  # one event per rung is of no use in the dashboard
        options |= {"memory": self._need.memory} if self._need.memory else {}
        ray.cloudpickle.register_pickle_by_value(ray_worker)  # a node may not find it by its name
        self._actor = ray.remote(RayWorker).options(**options)
        self._on_nodes(ray.nodes())
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
        elif kind == "abandon":
            self._abandon(*content)
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
                self._events.put(("nodes", ray.nodes()))
            except Exception:  # a client's connection is gone: the controller joins again
                self._events.put(("close",))
                return

    def _share_work(self) -> None:
        """Put the work into the object store, from which every node fetches it once."""
        self._work = [ray.put(np.frombuffer(self._pages, np.uint8))]

    def _ask(self, worker: WorkerHandle, message: Any) -> None:
        """Send a message to a worker; the answer becomes an event."""
        future = worker.actor.step.remote(pickle.dumps(message)).future()
        future.add_done_callback(lambda done: self._events.put(("reply", worker, done)))

    def _on_answer(self, job: int, answers: list[bool]) -> None:
        worker = self._jobs.get(job)
        if worker is not None:  # it may have died while it waited
            worker.run_on()
            self._ask(worker, answers)

    def _abandon(self, job: int) -> None:
        """Cancel a cohort: kill its worker, or remove it from the queue."""
        if worker := self._jobs.get(job):
            self._lose(worker, ABANDONED)
        for waiting in [one for one in self._waiting if one[0] == job]:
            self._waiting.remove(waiting)
            self._pipe.send(("end", job, [], lost(waiting[1], ABANDONED), {}))

    def _on_nodes(self, nodes: Sequence[dict[str, Any]]) -> None:
        alive = [node for node in nodes if node["Alive"]]
        if self._home not in {node["NodeID"] for node in alive}:
            raise ClusterError("the head of the cluster, or the node of this process, was restarted")
        self._nodes = len(alive)
        self._slots = room([node["Resources"] for node in alive], self._need)
        hopeless = self._local or time.monotonic() > self._began + _HOPELESS
        self._note = "" if self._slots else f"no node has {self._need} for a worker"
        if not self._slots and hopeless and not any(worker.ready for worker in self._pool):
            raise ClusterError(f"{self._note}; request less, or add such a node")

    def _on_reply(self, worker: WorkerHandle, done: Any) -> None:
        if worker not in self._pool:
            return
        if error := done.exception():
            self._lose(worker, reason_of(error))
            return
        kind, *content = pickle.loads(done.result())  # noqa: S301 - our own worker's
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
                self._share_work()
            self._lose(worker, content[0])

    def _on_ready(self, worker: WorkerHandle, version: str, node: str) -> None:
        if version != __version__:
            self._lose(worker, f"node {node} has autogen {version}, but the controller has {__version__}")
            return
        worker.ready, worker.node, self._failed_starts = True, node, 0
        worker.take(-1, None)

    def _dispatch(self) -> None:
        """Send waiting cohorts to idle workers."""
        if not self._waiting:
            return
        for worker in self._pool:
            if worker.ready and worker.cohort is None:
                job, cohort = self._waiting.popleft()
                worker.take(job, cohort)
                self._jobs[job] = worker
                self._ask(worker, cohort)
                if not self._waiting:
                    return
        self._start_workers()

    def _tick(self) -> None:
        """Kill late workers, release idle ones, and request missing ones."""
        now = self._ticked = time.monotonic()
        for worker in list(self._pool):
            if worker.cohort is not None and worker.due < now:
                self._lose(worker, f"ran past its deadline of {worker.cohort.deadline:g} s")
            elif worker.cohort is None and worker.since + _IDLE < now and len(self._pool) > self._wanted():
                self._stop_worker(worker)
        self._start_workers()
        self._tell_status()

    def _wanted(self) -> int:
        return workers_wanted(self._slots, self._limit, len(self._jobs) + len(self._waiting), self._spare)

    def _start_workers(self) -> None:
        while len(self._pool) < self._wanted() and time.monotonic() >= self._start_at:
            worker = WorkerHandle(self._actor.remote(module_path(), self._work, pickle.dumps(self._settings)))
            self._pool.append(worker)
            self._ask(worker, None)

    def _stop_worker(self, worker: WorkerHandle) -> None:
        self._pool.remove(worker)
        ray.kill(worker.actor)

    def _lose(self, worker: WorkerHandle, reason: str) -> None:
        """Fail the cohort of a worker, and replace the worker."""
        self._stop_worker(worker)
        if worker.cohort is not None:
            self._jobs.pop(worker.job)
            ended = [replace(finished, node=worker.node) for finished in lost(worker.cohort, reason)]
            self._pipe.send(("end", worker.job, [], ended, {}))
        if worker.ready or reason in BLAMELESS:  # lost nodes are normal; failed starts repeat
            return
        self._failed_starts += 1
        self._start_at = time.monotonic() + _PAUSE
        self._note = f"workers cannot start: {reason}"
        if self._failed_starts >= _FAILED_STARTS and not any(other.ready for other in self._pool):
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
        join(address, workers if local else None)
    except Exception as error:  # Ray raises many classes; all mean that there is no cluster
        pipe.send(("absent", line_of(error)))
        return
    try:
        made = WorkerSettings(**settings)
        Driver(pipe, pages_of(spool), workers, Need(**need), made, local=local).run()
    except ClusterError as error:
        pipe.send(("failed", str(error)))
    finally:
        ray.shutdown()
