"""Sources of tables: built-in names, files and DataFrames, as they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.builtin import TABLE_SETS
from autogen.data.decoding import PACKED, file_bytes, without_packing
from autogen.data.tables.sources.archive import only_file, table_in, unpacked_file, unpacked_members
from autogen.data.tables.sources.arrays import read_matrix
from autogen.data.tables.sources.arrow import SUFFIXES as ARROW
from autogen.data.tables.sources.arrow import frame_of, read_arrow, read_data_set
from autogen.data.tables.sources.csv import read_cells, refuse_too_wide, unique_names
from autogen.data.tables.sources.database import SUFFIXES as DATABASES
from autogen.data.tables.sources.database import file_of, read_sqlite
from autogen.data.tables.sources.excel import SUFFIXES as WORKBOOKS
from autogen.data.tables.sources.excel import read_excel
from autogen.data.tables.sources.footer import without_totals
from autogen.data.tables.sources.json_records import SUFFIXES, read_json
from autogen.errors import DataError

#: Last suffixes of packed files that are no texts.
_BINARY = (*ARROW, *WORKBOOKS, *DATABASES, ".npy", ".npz")
_PACKED = tuple(inner + outer for inner in _BINARY for outer in PACKED)
#: First words of the Arrow types that hold no single value.
_NESTED = ("list", "large_list", "fixed_size", "struct", "map", "binary", "large_binary")
_NO_VALUES = (("lists", (list, tuple, set, np.ndarray)), ("records", (dict,)), ("bytes", (bytes, bytearray)))


@dataclass(frozen=True)
class TableSource:
    """Table as it is in its source.

    Attributes:
        frame: N rows; cells of a text file are texts.
        notes: decisions of reading, one sentence each.
        name: name of the source, for messages.
        from_text: True if the cells are those of a text file.
        target: name of the column that holds the class, if the source names it.
        point: decimal separator, if the user names it.
        nested: columns that hold no values and were left out, with what they hold.
        batches: number of the source of each row, int64 (N,), where several were joined; else ``None``.
    """

    frame: pd.DataFrame
    notes: list[str]
    name: str
    from_text: bool = False
    target: str | None = None
    point: str = ""
    nested: dict[str, str] = field(default_factory=dict)
    batches: np.ndarray | None = None


def joined(sources: Sequence[TableSource]) -> TableSource:
    """Join tables of the same columns, in any order, into one; it has the name of the last one.

    Args:
        sources: tables, the oldest first.

    Raises:
        DataError: a table has other columns, or is a text file where others are not.
    """
    first, last = sources[0], sources[-1]
    columns = list(first.frame.columns)
    for one in sources[1:]:
        lacking = [name for name in columns if name not in one.frame.columns]
        beyond = [name for name in one.frame.columns if name not in columns]
        if lacking or beyond:
            found = [f"lacks {_shown(lacking)}"] * bool(lacking) + [f"adds {_shown(beyond)}"] * bool(beyond)
            raise DataError(
                f"{one.name} has other columns than {first.name}: it {' and '.join(found)}; give rows of the "
                "same columns."
            )
        if one.from_text != first.from_text:
            raise DataError(
                f"{one.name} and {first.name} must both be text files (.csv, .tsv, .xlsx) or neither, so "
                "that a cell means the same in both; convert one of them."
            )
    return replace(
        last,
        frame=pd.concat([one.frame[columns] for one in sources], ignore_index=True),
        notes=list(dict.fromkeys(note for one in sources for note in one.notes)),
        target=first.target,
        nested=first.nested,
        batches=np.repeat(np.arange(len(sources)), [len(one.frame) for one in sources]),
    )


def _shown(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:5])) + (" ..." if len(names) > 5 else "")


def open_source(source: Any, options: Mapping[str, Any]) -> TableSource:
    """Open a built-in table, a file or a DataFrame.

    Raises:
        DataError: it cannot be read, or has no columns.
    """
    name = "the DataFrame" if isinstance(source, pd.DataFrame) else str(source)
    if not isinstance(source, pd.DataFrame) and name.lower().endswith((".zip", *_PACKED)):
        return _unpacked(Path(source), options)
    target, from_text, point = None, False, ""
    nested: dict[str, str] = {}
    notes: list[str] = []
    if isinstance(source, pd.DataFrame):
        frame = source
    elif name in TABLE_SETS:
        frame, target = _built_in(name)
    elif Path(source).is_dir():
        table, notes = read_data_set(Path(source), options.get("split"))
        frame = frame_of(table, Path(source))
    elif name.lower().endswith(ARROW):
        frame = read_arrow(Path(source))
    elif file_of(name).lower().endswith(DATABASES):
        frame, notes = read_sqlite(name)
    elif name.lower().endswith(WORKBOOKS):
        frame, notes = read_excel(Path(source), options.get("sheet"))
        from_text = True
    elif name.lower().endswith((".npy", ".npz")):
        frame, notes = read_matrix(Path(source))
    elif without_packing(name.lower()).endswith(SUFFIXES):
        frame, notes = read_json(Path(source), options.get("encoding"))
    else:
        frame, notes = read_cells(Path(source), options)
        from_text, point = True, _point(options.get("decimal"))
    refuse_too_wide(frame.shape[1], name)
    if not from_text:
        frame, more = _plain(frame)
        nested = {label: kind for label in frame.columns if (kind := _nested(frame[label]))}
        frame = _without_nested(frame, nested, name)
        notes = [*notes, *more]
        notes += [
            f"Column {one!r} holds {what}, not values, and is left out." for one, what in nested.items()
        ]
    if not frame.shape[1]:
        raise DataError(f"{name} has no columns.")
    frame, more = without_totals(frame, cut=from_text)
    notes = [*notes, *more]
    return TableSource(frame, notes, name, from_text, target, point, nested)


def _unpacked(path: Path, options: Mapping[str, Any]) -> TableSource:
    """Open the table in a zip or a packed file."""
    if path.suffix.lower() != ".zip":
        with unpacked_file(path) as inner:
            return replace(open_source(inner, options), name=str(path))
    if not (member := table_in(path)):
        file_bytes(path)  # it says what it is
        raise DataError(f"{path} holds no table, or several; give one alone.")
    with unpacked_members(path, [member]) as (folder, notes):
        found = open_source(only_file(folder), options)
    return replace(found, name=str(path), notes=[*notes, *found.notes])


def _without_nested(frame: pd.DataFrame, nested: Mapping[str, str], name: str) -> pd.DataFrame:
    """Leave out columns of lists, records or bytes. Raises ``DataError`` if all are such."""
    if nested and len(nested) == frame.shape[1]:
        shown = ", ".join(f"{label!r} holds {kind}" for label, kind in list(nested.items())[:5])
        raise DataError(
            f"{name} has no column of values: {shown}. Write one value a column, or one text a record: "
            f'{{"text": "..."}}.'
        )
    return frame.drop(columns=list(nested)) if nested else frame


def _nested(column: pd.Series) -> str:
    """Name what most cells of a column hold if it is no value: lists, records or bytes; empty otherwise."""
    dtype = getattr(column.dtype, "pyarrow_dtype", None)
    if column.dtype != object and (dtype is None or not str(dtype).startswith(_NESTED)):
        return ""
    present = column.dropna()
    for kind, types in _NO_VALUES:
        if 2 * sum(isinstance(cell, types) for cell in present) > len(present):
            return kind
    return ""


def _point(given: Any) -> str:
    """Check the option decimal; empty if it is unset."""
    if given not in (None, ".", ","):
        raise DataError(f"decimal must be . or , (a point or a comma); got {given!r}.")
    return given or ""


def _built_in(name: str) -> tuple[pd.DataFrame, str]:
    """Load a table that scikit-learn ships, and the name of its target."""
    from autogen.data.builtin import read_columns

    columns, target = read_columns(name)
    return pd.DataFrame(columns).astype({target: str}), target


def _plain(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Give a frame unique text names and a new index, and note changes."""
    if frame.columns.nlevels > 1:
        found = ["_".join(str(part) for part in label) for label in frame.columns]
    else:
        found = ["" if label is None else str(label) for label in frame.columns]
    names, notes = unique_names(found)
    plain = frame.reset_index(drop=True)
    plain.columns = pd.Index(names)
    for place, level in enumerate(frame.index.names):
        if level is not None and str(level) not in names:
            plain.insert(place, str(level), frame.index.get_level_values(place).to_series(index=plain.index))
            notes = [*notes, f"The index {str(level)!r} is read as a column."]
        elif level is None and frame.index.get_level_values(place).dtype.kind not in "iu":
            notes = [*notes, "The index has no name and is left out; one with a name is read as a column."]
    return plain, notes
