"""Checks of a stored codec: types and bounds of its document before it is built, then a first decoding."""

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autogen.data.codec import Codec
from autogen.data.specs import Arrays, FrameSpec, ImageSpec, SequenceSpec, Spec, TableSpec
from autogen.errors import RunError
from autogen.generator.checks import check_spec

#: Largest size of a row, number of codes, and code or count of rows in a document.
_SIZE, _CODE, _ROWS = 10**6, 10**6, 2**53
#: Largest length of a bar or a note in ticks: over a thousand bars.
_TICKS = 10**6
#: Rows that a fresh codec decodes, and cells that these have at most.
_FIRST_ROWS, _FIRST_CELLS = 64, 2**20

Fits = Callable[[Any], bool]


def _whole(low: int, high: int) -> Fits:
    return lambda value: type(value) is int and low <= value <= high


def _number(low: float, high: float) -> Fits:
    return lambda value: type(value) in (int, float) and low <= value <= high


def _list(fits: Fits, most: int = 10**8) -> Fits:
    return lambda value: type(value) is list and len(value) <= most and all(map(fits, value))


def _or(empty: Any, fits: Fits) -> Fits:
    return lambda value: value is empty or fits(value)


def _text(value: Any) -> bool:
    return type(value) is str


def _truth(value: Any) -> bool:
    return type(value) is bool


def _scalar(value: Any) -> bool:
    return type(value) in (str, bool, int) or (type(value) is float and math.isfinite(value))


def _ascending_codes(value: Any) -> bool:
    """Bins of segments are numbered from 0 without gaps, so that there are no more of them than segments."""
    if not value or not _list(_whole(0, _CODE))(value):
        return False
    return value[0] == 0 and all(b - a in (0, 1) for a, b in itertools.pairwise(value))


def _lattice(value: Any) -> bool:
    if type(value) is not list or not all(type(one) is int for one in value):
        return False
    if len(value) == 1:
        return bool(1 <= value[0] <= 17)
    return len(value) == 3 and abs(value[0]) <= _ROWS and 1 <= value[1] <= _ROWS and 0 <= value[2] <= 20


def _places(value: Any) -> bool:
    words = _list(_text)
    return _list(lambda some: (_text(some) or words(some)) and len(some) > 0, 1000)(value)


_FINITE = _number(-1.8e308, 1.8e308)
#: What each entry of a codec's document may hold, wherever it stands; all others are left to the codec.
_ENTRIES: dict[str, Fits] = {
    # columns of tables
    **dict.fromkeys(("name", "dtype", "format", "personal", "target", "taken", "right"), _text),
    **dict.fromkeys(("ordered", "stream", "rising", "strict"), _truth),
    "categories": _list(_scalar),
    "missing_words": _list(_text, 1000),
    "unit": lambda value: value in ("", "s", "ms", "us") and _text(value),
    "missing": lambda value: _truth(value) or _number(0, 1)(value),
    "common": _whole(-1, _CODE),
    "values": _or(None, _list(_scalar, _CODE)),
    "spikes": _list(_FINITE, _CODE),
    "low": _list(_FINITE, _CODE),
    "high": _list(_FINITE, _CODE),
    "mass": _list(_whole(1, _ROWS), _CODE),
    "interval": _ascending_codes,
    "lattice": _or(None, _lattice),
    "extra": _whole(0, _CODE),
    "counts": _list(_number(0, _ROWS)),
    "sources": _list(_text),
    "keys": _list(_list(_whole(-_ROWS, _ROWS))),
    "answers": _list(_or(None, _FINITE)),
    # identifiers
    "top": _whole(-(2**63), 2**64),
    "share": _whole(0, 100),
    "first": _whole(0, 10**400),
    "places": _places,
    # images
    "channels": _whole(1, 4),
    **dict.fromkeys(("height", "width", "length"), _whole(1, _SIZE)),
    "label_names": _list(_text, _CODE),
    # texts
    "symbols": _or(None, _text),
    "room": _whole(0, _SIZE),
    "pairs": _list(_list(_whole(0, _CODE), 2), _CODE),
    # music
    "representation": lambda value: value in ("notes", "frames") and _text(value),
    "pitches": lambda value: _list(_whole(0, 127), 2)(value) and len(value) == 2 and value[0] <= value[1],
    **dict.fromkeys(("durations", "shifts", "bars"), _list(_whole(0, _TICKS), _CODE)),
    **dict.fromkeys(("step", "bar"), _whole(1, _TICKS)),
    "voices": _whole(0, 128),
    "velocity": _whole(0, 127),
    "tempo": _number(1e-3, 1e6),
}
#: Lists that go entry by entry with another one.
_TOGETHER = {"high": "low", "mass": "low", "interval": "low", "answers": "keys"}


def check_document(record: Any) -> None:
    """Check types and bounds of what ``to_json`` of a codec wrote, before memory is taken for it.

    Args:
        record: JSON value of the codec.

    Raises:
        RunError: an entry holds something else; it is named.
    """
    if not isinstance(record, dict):
        raise RunError(f"its codec is {record!r:.60}, not an object")
    for place, name, value, owner in _entries(record):
        if name in _ENTRIES and not _ENTRIES[name](value):
            raise RunError(f"its codec has {place} = {value!r:.60}, which no data has")
        beside = _TOGETHER.get(name, "")
        other = owner.get(beside)
        if isinstance(other, list) and isinstance(value, list) and len(value) != len(other):
            raise RunError(f"its codec has {len(value)} entries in {place}, but {len(other)} in {beside}")


def check_codec(codec: Codec) -> None:
    """Check the sizes of a codec's data, and that it decodes a few rows.

    Raises:
        RunError: a size is none, or larger than memory.
        Exception: whatever a damaged document makes it fail with.
    """
    check_spec(codec.spec)
    if (rows := _first_rows(codec.spec)) is not None:
        codec.to_original_format(codec.decode(rows))


def _entries(record: dict[str, Any], place: str = "") -> Iterator[tuple[str, str, Any, dict[str, Any]]]:
    """Entries of all objects of a document: path, name, value and object."""
    for name, value in record.items():
        where = f"{place}.{name}".removeprefix(".")
        if name == "spelling":  # its texts are a format's own
            continue
        if name == "makers" and isinstance(value, dict):  # by the names of columns, which may be any
            for column, maker in value.items():
                if isinstance(maker, dict):
                    yield from _entries(maker, f"{where}.{column!r:.40}")
            continue
        yield where, name, value, record
        for number, inner in enumerate(value) if isinstance(value, list) else [("", value)]:
            if isinstance(inner, dict):
                yield from _entries(inner, f"{where}[{number}]" if isinstance(value, list) else where)


def _first_rows(spec: Spec) -> Arrays | None:
    """Make encoded rows that any codec of a spec decodes; ``None`` for rows that are too large to try."""
    if isinstance(spec, TableSpec):
        levels = np.array([column.levels for column in spec.columns], dtype=np.int64)
        if not len(levels):
            return None
        rows = min(int(levels.max()), _FIRST_ROWS)
        spread = np.arange(rows)[:, None] * levels[None, :] // rows  # all over the codes of each column
        return {"codes": spread, "positions": np.full(spread.shape, 0.5, np.float32)}
    if isinstance(spec, ImageSpec):
        shape = (1, spec.channels, spec.height, spec.width)
        return {"pixels": np.zeros(shape, np.uint8)} if math.prod(shape) <= _FIRST_CELLS else None
    if isinstance(spec, SequenceSpec):
        return {"tokens": np.arange(min(spec.length, _FIRST_CELLS))[None] % spec.levels}
    if isinstance(spec, FrameSpec) and (spec.keys + 1) * spec.length <= _FIRST_CELLS:
        return {"frames": np.ones((1, spec.length, 1 + spec.keys), np.uint8)}
    return None
