"""Worker process on this machine: it takes trial batches from the controller's pipe until the pipe closes."""

import importlib
import os
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

from autogen.executors.process import die_with_the_controller, leave_signals_to_the_controller, limit_memory


def main(
    connection: int,
    spool: int,
    memory_limit: int,
    device: str,
    index: int,
    workers: int,
    modules: Sequence[str] = (),
    replicas: int = 1,
) -> None:
    """Serve the controller that started this process.

    Args:
        connection: file descriptor of this end of the pipe.
        spool: file descriptor of the work.
        memory_limit: bytes in addition to the memory after loading the work; 0 for no limit.
        device: ``cpu``, or empty for a GPU if there is one.
        index: index of this worker, from 0.
        workers: number of workers.
        modules: modules to import while the controller makes the work.
        replicas: number of processes that train a trial together, this one included.
    """
    leave_signals_to_the_controller()
    pipe: Connection[Any, Any] = Connection(connection)
    die_with_the_controller(pipe)
    try:
        _serve(pipe, spool, memory_limit, (device, index, workers, replicas), modules)
    except (EOFError, OSError):
        os._exit(0)


def _serve(
    connection: "Connection[Any, Any]",
    spool: int,
    memory_limit: int,
    place: tuple[str, int, int, int],
    modules: Sequence[str],
) -> None:
    try:
        for module in modules:
            importlib.import_module(module)
        from autogen.executors.local.ranks import placed_and_led
        from autogen.executors.run_batch import carry_out
        from autogen.executors.shared_memory import read_spool

        connection.recv()  # the work is written
        work = read_spool(spool)
        limit_memory(memory_limit)
        work = placed_and_led(work, spool, memory_limit, place)
    except Exception as error:  # the controller ends the study with this message
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
        trial_batch = connection.recv()
        connection.send(("end", carry_out(work, trial_batch, report)))
