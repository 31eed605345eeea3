"""Tables in: files and DataFrames to frames with settled columns."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.builtin import TABLE_SETS
from autogen.data.kind import RawData
from autogen.data.tables.dependence import group_numbers, suspicions, times_of
from autogen.data.tables.reading.align import conformed
from autogen.data.tables.reading.cells import typed
from autogen.data.tables.reading.column_types import KINDS, ColumnType, recognise
from autogen.data.tables.reading.csv import read_cells, unique_names
from autogen.data.tables.reading.dates import dates_of
from autogen.data.tables.reading.dtypes import settle
from autogen.data.tables.reading.files import need_pyarrow
from autogen.data.tables.reading.number_format import spelling_of
from autogen.data.tables.reading.ordinals import BELOW
from autogen.errors import DataError, reason


def read_table(source: Any, options: Mapping[str, Any]) -> RawData:
    """Read a built-in table, a file or a DataFrame.

    Raises:
        DataError: unreadable, empty, or without a column that can be learnt.
    """
    found = _found(source)
    target = options.get("target") or found.target
    forced = _forced(options.get("columns") or {}, found.frame, found.name)
    roles = {role: options[role] for role in ("group", "time") if options.get(role)}
    for column in (target, *roles.values()):
        _known(column, found.frame, found.name)
    return _settled(found, forced, target, roles)


def read_table_like(source: Any, encoders: Sequence[Any]) -> RawData:
    """Read a table as one with the columns that encoders were fitted on.

    Raises:
        DataError: unreadable, or one of the columns is missing or of another kind.
    """
    found = _found(source)
    columns, notes = {}, list(found.notes)
    for encoder in encoders:
        name = encoder.form.name
        if name not in found.frame:
            shown = ", ".join(list(found.frame.columns)[:12]) + (" ..." if found.frame.shape[1] > 12 else "")
            raise DataError(
                f"{found.name} has no column {name!r}, which the real data has; it has {shown}. "
                f"Give a table with the columns of the real data."
            )
        columns[name], more = conformed(found.frame[name], encoder, found.from_text)
        notes += more
    if others := [name for name in found.frame.columns if name not in columns]:
        shown = ", ".join(others[:5]) + (" ..." if len(others) > 5 else "")
        notes.append(f"{len(others)} columns of {found.name} are not looked at: {shown}.")
    return RawData(pd.DataFrame(columns).reset_index(drop=True), tuple(notes))


@dataclass(frozen=True)
class _Found:
    """A table as it lies in its source: cells of text where it is a text file."""

    frame: pd.DataFrame
    notes: list[str]
    name: str
    from_text: bool = False
    target: str | None = None


def _found(source: Any) -> _Found:
    """Open a built-in table, a file or a DataFrame."""
    name = "the DataFrame" if isinstance(source, pd.DataFrame) else str(source)
    if isinstance(source, pd.DataFrame):
        found = _Found(*_plain(source), name)
    elif name in TABLE_SETS:
        frame, target = _built_in(name)
        found = _Found(frame, [], name, target=target)
    elif name.lower().endswith(".parquet"):
        found = _Found(*_plain(_parquet(Path(source))), name)
    else:
        found = _Found(*read_cells(Path(source)), name, from_text=True)
    if not found.frame.shape[1]:
        raise DataError(f"{name} has no columns.")
    return found


def _built_in(name: str) -> tuple[pd.DataFrame, str]:
    """A table that scikit-learn ships, with its target."""
    from autogen.data.builtin import read_columns

    columns, target = read_columns(name)
    return pd.DataFrame(columns).astype({target: str}), target


def _parquet(path: Path) -> pd.DataFrame:
    """A parquet file's columns."""
    need_pyarrow(path)
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{path} cannot be read as parquet: {reason(error)}.") from error


def _plain(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """A frame with names that are texts and differ, and a fresh index."""
    if frame.columns.nlevels > 1:
        found = ["_".join(str(part) for part in label) for label in frame.columns]
    else:
        found = ["" if label is None else str(label) for label in frame.columns]
    names, notes = unique_names(found)
    plain = frame.reset_index(drop=True)
    plain.columns = pd.Index(names)
    return plain, notes


def _forced(wanted: Mapping[str, str], frame: pd.DataFrame, name: str) -> dict[str, str]:
    """The kinds of columns that the user wants, all known."""
    for column, kind in wanted.items():
        _known(column, frame, name)
        if kind not in KINDS and BELOW not in kind:
            raise DataError(
                f"column {column!r} is to be {kind!r}; a column can be {', '.join(KINDS)}, "
                f"or have an order, 'S < M < L'."
            )
    return dict(wanted)


def _known(column: str | None, frame: pd.DataFrame, name: str) -> None:
    if column is not None and column not in frame.columns:
        near = difflib.get_close_matches(column, list(frame.columns), n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        shown = ", ".join(list(frame.columns)[:12]) + (" ..." if frame.shape[1] > 12 else "")
        raise DataError(f"{name} has no column {column!r}; it has {shown}.{hint}")


def _settled(source: _Found, forced: dict[str, str], target: str | None, roles: Mapping[str, str]) -> RawData:
    """Give every column its dtype and kind; leave out those that are not learned.

    Args:
        source: The table.
        forced: Kinds of columns that the user names.
        target: Column that the table is about.
        roles: Columns that group rows (``group``) or order them (``time``).
    """
    frame, notes, name = source.frame, source.notes, source.name
    columns: dict[str, pd.Series] = {}
    forms: list[ColumnType] = []
    texts: list[str] = []
    read: dict[str, tuple[pd.Series, ColumnType]] = {}
    for label in frame.columns:
        wanted = forced.get(label)
        column, found = typed(frame[label], wanted) if source.from_text else settle(frame[label], wanted)
        form = recognise(column, wanted)
        column, odd = _without_others(column, form)
        read[label] = column, form
        notes = [*notes, *found, *odd, *_kind_notes(form, column, wanted)]
        texts += [label] if form.kind == "text" else []
        if form.kind in ("text", "drop") or _is_index(form, wanted):
            continue
        if _became_numbers(frame[label], column):
            spelling, found = spelling_of(frame[label], column)
            form, notes = replace(form, spelling=spelling), [*notes, *found]
        columns[label] = column
        forms.append(form)
    if all(form.kind == "identifier" for form in forms):
        raise DataError(
            f"{name} has no column that can be learnt: only identifiers and free text. "
            f"Say otherwise with the option columns, or learn a column of texts with --kind text."
        )
    if constant := [label for label, column in columns.items() if len(column.unique()) == 1]:
        notes.append(f"{len(constant)} columns have one value in all rows: {', '.join(constant[:5])}.")
    settled = pd.DataFrame(columns)
    kept = settled.dropna(how="all") if len(columns) > 1 else settled
    if len(kept) < len(settled):
        notes.append(f"{len(settled) - len(kept)} rows without any cell were left out.")
    meta: dict[str, Any] = {"columns": [form.to_json() for form in forms], "target": target}
    learnt = [form.name for form in forms if form.kind != "identifier"]
    if len(texts) == len(learnt) == 1 and not forced and target is None:
        cells = frame[texts[0]].dropna().astype(str).tolist()
        meta["texts"] = {"field": texts[0], "beside": learnt[0], "texts": cells}
    groups, times, said = _dependence(read, kept.index, roles, name)
    notes += [*said, *suspicions({form.name: kept[form.name] for form in forms}, forms, set(roles.values()))]
    return RawData(kept.reset_index(drop=True), tuple(notes), groups=groups, times=times, meta=meta)


def _dependence(
    read: Mapping[str, tuple[pd.Series, ColumnType]], rows: pd.Index, roles: Mapping[str, str], name: str
) -> tuple[np.ndarray | None, np.ndarray | None, list[str]]:
    """Groups and times of the rows by the columns that the user names, and a note on each."""
    groups = times = None
    notes = []
    if label := roles.get("group"):
        groups = group_numbers(read[label][0].loc[rows], name)
        notes.append(f"Rows with one value of {label!r} stay in one part: {len(np.unique(groups))} groups.")
    if label := roles.get("time"):
        column, form = read[label]
        if form.kind in ("drop", "text"):
            form = recognise(column)  # left out of what is learned, and yet a time
        times = times_of(column.loc[rows], form, name)
        notes.append(f"Rows are split by {label!r}: the earliest train, the latest test.")
    return groups, times, notes


def _became_numbers(cells: pd.Series, column: pd.Series) -> bool:
    is_number = pd.api.types.is_numeric_dtype
    return bool(is_number(column.dtype)) and not is_number(cells.dtype)


def _without_others(column: pd.Series, form: ColumnType) -> tuple[pd.Series, list[str]]:
    """A column of dates without the texts that are none, and a note on these."""
    if not form.format:
        return column, []
    present = column.dropna()
    others = present[~dates_of(present, form.format)]
    if others.empty:
        return column, []
    shown = ", ".join(map(repr, others.unique()[:3])) + (" ..." if others.nunique() > 3 else "")
    note = f"{len(others)} cells of column {form.name!r} are no dates like the rest ({shown}); "
    return column.mask(column.index.isin(others.index)), [f"{note}they count as missing."]


def _is_index(form: ColumnType, wanted: str | None) -> bool:
    """Whether a column is what pandas writes for the index of a frame."""
    return form.kind == "identifier" and wanted is None and form.name in ("Unnamed: 0", "__index_level_0__")


def _kind_notes(form: ColumnType, column: pd.Series, wanted: str | None) -> list[str]:
    """Why a column is not learnt, what order its values have, or which of two readings its dates got."""
    name = repr(form.name)
    if wanted == "drop":
        return [f"Column {name} was left out as asked."]
    if form.kind == "text":
        return [
            f"Column {name} holds free text ({column.nunique()} different): not learnt, left out. "
            "--kind text learns texts, and leaves out the other columns."
        ]
    if _is_index(form, wanted):
        return [f"Column {name} has no name and counts the rows: left out."]
    if form.kind == "identifier":
        return [f"Column {name} holds identifiers: not learnt, fresh ones are made."]
    if form.kind == "ordinal" and wanted is None:
        shown = " < ".join(form.categories[:6]) + (" ..." if len(form.categories) > 6 else "")
        return [f"Column {name} is ordinal: {shown}."]
    if form.format.startswith(("%d/%m/", "%-d/%-m/")):
        return [f"Dates of column {name} were read as day/month/year."]
    return []
