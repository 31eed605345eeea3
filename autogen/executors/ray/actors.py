"""Worker actors of a Ray cluster: started, asked and killed; and what a driver knows of each."""

import pickle
import secrets
import time
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import numpy as np
import ray

from autogen.executors.process import module_path
from autogen.executors.ray import worker as ray_worker
from autogen.executors.ray.capacity import Need
from autogen.executors.ray.worker import RayWorker, WorkerSettings
from autogen.executors.seal import Seal
from autogen.hpo.trial import TrialBatch

_GRACE = 2.0  # seconds after a deadline in which a worker may still report it itself


class Actors:
    """Worker actors of one study on the cluster that this process has joined.

    Args:
        pages: bytes of the pickled work.
        need: resources of one worker.
        settings: settings of one worker.

    Attributes:
        home: identifier of this process's node.
        seal: seal of the messages to and from the workers.
    """

    def __init__(self, pages: memoryview, need: Need, settings: WorkerSettings) -> None:
        key = secrets.token_bytes(32)
        self.seal = Seal(key)
        settings = replace(settings, key=key, signature=self.seal.sign(pages))
        self.home: str = ray.get_runtime_context().get_node_id()
        self._pages, self._settings = pages, pickle.dumps(settings)
        options = {"num_cpus": need.cpus, "num_gpus": need.gpus, "max_restarts": 0}
        options["enable_task_events"] = False  # one event per rung is of no use in the dashboard
        options |= {"memory": need.memory} if need.memory else {}
        ray.cloudpickle.register_pickle_by_value(ray_worker)  # a node may not find it by its name
        self._actor = ray.remote(RayWorker).options(**options)
        self.share_work()

    def share_work(self) -> None:
        """Put the work into the object store, from which every node fetches it once."""
        self._work = [ray.put(np.frombuffer(self._pages, np.uint8))]

    def nodes(self) -> list[dict[str, Any]]:
        """Return the cluster's nodes; blocks while the head is away, until Ray gives up and raises."""
        found: list[dict[str, Any]] = ray.nodes()
        return found

    def start(self) -> Any:
        """Request a worker actor; return its handle."""
        return self._actor.remote(module_path(), self._work, self._settings)

    def ask(self, actor: Any, message: Any) -> "Future[bytes]":
        """Send a message to a worker actor; return the future of the sealed answer."""
        asked: Future[bytes] = actor.step.remote(self.seal.pack(message)).future()
        return asked

    def kill(self, actor: Any) -> None:
        """End a worker actor at once."""
        ray.kill(actor)


class WorkerHandle:
    """Handle of one worker in the driver.

    Attributes:
        actor: Ray actor of the worker.
        since: time of the request or of the last work, on ``time.monotonic()``.
        ready: True if the worker can take trial batches.
        node: name of the node.
        job: number of the current trial batch; -1 for none.
        trial_batch: current trial batch, or ``None``.
        spent: seconds of work on the current trial batch.
        due: time at which the worker is killed, on ``time.monotonic()``.
    """

    def __init__(self, actor: Any) -> None:
        self.actor = actor
        self.since = time.monotonic()
        self.ready = False
        self.node = ""
        self.take(-1, None)

    def take(self, job: int, trial_batch: TrialBatch | None) -> None:
        """Assign a trial batch, or ``None`` for an idle worker."""
        self.job, self.trial_batch = job, trial_batch
        self.spent, self.due = 0.0, float("inf")
        self.since = time.monotonic()
        self.run_on()

    def run_on(self) -> None:
        """Set the deadline; time that the worker waited for an answer does not count."""
        if self.trial_batch is not None and self.trial_batch.deadline is not None:
            allowed = self.trial_batch.deadline * len(self.trial_batch.tasks) + _GRACE
            self.due = time.monotonic() + allowed - self.spent

    def pause(self, spent: float) -> None:
        """Suspend the deadline until the controller answers."""
        self.spent += spent
        self.due = float("inf")
