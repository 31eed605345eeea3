"""Connection to a Ray cluster: a running one, or a new one on this machine."""

import logging
import os
import socket
import time
from pathlib import Path
from typing import Any

import ray

_KNOCK = 10.0  # time limit of a first connection to the cluster, in seconds
_TRIES, _PAUSE = 3, 2.0  # attempts at a Ray Client server, and seconds between them


def join(address: str, cpus: int | None) -> None:
    """Connect to a cluster, or start one on this machine.

    Args:
        address: ``auto``, ``HOST:PORT``, ``ray://HOST:PORT`` or ``local``.
        cpus: number of cores of a new cluster; ``None`` for all cores of the machine.

    Raises:
        OSError: nothing listens at the address.
        ConnectionError: there is no cluster, or it asks for another token.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if ":" in (found := known() if address == "auto" else address):
        _knock(found)
    if address == "local":
        ray.init("local", num_cpus=cpus, include_dashboard=False, **quiet)
        return
    for last in range(_TRIES - 1, -1, -1):
        try:
            ray.init(address, **quiet)
            return
        except ConnectionAbortedError:
            if not last:
                raise
            time.sleep(_PAUSE)
        except ConnectionError as error:
            if ":" not in address:
                raise
            raise ConnectionError(
                f"{address} listens, but does not let this study in: it is no Ray cluster, or it asks for a "
                "token (set RAY_AUTH_MODE=token, and RAY_AUTH_TOKEN to the cluster's)"
            ) from error


def known() -> str:
    """Return the address that ``auto`` leads to; empty where none is known.

    A cluster that was killed leaves its address behind.
    """
    if address := os.environ.get("RAY_ADDRESS", ""):
        return address
    place = Path(os.environ.get("RAY_TMPDIR") or "/tmp") / "ray" / "ray_current_cluster"  # noqa: S108 - Ray's
    return place.read_text().strip() if place.is_file() else ""


def line_of(error: BaseException) -> str:
    """Shorten an error of Ray to one line, with the last line of a server's traceback if it has one."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [""]
    return f"{type(error).__name__}: {' '.join(dict.fromkeys((lines[0], lines[-1])))}"


def _knock(address: str) -> None:
    """Fail at once if nothing listens: Ray itself would retry for minutes."""
    host, _, port = address.rpartition("//")[2].rpartition(":")
    socket.create_connection((host, int(port)), _KNOCK).close()
