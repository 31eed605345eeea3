"""Cache of judgements in a file; its keys are hashes, and its values hold no API key and no endpoint."""

import hashlib
import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from autogen.documents import parse_json
from autogen.errors import MetricError
from autogen.judging.criteria import Judgement


def cache_key(**parts: Any) -> str:
    """Hash everything on which a judgement depends."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def default_path() -> Path:
    """Locate the default cache file in the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "autogen" / "judge.sqlite"


class Cache:
    """Judgements by key in an SQLite file, shared by threads and processes.

    Args:
        path: cache file, created if missing; ``None`` keeps everything in memory.

    Raises:
        MetricError: the file cannot be opened, or is no cache of judgements.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(path or ":memory:", timeout=30, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise MetricError(f"the judge's cache {path} cannot be opened: {error}; choose another") from None
        with self._transaction() as file:
            file.execute("CREATE TABLE IF NOT EXISTS judgements (key TEXT PRIMARY KEY, value TEXT NOT NULL)")

    def get(self, key: str) -> Judgement | None:
        """Look up a judgement by its key; its ``tries`` is 0."""
        value = self.recall(key)
        return None if value is None else Judgement(**(value | {"tries": 0}))

    def put(self, key: str, judgement: Judgement) -> None:
        """Store a judgement."""
        self.note(key, asdict(judgement))

    def recall(self, key: str) -> dict[str, Any] | None:
        """Look up a record by its key."""
        with self._transaction() as file:
            row = file.execute("SELECT value FROM judgements WHERE key = ?", (key,)).fetchone()
        return None if row is None else dict(parse_json(row[0]))

    def note(self, key: str, value: dict[str, Any]) -> None:
        """Store a record under a key."""
        content = json.dumps(value, ensure_ascii=False)
        with self._transaction() as file:
            file.execute("INSERT OR REPLACE INTO judgements VALUES (?, ?)", (key, content))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                with self._file:
                    yield self._file
            except sqlite3.DatabaseError as error:
                raise MetricError(f"the judge's cache {self._path} is unusable: {error}; delete it") from None
