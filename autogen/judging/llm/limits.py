"""Limits on the requests of a judge: parallel calls, calls per minute, total calls and seconds."""

import threading
import time
from dataclasses import dataclass

from autogen.errors import MetricError


class BudgetSpent(Exception):  # noqa: N818 - not an error: the judge stops asking
    """Signal that the budget of calls or of time is spent."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on the requests of a judge.

    Attributes:
        concurrency: maximum number of parallel calls.
        per_minute: maximum number of calls per minute; ``None`` for no limit.
        calls: maximum number of calls, with retries; ``None`` for no limit.
        seconds: time limit from the first call on, in seconds; ``None`` for no limit.
    """

    concurrency: int = 4
    per_minute: float | None = None
    calls: int | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        given = (self.concurrency, self.per_minute, self.calls, self.seconds)
        if any(limit is not None and not limit > 0 for limit in given):
            raise MetricError(
                f"the limits of a judge must be above 0; got {given}. Leave a limit out for no limit"
            )


class RateLimiter:
    """Rate limiter of calls for any number of threads; a context manager around each call."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(limits.concurrency)
        self._free_at = 0.0
        self._started: float | None = None
        self.calls = 0

    def __enter__(self) -> "RateLimiter":
        self._places.acquire()
        try:
            self._wait(self._book())
        except BudgetSpent:
            self._places.release()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._places.release()

    def hold(self, seconds: float) -> None:
        """Hold all calls for some seconds, as the endpoint demands."""
        with self._lock:
            self._free_at = max(self._free_at, time.monotonic() + seconds)

    def remaining(self) -> float:
        """Compute the seconds that are left; infinite without a limit."""
        if self._limits.seconds is None:
            return float("inf")
        return self._limits.seconds - (time.monotonic() - (self._started or time.monotonic()))

    def check(self, ahead: float = 0.0) -> None:
        """Check that a pause of ``ahead`` seconds fits into the time limit.

        Raises:
            BudgetSpent: it does not fit.
        """
        if self.remaining() <= ahead:
            raise BudgetSpent(f"the {self._limits.seconds:g} seconds for judging are spent")

    def _book(self) -> float:
        """Count a call, and compute its waiting time in seconds."""
        with self._lock:
            now = time.monotonic()
            self._started = self._started or now
            if self._limits.calls is not None and self.calls >= self._limits.calls:
                raise BudgetSpent(f"the {self._limits.calls} calls for judging are spent")
            start = max(now, self._free_at)
            self.check(start - now)
            self.calls += 1
            if self._limits.per_minute:
                self._free_at = start + 60 / self._limits.per_minute
            return start - now

    def _wait(self, seconds: float) -> None:
        if seconds > 0:
            time.sleep(seconds)
