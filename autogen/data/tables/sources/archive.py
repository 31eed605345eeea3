"""Zips of anybody: which of their files is a table or a text, and their unpacking to a folder of our own."""

import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from autogen.data.decoding import MOST_UNPACKED, listed, members, start_of, unpacked_once, without_packing
from autogen.errors import DataError, reason

#: Tables in a zip; files of JSON may also describe the others.
_TABLES = (
    *(".csv", ".tsv", ".parquet", ".feather", ".arrow", ".xlsx", ".xlsm", ".db", ".sqlite", ".sqlite3"),
    *(".jsonl", ".ndjson"),
)
_JSON, _TEXTS = (".json", ".geojson"), (".txt",)
#: Names of files in a zip that is a document, of whatever name.
_PARTS = ("[Content_Types].xml", "mimetype")
_START = 2**16


def table_in(path: Path) -> str:
    """Name the only table in a zip; empty if there is none, or there are several."""
    names = members(path)
    if any(part in names for part in _PARTS):
        return ""
    for suffixes in (_TABLES, _JSON):
        found = [name for name in names if without_packing(name).lower().endswith(suffixes)]
        if found:
            return found[0] if len(found) == 1 else ""
    return ""


def texts_in(path: Path) -> list[str]:
    """List the ``.txt`` files in a zip without a table and without anything more frequent."""
    names = members(path)
    if any(without_packing(name).lower().endswith((*_TABLES, *_JSON)) for name in names):
        return []
    found = [name for name in names if name.lower().endswith(_TEXTS)]
    return found if 2 * len(found) > len(names) and not any(part in names for part in _PARTS) else []


def start_of_member(path: Path, name: str) -> bytes:
    """Read the beginning of a file in a zip, unpacked; none of what is damaged."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(name) as file:
            return start_of(file.read(_START), _START)
    except (DataError, OSError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error):
        return b""


@contextmanager
def unpacked_members(path: Path, names: Sequence[str]) -> Iterator[tuple[Path, list[str]]]:
    """Unpack files of a zip to a folder that is removed at the end; yield it and a note on other files.

    What is packed inside of it is unpacked, too. Messages about the files name the zip.

    Raises:
        DataError: a file cannot be unpacked, or all together are too large.
    """
    with tempfile.TemporaryDirectory() as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                if sum(archive.getinfo(name).file_size for name in names) > MOST_UNPACKED:
                    raise DataError(
                        f"{path} unpacks to more than {MOST_UNPACKED:,} bytes; give a part of it."
                    )
                for name in names:
                    with archive.open(name) as file:
                        content = file.read(MOST_UNPACKED + 1)
                    _write(Path(folder), name, unpacked_once(content, f"{path}: {name}"))
        except (
            OSError,
            EOFError,
            RuntimeError,
            NotImplementedError,
            zipfile.BadZipFile,
            zlib.error,
        ) as error:
            raise DataError(f"{path} cannot be unpacked: {reason(error)}.") from error
        others = [name for name in members(path) if name not in names]
        shown = listed([PurePosixPath(name).name for name in names])
        notes = [f"Of {path.name} {shown} was read, not {listed(others)}."] if others else []
        try:
            yield Path(folder), notes
        except DataError as error:
            raise DataError(
                str(error).replace(f"{folder}/", f"{path}: ").replace(folder, str(path))
            ) from None


@contextmanager
def unpacked_file(path: Path) -> Iterator[Path]:
    """Unpack a file of gzip, bzip2, xz or Zstandard to a folder that is removed at the end.

    Raises:
        DataError: it cannot be unpacked, or is too large.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {reason(error)}.") from error
    with tempfile.TemporaryDirectory() as folder:
        inner = _write(Path(folder), path.name, unpacked_once(raw, str(path)))
        try:
            yield inner
        except DataError as error:
            raise DataError(str(error).replace(str(inner), str(path))) from None


def only_file(folder: Path) -> Path:
    """Return the only file below a folder."""
    return next(path for path in sorted(folder.rglob("*")) if path.is_file())


def _write(folder: Path, name: str, content: bytes) -> Path:
    """Write a file under its name without packing, below a folder whatever the name says."""
    parts = [
        part
        for part in PurePosixPath(without_packing(name).replace("\\", "/")).parts
        if part not in ("..", "/")
    ]
    place = folder.joinpath(*(part[-100:].replace(":", "_").replace("\0", "") for part in parts[-3:]))
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return place
