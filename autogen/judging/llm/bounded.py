"""Bounds of one HTTP request, whatever the server does: a deadline for all of it, and a size of the reply."""

import contextlib
import importlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

#: Largest reply in bytes: 1 MB, a hundred times what a grade takes.
MOST_BYTES = 1_000_000


class Unbounded(Exception):  # noqa: N818 - of the server, and not of ours
    """The server's reply is too long, too late or packed."""


class Bounds:
    """Hooks of an httpx client that bound each request; several threads do not disturb each other.

    A watch shuts the request's connection down at its deadline, since a server that sends a byte now and then
    would outlive any time limit of a single read.
    """

    def __init__(self) -> None:
        self._here = threading.local()

    def hooks(self) -> dict[str, list[Any]]:
        """Return the event hooks of the client."""
        return {"request": [self._request], "response": [self._response]}

    @contextlib.contextmanager
    def request(self, seconds: float) -> Iterator[None]:
        """Bound the requests that this thread sends within the context.

        Raises:
            Unbounded: the deadline has passed.
        """
        watch = self._here.watch = _Watch(seconds)
        try:
            yield
        except Exception as error:
            if watch.late:
                raise Unbounded(f"no whole reply within {seconds:.3g} s") from error
            raise
        finally:
            watch.end()

    def _request(self, request: Any) -> None:
        request.headers["Accept-Encoding"] = "identity"
        request.headers["Connection"] = "close"  # each request has a connection of its own, which can be shut
        request.extensions["trace"] = self._here.watch.trace

    def _response(self, response: Any) -> None:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise Unbounded("the reply is packed, which was not asked for")
        package = importlib.import_module(type(response).__module__.partition(".")[0])
        response.stream = _bounded(package, response.stream)


def _bounded(package: Any, stream: Any) -> Any:
    """Wrap the body of a response so that it ends with an error beyond the largest size."""

    class Stream(package.SyncByteStream):  # type: ignore[misc]
        def __iter__(self) -> Iterator[bytes]:
            size = 0
            for chunk in stream:
                size += len(chunk)
                if size > MOST_BYTES:
                    raise Unbounded(f"the reply is longer than {MOST_BYTES:,} bytes")
                yield chunk

        def close(self) -> None:
            stream.close()

    return Stream()


class _Watch:
    """Shuts the connections of a request down at its deadline."""

    def __init__(self, seconds: float) -> None:
        self._due = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._connection: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._shut)
        self._timer.daemon = True
        self._timer.start()

    @property
    def late(self) -> bool:
        """True once the deadline has passed."""
        return time.monotonic() >= self._due

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """Learn of a new connection of the request."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            with self._lock:
                self._connection = info["return_value"].get_extra_info("socket")
            if self.late:
                self._shut()

    def end(self) -> None:
        """Stop watching."""
        self._timer.cancel()

    def _shut(self) -> None:
        with self._lock, contextlib.suppress(OSError):
            if self._connection is not None:
                self._connection.shutdown(socket.SHUT_RDWR)
