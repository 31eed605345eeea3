"""Rank process on this machine: it trains what the worker that started it says, until the pipe closes."""

import os
from multiprocessing.connection import Connection
from typing import Any

from autogen.executors.process import die_with_the_controller, leave_signals_to_the_controller, limit_memory


def main(
    connection: int,
    spool: int,
    rank: int,
    size: int,
    address: str,
    backend: str,
    memory_limit: int,
    device: str,
    index: int,
    workers: int,
) -> None:
    """Serve the worker that started this process.

    Args:
        connection: file descriptor of this end of the pipe.
        spool: file descriptor of the work.
        rank: number of this process among those that train a trial, from 1.
        size: number of these.
        address: address of rank 0.
        backend: way in which ranks exchange tensors.
        memory_limit: bytes in addition to the memory after loading the work; 0 for no limit.
        device: ``cpu``, or empty for a GPU if there is one.
        index: index of the worker, from 0.
        workers: number of workers.
    """
    leave_signals_to_the_controller()
    pipe: Connection[Any, Any] = Connection(connection)
    die_with_the_controller(pipe)
    from autogen.executors.local.placement import placed
    from autogen.executors.shared_memory import read_spool
    from autogen.hpo.executor import HasRanks

    work = read_spool(spool)
    limit_memory(memory_limit)
    work = placed(work, device, index * size + rank, workers * size)
    assert isinstance(work, HasRanks)
    try:
        work.follow(pipe.recv, rank, size, address, backend)
    except EOFError:
        os._exit(0)
