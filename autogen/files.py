"""Files that are written whole or not at all."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from autogen.errors import RunError


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a file beside ``path`` to write to, which takes its place when the block ends without an error.

    A reader sees the old file or the new one. Errors of writing are the caller's to explain.

    Args:
        path: File to write; its folder must exist.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def write(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all.

    Args:
        path: File to write; its folder is made.
        content: Whole content; text is written as UTF-8.

    Raises:
        RunError: the disk is full, or it cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as part:
            part.write_bytes(data)
    except OSError as error:
        raise RunError(
            f"cannot write {path}: {error.strerror}; free space or permissions, then: autogen resume the run"
        ) from error
