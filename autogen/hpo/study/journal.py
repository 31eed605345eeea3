"""The journal of a study: append-only, one JSON record a line; the study's state is its replay."""

import contextlib
import errno
import io
import itertools
import json
import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autogen.errors import JournalError, RunError
from autogen.files import NO_LINK, disk_errors, read_file, unwritable
from autogen.hpo.study.chain import VERSION, Chain, header, parsed
from autogen.hpo.study.event import Event, Record
from autogen.hpo.study.events import decode

try:
    import fcntl
except ImportError:
    raise RunError(
        "a search needs a POSIX system such as Linux, for its file locks (fcntl) and workers; "
        "on Windows, run autogen in WSL"
    ) from None

#: Seconds between two fsyncs. Records survive the death of any process as soon as ``append``
#: returns; a power cut may cost those of the last second.
SYNC_SECONDS = 1.0
#: Number of attempts to lock the file, and seconds between two.
LOCK_TRIES, LOCK_SECONDS = 5, 0.05
_CHUNK = 4096  # number of lines parsed together
_TAIL = 2**16  # bytes read at once from the end

#: Function that reads a line of a journal.
Decode = Callable[[Record], Event]

_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True)
class Contents:
    """What a journal holds.

    Attributes:
        events: Its events.
        chain: Checksum after the last of them.
        torn: Number of bytes of a last line that was not written to its end.
    """

    events: list[Event]
    chain: Chain
    torn: int = 0


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
        self._name = os.fspath(path.absolute())  # resolved once, since every event looks at it
        self._clock = clock
        self._decode = decode
        self.events: list[Event] = []
        self.repaired = 0
        with disk_errors(path):
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | NO_LINK, 0o644)
        try:
            self._lock()
            with disk_errors(path):
                self._load()
        except BaseException:
            os.close(self._file)
            raise
        self._synced = self._clock()

    def append(self, event: Event) -> None:
        """Write one event; it survives the death of this process as soon as this returns.

        Raises:
            RunError: the disk is full or fails, or the file was removed, replaced or changed meanwhile.
        """
        line, crc = self._chain.seal(_ENCODER.encode(event.to_json()).encode())
        self.check_place()
        try:
            self._write(line)
        except OSError as error:
            raise unwritable(self.path, error) from error
        self._chain.crc = crc
        if self._clock() - self._synced > SYNC_SECONDS:
            self.sync()

    def check_place(self) -> None:
        """Check that the file still stands at its path as this process left it. Raises ``RunError``."""
        try:
            found = os.lstat(self._name)
            if found.st_ino == self._inode and found.st_size == self._size and found.st_dev == self._device:
                return
            moved = (found.st_ino, found.st_dev) != (self._inode, self._device)
            what = "replaced" if moved else "changed by another process"
        except OSError as error:
            what = "removed" if isinstance(error, FileNotFoundError) else f"lost ({error.strerror})"
        raise RunError(
            f"{self.path} was {what} while the study ran, so the study stops; put back what belongs there, "
            f"then: autogen check {self.path.parent}"
        )

    def sync(self) -> None:
        """Ask the disk to keep what was written, so that it survives a power cut.

        Raises:
            RunError: the disk fails.
        """
        with disk_errors(self.path):
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
        data = read_file(self.path)
        about = os.fstat(self._file)
        self._device, self._inode, self._size = about.st_dev, about.st_ino, len(data)
        if b"\n" not in data and any(header(version).startswith(data) for version in (1, VERSION)):
            self._truncate(0)
            self._write(header())
            data = header()
        found = parse(data, self.path, self._decode)
        self.events, self._chain, self.repaired = found.events, found.chain, found.torn
        if self.repaired:
            self._truncate(len(data) - self.repaired)

    def _write(self, line: bytes) -> None:
        """Write a line whole, or leave the file as it was."""
        try:
            if os.write(self._file, line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._size)
            raise
        self._size += len(line)

    def _truncate(self, size: int) -> None:
        os.ftruncate(self._file, size)
        self._size = size


def read(path: Path, decode: Decode = decode) -> list[Event]:
    """Read the events of a journal that another process may be writing; a torn last line is ignored.

    Raises:
        RunError: the file cannot be read.
        JournalError: the file is foreign, newer or damaged.
    """
    return contents(path, decode).events


def contents(path: Path, decode: Decode = decode) -> Contents:
    """Read all that a journal holds. Raises as ``read`` does."""
    try:
        data = read_file(path)
    except OSError as error:
        raise RunError(f"cannot read {path}: {error.strerror}; is this the folder of a run?") from error
    return parse(data, path, decode)


def last_event(path: Path, name: str = "") -> Event | None:
    """Read the last event of a journal, without the checksums of the lines before it.

    Args:
        path: File of the journal.
        name: Name of the event to look for, for which the whole file is searched; default the last one of
            all, for which only the end of the file is read.

    Returns:
        The event; ``None`` for a journal without one, and where its line cannot be read.
    """
    try:
        line = _last_line_of(path, name) if name else _last_line(path)
    except OSError:
        return None
    record = parsed(line)
    if not isinstance(record, dict) or not isinstance(record.get("e"), str):
        return None
    try:
        return decode({name: value for name, value in record.items() if name != "crc"})
    except (JournalError, KeyError, TypeError, ValueError, AttributeError):
        return None


def _last_line(path: Path) -> bytes:
    """Read the last whole line of a regular file, without what is before it."""
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | NO_LINK)
    with open(file, "rb") as opened:  # noqa: PTH123 - a descriptor
        about = os.fstat(file)
        if not stat.S_ISREG(about.st_mode):
            return b""
        end, tail = about.st_size, b""
        while end and tail.count(b"\n") < 2:  # the end of the line before it, and its own
            start = max(0, end - _TAIL)
            opened.seek(start)
            tail, end = opened.read(end - start) + tail, start
    return tail[: max(0, tail.rfind(b"\n"))].rpartition(b"\n")[2]


def _last_line_of(path: Path, name: str) -> bytes:
    """Find the last whole line with an event of a name; empty without one."""
    data = read_file(path)
    whole = data[: data.rfind(b"\n") + 1]
    start = whole.rfind(b'\n{"e":"%s"' % name.encode()) + 1
    return whole[start : whole.find(b"\n", start)] if start else b""


def in_use(path: Path) -> bool:
    """Tell if a process has the journal open for appending; False without a file."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | NO_LINK)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return isinstance(error, BlockingIOError)
    finally:
        os.close(file)
    return False


def parse(data: bytes, path: Path, decode: Decode = decode) -> Contents:
    """Parse the bytes of a journal; what follows its last line end is torn.

    Raises:
        JournalError: the header is not one of a journal, or a line is damaged, which is named.
    """
    whole = data.rfind(b"\n") + 1
    lines = io.BytesIO(data[:whole])
    try:
        chain = Chain(lines.readline())
    except JournalError as error:
        raise JournalError(f"{path} {error}") from error
    events: list[Event] = []
    for record in _records(lines, chain):
        try:
            events.append(_event(record, decode))
        except JournalError as error:
            raise JournalError(
                f"{path} is damaged at line {len(events) + 2}: {error}; restore the file from a copy"
            ) from error
    return Contents(events, chain, len(data) - whole)


def _event(record: object, decode: Decode) -> Event:
    if record is _BROKEN:
        raise JournalError(
            "its checksum does not follow from the lines before it: one was changed, lost, doubled or moved"
        )
    if not isinstance(record, dict) or not isinstance(record.get("e"), str):
        raise JournalError("it is no record")
    if "crc" in record:
        raise JournalError("it has a checksum, but the header says version 1")
    try:
        return decode(record)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, JournalError):
            raise
        raise JournalError(f"the event {record['e']!r:.60} cannot be read: {error!r:.200}") from error


#: Stands for the first line whose checksum is wrong.
_BROKEN = object()


def _records(lines: io.BytesIO, chain: Chain) -> Iterator[object]:
    """Give the records of lines, ``None`` for one that is no JSON; the last one may be ``_BROKEN``."""
    while chunk := list(itertools.islice(lines, _CHUNK)):
        records = chain.unseal(chunk)
        yield from _parsed(records)
        if len(records) < len(chunk):
            yield _BROKEN
            return


def _parsed(lines: list[bytes]) -> list[object]:
    """Parse lines together, since equal keys are then one object: a third of the memory of a long journal."""
    together = parsed(b"[" + b",".join(lines) + b"]")
    if isinstance(together, list) and len(together) == len(lines):
        return together
    return [parsed(line) for line in lines]
