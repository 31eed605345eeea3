"""Files that are written whole or not at all."""

import os
import tempfile
from pathlib import Path

from autogen.errors import RunError


def write(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all.

    Raises:
        RunError: the disk is full, or it cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).chmod(0o644)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise RunError(
            f"cannot write {path}: {error.strerror}; mend this, then: autogen resume the run"
        ) from error
