"""The work on its way to the workers: pickled once, its arrays in memory that all workers share."""

import mmap
import pickle
import struct
import tempfile
from typing import IO

from autogen.errors import RunError
from autogen.hpo.executor import Work

_ALIGN = 64


def write_spool(work: Work) -> IO[bytes]:
    """Pickle the work into an unnamed file; it is gone when the last process that holds it ends.

    Raises:
        RunError: the disk is full, or the work cannot be pickled.
    """
    buffers: list[pickle.PickleBuffer] = []
    try:
        body = pickle.dumps(work, protocol=5, buffer_callback=buffers.append)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise RunError(
            f"the work cannot be sent to worker processes: {error}; run in this process"
        ) from error
    parts: list[bytes | memoryview] = [body, *(buffer.raw() for buffer in buffers)]
    sizes = [len(part) for part in parts]
    head = struct.pack(f"<{1 + len(sizes)}Q", len(sizes), *sizes)
    file = tempfile.TemporaryFile(prefix="autogen-")  # noqa: SIM115 - the caller closes it
    try:
        for part in (head, *parts):
            file.write(part)
            file.write(bytes(-len(part) % _ALIGN))
        file.flush()
    except OSError as error:
        file.close()
        place = tempfile.gettempdir()
        raise RunError(f"cannot write the workers' data: {error.strerror}; free {place}") from error
    return file


def read_spool(descriptor: int) -> Work:
    """Unpickle the work; its arrays lie on pages of the file, a worker's own only where it writes to them."""
    return unpack(pages_of(descriptor))


def pages_of(descriptor: int) -> memoryview:
    """A spool's bytes as this process's own: nobody else sees what it writes to them."""
    return memoryview(mmap.mmap(descriptor, 0, access=mmap.ACCESS_COPY))


def unpack(pages: memoryview) -> Work:
    """Unpickle the work from the bytes of a spool; its arrays lie on these bytes."""
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
