"""JSON tables: records one per line (``.jsonl``), a list of records, or columns by name (``.json``)."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from autogen.data.decoding import decoded, file_bytes, first_bytes, without_packing
from autogen.data.tables.sources.csv import unique_names
from autogen.documents import parse_json
from autogen.errors import DataError, reason

LINES, WHOLE = (".jsonl", ".ndjson"), (".json", ".geojson")
SUFFIXES = (*LINES, *WHOLE)
#: A list of objects or rows, an object of objects or of lists of values; lists of lists of lists are music.
_TABLE = re.compile(r"\ufeff?\s*(\[\s*\{|\[\s*\[\s*[^\[\]\s]|\{\s*\"[^\"]*\"\s*:\s*(\{|\[\s*[^\[\s\]]))")
#: A collection of places; records below values that tell of them, as services on the web answer.
_GEO = re.compile(r"\ufeff?\s*\{[^\[]{0,400}\"(FeatureCollection|features)\"")
_WRAPPED = re.compile(
    r"\ufeff?\s*\{(\s*\"[^\"]{0,80}\"\s*:\s*(\"[^\"]{0,400}\"|[-\d.eE+]{1,30}|true|false|null)\s*,){1,40}"
    r"\s*\"[^\"]{0,80}\"\s*:\s*\[\s*\{"
)
#: Objects in lines of their own; a list of objects that are no texts.
_LINES = re.compile(r"\ufeff?\s*\{[^\n]{0,20000}\}[ \t\r]*\n\s*\{[^\n]")
_LIST = re.compile(r"\ufeff?\s*\[\s*\{(?!\s*\"text\"\s*:)")
#: A half of a character without the other.
_HALF = re.compile(
    r"(?<!\\)\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
_LOOKED, _MOST_BROKEN = 20, 0.01


def holds_records(path: Path) -> bool:
    """Tell if a JSON file holds records of a table rather than texts or music; reads its beginning alone."""
    return are_records(first_bytes(path), path.name)


def are_records(raw: bytes, name: str) -> bool:
    """Tell if the beginning of a JSON file of some name holds records of a table."""
    try:
        start = decoded(raw, name)[0]
    except DataError:
        return False
    if not _in_lines(start, name):
        return bool(_TABLE.match(start) or _GEO.match(start) or _WRAPPED.match(start))
    lines = [line for line in start.split("\n")[:_LOOKED] if line.strip()]
    found = []
    for line in lines:
        try:
            found.append(parse_json(line))
        except ValueError:  # the last line may be cut
            continue
    if _are_rows(found):
        return True
    return bool(found) and all(isinstance(one, dict) for one in found) and not _are_texts(found)


def _in_lines(text: str, name: str) -> bool:
    """Tell if JSON has a record a line, which its name may say wrong."""
    if without_packing(name.lower()).endswith(WHOLE):
        return bool(_LINES.match(text))
    return not _LIST.match(text)


def _are_rows(found: Sequence[Any]) -> bool:
    """Tell if values are rows of a table: lists of as many values each, numbers among them."""
    if len(found) < 2 or not all(isinstance(one, list) for one in found):
        return False
    values = [value for row in found for value in row]
    plain = all(value is None or isinstance(value, (str, int, float, bool)) for value in values)
    numbers = any(isinstance(value, (int, float)) for value in values)
    return plain and numbers and len({len(row) for row in found}) == 1 and len(found[0]) > 1


def _are_texts(records: Sequence[dict[str, Any]]) -> bool:
    """Tell if records are texts: they have a field ``text``, or one field alone, which is a string."""
    names = {name for record in records for name in record}
    named = any(isinstance(record.get("text"), str) for record in records)
    return named or (
        len(names) == 1 and any(isinstance(record[name], str) for record in records for name in record)
    )


def read_json(path: Path, encoding: str | None = None) -> tuple[pd.DataFrame, list[str]]:
    """Read a table of JSON records; nested records become columns with a point in their names.

    Raises:
        DataError: the file is no JSON, or holds no records.
    """
    text, notes = decoded(file_bytes(path), str(path), encoding)
    if not _in_lines(text, path.name):
        records = _whole(text, path)
    else:
        records, more = _lines(text, path)
        notes += more
    if _HALF.search(text):
        notes = [*notes, "Halves of characters (such as \\ud800 alone) were replaced by U+FFFD."]
    if not records:
        raise DataError(f"{path} holds no records; give at least 20 JSON objects.")
    frame = pd.DataFrame(records)
    if {"geometry", "properties"} <= set(frame.columns):
        frame, more = _of_features(records)
        notes += more
    for _ in range(2):  # records inside of records, and inside of these
        frame, more = _flat(frame)
        notes += more
    return frame, notes


def _whole(text: str, path: Path) -> list[dict[str, Any]]:
    """Parse a list of records, or columns by name."""
    try:
        found = parse_json(text)
    except ValueError as error:
        raise DataError(f"{path} is no JSON: {reason(error)}.") from error
    if isinstance(found, dict):
        found = _of_object(found)
    if isinstance(found, list) and _are_rows(found):
        names = _names(found[0])
        found = [dict(zip(names, row, strict=True)) for row in found[int(_are_names(found[0])) :]]
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise DataError(f"{path} must hold a list of JSON objects, or an object of columns; it does not.")
    return list(found)


def _of_object(found: dict[str, Any]) -> Any:
    """Find the records in an object: below its only list, or columns by name, as pandas writes them."""
    lists = [value for value in found.values() if isinstance(value, list)]
    if len(lists) == 1 and lists[0] and all(isinstance(one, dict) for one in lists[0]):
        return lists[0]
    records = [value for value in found.values() if isinstance(value, dict)]
    numbered = all(name.isdecimal() for name in found) and not all(
        map(str.isdecimal, next(iter(records), ()))
    )
    if records and len(records) == len(found) and numbered:  # rows by number, not columns by name
        return records
    if set(found) in ({"columns", "index", "data"}, {"columns", "data"}) and len(found["columns"]) > 0:
        rows = found["data"]  # the orientation "split" of pandas
        even = all(isinstance(row, list) and len(row) == len(found["columns"]) for row in rows)
        return pd.DataFrame(rows, columns=found["columns"]).to_dict("records") if even else found
    if records and len(records) == len(found) and _are_named_rows(records):
        return records
    even = len(lists) == len(found) and len({len(some) for some in lists}) == 1
    if even or (found and all(isinstance(value, dict) for value in found.values())):
        return pd.DataFrame(found).to_dict("records")
    return found


def _of_features(records: Sequence[dict[str, Any]]) -> tuple[pd.DataFrame, list[str]]:
    """Make a table of the features of GeoJSON: their properties, and the coordinates of points."""
    properties = [one.get("properties") for one in records]
    frame = pd.DataFrame([one if isinstance(one, dict) else {} for one in properties])
    shapes = [one["geometry"] if isinstance(one.get("geometry"), dict) else {} for one in records]
    places = [one.get("coordinates") for one in shapes]
    points = all(
        shape.get("type") == "Point" and isinstance(place, list) and len(place) >= 2
        for shape, place in zip(shapes, places, strict=True)
        if shape
    )
    if not points or not any(shapes):
        kinds = sorted({str(shape.get("type", "none")) for shape in shapes})
        return frame, [f"Shapes of GeoJSON ({', '.join(kinds[:3])}) are no values and were left out."]
    for axis, name in enumerate(("longitude", "latitude")):
        frame[name] = [place[axis] if isinstance(place, list) else None for place in places]
    return frame, ["The points of GeoJSON were read as the columns longitude and latitude."]


def _are_named_rows(records: Sequence[dict[str, Any]]) -> bool:
    """Tell if objects are rows by name, not columns: they have the same fields, fewer than they are."""
    fields = list(records[0])
    same = all(list(one) == fields for one in records)
    return same and len(records) > len(fields) and not all(map(str.isdecimal, fields))


def _lines(text: str, path: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Parse one record a line, and note broken lines."""
    found: list[dict[str, Any]] = []
    broken, names = list[str](), list[str]()
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = parse_json(line)
        except ValueError as error:
            broken.append(f"line {number} is no JSON: {reason(error)}")
            continue
        if isinstance(record, list) and not found and not names:
            names = _names(record)
            found += [] if _are_names(record) else [dict(zip(names, record, strict=True))]
        elif isinstance(record, list) and len(record) == len(names):
            found.append(dict(zip(names, record, strict=True)))
        elif isinstance(record, dict):
            found.append(record)
        else:
            broken.append(f"line {number} is no JSON object")
    if len(broken) > _MOST_BROKEN * len(found):
        raise DataError(f"{path}: {broken[0]}. A table in a .jsonl file needs one JSON object per line.")
    return found, [f"Broken lines were left out: {len(broken)} in all, {broken[0]}."] if broken else []


def _are_names(row: Sequence[Any]) -> bool:
    """Tell if a first row names the columns of the others: it holds texts alone."""
    return bool(row) and all(isinstance(value, str) for value in row)


def _names(row: Sequence[Any]) -> list[str]:
    """Name the columns of rows by the first of them, or by their numbers."""
    return unique_names(row)[0] if _are_names(row) else [f"column_{place + 1}" for place in range(len(row))]


def _flat(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Make columns of the fields of nested records, and note them."""
    parts: list[Any] = []
    notes = []
    for name in frame.columns:
        column = frame[name]
        present = column.dropna()
        if present.empty or not present.map(lambda cell: isinstance(cell, dict)).all():
            parts.append(column)
            continue
        inner = pd.DataFrame([cell if isinstance(cell, dict) else {} for cell in column], index=frame.index)
        inner.columns = pd.Index([f"{name}.{field}" for field in inner.columns])
        parts.append(inner)
        shown = ", ".join(inner.columns[:5]) + (" ..." if inner.shape[1] > 5 else "")
        notes.append(f"Records inside of {str(name)!r} were read as the columns {shown}.")
    return (pd.concat(parts, axis=1) if notes else frame), notes
