"""Processes of this machine that train trials together with a worker."""

import os
import sys
import threading
import time
from collections.abc import Mapping
from multiprocessing.connection import wait
from typing import IO, Any

from autogen.executors.local.placement import placed
from autogen.executors.process import Companion
from autogen.hpo.executor import HasDevice, HasRanks, Work

_LOOPBACK = "127.0.0.1"
_SETTLING = 1.0  # seconds in which the end of another rank is noticed after an error


class LocalRanks:
    """Ranks 1 to N - 1 beside a worker, which is rank 0; they die with it, and it dies with any of them.

    A trial cannot go on without one of its ranks. A worker that ends is what the controller replaces and
    whose trial it retries, so that there is one way for a trial to be lost.

    Args:
        size: N, number of ranks.
        spool: File of the work, or its descriptor.
        place: Further arguments of a rank's ``main``: its memory, device and worker.
        backend: ``gloo``, or ``nccl`` where each rank has a card of its own.
    """

    address = _LOOPBACK

    def __init__(self, size: int, spool: int | IO[bytes], place: Mapping[str, Any], backend: str) -> None:
        self.size, self.backend = size, backend
        self._spool, self._place = spool, place
        self._others: list[Companion] = []

    def start(self) -> None:
        """Start the others, unless they run."""
        if self._others:
            return
        spool = self._spool if isinstance(self._spool, int) else self._spool.fileno()
        place = {**self._place, "size": self.size, "backend": self.backend, "address": self.address}
        self._others = [
            Companion("autogen.executors.local.rank", {**place, "rank": rank}, {"spool": spool})
            for rank in range(1, self.size)
        ]
        threading.Thread(target=self._watch, args=(list(self._others),), daemon=True).start()

    def send(self, message: tuple[Any, ...]) -> None:
        """Send a message to each of the others."""
        for other in self._others:
            other.send(message)

    def check(self) -> None:
        """Wait a moment for the end of another rank, which ends this process."""
        time.sleep(_SETTLING if self._others else 0.0)

    def stop(self) -> None:
        """Kill the others."""
        others, self._others = self._others, []
        for other in others:
            other.stop()

    def _watch(self, others: list[Companion]) -> None:
        """End this process as soon as one of the others has ended, unless it was stopped."""
        try:
            first = wait([other.connection for other in others])[0]  # none of them sends anything
            rank = next(n for n, other in enumerate(others, start=1) if other.connection is first)
        except OSError:  # stopped
            return
        if self._others != others:
            return
        reason = others[rank - 1].death()
        print(f"rank {rank} of {self.size} {reason}", file=sys.stderr, flush=True)
        os._exit(1)


def placed_and_led(
    work: Work, spool: int | IO[bytes], memory_limit: int, place: tuple[str, int, int, int]
) -> Work:
    """Return the work where this worker is to do it, with further ranks if there are any.

    Args:
        work: Work of the study.
        spool: File of the work, or its descriptor.
        memory_limit: Bytes of each rank in addition to the memory after loading the work; 0 for no limit.
        place: Device, index of the worker, number of workers, and number of ranks of each.
    """
    device, index, workers, size = place
    found = placed(work, device, index * size, workers * size)
    if size == 1 or not isinstance(found, HasRanks):
        return found
    given = {"memory_limit": memory_limit, "device": device, "index": index, "workers": workers}
    ranks = LocalRanks(size, spool, given, backend_for(found, device, workers * size))
    ranks.start()  # they load what they need while this process waits for a trial
    return found.led(ranks)


def backend_for(work: Work, device: str, processes: int) -> str:
    """Return ``nccl`` where each process has a card of its own, which it needs; else ``gloo``."""
    cards = work.cards() if device != "cpu" and isinstance(work, HasDevice) else 0
    return "nccl" if cards >= processes else "gloo"
