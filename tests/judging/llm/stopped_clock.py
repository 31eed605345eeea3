"""A clock that only a test moves, in the place of the module `time`."""

import threading


class StoppedClock:
    """Notes how long it was asked to sleep, and does not: the pauses themselves can be compared.

    Attributes:
        now: Seconds, moved by ``ahead`` alone.
        pauses: Seconds of each sleep that was asked for.
    """

    def __init__(self) -> None:
        self.now = 100.0
        self.pauses: list[float] = []
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.pauses.append(seconds)

    def ahead(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds
