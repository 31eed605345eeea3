"""Tables in and out: files and DataFrames to frames with settled columns, and frames to files."""

import difflib
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.base import RawData
from autogen.data.column_types import KINDS, ColumnType, recognise, typed
from autogen.data.csv_files import read_cells, unique_names
from autogen.data.names import TABLE_SETS
from autogen.errors import DataError


def read_table(source: Any, options: Mapping[str, Any]) -> RawData:
    """Read a built-in table, a file or a DataFrame.

    Raises:
        DataError: unreadable, empty, or without a column that can be learnt.
    """
    target = options.get("target")
    notes: list[str] = []
    if isinstance(source, pd.DataFrame):
        frame, name = _plain(source, notes), "the DataFrame"
    elif str(source) in TABLE_SETS:
        frame, own_target = _built_in(str(source))
        target, name = target or own_target, str(source)
    elif str(source).lower().endswith(".parquet"):
        frame, name = _plain(_parquet(Path(source)), notes), str(source)
    else:
        frame, found = read_cells(Path(source))
        notes += found
        name = str(source)
    forced = _forced(options.get("columns") or {}, frame, name)
    _known(target, frame, name)
    return _settled(frame, forced, notes, target, name)


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame; the suffix says how.

    Raises:
        DataError: another suffix, or the file cannot be written.
    """
    lower = path.name.lower()
    try:
        if lower.endswith(".parquet"):
            _need_pyarrow(path)
            frame.to_parquet(path, index=False)
        elif lower.endswith((".csv", ".csv.gz")):
            frame.to_csv(path, index=False)
        elif lower.endswith((".tsv", ".tsv.gz")):
            frame.to_csv(path, index=False, sep="\t")
        else:
            raise DataError(f"a table is written to .csv, .csv.gz, .tsv or .parquet; got {path.name!r}.")
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror or error}.") from error


def _built_in(name: str) -> tuple[pd.DataFrame, str]:
    """A table that scikit-learn ships, with its target."""
    from autogen.data.builtin import read_columns

    columns, target = read_columns(name)
    frame = pd.DataFrame(columns)
    return frame.astype({target: str}), target


def _parquet(path: Path) -> pd.DataFrame:
    """A parquet file's columns."""
    _need_pyarrow(path)
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read as parquet: {' '.join(str(error).split())}.") from error


def _need_pyarrow(path: Path) -> None:
    if find_spec("pyarrow") is None:
        raise DataError(f"{path} needs pyarrow; install it with: pip install 'autogen-search[parquet]'")


def _plain(frame: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """A frame with text names, a fresh index and no column of loose objects."""
    if frame.columns.nlevels > 1:
        found = ["_".join(str(part) for part in label) for label in frame.columns]
    else:
        found = ["" if label is None else str(label).strip() for label in frame.columns]
    names, changed = unique_names(found)
    notes += changed
    plain = frame.reset_index(drop=True)
    plain.columns = pd.Index(names)
    return plain


def _forced(wanted: Mapping[str, str], frame: pd.DataFrame, name: str) -> dict[str, str]:
    """The kinds of columns that the user wants, all known."""
    for column, kind in wanted.items():
        _known(column, frame, name)
        if kind not in KINDS:
            raise DataError(f"column {column!r} is to be {kind!r}; a column can be {', '.join(KINDS)}.")
    return dict(wanted)


def _known(column: str | None, frame: pd.DataFrame, name: str) -> None:
    if column is not None and column not in frame.columns:
        near = difflib.get_close_matches(column, list(frame.columns), n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        shown = ", ".join(list(frame.columns)[:12]) + (" ..." if frame.shape[1] > 12 else "")
        raise DataError(f"{name} has no column {column!r}; it has {shown}.{hint}")


def _settled(
    frame: pd.DataFrame, forced: dict[str, str], notes: list[str], target: str | None, name: str
) -> RawData:
    """Give every column its dtype and kind; leave out those that are not learnt."""
    columns: dict[str, pd.Series] = {}
    forms: list[ColumnType] = []
    for label in frame.columns:
        column, found = _settle(frame[label], forced.get(label))
        notes += found
        form = recognise(column, forced.get(label))
        if form.kind in ("text", "drop"):
            notes.append(_left_out(form, column))
            continue
        if form.kind == "identifier":
            notes.append(f"Column {label!r} holds identifiers: not learnt, fresh ones are made.")
        columns[label] = column
        forms.append(form)
    if all(form.kind == "identifier" for form in forms):
        raise DataError(f"{name} has no column that can be learnt: identifiers and free text only.")
    settled = pd.DataFrame(columns)
    kept = settled.dropna(how="all")
    if len(kept) < len(settled):
        notes.append(f"{len(settled) - len(kept)} rows without any cell were left out.")
    meta = {"columns": [form.to_json() for form in forms], "target": target}
    return RawData(kept.reset_index(drop=True), tuple(notes), meta=meta)


def _left_out(form: ColumnType, column: pd.Series) -> str:
    if form.kind == "drop":
        return f"Column {form.name!r} was left out as asked."
    return (
        f"Column {form.name!r} holds free text ({column.nunique()} different texts): "
        f"it is not learnt and left out."
    )


def _settle(column: pd.Series, forced: str | None) -> tuple[pd.Series, list[str]]:
    """A column with a dtype that can be learnt: numbers, truth values, dates, categories or text."""
    if column.dtype == object and not column.dropna().map(lambda cell: isinstance(cell, str)).all():
        return _from_objects(column)
    if pd.api.types.is_string_dtype(column.dtype):
        return typed(column, forced)
    if pd.api.types.is_float_dtype(column.dtype) and (infinite := np.isinf(column).sum()):
        note = f"{infinite} cells of column {column.name!r} are infinite; they count as missing."
        return column.replace([np.inf, -np.inf], np.nan), [note]
    return column, []


def _from_objects(column: pd.Series) -> tuple[pd.Series, list[str]]:
    """A column of Python objects as the dtype they have in common, else as their texts."""
    better = column.convert_dtypes()
    if better.dtype != object:
        return better, []
    texts = column.map(str, na_action="ignore").astype(str)
    return texts, [f"Column {column.name!r} mixes types; its cells are taken as text."]
