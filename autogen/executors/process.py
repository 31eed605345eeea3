"""A process of its own beside the controller: a pipe to it, what it prints, and how it ended.

It is started afresh rather than forked or spawned by multiprocessing, so that the user's script is
not run again and needs no ``if __name__ == "__main__"``.
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

#: What the interpreter of a companion runs; modules are found where the controller finds them.
_BOOTSTRAP = """
import importlib, json, sys
sys.path[:] = json.loads(sys.argv[2])
importlib.import_module(sys.argv[1]).main(**json.loads(sys.argv[3]))
"""


class Companion:
    """A Python process that runs ``main`` of a module.

    Its session is its own, so that Ctrl-C reaches the controller alone.

    Args:
        module: Whose ``main`` is called with ``connection``, the descriptor of its end of the pipe.
        settings: Further arguments, such as JSON can hold.
        descriptors: Open files that it inherits.
        environment: Variables on top of the controller's.

    Attributes:
        connection: The controller's end of the pipe.
        process: The process.
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
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - what it prints; closed in `stop`
        told = json.dumps({**settings, "connection": theirs.fileno()})
        self.process = subprocess.Popen(
            [sys.executable, "-c", _BOOTSTRAP, module, json.dumps(module_path()), told],
            pass_fds=(theirs.fileno(), *descriptors),
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._output,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
        theirs.close()

    def send(self, message: object) -> None:
        """Send; a process that is gone is noticed when its pipe is read."""
        try:
            self.connection.send(message)
        except OSError:
            return

    def stop(self) -> None:
        """Kill the process and wait for it; takes milliseconds."""
        self.connection.close()
        self.process.kill()
        self.process.wait()
        self._output.close()

    def death(self) -> str:
        """Wait for the process and say why it ended, with the last line that it printed."""
        code = self.process.wait()
        if code >= 0:
            reason = f"ended with exit code {code}"
        else:
            reason = f"killed by signal {-code} ({signal.strsignal(-code)})"
            if -code == signal.SIGKILL:
                reason += ", as happens when memory runs out"
        words = self.last_words()
        return f"{reason}: {words}" if words else reason

    def last_words(self) -> str:
        """The last line that the process printed."""
        self._output.seek(max(0, self._output.seek(0, os.SEEK_END) - 1000))
        lines = self._output.read().decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")


def module_path() -> list[str]:
    """Where this process finds its modules, also from another folder."""
    return [entry or os.getcwd() for entry in sys.path]  # noqa: PTH109 - a text is wanted


def die_with_the_controller(connection: "Connection[Any, Any]") -> None:
    """End this process as soon as the controller's end of the pipe is gone, in the middle of a trial too."""
    if sys.platform == "linux":  # also where a plug-in hangs in C and lets no thread run
        parent_death_signal = 1
        ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGKILL)
    poller = select.poll()
    poller.register(connection.fileno(), 0)  # hang-ups are reported unasked

    def watch() -> None:
        poller.poll()
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def limit_memory(limit: int) -> None:
    """Let allocations of this process fail once it has grown by ``limit`` bytes; 0 for no limit."""
    if limit and sys.platform == "linux":
        import resource  # POSIX has it alone

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        held = pages * os.sysconf("SC_PAGE_SIZE")
        resource.setrlimit(resource.RLIMIT_AS, (held + limit, resource.RLIM_INFINITY))
