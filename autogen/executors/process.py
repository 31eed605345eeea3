"""Child processes of the controller: a pipe to the process, its output, and the reason of its end.

The process is a new interpreter rather than a fork or a spawn of multiprocessing, so that the user's script
is not run again and needs no ``if __name__ == "__main__"``.
"""

import ctypes
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

#: Code of the child's interpreter; it finds modules where the controller finds them.
_BOOTSTRAP = """
import importlib, json, sys
sys.path[:] = json.loads(sys.argv[2])
importlib.import_module(sys.argv[1]).main(**json.loads(sys.argv[3]))
"""


class Companion:
    """Python process that runs ``main`` of a module, in a session of its own.

    Ctrl-C therefore reaches the controller alone.

    Args:
        module: module whose ``main`` is called with ``connection``, the descriptor of its end of the pipe.
        settings: further arguments of ``main``, JSON values.
        descriptors: file descriptors that the process inherits.
        environment: environment variables in addition to the controller's.

    Attributes:
        connection: the controller's end of the pipe.
        process: process handle.
    """

    def __init__(
        self,
        module: str,
        settings: Mapping[str, Any],
        descriptors: Sequence[int] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        ours, theirs = socket.socketpair()
        self.connection: Connection[Any, Any] = Connection(ours.detach())
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - its output; closed in `stop`
        arguments = json.dumps({**settings, "connection": theirs.fileno()})
        self.process = subprocess.Popen(
            [sys.executable, "-c", _BOOTSTRAP, module, json.dumps(module_path()), arguments],
            pass_fds=(theirs.fileno(), *descriptors),
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._output,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
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
    return [entry or os.getcwd() for entry in sys.path]  # noqa: PTH109 - a text is wanted


def leave_signals_to_the_controller() -> None:
    """Ignore what ends a command: sent to all processes of a job, it must reach the controller alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)  # programs that a plug-in starts do not inherit this


def die_with_the_controller(connection: "Connection[Any, Any]") -> None:
    """End this process as soon as the controller is gone, also in the middle of a trial."""
    if sys.platform == "linux":  # works even if a plug-in hangs in C and lets no thread run
        parent_death_signal = 1
        ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGKILL)
    poller = select.poll()
    poller.register(connection.fileno(), 0)  # poll always reports hang-ups

    def watch() -> None:
        poller.poll()
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def limit_memory(limit: int) -> None:
    """Make allocations fail once this process has grown by ``limit`` bytes (Linux); 0 for no limit."""
    if limit and sys.platform == "linux":
        import resource  # POSIX has it alone

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        held = pages * os.sysconf("SC_PAGE_SIZE")
        resource.setrlimit(resource.RLIMIT_AS, (held + limit, resource.RLIM_INFINITY))
