"""Checksums of a journal: each record carries a CRC-32 of all before it, which finds damage, not forgery."""

import json
import zlib
from collections.abc import Iterable
from typing import Any

from autogen.errors import JournalError

FORMAT = "autogen-journal"
#: Version that new journals have; the one before it has no checksums and is still read and continued.
VERSION = 2
_WITHOUT_CHECKSUMS = 1
_SEAL = b',"crc":"%08x"}\n'
_LENGTH = len(_SEAL % 0)


def header(version: int = VERSION) -> bytes:
    """Make the first line of a journal."""
    return json.dumps({"format": FORMAT, "version": version}).encode() + b"\n"


class Chain:
    """Running checksum over the lines of a journal.

    Args:
        first: First line of the journal, which is checked.

    Attributes:
        version: Version of the format.
        crc: Checksum of all records so far, each without its own checksum.

    Raises:
        JournalError: the line is not the header of a journal, or that of a newer one.
    """

    def __init__(self, first: bytes) -> None:
        self.version = _version(parsed(first))
        self.crc = zlib.crc32(first)

    def seal(self, record: bytes) -> tuple[bytes, int]:
        """Make the line of a record that follows, without yet counting it.

        Args:
            record: JSON object without a line end.

        Returns:
            The line, and the checksum that ``crc`` has to be once the line is written.
        """
        if self.version == _WITHOUT_CHECKSUMS:
            return record + b"\n", self.crc
        crc = zlib.crc32(record[:-1], self.crc)
        return record[:-1] + _SEAL % crc, crc

    def unseal(self, lines: Iterable[bytes]) -> list[bytes]:
        """Check the lines that follow, and give their records without checksums.

        A line that does not follow ends the list, so that the caller knows its place.
        """
        if self.version == _WITHOUT_CHECKSUMS:
            return list(lines)
        records, crc = [], self.crc
        for line in lines:
            body = line[:-_LENGTH]
            known = zlib.crc32(body, crc)
            if line[-_LENGTH:] != _SEAL % known:
                break
            crc = known
            records.append(body + b"}")
        self.crc = crc
        return records


def parsed(line: bytes) -> Any:
    """Parse a line of JSON; ``None`` for one that is none, is nested too deeply, or holds NaN."""
    try:
        return _DECODER.decode(line.decode())
    except (ValueError, RecursionError):
        return None


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_refused)


def _version(first: Any) -> int:
    if not isinstance(first, dict) or first.get("format") != FORMAT:
        raise JournalError("is not a journal of autogen: its first line is not the header of one")
    version = first.get("version")
    if type(version) is not int or version < 1:
        raise JournalError("is damaged: its first line has no version")
    if version > VERSION:
        raise JournalError(f"has version {version}, this autogen reads up to {VERSION}; update autogen")
    return version
