"""A worker process: takes cohorts from the controller's pipe until the pipe ends.

It is started afresh rather than forked or spawned by multiprocessing, so that the user's script is
not run again and needs no ``if __name__ == "__main__"``.
"""

import ctypes
import json
import os
import resource
import select
import signal
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

#: What the interpreter of a worker runs; modules are found where the controller finds them.
BOOTSTRAP = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])["path"]
from autogen.executors.worker import main
main()
"""


@dataclass(frozen=True)
class WorkerSettings:
    """What a worker must know before it can take cohorts.

    Attributes:
        connection: File descriptor of its end of the pipe.
        spool: File descriptor of the work.
        path: The controller's ``sys.path``.
        memory_limit: Bytes it may take on top of what it holds when it is ready; 0 for no limit.
    """

    connection: int
    spool: int
    path: list[str]
    memory_limit: int

    def command(self) -> list[str]:
        """The command that starts a worker with these settings."""
        return [sys.executable, "-c", BOOTSTRAP, json.dumps(asdict(self))]


def main() -> None:
    """Serve the controller that started this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the controller's to decide on
    settings = WorkerSettings(**json.loads(sys.argv[1]))
    connection: Connection[Any, Any] = Connection(settings.connection)
    _die_with_the_controller(connection)
    try:
        _serve(connection, settings)
    except (EOFError, OSError):
        os._exit(0)


def _serve(connection: "Connection[Any, Any]", settings: WorkerSettings) -> None:
    try:
        from autogen.executors.cohorts import carry_out
        from autogen.executors.spool import read_spool

        work = read_spool(settings.spool)
        _limit_memory(settings.memory_limit)
    except Exception as error:  # told to the controller, which ends the study with it
        connection.send(("broken", f"{type(error).__name__}: {error}"))
        return
    connection.send(("ready", None))

    def report(measured: Sequence[Any]) -> list[bool]:
        try:
            connection.send(("rung", (time.monotonic(), list(measured))))
            answers: list[bool] = connection.recv()
        except (EOFError, OSError):
            os._exit(0)
        return answers

    while True:
        cohort = connection.recv()
        connection.send(("end", carry_out(work, cohort, report)))


def _limit_memory(limit: int) -> None:
    """Let allocations fail once the process has grown by ``limit`` bytes."""
    if limit:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        held = pages * os.sysconf("SC_PAGE_SIZE")
        resource.setrlimit(resource.RLIMIT_AS, (held + limit, resource.RLIM_INFINITY))


def _die_with_the_controller(connection: "Connection[Any, Any]") -> None:
    """End this process as soon as the controller's end of the pipe is gone, in the middle of a trial too."""
    if sys.platform == "linux":  # also where a plug-in hangs in C and lets no thread run
        parent_death_signal = 1
        ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGKILL)
    poller = select.poll()
    poller.register(connection.fileno(), 0)  # hang-ups are reported unasked

    def watch() -> None:
        poller.poll()
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
