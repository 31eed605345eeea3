"""How much a judge may ask: calls at once, calls a minute, calls and seconds in all."""

import threading
import time
from dataclasses import dataclass

from autogen.errors import MetricError


class Spent(Exception):  # noqa: N818 - not an error: the judge stops asking
    """The budget of calls or of time is spent."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a judge may spend.

    Attributes:
        concurrency: Calls at once.
        per_minute: Calls a minute; ``None`` for no limit.
        calls: Calls in all, repeated ones included; ``None`` for no limit.
        seconds: Seconds in all, from the first call on; ``None`` for no limit.
    """

    concurrency: int = 4
    per_minute: float | None = None
    calls: int | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        given = (self.concurrency, self.per_minute, self.calls, self.seconds)
        if any(limit is not None and not limit > 0 for limit in given):
            raise MetricError("a judge's limits must be above 0; leave one out for no limit")


class Gate:
    """Lets one call through after another, within the limits; for any number of threads."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(limits.concurrency)
        self._free_at = 0.0
        self._started: float | None = None
        self.calls = 0

    def __enter__(self) -> "Gate":
        self._places.acquire()
        try:
            self._wait(self._book())
        except Spent:
            self._places.release()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._places.release()

    def hold(self, seconds: float) -> None:
        """Let no call through for some seconds: the endpoint has asked for it."""
        with self._lock:
            self._free_at = max(self._free_at, time.monotonic() + seconds)

    def remaining(self) -> float:
        """Seconds that are left."""
        if self._limits.seconds is None:
            return float("inf")
        return self._limits.seconds - (time.monotonic() - (self._started or time.monotonic()))

    def check(self, ahead: float = 0.0) -> None:
        """Make sure that a wait of some seconds stays within the time.

        Raises:
            Spent: it does not.
        """
        if self.remaining() <= ahead:
            raise Spent(f"the {self._limits.seconds:g} seconds for judging are spent")

    def _book(self) -> float:
        """Count a call and say how long it has to wait."""
        with self._lock:
            now = time.monotonic()
            self._started = self._started or now
            if self._limits.calls is not None and self.calls >= self._limits.calls:
                raise Spent(f"the {self._limits.calls} calls for judging are spent")
            start = max(now, self._free_at)
            self.check(start - now)
            self.calls += 1
            if self._limits.per_minute:
                self._free_at = start + 60 / self._limits.per_minute
            return start - now

    def _wait(self, seconds: float) -> None:
        if seconds > 0:
            time.sleep(seconds)
