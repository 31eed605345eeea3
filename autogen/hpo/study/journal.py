"""The journal of a study: append-only, one JSON record a line; the study's state is its replay."""

import contextlib
import errno
import io
import itertools
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autogen.errors import JournalError, RunError
from autogen.hpo.study.event import Event, Record
from autogen.hpo.study.events import decode

try:
    import fcntl
except ImportError:
    raise RunError(
        "a search needs a POSIX system such as Linux, for its file locks (fcntl) and workers; "
        "on Windows, run autogen in WSL"
    ) from None

FORMAT = "autogen-journal"
VERSION = 1
#: Seconds between two fsyncs. Records survive the death of any process as soon as ``append``
#: returns; a power cut may cost those of the last second.
SYNC_SECONDS = 1.0
#: Number of attempts to lock the file, and seconds between two.
LOCK_TRIES, LOCK_SECONDS = 5, 0.05
_CHUNK = 4096  # number of lines parsed together

#: Function that reads a line of a journal.
Decode = Callable[[Record], Event]

_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


class Journal:
    """A journal open for appending, locked against a second writer.

    Args:
        path: Path of the file; created with its header if absent.
        clock: Function that gives seconds, for the time between two fsyncs.
        decode: Function that reads a line; default for a study's events.

    Attributes:
        events: Events in the file when it was opened.
        repaired: Number of bytes of a torn last line that were cut off.

    Raises:
        JournalError: the file is foreign, newer or damaged.
        RunError: another process writes the file, or it cannot be written.
    """

    def __init__(
        self, path: Path, clock: Callable[[], float] = time.monotonic, decode: Decode = decode
    ) -> None:
        self.path = path
        self._clock = clock
        self._decode = decode
        self.events: list[Event] = []
        self.repaired = 0
        with _disk_errors(path):
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            self._lock()
            self._load()
        except BaseException:
            os.close(self._file)
            raise
        self._synced = self._clock()

    def append(self, event: Event) -> None:
        """Write one event; it survives the death of this process as soon as this returns."""
        line = _ENCODER.encode(event.to_json()).encode() + b"\n"
        with _disk_errors(self.path):
            self._write(line)
            if self._clock() - self._synced > SYNC_SECONDS:
                self.sync()

    def sync(self) -> None:
        """Ask the disk to keep what was written, so that it survives a power cut."""
        os.fsync(self._file)
        self._synced = self._clock()

    def close(self) -> None:
        """Sync, unlock and close; idempotent."""
        if self._file >= 0:
            with contextlib.suppress(OSError):
                os.fsync(self._file)
            os.close(self._file)
            self._file = -1

    def _lock(self) -> None:
        """Lock the file, with several tries, since ``in_use`` holds the lock for a moment."""
        for _ in range(LOCK_TRIES):
            try:
                return fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(LOCK_SECONDS)
            except OSError as error:
                raise RunError(
                    f"{self.path} cannot be locked ({error.strerror}): its file system has no locks; "
                    f"choose another folder for the run"
                ) from error
        raise RunError(f"another process writes {self.path}; wait for it, or stop it, before you resume")

    def _load(self) -> None:
        data = self.path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        if not whole and (not data or _header_line().startswith(data)):
            os.ftruncate(self._file, 0)
            self._write(_header_line())
            return
        self.events = parse(whole, self.path, self._decode)
        self.repaired = len(data) - len(whole)
        if self.repaired:
            os.ftruncate(self._file, len(whole))

    def _write(self, line: bytes) -> None:
        written = os.write(self._file, line)
        if written != len(line):  # the disk is full: remove the half record
            os.ftruncate(self._file, os.fstat(self._file).st_size - written)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def read(path: Path, decode: Decode = decode) -> list[Event]:
    """Read the events of a journal that another process may be writing; a torn last line is ignored.

    Raises:
        RunError: the file cannot be read.
        JournalError: the file is foreign, newer or damaged.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RunError(f"cannot read {path}: {error.strerror}; is this the folder of a run?") from error
    return parse(data[: data.rfind(b"\n") + 1], path, decode)


def in_use(path: Path) -> bool:
    """Tell if a process has the journal open for appending; False without a file."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def parse(data: bytes, path: Path, decode: Decode = decode) -> list[Event]:
    """Parse the events of whole lines after the header, which is checked. Raises ``JournalError``."""
    lines = io.BytesIO(data)
    _check_header(_json(lines.readline()), path)
    events: list[Event] = []
    while chunk := list(itertools.islice(lines, _CHUNK)):
        for record in _records(chunk):
            try:
                events.append(_event(record, decode))
            except JournalError as error:
                raise JournalError(
                    f"{path} is damaged at line {len(events) + 2}: {error}; restore the file from a copy"
                ) from error
    return events


def _event(record: Any, decode: Decode) -> Event:
    if not isinstance(record, dict) or not isinstance(record.get("e"), str):
        raise JournalError("it is no record")
    return decode(record)


def _check_header(header: Any, path: Path) -> None:
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise JournalError(f"{path} is not a journal of autogen: its first line is not the header of one")
    if not isinstance(header.get("version"), int):
        raise JournalError(f"{path} is damaged: its first line has no version")
    if header["version"] > VERSION:
        raise JournalError(
            f"{path} has version {header['version']}, this autogen reads up to {VERSION}; update autogen"
        )


def _records(lines: list[bytes]) -> list[Any]:
    """Parse lines; ``None`` for one that is no JSON.

    Lines are parsed together, since equal keys are then one object: a third of the memory of a long journal.
    """
    together = _json(b"[" + b",".join(lines) + b"]")
    if isinstance(together, list) and len(together) == len(lines):
        return together
    return [_json(line) for line in lines]


def _header_line() -> bytes:
    return json.dumps({"format": FORMAT, "version": VERSION}).encode() + b"\n"


def _json(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


@contextlib.contextmanager
def _disk_errors(path: Path) -> Any:
    try:
        yield
    except OSError as error:
        raise RunError(
            f"cannot write {path}: {error.strerror}; everything reported before is safe: "
            f"solve this and run autogen resume {path.parent}"
        ) from error
