"""An OpenAI-compatible server on this machine that says what a test has scripted."""

import json
import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, dict[str, str], bytes] | None
Script = Callable[[int, dict[str, Any]], Answer]


@dataclass
class FakeServer:
    """What the server was asked so far; its script may be changed at any time."""

    script: Script
    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    peak: int = 0
    running: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def calls(self) -> int:
        return len(self.bodies)

    def take(self, body: dict[str, Any], key: str) -> Answer:
        with self.lock:
            number = len(self.bodies)
            self.bodies.append(body)
            self.keys.append(key)
            self.running += 1
            self.peak = max(self.peak, self.running)
        try:
            return self.script(number, body)
        finally:
            with self.lock:
                self.running -= 1


def says(text: str, *, logprobs: dict[str, float] | None = None, refusal: str | None = None) -> Answer:
    """A regular reply; log-probabilities are those of its digit."""
    tokens = None
    if logprobs is not None:
        digit = next(at for at, mark in reversed(list(enumerate(text))) if mark.isdigit())
        told = [{"token": token, "logprob": math.log(p)} for token, p in logprobs.items()]
        tokens = {
            "content": [
                {"token": mark, "logprob": 0.0, "top_logprobs": told if at == digit else []}
                for at, mark in enumerate(text)
            ]
        }
    message = {"role": "assistant", "content": text, "refusal": refusal}
    choice = {"index": 0, "finish_reason": "stop", "message": message, "logprobs": tokens}
    body = {"id": "x", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}
    return 200, {"Content-Type": "application/json"}, json.dumps(body).encode()


def fails(status: int, message: str = "no", **headers: str) -> Answer:
    """A reply with an error status."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, named, json.dumps({"error": {"message": message}}).encode()


def grade(score: object, reason: str = "so it is") -> Answer:
    """A reply of the form that was asked for."""
    return says(json.dumps({"reason": reason, "score": score}))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = self.server.fake.take(body, self.headers.get("Authorization", ""))  # type: ignore[attr-defined]
        if answer is None:
            self.close_connection = True
            return
        status, headers, told = answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(script: Script) -> Iterator[FakeServer]:
    """A server that runs while the block does."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.fake = fake = FakeServer(script)  # type: ignore[attr-defined]
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    fake.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
