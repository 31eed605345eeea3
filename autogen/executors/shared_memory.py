"""Transfer of the work to workers: pickled once, with its arrays in memory that all workers share."""

import mmap
import pickle
import struct
import tempfile
from typing import IO

from autogen.errors import RunError
from autogen.hpo.executor import Work

_ALIGN = 64


def make_spool() -> IO[bytes]:
    """Make an unnamed empty file, which disappears with the last process that holds it."""
    return tempfile.TemporaryFile(prefix="autogen-")


def write_spool(work: Work, file: IO[bytes] | None = None) -> IO[bytes]:
    """Pickle the work into a file of ``make_spool``; a new one by default.

    Raises:
        RunError: the disk is full, or the work cannot be pickled.
    """
    buffers: list[pickle.PickleBuffer] = []
    try:
        body = pickle.dumps(work, protocol=5, buffer_callback=buffers.append)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise RunError(
            f"the work cannot be sent to worker processes: {error}; use one worker, in this process"
        ) from error
    parts: list[bytes | memoryview] = [body, *(buffer.raw() for buffer in buffers)]
    sizes = [len(part) for part in parts]
    head = struct.pack(f"<{1 + len(sizes)}Q", len(sizes), *sizes)
    file = file or make_spool()
    try:
        for part in (head, *parts):
            file.write(part)
            file.write(bytes(-len(part) % _ALIGN))
        file.flush()
    except OSError as error:
        file.close()
        place = tempfile.gettempdir()
        raise RunError(
            f"cannot write the data of the workers: {error.strerror}; free space in {place}"
        ) from error
    return file


def read_spool(descriptor: int) -> Work:
    """Unpickle the work; its arrays share the pages of the file until a worker writes to them."""
    return unpack(pages_of(descriptor))


def pages_of(descriptor: int) -> memoryview:
    """Map the file of the work copy-on-write: other processes do not see writes of this one."""
    return memoryview(mmap.mmap(descriptor, 0, access=mmap.ACCESS_COPY))


def unpack(pages: memoryview) -> Work:
    """Unpickle the work from the bytes of its file; its arrays are views of these bytes."""
    (count,) = struct.unpack_from("<Q", pages)
    sizes = struct.unpack_from(f"<{count}Q", pages, 8)
    parts, start = [], _aligned(8 * (1 + count))
    for size in sizes:
        parts.append(pages[start : start + size])
        start += _aligned(size)
    work: Work = pickle.loads(parts[0], buffers=parts[1:])  # noqa: S301 - the controller's own
    return work


def _aligned(size: int) -> int:
    return size + -size % _ALIGN
