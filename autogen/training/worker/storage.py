"""Checkpoints of running trials in a storage that the whole cluster reaches; the door to fsspec."""

import contextlib
import uuid
from pathlib import Path
from typing import Any

from autogen.errors import RunError


class Storage:
    """Folder that all machines of a cluster reach, by path or by any URL that fsspec knows.

    Args:
        url: ``/mnt/shared/autogen``, ``s3://bucket/autogen`` ...

    Raises:
        RunError: no such file system, or its package is not installed.
    """

    def __init__(self, url: str) -> None:
        import fsspec

        try:
            self._system, self._root = fsspec.core.url_to_fs(url)
        except ImportError as error:
            raise RunError(f"storage {url!r} cannot be used: {error}, on every node") from error
        except ValueError as error:
            raise RunError(f"storage {url!r} cannot be used: {error}") from error

    def fetch(self, name: str, target: Path) -> bool:
        """Copy a file from the storage; return whether there was one that could be read."""
        with contextlib.suppress(Exception):  # each file system has its own
            self._system.get_file(self._place(name), str(target))
            return True
        return False

    def keep(self, source: Path, name: str) -> None:
        """Copy a file to the storage, whole or not at all; a storage out of reach fails no trial."""
        place = self._place(name)
        with contextlib.suppress(Exception):
            self._system.makedirs(place.rpartition("/")[0], exist_ok=True)
            if "file" in self._protocols():  # others show an object once it is whole
                self._system.put_file(str(source), f"{place}.part")
                self._system.mv(f"{place}.part", place)
            else:
                self._system.put_file(str(source), place)

    def forget(self, folder: str) -> None:
        """Remove a folder from the storage."""
        with contextlib.suppress(Exception):
            self._system.rm(self._place(folder), recursive=True)

    def check(self) -> None:
        """Check that the storage can be written.

        Raises:
            RunError: it cannot.
        """
        try:
            self._system.makedirs(self._root, exist_ok=True)
            probe = self._place(f".probe-{uuid.uuid4().hex}")
            self._system.pipe_file(probe, b"")
            self._system.rm_file(probe)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            raise RunError(f"storage {self._root} cannot be written: {reason}") from error

    def _place(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"

    def _protocols(self) -> Any:
        protocol = self._system.protocol
        return (protocol,) if isinstance(protocol, str) else protocol
