"""Databases to frames: tables of SQLite files, and queries at a URL; the door to SQLAlchemy.

A SQLite file may come from anybody: it is opened for reading alone, only its ordinary tables are read, and of
these only columns that are stored, so that no view, trigger or expression of the file is run. A URL with a
query comes from the user alone: no reader of files takes one.
"""

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from shlex import quote as quote_shell
from typing import Any
from urllib.parse import quote

from autogen.errors import DataError, did_you_mean, reason

SUFFIXES = (".db", ".sqlite", ".sqlite3")
#: What stands between a file and the name of a table in it.
MARK = "::"
#: Schemes of files elsewhere, which no reader fetches.
_NO_DATABASES = ("http", "https", "ftp", "sftp", "file", "s3", "gs", "gcs", "abfs", "az", "hdfs", "hf")
_MAGIC = b"SQLite format 3\0"
#: Most bytes of one cell, and most cells that are read.
_LONGEST, MOST_CELLS = 2**24, 200_000_000
_CHUNK = 50_000


def file_of(source: str) -> str:
    """Return the path in ``file.db::table``; other sources stay as they are."""
    path, mark, _ = source.partition(MARK)
    return path if mark and path.lower().endswith(SUFFIXES) else source


def is_url(source: object) -> bool:
    """Tell if a source is a URL of a database."""
    return isinstance(source, str) and bool(re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", source))


def read_sqlite(source: str) -> tuple[Any, list[str]]:
    """Read a table of a SQLite file as a DataFrame, and notes.

    Args:
        source: ``file.db::table``, or a file with one table.

    Raises:
        DataError: it is no such file, or has no such table.
    """
    path, table = Path(file_of(source)), source.partition(MARK)[2]
    if not path.is_file():
        raise DataError(f"{path} is no regular file; give a file, not a folder, a device or a pipe.")
    try:
        with path.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                raise DataError(f"{path} is no SQLite file; expected one, as its suffix says.")
        with closing(_connected(path)) as connection:
            name = _chosen(connection, table, path)
            frame = _stored_cells(connection, name, path)
    except (OSError, OverflowError, MemoryError, sqlite3.Error) as error:
        raise DataError(f"{path} cannot be read as SQLite: {reason(error)}.") from error
    wal = path.with_name(f"{path.name}-wal")
    late = f"Changes in {wal.name} are not in the file yet and were not read."
    return frame, [late] if wal.exists() and wal.stat().st_size else []


def read_query(url: str, query: str | None) -> Any:
    """Read the rows of a query at the URL of a database, as SQLAlchemy knows it, as a DataFrame.

    Args:
        url: URL, such as ``postgresql://user@host/name``; messages do not show its password.
        query: text of the query.

    Raises:
        DataError: there is no query, no driver, or the database refuses it.
    """
    import pandas as pd
    from sqlalchemy import create_engine, text
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import SQLAlchemyError

    if url.partition("://")[0].lower() in _NO_DATABASES:
        raise DataError(
            f"{url.partition('://')[0]}://... is no database; download the file, and give its path."
        )
    if not query:
        raise DataError("a database needs a query: --option query='select * from people'.")
    try:
        shown = make_url(url).render_as_string(hide_password=True)
    except SQLAlchemyError as error:
        raise DataError("the URL of the database is none: expected dialect://user@host/name.") from error
    try:
        engine = create_engine(url)
        with engine.connect() as connection:
            return pd.read_sql_query(text(query), connection)
    except ImportError as error:
        raise DataError(f"{shown} needs a driver: {reason(error)}; install it with pip.") from error
    except (SQLAlchemyError, OSError, ValueError) as error:
        said = reason(getattr(error, "orig", None) or error)
        raise DataError(f"{shown} cannot be queried: {said}.") from error


def _connected(path: Path) -> sqlite3.Connection:
    """Open a file for reading; nothing in it may call functions.

    Raises:
        DataError: a part of its rows is in its write-ahead log, which is not read.
    """
    log = path.resolve().with_name(f"{path.resolve().name}-wal")
    if log.exists() and log.stat().st_size:
        raise DataError(
            f"{path} is in use: {log.name} holds rows that are not in it yet. Close the program that writes "
            f"it, or copy it: sqlite3 {quote_shell(str(path))} '.backup copy.db'."
        )
    connection = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1", uri=True)
    connection.execute("PRAGMA trusted_schema=OFF")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    return connection


def _chosen(connection: sqlite3.Connection, wanted: str, path: Path) -> str:
    """Choose an ordinary table of the file."""
    found = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0"
    ).fetchall()
    tables = [name for (name,) in found if isinstance(name, str) and not name.startswith("sqlite_")]
    views = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'")}
    if (wanted in views and wanted not in tables) or (views and not tables):
        view = wanted or str(min(map(str, views)))
        raise DataError(
            f"{path}: {view!r} is a view; views of a file run what the file says, so only its tables are "
            f"read. If you trust it, name {view} in a query: sqlite:///{path} --option query='select ...'"
        )
    if not tables:
        raise DataError(f"{path} has no table.")
    if wanted in tables:
        return wanted
    if not wanted and len(tables) == 1:
        return str(tables[0])
    shown = ", ".join(tables[:12]) + (" ..." if len(tables) > 12 else "")
    if wanted:
        raise DataError(f"{path} has no table {wanted!r}; it has {shown}.{did_you_mean(wanted, tables)}")
    raise DataError(f"{path} has {len(tables)} tables: {shown}; name one: {path}{MARK}{tables[0]}")


def _stored_cells(connection: sqlite3.Connection, table: str, path: Path) -> Any:
    """Read the columns of a table that are stored, not those that are computed."""
    import pandas as pd

    about = connection.execute(f"PRAGMA table_xinfo({_quoted(table)})").fetchall()
    names = [str(row[1]) for row in about if row[6] == 0]
    if not names:
        raise DataError(f"{path}: the table {table!r} has no columns.")
    cursor = connection.execute(f"SELECT {', '.join(map(_quoted, names))} FROM {_quoted(table)}")  # noqa: S608
    rows: list[Sequence[object]] = []
    while some := cursor.fetchmany(_CHUNK):
        rows += some
        if len(rows) * len(names) > MOST_CELLS:
            raise DataError(
                f"{path}: the table {table!r} has more than {MOST_CELLS:,} cells; give a part of it."
            )
    return pd.DataFrame(rows, columns=pd.Index(names)).infer_objects()


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
