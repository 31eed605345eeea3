"""Readers of tables: files and DataFrames, with the columns and roles that the user names."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from autogen.data.feedback.marks import Marked, column_of, numbers_of
from autogen.data.kind import RawData
from autogen.data.tables.formats.ordinals import BELOW
from autogen.data.tables.reading.align import align_column
from autogen.data.tables.reading.column_types import KINDS
from autogen.data.tables.reading.settled import settled
from autogen.data.tables.rules.parse import parse_rules
from autogen.data.tables.sources.table_source import TableSource, joined, open_source
from autogen.errors import DataError, did_you_mean, option


def read_table(source: Any, options: Mapping[str, Any]) -> RawData:
    """Read a built-in table, a file or a DataFrame.

    Args:
        source: name of a built-in table, path, or DataFrame.
        options: ``columns`` (name to kind or order), ``target``, ``group`` and ``time`` (names of columns),
            ``rules`` (binding rules as texts); of text files ``encoding``, ``delimiter``, ``header`` and
            ``decimal`` (the decimal separator).

    Raises:
        DataError: the table cannot be read, is empty, has no column that can be modeled, or breaks a rule.
    """
    return _read(open_source(source, options), options)


def read_tables(sources: Sequence[Any], options: Mapping[str, Any]) -> RawData:
    """Read tables of the same columns as one.

    Args:
        sources: sources as for ``read_table``, the oldest first.
        options: as for ``read_table``.

    Raises:
        DataError: as for ``read_table``, or a table has other columns.
    """
    return _read(joined([open_source(source, options) for source in sources]), options)


def _read(found: TableSource, options: Mapping[str, Any]) -> RawData:
    """Settle the columns of an open table, with the columns and roles that the user names."""
    target = options.get("target") or found.target
    forced = _forced(options.get("columns") or {}, found.frame, found.name)
    roles = {role: options[role] for role in ("group", "time") if options.get(role)}
    for column in (target, *roles.values()):
        _known(column, found.frame, found.name)
    if target is not None and target == roles.get("group"):
        raise DataError(
            f"column {target!r} cannot be both target and group: groups held out have values that no "
            f"training row has. Name another column as one of them."
        )
    rules = parse_rules(options.get("rules") or (), list(found.frame.columns), found.name)
    return settled(found, forced, target, roles, rules)


def read_table_like(source: Any, encoders: Sequence[Any], options: Mapping[str, Any]) -> RawData:
    """Read a table with the columns of the training data.

    Args:
        source: name of a built-in table, path, or DataFrame.
        encoders: encoders of the training columns.
        options: as for ``read_table``; for messages ``reference``, the name of the training data,
            ``made_up``, its identifiers, and ``left_out``, its columns that are not modeled.

    Raises:
        DataError: the table cannot be read, or a column is missing or of another kind.
    """
    return _aligned(open_source(source, options), encoders, options)


def read_marked_table(
    source: str, column: str, encoders: Sequence[Any], options: Mapping[str, Any], known: Sequence[str]
) -> Marked:
    """Read a table whose rows users marked, with the columns of the training data.

    Args:
        source: path of the table.
        column: name of the column with the marks; empty for one of the usual names.
        encoders: encoders of the training columns.
        options: as for ``read_table_like``.
        known: names of all columns of the training data.

    Raises:
        DataError: as for ``read_table_like``, or the marks are no numbers from 0 up.
    """
    found = open_source(source, options)
    marked = column_of(list(map(str, found.frame.columns)), known, column, source)
    marks = numbers_of(found.frame[marked].tolist(), marked, source)
    rest = replace(found, frame=found.frame.drop(columns=[marked]))
    raw = _aligned(rest, encoders, options)
    return Marked(raw.samples, marks, raw.notes)


def _aligned(found: TableSource, encoders: Sequence[Any], options: Mapping[str, Any]) -> RawData:
    """Bring an open table to the columns of the training data; see ``read_table_like``."""
    reference = options.get("reference", "the real data")
    columns, notes = {}, list(found.notes)
    wanted = [encoder.form.name for encoder in encoders]
    if not any(name in found.frame for name in wanted):
        raise DataError(
            f"{reference} is a table with the columns {', '.join(wanted[:5])}{' ...' * (len(wanted) > 5)}; "
            f"{found.name} has none of them and may be text or another kind of data. Give a table with them."
        )
    for encoder in encoders:
        name = encoder.form.name
        if name not in found.frame:
            shown = ", ".join(list(found.frame.columns)[:12]) + (" ..." if found.frame.shape[1] > 12 else "")
            raise DataError(
                f"{found.name} lacks the column {name!r} of {reference}; it has {shown}. "
                "Give a table with the same columns, or leave the column out: "
                f"{option('column', f'{name}=drop')}."
            )
        columns[name], more = align_column(found.frame[name], encoder, found.from_text)
        notes += more
    if others := [name for name in found.frame.columns if name not in columns]:
        notes += _not_compared(others, reference, options)
    return RawData(pd.DataFrame(columns).reset_index(drop=True), tuple(notes))


def _not_compared(names: Sequence[str], reference: str, options: Mapping[str, Any]) -> list[str]:
    """Say for each reason which columns are not compared."""
    made_up, left_out = options.get("made_up", ()), options.get("left_out", ())
    reasons = {
        "values of identifiers and personal data are made up": [name for name in names if name in made_up],
        "they are not modeled (group, time, free text, or left out)": [
            name for name in names if name in left_out
        ],
        f"{reference} lacks them": [name for name in names if name not in (*made_up, *left_out)],
    }
    return [
        f"Not compared, since {why}: {', '.join(found[:5])}{' ...' if len(found) > 5 else ''}."
        for why, found in reasons.items()
        if found
    ]


def _forced(wanted: Mapping[str, str], frame: pd.DataFrame, name: str) -> dict[str, str]:
    """Check the names and kinds of columns that the user wants."""
    for column, kind in wanted.items():
        _known(column, frame, name)
        if kind not in KINDS and BELOW not in kind:
            raise DataError(
                f"column {column!r} cannot have the kind {kind!r}; choose {', '.join(KINDS)}, "
                f"or give an order, 'S < M < L'."
            )
    return dict(wanted)


def _known(column: str | None, frame: pd.DataFrame, name: str) -> None:
    if column is not None and column not in frame.columns:
        hint = did_you_mean(column, list(frame.columns))
        shown = ", ".join(list(frame.columns)[:12]) + (" ..." if frame.shape[1] > 12 else "")
        raise DataError(f"{name} has no column {column!r}; it has {shown}.{hint}")
