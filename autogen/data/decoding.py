"""Bytes of files from anybody to text: unpacking with a limit, and encodings that lose nothing silently."""

import bz2
import codecs
import io
import lzma
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from autogen.data.texts.western import likely_old, looks_hungarian, looks_western
from autogen.errors import DataError, agreed, reason

#: Most bytes that a packed file may unpack to, so that a small file cannot fill the memory.
MOST_UNPACKED = 2**30
_CHUNK = 2**20
#: Names of files that a note shows.
_FILES_SHOWN = 3
#: How files of other kinds begin, what they are, and what to do with them.
_FOREIGN = (
    (b"PAR1", "a parquet file", "name it .parquet"),
    (b"ARROW1", "an Arrow file", "name it .feather"),
    (b"SQLite format 3", "a SQLite database", "name it .db"),
    (b"\x93NUMPY", "a numpy array", "name it .npy"),
    (b"MThd", "a MIDI file", "name it .mid"),
    (b"%PDF-", "a PDF", "save the table or text in it"),
    (b"{\\rtf", "a rich text", "save it as plain text"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file", "save it as .xlsx or .csv"),
    (b"\x89PNG", "a picture", "give a folder of pictures"),
    (b"\xff\xd8\xff", "a picture", "give a folder of pictures"),
    (b"GIF8", "a picture", "give a folder of pictures"),
    (b"7z\xbc\xaf", "a 7-Zip archive", "unpack it"),
    (b"Rar!", "a RAR archive", "unpack it"),
    (b"version https://git-lfs", "a pointer of Git LFS", "fetch the file: git lfs pull"),
)
_MARKUP = re.compile(rb"\s*<(!doctype|html|\?xml|svg|head|body)\b", re.IGNORECASE)
_JSON = re.compile(rb"\s*(\[\s*\{\s*\"|\{\s*\"[^\"\n]*\"\s*:)")
_ARFF = re.compile(rb"\s*(%[^\n]*\n\s*)*@relation\s", re.IGNORECASE)
#: Files in a zip that is a document.
_DOCUMENTS = (
    ("xl/workbook.xml", "an Excel workbook; name it .xlsx"),
    ("word/document.xml", "a Word document; save the table or text in it"),
    ("content.xml", "a document of LibreOffice; save it as .csv or .txt"),
)
_GZIP, _ZIP, _BZIP, _XZ, _ZSTD = b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ", b"(\xb5/\xfd"
#: Last suffixes of files that are unpacked when they are read.
PACKED = (".gz", ".bz2", ".xz", ".zst")
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SHOWN = 20


def file_bytes(path: Path) -> bytes:
    """Read a file, unpacked if it is gzipped.

    Raises:
        DataError: it cannot be read, or is damaged or too large when unpacked.
    """
    if path.exists() and not path.is_file():
        raise DataError(f"{path} is no regular file; give a file, not a folder, a device or a pipe.")
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {reason(error)}.") from error
    if raw.startswith(_ZIP):
        raw = _only_member(raw, path)
    raw = unpacked_once(raw, str(path))
    if raw[257:262] == b"ustar":
        raise DataError(f"{path} is a tar archive; unpack it and give a file or folder of it.")
    return raw


def without_packing(name: str) -> str:
    """Leave out the last suffix of a packed file: ``t.csv`` of ``t.csv.xz``."""
    return next((name[: -len(suffix)] for suffix in PACKED if name.lower().endswith(suffix)), name)


def unpacked_once(raw: bytes, name: str) -> bytes:
    """Unpack bytes of gzip, bzip2, xz or Zstandard; others stay.

    Raises:
        DataError: they are damaged, hold more than ``MOST_UNPACKED`` bytes, or need a missing library.
    """
    if raw.startswith(_GZIP):
        return unpacked(raw, name)
    if not raw.startswith((_BZIP, _XZ, _ZSTD)):
        return raw
    door = bz2.BZ2File if raw.startswith(_BZIP) else lzma.LZMAFile
    try:
        with _zstandard(raw, name) if raw.startswith(_ZSTD) else door(io.BytesIO(raw)) as stream:
            found = stream.read(MOST_UNPACKED + 1)
    except (OSError, EOFError, ValueError, lzma.LZMAError) as error:
        raise DataError(f"{name} cannot be unpacked: {reason(error)}.") from error
    if len(found) > MOST_UNPACKED:
        raise _too_large(name)
    return bytes(found)


def _zstandard(raw: bytes, name: str) -> Any:
    if find_spec("pyarrow") is None:
        raise DataError(
            f"{name} is packed by Zstandard, which needs pyarrow; install it, or unpack the file."
        )
    import pyarrow as pa

    return pa.CompressedInputStream(pa.BufferReader(raw), "zstd")


def refuse_foreign(raw: bytes, name: str, *, table: bool) -> None:
    """Raise ``DataError`` for a file that begins like one of another kind than text.

    Args:
        raw: content of the file.
        name: name of the file, for messages.
        table: True if a table is expected, which HTML, XML and JSON are not either.
    """
    for mark, what, how in _FOREIGN:
        if raw.startswith(mark):
            raise DataError(f"{name} is {what}, whatever its name says; {how}.")
    start = raw[:2000].removeprefix(codecs.BOM_UTF8)
    if table and _MARKUP.match(start):
        raise DataError(f"{name} is a page of HTML or XML, maybe of a download that failed; give a table.")
    if table and _ARFF.match(start):
        raise DataError(f"{name} is an ARFF file of Weka, whatever its name says; save it as .csv.")
    if table and _JSON.match(start):
        raise DataError(f"{name} is JSON, whatever its name says; name it .json, or .jsonl for one per line.")


def members(path: Path) -> list[str]:
    """List the files in a zip, hidden ones left out; none if it is no zip."""
    try:
        with zipfile.ZipFile(path) as archive:
            return [name for name in archive.namelist() if not _is_hidden(name)]
    except (OSError, zipfile.BadZipFile):
        return []


def _is_hidden(name: str) -> bool:
    return name.endswith("/") or name.startswith("__MACOSX") or name.rpartition("/")[2].startswith(".")


def _only_member(raw: bytes, path: Path) -> bytes:
    """Unpack the only file of a zip."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            names = [name for name in archive.namelist() if not _is_hidden(name)]
            if document := next((what for part, what in _DOCUMENTS if part in names), ""):
                raise DataError(f"{path} is {document}.")
            if len(names) != 1:
                raise DataError(
                    f"{path} is a zip with {len(names)} files; give one with a single table or text."
                )
            if archive.getinfo(names[0]).file_size > MOST_UNPACKED:  # no more than this is unpacked
                raise _too_large(path)
            with archive.open(names[0]) as file:
                content = file.read(MOST_UNPACKED + 1)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
        raise DataError(f"{path} cannot be unpacked: {reason(error)}.") from error
    if len(content) > MOST_UNPACKED:
        raise _too_large(path)
    return content


def _too_large(path: object) -> DataError:
    return DataError(f"{path} unpacks to more than {MOST_UNPACKED:,} bytes; unpack it and give a part.")


def first_bytes(path: Path, most: int = 2**16) -> bytes:
    """Read the first bytes of a file, unpacked if it is gzipped; none of what is no readable file."""
    if not path.is_file():
        return b""
    try:
        with path.open("rb") as file:
            raw = file.read(most)
        return start_of(raw, most)
    except (DataError, OSError, ValueError, EOFError, zlib.error, lzma.LZMAError):
        return b""


def start_of(raw: bytes, most: int) -> bytes:
    """Unpack the beginning of packed bytes, of which the end may be missing."""
    if raw.startswith(_GZIP):
        return zlib.decompressobj(wbits=31).decompress(raw, most)
    if raw.startswith(_BZIP):
        return bz2.BZ2Decompressor().decompress(raw, most)
    if raw.startswith(_XZ):
        return lzma.LZMADecompressor().decompress(raw, most)
    if raw.startswith(_ZSTD):
        with _zstandard(raw, "it") as stream:
            return bytes(stream.read(min(most, 2**12)))
    return raw


def unpacked(raw: bytes, name: str, most: int | None = None) -> bytes:
    """Unpack gzipped bytes of one or several members.

    Raises:
        DataError: they are damaged, or hold more than ``most`` (by default ``MOST_UNPACKED``) bytes.
    """
    most = MOST_UNPACKED if most is None else most
    found = bytearray()
    while raw.startswith(_GZIP):
        reader = zlib.decompressobj(wbits=31)
        data = raw
        try:
            while not reader.eof and (data or reader.unconsumed_tail):
                found += reader.decompress(data, _CHUNK)
                data = reader.unconsumed_tail
                if len(found) > most:
                    raise DataError(f"{name} unpacks to more than {most:,} bytes; unpack it and give a part.")
        except zlib.error as error:
            raise DataError(f"{name} cannot be read: {reason(error)}.") from error
        if not reader.eof:
            raise DataError(
                f"{name} cannot be read: the packed file ended before its last byte; copy it again."
            )
        raw = reader.unused_data
    return bytes(found)


def decoded(raw: bytes, name: str, encoding: str | None = None) -> tuple[str, list[str]]:
    """Decode the bytes of a text file and note how.

    By default: UTF-8, UTF-16 and UTF-32 with a byte order mark, UTF-8 without one, and Windows-1252 where the
    words look like those of a language that is written in it.

    Args:
        raw: content of the file.
        name: name of the file, for messages.
        encoding: the encoding, if the user names it.

    Raises:
        DataError: the encoding is unknown or does not fit.
    """
    if encoding is not None:
        return _named(raw, name, encoding), []
    mark = next((known for known in _MARKS if raw.startswith(known[0])), None)
    text, notes = _whole(raw, mark[1] if mark else "utf-8")
    if text is not None:
        return text, notes
    if mark:
        raise DataError(f"{name} begins like {mark[1]} text but is damaged; save it again.")
    text = raw.decode("cp1252", errors="replace")
    if looks_hungarian(text):
        text = raw.decode("cp1250", errors="replace")
        return text, [
            f"The file is not UTF-8; it was read as Windows-1250, in which its letters are Hungarian "
            f"({_example(text)}). If they are wrong, name the encoding: --option encoding=..."
        ]
    example = _example(text)
    if not looks_western(text):
        old, better = likely_old(raw)
        names = f"{old}, which gives {_example(better)}" if old else "cp1251"
        others = "mac_roman, cp437, cp1252" if old == "cp850" else "cp850, cp1252" if old else ""
        raise DataError(
            f"{name} is not UTF-8, and read as Windows-1252 it has the characters {example}. Name its "
            f"encoding: --option encoding={names} (or {others or 'shift_jis, cp1250, cp1252'} ...), or save "
            "it as UTF-8."
        )
    return text, [
        f"The file is not UTF-8; it was read as Windows-1252, with the characters {example}. If they are "
        f"wrong, name the encoding: --option encoding=..."
    ]


def _whole(raw: bytes, encoding: str) -> tuple[str | None, list[str]]:
    """Decode bytes that may end inside of a character; ``None`` for bytes of another encoding."""
    reader = codecs.getincrementaldecoder(encoding)()
    try:
        text = reader.decode(raw)
    except UnicodeDecodeError:
        return None, []
    left = len(reader.getstate()[0])
    notes = [f"The file ends inside of a character; its last {left} bytes were left out."] if left else []
    return text, notes


def _named(raw: bytes, name: str, encoding: str) -> str:
    """Decode bytes by the encoding that the user names."""
    try:
        text = raw.decode(str(encoding))
    except LookupError:
        raise DataError(
            f"the encoding {encoding!r} is unknown; use a name such as cp1251 or utf-16."
        ) from None
    except (UnicodeError, ValueError) as error:
        raise DataError(f"{name} is not {encoding}: {reason(error)}. Name another encoding.") from error
    return text.removeprefix("\ufeff")


def likely_wide(raw: bytes) -> str:
    """Name the encoding of two bytes a character that zero bytes of text without a mark point to."""
    return "utf-16-be" if raw[::2].count(0) > raw[1::2].count(0) else "utf-16-le"


def _example(text: str) -> str:
    """List the commonest characters beyond ASCII: no words, since notes are kept and cells may be private."""
    counts = Counter(one for one in text if not one.isascii())
    letters = [letter for letter, _ in counts.most_common(_SHOWN)]
    return " ".join(one if one.isprintable() else f"U+{ord(one):04X}" for one in letters) or "none"


def link_notes(names: Iterable[str]) -> list[str]:
    """Note the links that are left out.

    Args:
        names: Names of the links, below the folder.
    """
    links = sorted(names)
    if not links:
        return []
    are = agreed(len(links), "it is a link", "they are links")
    return [
        f"Warning: {listed(links)} {agreed(len(links), 'was', 'were')} left out, since {are} to "
        "another folder; copy what you want read."
    ]


def listed(names: Sequence[str]) -> str:
    """Name a few files and count them all."""
    shown = ", ".join(names[:_FILES_SHOWN]) + (" ..." if len(names) > _FILES_SHOWN else "")
    return shown if len(names) == 1 else f"{shown} ({len(names)} files)"
