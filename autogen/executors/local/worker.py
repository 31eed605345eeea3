"""A worker process on this machine: takes cohorts from the controller's pipe until the pipe ends."""

import os
import signal
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

from autogen.executors.process import die_with_the_controller, limit_memory


def main(connection: int, spool: int, memory_limit: int, device: str, index: int, workers: int) -> None:
    """Serve the controller that started this process.

    Args:
        connection: File descriptor of this end of the pipe.
        spool: File descriptor of the work.
        memory_limit: Bytes to take on top of what is held when the work is read; 0 for no limit.
        device: ``cpu``, or empty for a card where there is one.
        index: Of this worker.
        workers: How many there are.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the controller's to decide on
    pipe: Connection[Any, Any] = Connection(connection)
    die_with_the_controller(pipe)
    try:
        _serve(pipe, spool, memory_limit, (device, index, workers))
    except (EOFError, OSError):
        os._exit(0)


def _serve(
    connection: "Connection[Any, Any]", spool: int, memory_limit: int, place: tuple[str, int, int]
) -> None:
    try:
        from autogen.executors.cohorts import carry_out
        from autogen.executors.local.placement import placed
        from autogen.executors.shared_memory import read_spool

        work = read_spool(spool)
        limit_memory(memory_limit)
        work = placed(work, *place)
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
