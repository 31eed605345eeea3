"""Worker on a Ray cluster: an actor that runs trial batches and answers once per event.

``RayWorker`` itself is sent to the node as code, so that it can set the node's module path to that of the
controller before the node imports autogen.
"""

import pickle
import queue
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import ray

import autogen
from autogen.executors.local.ranks import placed_and_led
from autogen.executors.process import limit_memory
from autogen.executors.ray.files import sees, take
from autogen.executors.run_batch import carry_out
from autogen.executors.seal import Seal
from autogen.executors.shared_memory import make_spool, unpack
from autogen.hpo.executor import HasDevice, Report, Work
from autogen.hpo.trial import Finished, Measurement, TrialBatch
from autogen.training.worker.storage import Storage


@dataclass(frozen=True)
class WorkerSettings:
    """Settings of a worker on a cluster.

    Attributes:
        gpus: number of GPUs, or the share of one.
        memory: memory in addition to the work, in bytes; 0 for no limit.
        replicas: number of processes of the node that train a trial together.
        storage: folder or URL for copies of checkpoints; empty for none.
        token: token by which a worker recognizes a folder of the controller.
        key: key of the messages between the driver and its workers.
        signature: signature of the pickled work.
    """

    gpus: float = 0.0
    memory: int = 0
    replicas: int = 1
    storage: str = ""
    token: str = ""
    key: bytes = field(default=b"", repr=False)
    signature: bytes = b""


class RayWorker:
    """Actor that Ray runs on a node.

    Args:
        path: module path of the controller.
        work: reference to the pickled work, in a list so that Ray does not resolve it.
        settings: pickled ``WorkerSettings``, since the node cannot import autogen before it knows the path.
    """

    def __init__(self, path: list[str], work: list[Any], settings: bytes) -> None:
        import sys

        sys.path.extend(entry for entry in path if entry not in sys.path)

        given: WorkerSettings = pickle.loads(settings)  # noqa: S301 - of whoever started this actor
        self._seal = Seal(given.key)
        self._session = Session(work[0], given)

    def step(self, message: bytes) -> bytes:
        """Handle a trial batch or an answer, and return the next event; we pickle both faster than Ray.

        Others on the cluster can call this too: only what the driver has sealed is unpickled.
        """
        return self._seal.pack(self._session.step(self._seal.unpack(message)))


class Session:
    """Work thread with two queues.

    The first message is ``None``; its answer tells that the worker is ready. From then on the answer to a
    trial batch, or to the decisions at a rung, is either the measurements of the next rung or the end of the
    trial batch. Measurements that need no decision wait for the next answer: a message costs a millisecond.

    Args:
        work: reference to the pickled work.
        settings: settings of the worker.
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
        """Pass a message to the work thread, and wait for its event."""
        self._inbox.put(message)
        return self._outbox.get()

    def _serve(self, reference: Any) -> None:
        try:
            pages = memoryview(ray.get(reference))
            Seal(self._settings.key).check(pages, self._settings.signature)
            work = ranked(unpack(pages), pages, self._settings)
            if self._settings.storage:
                Storage(self._settings.storage).check()
            limit_memory(memory_of(self._settings))
            self._inbox.get()
        except ray.exceptions.ObjectLostError as error:
            self._outbox.put(("lost", str(error)))
            return
        except Exception as error:
            self._outbox.put(("broken", f"{type(error).__name__}: {error}"))
            return
        self._outbox.put(("ready", autogen.__version__, node_name()))
        while True:
            trial_batch = self._inbox.get()
            self._began = time.monotonic()
            self._full = {task.number: task.steps for task in trial_batch.tasks}
            ended, files = self._carry_out(work, trial_batch)
            self._outbox.put(("end", self._all_untold(), ended, files))

    def _carry_out(self, work: Work, trial_batch: TrialBatch) -> tuple[Any, ...]:
        """Run a trial batch; return the ends of its trials and their files, if no folder is shared."""
        files: dict[str, bytes] = {}

        def with_files(trial_batch: TrialBatch, report: Report) -> list[Finished]:
            if not trial_batch.folder or self._sees(trial_batch.folder):
                return work(trial_batch, report)
            self._scratch = self._scratch or Path(tempfile.mkdtemp(prefix="autogen-"))
            ended = work(replace(trial_batch, folder=str(self._scratch)), report)
            files.update(take(self._scratch, trial_batch))
            return ended

        return carry_out(with_files, trial_batch, self._report), files

    def _report(self, measured: Sequence[Measurement]) -> list[bool]:
        self._untold += measured
        if all(one.step >= self._full[one.number] for one in measured):
            return [True] * len(measured)
        self._outbox.put(("rung", time.monotonic() - self._began, self._all_untold()))
        answers: list[bool] = self._inbox.get()
        self._began = time.monotonic()
        return answers[-len(measured) :]

    def _all_untold(self) -> list[Measurement]:
        """Return the measurements since the last answer, in their order, and clear them."""
        untold, self._untold = self._untold, []
        return untold

    def _sees(self, folder: str) -> bool:
        """Tell if this node shares a folder of the controller."""
        if folder not in self._shared:
            self._shared[folder] = sees(Path(folder), self._settings.token)
        return self._shared[folder]


def memory_of(settings: WorkerSettings) -> int:
    """Return the memory of each process of a worker, in bytes; 0 for no limit."""
    return 0 if settings.gpus else settings.memory // settings.replicas


def ranked(work: Work, pages: memoryview, settings: WorkerSettings) -> Work:
    """Place the work, with further ranks on this node if there are to be any; they end with this process.

    Args:
        work: work of the study.
        pages: its pickled bytes, which the ranks read from a file without a name.
        settings: settings of the worker.
    """
    if settings.replicas == 1:
        return placed(work, settings.gpus)
    spool = make_spool()
    spool.write(pages)
    spool.flush()
    device = "" if settings.gpus else "cpu"
    return placed_and_led(work, spool, memory_of(settings), (device, 0, 1, settings.replicas))


def placed(work: Work, gpus: float) -> Work:
    """Place the work on the GPU of this worker, if it has one and the work can use it."""
    if gpus and isinstance(work, HasDevice):
        return work.on("cuda:0", min(1.0, gpus))
    return work


def node_name() -> str:
    """Compose a name of the address of this node and the first digits of its id."""
    return f"{ray.util.get_node_ip_address()}/{ray.get_runtime_context().get_node_id()[:6]}"
