"""Nursery: a process that imports modules once, and forks the workers that need them (Linux).

A worker is ready milliseconds after it is asked for, also the one that replaces a dead one, and all workers
share the memory of what was imported. Torch alone takes seconds and 200 MB in each new interpreter.

A fork copies the thread that calls it and no other, so the nursery must never have a second one: it imports,
and computes nothing.
"""

import contextlib
import errno
import gc
import importlib
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping, Sequence

from autogen.executors.process import (
    Companion,
    Process,
    Start,
    die_with_the_parent,
    leave_signals_to_the_controller,
    module_path,
    working_folder,
)

#: Most file descriptors that a worker inherits.
_MOST_DESCRIPTORS = 16
#: Seconds in which the nursery tells the exit code of a worker that has ended; without one it was killed.
_TELLING = 1.0
#: Seconds between two looks whether the nursery was stopped, while a worker waits to be forked.
_LOOK = 1.0
#: Environment without threads that libraries start as they are imported: pyarrow 26, which pandas imports.
_NO_THREADS = {"JE_ARROW_MALLOC_CONF": "background_thread:false"}
_NUMBER = struct.Struct("<q")


def available() -> bool:
    """Tell if this system can fork workers so: Linux 5.3 and later, unless a sandbox forbids it."""
    if sys.platform != "linux" or not hasattr(signal, "pidfd_send_signal"):
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        return False
    return True


class Nursery:
    """Controller's side of the process that forks workers.

    Args:
        modules: Modules that it imports.
        environment: Environment variables that these read, in addition to the controller's.
    """

    def __init__(self, modules: Sequence[str], environment: Mapping[str, str]) -> None:
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._companion = Companion(
                "autogen.executors.local.nursery",
                {"modules": list(modules)},
                {"requests": theirs.fileno()},
                {**_NO_THREADS, **environment},
            )

    @property
    def ended(self) -> bool:
        """Whether the process has ended."""
        return self._companion.process.poll() is not None

    @property
    def stopped(self) -> bool:
        """Whether a signal has stopped the process, which then forks nothing until it is continued."""
        try:
            seen = os.waitid(os.P_PID, self._companion.process.pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:  # it has ended
            return False
        return seen is not None

    def fork(self, start: Start) -> Process:
        """Ask for a worker, without waiting for it; one that a dead or stopped nursery owes has died, too."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        names = list(start.descriptors)
        request = {
            "module": start.module,
            "settings": start.settings,
            "names": names,
            "environment": dict(start.environment),
            "path": module_path(),
            "folder": working_folder(),
        }
        with theirs, tempfile.TemporaryFile() as body:
            body.write(json.dumps(request).encode())
            body.flush()
            inherited = [start.descriptors[name] for name in names]
            given = [theirs.fileno(), body.fileno(), start.output.fileno(), *inherited]
            with contextlib.suppress(OSError):  # it has died, which the handle tells
                socket.send_fds(self._requests, [b"fork"], given)
        return _Forked(ours, lambda: self.stopped)

    def stop(self) -> None:
        """Kill the process; the kernel kills its workers then."""
        self._requests.close()
        self._companion.stop()


class _Forked:
    """Handle of a forked worker, whose number and end the nursery tells.

    Args:
        told: Controller's end of the socket on which it tells them.
        stopped: Tells if the nursery was stopped.
    """

    def __init__(self, told: socket.socket, stopped: Callable[[], bool]) -> None:
        self._told, self._stopped = told, stopped
        self._pid: int | None = None
        self._pidfd = -1
        self._code: int | None = None

    @property
    def pid(self) -> int:
        """Its number; waits until it is forked, and raises ``ProcessLookupError`` if it never was."""
        while self._pid is None and self._code is None:
            if self._heard(_LOOK):
                self._read()
            else:
                self._give_up()
        if self._pid is None:
            raise ProcessLookupError(errno.ESRCH, "the worker was never forked")
        return self._pid

    def poll(self) -> int | None:
        """Return its exit code; ``None`` while it lives, or is not forked yet."""
        while self._code is None and self._heard(0):
            self._read()
        self._give_up()
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, and return its exit code; ``TimeoutExpired`` after ``timeout`` seconds."""
        until = None if timeout is None else time.monotonic() + timeout
        while self._code is None:
            left = _LOOK if until is None else min(_LOOK, until - time.monotonic())
            if self._heard(max(0.0, left)):
                self._read()
                continue
            self._give_up()
            if until is not None and self._code is None and time.monotonic() >= until:
                raise subprocess.TimeoutExpired("worker", timeout or 0.0)
        return self._code

    def kill(self) -> None:
        """Kill it, if it lives; one that is not forked yet never will be."""
        if self.poll() is None and self._pid is None:
            self._end(-signal.SIGKILL)
        elif self._code is None:
            self._signal()

    def _give_up(self) -> None:
        """End a worker that a stopped nursery has not forked; it will not be when the nursery goes on."""
        if self._code is None and self._pid is None and self._stopped():
            self._end(-signal.SIGSTOP)

    def _heard(self, seconds: float) -> bool:
        """Wait for a message, or for the end of a worker of which a nursery that is stopped says nothing."""
        poller = select.poll()
        poller.register(self._told, select.POLLIN)
        if self._pidfd >= 0:
            poller.register(self._pidfd, select.POLLIN)
        heard = [one for one, _ in poller.poll(1000 * seconds)]
        if heard == [self._pidfd]:
            poller.unregister(self._pidfd)
            if not poller.poll(0 if self._stopped() else 1000 * _TELLING):
                self._end(-signal.SIGKILL)
        return bool(heard)

    def _signal(self) -> None:
        with contextlib.suppress(OSError):  # it has ended
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def _read(self) -> None:
        """Read the next message, its number or its end."""
        if self._code is not None:
            return
        try:
            message, descriptors, _, _ = socket.recv_fds(self._told, _NUMBER.size, 1)
        except OSError:
            message, descriptors = b"", []
        if not message:  # the nursery is gone
            if self._pidfd >= 0:
                self._signal()
            self._end(-signal.SIGKILL)
        elif self._pid is None and not descriptors:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        elif self._pid is None:
            (self._pid,), (self._pidfd,) = _NUMBER.unpack(message), descriptors
        else:
            self._end(_NUMBER.unpack(message)[0])

    def _end(self, code: int) -> None:
        self._code = code
        self._told.close()
        if self._pidfd >= 0:
            os.close(self._pidfd)
            self._pidfd = -1


def main(connection: int, requests: int, modules: Sequence[str]) -> None:
    """Import modules, and fork workers until the controller is gone.

    Args:
        connection: File descriptor of this end of the pipe, on which nothing is said.
        requests: File descriptor of the socket with what to fork.
        modules: Modules to import. What cannot be imported is left to the workers, which say so.
    """
    leave_signals_to_the_controller()
    die_with_the_parent()
    for module in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(module)
    gc.collect()
    gc.freeze()  # a collection in a worker copies no page of what is shared
    with socket.socket(fileno=requests) as asked:
        _serve(asked, (connection, requests))


def _serve(asked: socket.socket, own: Sequence[int]) -> None:
    """Fork what is asked for, and tell how each worker ends."""
    poller = select.poll()
    poller.register(asked, select.POLLIN)
    born: dict[int, tuple[int, socket.socket]] = {}  # by the descriptor of the process
    while True:
        for descriptor, _ in poller.poll():
            if descriptor != asked.fileno():
                poller.unregister(descriptor)
                pid, told = born.pop(descriptor)
                with told, contextlib.suppress(OSError):
                    told.send(_NUMBER.pack(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])))
                os.close(descriptor)
                continue
            message, descriptors, _, _ = socket.recv_fds(asked, 16, _MOST_DESCRIPTORS)
            if not message:
                return  # the controller is gone
            told = socket.socket(fileno=descriptors[0])
            foreign = (*own, *born, *(one.fileno() for _, one in born.values()))
            forked = _fork(told, descriptors[1:], foreign)
            if forked is not None:
                process = os.pidfd_open(forked)
                born[process] = (forked, told)
                poller.register(process, select.POLLIN)
                with contextlib.suppress(OSError):
                    socket.send_fds(told, [_NUMBER.pack(forked)], [process])
            else:
                told.close()
            for one in descriptors[1:]:
                os.close(one)


def _fork(told: socket.socket, descriptors: Sequence[int], foreign: Sequence[int]) -> int | None:
    """Fork a worker; ``None`` if nobody wants it any more."""
    poller = select.poll()
    poller.register(told, 0)
    if poller.poll(0):  # the other end is closed
        return None
    if pid := os.fork():
        return pid
    code = 1
    try:
        told.close()
        for one in foreign:
            os.close(one)
        code = _become(*descriptors)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _become(body: int, output: int, *inherited: int) -> int:
    """Run the ``main`` that a request names, as a new interpreter would."""
    os.setsid()
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    with open(body, "rb") as file:
        file.seek(0)
        request = json.load(file)
    if request["folder"]:
        os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.path[:] = request["path"]
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()
    settings = {**request["settings"], **dict(zip(request["names"], inherited, strict=True))}
    importlib.import_module(request["module"]).main(**settings)
    return 0
