"""SIGTERM and SIGHUP end a command as Ctrl-C does: workers stop, and a line says how to go on."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

_NAMES = ("SIGTERM", "SIGHUP")


class Stopped(KeyboardInterrupt):
    """Interruption by a signal other than that of Ctrl-C.

    Attributes:
        number: Number of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


@contextlib.contextmanager
def like_ctrl_c() -> Iterator[None]:
    """Raise ``Stopped`` on SIGTERM and SIGHUP within the context; one that is ignored (nohup) stays so."""
    known = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    taken = [number for number in known if signal.getsignal(number) is signal.SIG_DFL]
    if threading.current_thread() is not threading.main_thread():
        taken = []
    for number in taken:
        signal.signal(number, _stop)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


def exit_code(error: BaseException | None) -> int:
    """Return the exit code of a shell for an interruption: 128 and the number of the signal."""
    return 128 + (error.number if isinstance(error, Stopped) else signal.SIGINT)


def _stop(number: int, _: FrameType | None) -> None:
    raise Stopped(number)
