"""The way into a Ray cluster: one that runs somewhere, or one of this machine alone."""

import logging
import os
import socket
import time
from typing import Any

import ray

_KNOCK = 10.0  # seconds in which a cluster must take a connection
_TRIES, _PAUSE = 3, 2.0  # at a client's server, which starts a process for each client, and seconds between


def join(address: str, cpus: int | None) -> None:
    """Connect to a cluster, or start one on this machine.

    Args:
        address: ``auto``, ``HOST:PORT``, ``ray://HOST:PORT`` or ``local``.
        cpus: Of one that is started; ``None`` for all of the machine.

    Raises:
        OSError: nobody listens there.
        ConnectionError: there is no cluster.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if ":" in address:
        _knock(address)
    if address == "local":
        ray.init("local", num_cpus=cpus or None, include_dashboard=False, **quiet)
        return
    for last in range(_TRIES - 1, -1, -1):
        try:
            ray.init(address, **quiet)
            return
        except ConnectionAbortedError:
            if not last:
                raise
            time.sleep(_PAUSE)


def line_of(error: BaseException) -> str:
    """An error of Ray's in one line; where it carries a server's traceback, that one's last line too."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [""]
    return f"{type(error).__name__}: {' '.join(dict.fromkeys((lines[0], lines[-1])))}"


def _knock(address: str) -> None:
    """Fail at once where nobody listens: Ray itself would try for minutes."""
    host, _, port = address.rpartition("//")[2].rpartition(":")
    socket.create_connection((host, int(port)), _KNOCK).close()
