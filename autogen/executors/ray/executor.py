"""Executor on a Ray cluster: the controller's side, which survives a restart of the cluster's head."""

import contextlib
import importlib.util
import secrets
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, Any

from autogen.errors import RunError, SettingsError
from autogen.executors.process import Companion
from autogen.executors.ray.capacity import Need
from autogen.executors.ray.files import mark, put
from autogen.executors.ray.options import RayOptions
from autogen.executors.shared_memory import write_spool
from autogen.hpo.executor import Decide, Executor, Work, WorkerStatus
from autogen.hpo.trial import Finished, TrialBatch
from autogen.training.worker.storage import Storage

_RECONNECT = 600.0  # seconds to wait for the return of a lost cluster
_JOIN = 180.0  # time limit of joining a cluster, in seconds
_PAUSE = 2.0  # seconds between two attempts
_CLOSE = 10.0  # time limit of leaving the cluster, in seconds
_HEARTBEAT = 1.0  # seconds between two checks of a silent driver


class RayExecutor(Executor):
    """Runs trial batches in actors on the nodes of a Ray cluster.

    Workers come and go with the cluster. When its head is restarted, what was in work is submitted
    again; a trial batch's checkpoints decide from where it goes on.

    Args:
        workers: At most; 0 for as many as there is room for.
        options: Address, share of GPUs, memory and replicas of each worker, storage for checkpoints.

    Raises:
        SettingsError: Ray is not installed, or what an address outside the cluster needs.
        RunError: no such storage, or its package is not installed.
    """

    Options = RayOptions

    def __init__(self, workers: int = 0, options: RayOptions | None = None) -> None:
        options = options or RayOptions()
        address, gpus, storage = options.address, options.gpus_per_trial, options.storage
        replicas = options.replica_count()
        if importlib.util.find_spec("ray") is None:
            raise SettingsError("a cluster needs Ray; run: pip install 'ray[client]'")
        if address.startswith("ray://") and importlib.util.find_spec("grpc") is None:
            raise SettingsError(f"{address} needs grpcio, here and there; run: pip install 'ray[client]'")
        if storage:
            Storage(storage)  # what is wrong with it shows before a cluster is joined
        self.workers = workers or 1
        self.status: WorkerStatus | None = None
        self._address = address
        self._token = secrets.token_hex(8)
        self._settings = {
            "address": address,
            "workers": workers,
            "need": asdict(Need(float(replicas), gpus, options.memory)),
            "settings": {
                "gpus": gpus,
                "memory": options.memory,
                "replicas": replicas,
                "storage": storage,
                "token": self._token,
            },
        }
        self._spool: IO[bytes] | None = None
        self._driver: Companion | None = None
        self._flying: dict[int, TrialBatch] = {}
        self._submitted = 0
        self._up = self._ever_up = False
        self._gone_at: float | None = None
        self._join_at = 0.0
        self._storage = storage
        self._storages: dict[str, str] = {}

    def start(self, work: Work) -> None:
        """Pickle the work, join the cluster and wait for its answer, but not for the workers.

        Raises:
            RunError: no cluster answers at the address.
        """
        self._spool = write_spool(work)
        self._driver = self._join()
        until = time.monotonic() + _JOIN
        while self.status is None:
            self._receive(lambda _: True, _HEARTBEAT)
            if time.monotonic() > until:
                raise RunError(
                    f"the Ray cluster at {self._address} did not answer within {_JOIN:g} s; "
                    "check that it runs"
                )

    def submit(self, trial_batch: TrialBatch) -> None:
        """Queue a trial batch."""
        if trial_batch.folder:
            trial_batch = replace(trial_batch, storage=self._storage_of(trial_batch.folder))
        self._flying[self._submitted] = trial_batch
        if self._driver is not None and self._up:
            self._driver.send(("submit", self._submitted, trial_batch))
        self._submitted += 1

    def results(self, decide: Decide, timeout: float | None = None) -> Iterator[Finished]:
        """Answer measurements and yield ends of trials; see ``Executor.results``.

        Raises:
            RunError: the cluster is lost and does not return, or its workers cannot start.
        """
        until = float("inf") if timeout is None else time.monotonic() + timeout
        while self._flying:
            left = max(0.0, until - time.monotonic())
            happened = self._receive(decide, min(left, _HEARTBEAT))
            if happened is None:
                if left <= 0:
                    return
                continue
            yield from happened
            until = 0.0

    def cancel(self, number: int) -> None:
        """Kill the actor of this trial."""
        if self._driver is None or not self._up:
            return
        for job, trial_batch in self._flying.items():
            if any(task.number == number for task in trial_batch.tasks):
                self._driver.send(("cancel", job))

    def close(self) -> None:
        """Leave the cluster; Ray ends the workers."""
        if self._driver is not None:
            self._driver.send(("close",))
            with contextlib.suppress(Exception):
                self._driver.process.wait(_CLOSE if self._up else 0.0)
            self._driver.stop()
            self._driver = None
        if self._spool is not None:
            self._spool.close()
            self._spool = None
        self._flying.clear()
        self._up = False

    def _join(self) -> Companion:
        """Start a driver process."""
        assert self._spool is not None
        own = private() if self._address == "local" else {}
        spool = {"spool": self._spool.fileno()}
        return Companion("autogen.executors.ray.driver", self._settings, spool, own)

    def _storage_of(self, folder: str) -> str:
        """Mark a folder of trials so that workers recognize it, and find its place in the storage."""
        if folder not in self._storages:
            name = mark(Path(folder), self._token)
            self._storages[folder] = f"{self._storage.rstrip('/')}/{name}" if self._storage else ""
        return self._storages[folder]

    def _receive(self, decide: Decide, timeout: float) -> list[Finished] | None:
        """Handle one message of the driver; return ``None`` if there was none."""
        if self._driver is None:
            self._rejoin(timeout)
            return None
        try:
            if not self._driver.connection.poll(timeout):
                return None
            kind, *content = self._driver.connection.recv()
        except (EOFError, OSError):
            self._lose_driver()
            return None
        return self._take(kind, content, decide)

    def _take(self, kind: str, content: list[Any], decide: Decide) -> list[Finished]:
        """Handle a message of the driver."""
        assert self._driver is not None
        if kind == "rung":
            job, measured = content
            self._driver.send(("answer", job, [decide(measurement) for measurement in measured]))
        elif kind == "end":
            job, measured, ended, files = content
            for measurement in measured:
                decide(measurement)
            put(Path(self._flying.pop(job).folder), files)
            return list(ended)
        elif kind == "status":
            self.workers, self.status = content
        elif kind == "up":
            self._up = self._ever_up = True
            self._gone_at = None
            for job, trial_batch in self._flying.items():
                self._driver.send(("submit", job, trial_batch))
        elif kind == "failed" or not self._ever_up:
            raise RunError(f"the Ray cluster at {self._address} cannot be used: {content[0]}{_hint(kind)}")
        return []

    def _lose_driver(self) -> None:
        """Handle the end of the driver, as after the loss of the cluster's head: join again after a pause."""
        assert self._driver is not None
        reason = self._driver.death()
        self._driver.stop()
        self._driver, self._up = None, False
        if not self._ever_up:
            raise RunError(f"the Ray cluster at {self._address} cannot be joined: {reason}")
        now = time.monotonic()
        self._gone_at = self._gone_at or now
        self._join_at = now + _PAUSE
        self.status = WorkerStatus(note=f"the cluster at {self._address} is lost; waiting for its return")
        if now > self._gone_at + _RECONNECT:
            raise RunError(
                f"the Ray cluster at {self._address} has been lost for {_RECONNECT:g} s. The journal holds "
                "all measurements; start the cluster again, then run autogen resume on the run folder"
            )

    def _rejoin(self, timeout: float) -> None:
        """Join again once the pause is over."""
        time.sleep(max(0.0, min(timeout, self._join_at - time.monotonic())))
        if time.monotonic() >= self._join_at:
            self._driver = self._join()


def private() -> dict[str, str]:
    """Make the environment of a cluster of this machine alone, which nobody else can join.

    Its ports are bound to the loopback address, and they ask for a token that only this study knows.
    """
    return {
        # Ray's name for clusters of several machines, which it switches off only on other systems
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
    }


def _hint(kind: str) -> str:
    """Advise what to do without a cluster."""
    if kind != "absent":
        return ""
    return "; start one with `ray start --head`, or run on this machine alone with --address local"
