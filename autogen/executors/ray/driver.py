"""Ray's driver in a process of its own: hires workers, hands them cohorts, and tells who died.

Ray ends the process of its driver when the cluster's head stays away; the controller must not end
with it. It talks to this process by a pipe and starts another when it is gone.
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
from autogen.hpo.executor import Crew
from autogen.hpo.trial import Cohort

_GRACE = 2.0  # seconds past a deadline in which a worker may still say itself that it ran past it
_TICK = 0.5  # seconds between two looks at deadlines and at who is wanted
_SURVEY = 2.0  # seconds between two looks at the nodes
_IDLE = 60.0  # seconds after which a worker that nobody needs is let go
_OVERDUE = 60.0  # seconds after which a worker that was asked for counts as waiting for room
_HOPELESS = 900.0  # seconds in which some node must have room for a worker
_STILLBORN = 3  # workers in a row that may die before they are ready, where none is
_PAUSE = 5.0  # seconds without hiring after each of them


class ClusterError(Exception):
    """The cluster cannot be used; the message is for the user."""


class Hand:
    """The driver's side of one worker.

    Attributes:
        actor: The worker.
        since: When it was asked for, or last had work, on ``time.monotonic()``.
        ready: Whether it can take cohorts.
        node: Where it is.
        job: Number of the cohort that it has.
        cohort: This cohort.
        spent: Seconds that it has worked on this cohort.
        due: When it is given up.
    """

    def __init__(self, actor: Any) -> None:
        self.actor = actor
        self.since = time.monotonic()
        self.ready = False
        self.node = ""
        self.take(-1, None)

    def take(self, job: int, cohort: Cohort | None) -> None:
        """Begin with a cohort, or be idle."""
        self.job, self.cohort = job, cohort
        self.spent, self.due = 0.0, float("inf")
        self.since = time.monotonic()
        self.run_on()

    def run_on(self) -> None:
        """Set the deadline; the time in which the worker waited for an answer counts for nobody."""
        if self.cohort is not None and self.cohort.deadline is not None:
            allowed = self.cohort.deadline * len(self.cohort.tasks) + _GRACE
            self.due = time.monotonic() + allowed - self.spent

    def pause(self, spent: float) -> None:
        """Stop the clock until the controller has answered."""
        self.spent += spent
        self.due = float("inf")


class Driver:
    """Serves one controller.

    Args:
        pipe: To the controller.
        pages: The spool.
        limit: Workers at most; 0 for no limit.
        need: Of one worker.
        settings: Of one worker.
        local: Whether the cluster is this study's own and cannot grow.
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
        self._crew: list[Hand] = []
        self._jobs: dict[int, Hand] = {}
        self._waiting: deque[tuple[int, Cohort]] = deque()
        self._slots, self._nodes = 0, 0
        self._stillborn, self._hire_at = 0, 0.0
        self._note = ""
        self._told: tuple[int, Crew] | None = None
        self._began = self._ticked = time.monotonic()

    def run(self) -> None:
        """Serve until the controller closes; raises ``ClusterError``."""
        self._home = ray.get_runtime_context().get_node_id()
        self._share_work()
        options = {"num_cpus": self._need.cpus, "num_gpus": self._need.gpus, "max_restarts": 0}
        options["enable_task_events"] = False  # the dashboard has no use for a line a rung
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
        """Take one event; whether to go on."""
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
        """Make events of what the controller says."""
        while True:
            try:
                self._events.put(self._pipe.recv())
            except (EOFError, OSError):
                self._events.put(("close",))
                return

    def _survey(self) -> None:
        """Make events of the state of the nodes; blocks while the head is away, unless Ray gives it up."""
        while True:
            time.sleep(_SURVEY)
            try:
                self._events.put(("nodes", ray.nodes()))
            except Exception:  # a client's connection is gone: the controller joins again
                self._events.put(("close",))
                return

    def _share_work(self) -> None:
        """Put the spool into the object store; every node fetches it once."""
        self._work = [ray.put(np.frombuffer(self._pages, np.uint8))]

    def _ask(self, hand: Hand, message: Any) -> None:
        """Send a message to a worker; its answer becomes an event."""
        future = hand.actor.step.remote(pickle.dumps(message)).future()
        future.add_done_callback(lambda done: self._events.put(("reply", hand, done)))

    def _on_answer(self, job: int, answers: list[bool]) -> None:
        hand = self._jobs.get(job)
        if hand is not None:  # it may have died while it waited
            hand.run_on()
            self._ask(hand, answers)

    def _abandon(self, job: int) -> None:
        """Give up a cohort: the worker that has it, or its place in the queue."""
        if hand := self._jobs.get(job):
            self._lose(hand, ABANDONED)
        for waiting in [one for one in self._waiting if one[0] == job]:
            self._waiting.remove(waiting)
            self._pipe.send(("end", job, [], lost(waiting[1], ABANDONED), {}))

    def _on_nodes(self, nodes: Sequence[dict[str, Any]]) -> None:
        alive = [node for node in nodes if node["Alive"]]
        if self._home not in {node["NodeID"] for node in alive}:
            raise ClusterError("the cluster's head, or the node that this process talks to, was restarted")
        self._nodes = len(alive)
        self._slots = room([node["Resources"] for node in alive], self._need)
        hopeless = self._local or time.monotonic() > self._began + _HOPELESS
        self._note = "" if self._slots else f"no node has {self._need} for a worker"
        if not self._slots and hopeless and not any(hand.ready for hand in self._crew):
            raise ClusterError(f"{self._note}; ask for less, or add such a node")

    def _on_reply(self, hand: Hand, done: Any) -> None:
        if hand not in self._crew:
            return
        if error := done.exception():
            self._lose(hand, reason_of(error))
            return
        kind, *content = pickle.loads(done.result())  # noqa: S301 - our own worker's
        if kind == "rung":
            spent, measured = content
            hand.pause(spent)
            self._pipe.send(("rung", hand.job, measured))
        elif kind == "end":
            measured, ended, files = content
            told = [replace(finished, node=hand.node) for finished in ended]
            self._pipe.send(("end", hand.job, measured, told, files))
            self._jobs.pop(hand.job)
            hand.take(-1, None)
        elif kind == "ready":
            self._on_ready(hand, *content)
        else:
            if kind == "lost":
                self._share_work()
            self._lose(hand, content[0])

    def _on_ready(self, hand: Hand, version: str, node: str) -> None:
        if version != __version__:
            self._lose(hand, f"node {node} has autogen {version}, and the controller {__version__}")
            return
        hand.ready, hand.node, self._stillborn = True, node, 0
        hand.take(-1, None)

    def _dispatch(self) -> None:
        """Give waiting cohorts to idle workers."""
        if not self._waiting:
            return
        for hand in self._crew:
            if hand.ready and hand.cohort is None:
                job, cohort = self._waiting.popleft()
                hand.take(job, cohort)
                self._jobs[job] = hand
                self._ask(hand, cohort)
                if not self._waiting:
                    return
        self._hire()

    def _tick(self) -> None:
        """Give up who is late, let go who is not needed, ask for who is."""
        now = self._ticked = time.monotonic()
        for hand in list(self._crew):
            if hand.cohort is not None and hand.due < now:
                self._lose(hand, f"ran past its deadline of {hand.cohort.deadline:g} s")
            elif hand.cohort is None and hand.since + _IDLE < now and len(self._crew) > self._wanted():
                self._dismiss(hand)
        self._hire()
        self._tell_status()

    def _wanted(self) -> int:
        return workers_wanted(self._slots, self._limit, len(self._jobs) + len(self._waiting), self._spare)

    def _hire(self) -> None:
        while len(self._crew) < self._wanted() and time.monotonic() >= self._hire_at:
            hand = Hand(self._actor.remote(module_path(), self._work, pickle.dumps(self._settings)))
            self._crew.append(hand)
            self._ask(hand, None)

    def _dismiss(self, hand: Hand) -> None:
        self._crew.remove(hand)
        ray.kill(hand.actor)

    def _lose(self, hand: Hand, reason: str) -> None:
        """Say what became of a worker's cohort; another worker is hired in its place."""
        self._dismiss(hand)
        if hand.cohort is not None:
            self._jobs.pop(hand.job)
            ended = [replace(finished, node=hand.node) for finished in lost(hand.cohort, reason)]
            self._pipe.send(("end", hand.job, [], ended, {}))
        if (
            hand.ready or reason in BLAMELESS
        ):  # nodes come and go, workers that cannot start do not get better
            return
        self._stillborn += 1
        self._hire_at = time.monotonic() + _PAUSE
        self._note = f"workers cannot start: {reason}"
        if self._stillborn >= _STILLBORN and not any(other.ready for other in self._crew):
            raise ClusterError(self._note)

    def _tell_status(self) -> None:
        """Tell the controller how many workers there are, if that has changed."""
        absent = [hand for hand in self._crew if not hand.ready]
        overdue = sum(hand.since + _OVERDUE < time.monotonic() for hand in absent)
        crew = Crew(len(self._crew) - len(absent), len(absent), self._nodes, self._note)
        status = workers_at_once(self._slots, self._limit, overdue), crew
        if status != self._told:
            self._told = status
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
        connection: File descriptor of this end of the pipe.
        spool: File descriptor of the work.
        address: Of the cluster.
        workers: At most; 0 for as many as there is room for.
        need: Of a worker.
        settings: Of a worker.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the controller's to decide on
    pipe: Connection[Any, Any] = Connection(connection)
    die_with_the_controller(pipe)
    local = address == "local"
    try:
        join(address, workers if local else None)
    except Exception as error:  # Ray raises many kinds; all mean that there is no cluster
        pipe.send(("absent", line_of(error)))
        return
    try:
        told = WorkerSettings(**settings)
        Driver(pipe, pages_of(spool), workers, Need(**need), told, local=local).run()
    except ClusterError as error:
        pipe.send(("failed", str(error)))
    finally:
        ray.shutdown()
