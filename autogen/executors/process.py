"""Child processes of the controller: a pipe to the process, its output, and the reason of its end.

The process is a new interpreter rather than a fork or a spawn of multiprocessing, so that the user's script
is not run again and needs no ``if __name__ == "__main__"``.
"""

import ctypes
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import IO, Any, Protocol

from autogen.training.worker.memory import held_memory

#: Modules that take a second each and are imported where a trial needs them.
LATE = ("torch.distributed.tensor", "sklearn.ensemble", "scipy.stats")
#: Code of the child's interpreter; it finds modules where the controller finds them.
_BOOTSTRAP = """
import importlib, json, sys
sys.path[:] = json.loads(sys.argv[2])
importlib.import_module(sys.argv[1]).main(**json.loads(sys.argv[3]))
"""


class Process(Protocol):
    """Handle of a process, in the manner of ``subprocess.Popen``; a signal's exit code is its negative."""

    @property
    def pid(self) -> int:
        """Its number."""

    def poll(self) -> int | None:
        """Return its exit code; ``None`` while it lives."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, and return its exit code; ``TimeoutExpired`` after ``timeout`` seconds."""

    def kill(self) -> None:
        """Kill it, if it lives."""


@dataclass(frozen=True)
class Start:
    """What a process is started with.

    Attributes:
        module: Module whose ``main`` is called.
        settings: Arguments of ``main``, JSON values.
        descriptors: Further arguments: file descriptors that the process inherits, by name.
        output: File that takes what the process prints.
        environment: Its environment variables.
    """

    module: str
    settings: Mapping[str, Any]
    descriptors: Mapping[str, int]
    output: IO[bytes]
    environment: Mapping[str, str]


def new_interpreter(start: Start) -> Process:
    """Start a process that is a new interpreter."""
    arguments = json.dumps({**start.settings, **start.descriptors})
    return subprocess.Popen(
        [sys.executable, "-c", _BOOTSTRAP, start.module, json.dumps(module_path()), arguments],
        pass_fds=tuple(start.descriptors.values()),
        stdin=subprocess.DEVNULL,
        stdout=start.output,
        stderr=start.output,
        env=dict(start.environment),
        start_new_session=True,
    )


class Companion:
    """Python process that runs ``main`` of a module, in a session of its own.

    Ctrl-C therefore reaches the controller alone.

    Args:
        module: module whose ``main`` is called with ``connection``, the descriptor of its end of the pipe.
        settings: further arguments of ``main``, JSON values.
        descriptors: further arguments: file descriptors that the process inherits, by name.
        environment: environment variables in addition to the controller's.
        started: starts the process; a new interpreter by default.

    Attributes:
        connection: the controller's end of the pipe.
        process: process handle.
    """

    def __init__(
        self,
        module: str,
        settings: Mapping[str, Any],
        descriptors: Mapping[str, int] | None = None,
        environment: Mapping[str, str] | None = None,
        started: Callable[[Start], Process] = new_interpreter,
    ) -> None:
        ours, theirs = socket.socketpair()
        self.connection: Connection[Any, Any] = Connection(ours.detach())
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - its output; closed in `stop`
        inherited = {**(descriptors or {}), "connection": theirs.fileno()}
        whole = {**os.environ, **(environment or {})}
        self.process = started(Start(module, settings, inherited, self._output, whole))
        theirs.close()

    def send(self, message: object) -> None:
        """Send a message; reading from the pipe detects a dead process."""
        try:
            self.connection.send(message)
        except OSError:
            return

    def stop(self) -> None:
        """Kill the process and wait for its end, which takes milliseconds."""
        self.connection.close()
        self.process.kill()
        self.process.wait()
        self._output.close()

    def death(self) -> str:
        """Wait for the end of the process, and describe it with the last line of its output."""
        code = self.process.wait()
        if code >= 0:
            reason = f"ended with exit code {code}"
        else:
            reason = f"killed by signal {-code} ({signal.strsignal(-code)})"
            if -code == signal.SIGKILL:
                reason += ", which often means that memory ran out"
        words = self.last_words()
        return f"{reason}: {words}" if words else reason

    def last_words(self) -> str:
        """Read the last line of the output of the process."""
        self._output.seek(max(0, self._output.seek(0, os.SEEK_END) - 1000))
        lines = self._output.read().decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")


def module_path() -> list[str]:
    """List the folders of modules of this process, as absolute paths."""
    return [folder for entry in sys.path if (folder := entry or working_folder())]


def working_folder() -> str:
    """Return the working folder of this process; empty if it was deleted."""
    try:
        return os.getcwd()  # noqa: PTH109 - a text is wanted
    except FileNotFoundError:
        return ""


def leave_signals_to_the_controller() -> None:
    """Ignore what ends a command: sent to all processes of a job, it must reach the controller alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)  # programs that a plug-in starts do not inherit this


def die_with_the_controller(connection: "Connection[Any, Any]") -> None:
    """End this process as soon as the controller is gone, also in the middle of a trial."""
    die_with_the_parent()
    poller = select.poll()
    poller.register(connection.fileno(), 0)  # poll always reports hang-ups

    def watch() -> None:
        poller.poll()
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def die_with_the_parent() -> None:
    """Let the kernel kill this process with its parent (Linux), even if a plug-in hangs in C."""
    if sys.platform == "linux":
        parent_death_signal = 1
        ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGKILL)


def limit_memory(limit: int) -> None:
    """Make allocations fail once this process has grown by ``limit`` bytes (Linux); 0 for no limit.

    What trials import late is imported first: else a library would take of what a trial may use.
    ``held_memory`` tells what counts.
    """
    if limit and sys.platform == "linux":
        import resource  # POSIX has it alone

        for name in LATE:
            importlib.import_module(name)
        resource.setrlimit(resource.RLIMIT_DATA, (held_memory() + limit, resource.RLIM_INFINITY))
