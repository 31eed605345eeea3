"""A worker on a Ray cluster: an actor that carries out cohorts and answers once an event.

``RayWorker`` itself travels to the node as code, so that it can show the node where the controller
finds its modules before anything of autogen is imported there.
"""

import pickle
import queue
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ray

import autogen
from autogen.executors.cohorts import carry_out
from autogen.executors.process import limit_memory
from autogen.executors.ray.files import sees, take
from autogen.executors.shared_memory import unpack
from autogen.hpo.executor import HasDevice, Work
from autogen.hpo.trial import Cohort, Measurement
from autogen.training.worker.storage import Storage


@dataclass(frozen=True)
class WorkerSettings:
    """What a worker on a cluster is told.

    Attributes:
        gpus: GPUs, or the share of one, that it has.
        memory: Bytes that it may take on top of the work; 0 for no limit.
        storage: Where checkpoints are kept as well; may be empty.
        token: By which a worker recognises a folder of the controller's.
    """

    gpus: float = 0.0
    memory: int = 0
    storage: str = ""
    token: str = ""


class RayWorker:
    """What Ray runs on a node.

    Args:
        path: Where the controller finds its modules.
        work: Reference of the spool, in a list so that Ray does not fetch it before.
        settings: Of the worker, pickled: they are autogen's, which may not be found before.
    """

    def __init__(self, path: list[str], work: list[Any], settings: bytes) -> None:
        import sys

        sys.path.extend(entry for entry in path if entry not in sys.path)

        self._session = Session(work[0], pickle.loads(settings))  # noqa: S301 - the driver's own

    def step(self, message: bytes) -> bytes:
        """Take a cohort or an answer; returns at the next event. Both are pickled: Ray is slower at it."""
        return pickle.dumps(self._session.step(pickle.loads(message)))  # noqa: S301 - the driver's own


class Session:
    """A work thread and the two queues by which it talks.

    The first message is ``None``, and its answer says that the worker is ready. From then on a
    cohort is answered by a rung's measurements or by its end, and a rung's decisions likewise.
    Measurements that need no decision wait for the next answer: a message costs a millisecond.

    Args:
        work: Reference of the spool.
        settings: Of the worker.
    """

    def __init__(self, work: Any, settings: WorkerSettings) -> None:
        self._settings = settings
        self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._outbox: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
        self._scratch: Path | None = None
        self._shared: dict[str, bool] = {}
        self._began = 0.0
        self._full: dict[int, int] = {}
        self._untold: list[Measurement] = []
        threading.Thread(target=self._serve, args=(work,), daemon=True).start()

    def step(self, message: Any) -> tuple[Any, ...]:
        """Hand a message to the work thread and wait for what it has to say."""
        self._inbox.put(message)
        return self._outbox.get()

    def _serve(self, reference: Any) -> None:
        try:
            work = placed(unpack(memoryview(ray.get(reference))), self._settings.gpus)
            if self._settings.storage:
                Storage(self._settings.storage).check()
            limit_memory(0 if self._settings.gpus else self._settings.memory)
            self._inbox.get()
        except ray.exceptions.ObjectLostError as error:
            self._outbox.put(("lost", str(error)))
            return
        except Exception as error:
            self._outbox.put(("broken", f"{type(error).__name__}: {error}"))
            return
        self._outbox.put(("ready", autogen.__version__, node_name()))
        while True:
            cohort = self._inbox.get()
            self._began = time.monotonic()
            self._full = {task.number: task.steps for task in cohort.tasks}
            ended, files = self._carry_out(work, cohort)
            self._outbox.put(("end", self._all_untold(), ended, files))

    def _carry_out(self, work: Work, cohort: Cohort) -> tuple[Any, ...]:
        """Do a cohort; returns how its trials ended and, where nobody else sees them, their files."""
        if not cohort.folder or self._sees(cohort.folder):
            return carry_out(work, cohort, self._report), {}
        if self._scratch is None:
            self._scratch = Path(tempfile.mkdtemp(prefix="autogen-"))
        ended = carry_out(work, replace(cohort, folder=str(self._scratch)), self._report)
        return ended, take(self._scratch, cohort)

    def _report(self, measured: Sequence[Measurement]) -> list[bool]:
        self._untold += measured
        if all(one.step >= self._full[one.number] for one in measured):
            return [True] * len(measured)
        self._outbox.put(("rung", time.monotonic() - self._began, self._all_untold()))
        answers: list[bool] = self._inbox.get()
        self._began = time.monotonic()
        return answers[-len(measured) :]

    def _all_untold(self) -> list[Measurement]:
        """The measurements since the last answer, in their order; the next answer begins afresh."""
        untold, self._untold = self._untold, []
        return untold

    def _sees(self, folder: str) -> bool:
        """Whether this node sees a folder of the controller's."""
        if folder not in self._shared:
            self._shared[folder] = sees(Path(folder), self._settings.token)
        return self._shared[folder]


def placed(work: Work, gpus: float) -> Work:
    """The work on the GPU that this worker was given, where it was given one and can use it."""
    if gpus and isinstance(work, HasDevice):
        return work.on("cuda:0", min(1.0, gpus))
    return work


def node_name() -> str:
    """The address of this node and the first digits of its id."""
    return f"{ray.util.get_node_ip_address()}/{ray.get_runtime_context().get_node_id()[:6]}"
