"""Readers of tables: files and DataFrames to frames with final dtypes and column types."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.kind import RawData
from autogen.data.tables.dependence import group_numbers, suspicions, times_of
from autogen.data.tables.formats.dates import dates_of
from autogen.data.tables.formats.detect import detect_format
from autogen.data.tables.formats.ordinals import BELOW
from autogen.data.tables.reading.align import align_column
from autogen.data.tables.reading.cells import typed
from autogen.data.tables.reading.column_types import KINDS, ColumnType, is_prose, recognize
from autogen.data.tables.reading.dtypes import settle
from autogen.data.tables.reading.identifier_rule import why_no_identifier
from autogen.data.tables.reading.personal import personal_data
from autogen.data.tables.reading.sources import TableSource, open_source
from autogen.data.tables.rules.check import refuse_broken, refuse_unsuited, repeats
from autogen.data.tables.rules.parse import BindingRule, parse_rules
from autogen.data.tables.rules.plan import make_plan
from autogen.errors import DataError, agreed, did_you_mean

#: First letters of the dtypes of numbers.
_NUMBERS = ("int", "uin", "flo")
#: Cells of a column that are shown; values from which on a category may be a person.
_SHOWN, _MANY = 3, 5


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
    found = open_source(source, options)
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
    return _settled(found, forced, target, roles, rules)


def read_table_like(source: Any, encoders: Sequence[Any], options: Mapping[str, Any]) -> RawData:
    """Read a table with the columns of the training data.

    Args:
        source: name of a built-in table, path, or DataFrame.
        encoders: encoders of the training columns.
        options: as for ``read_table``; ``reference`` is the name of the training data, for messages.

    Raises:
        DataError: the table cannot be read, or a column is missing or of another kind.
    """
    found, reference = open_source(source, options), options.get("reference", "the real data")
    columns, notes = {}, list(found.notes)
    for encoder in encoders:
        name = encoder.form.name
        if name not in found.frame:
            shown = ", ".join(list(found.frame.columns)[:12]) + (" ..." if found.frame.shape[1] > 12 else "")
            raise DataError(
                f"{found.name} lacks the column {name!r} of {reference}; it has {shown}. "
                f"Give a table with the same columns, or leave the column out: --column {name}=drop."
            )
        columns[name], more = align_column(found.frame[name], encoder, found.from_text)
        notes += more
    if others := [name for name in found.frame.columns if name not in columns]:
        shown = ", ".join(others[:5]) + (" ..." if len(others) > 5 else "")
        why = f"{reference} lacks them, or they are not modeled (identifiers, free text)"
        notes.append(f"Not compared, since {why}: {shown}.")
    return RawData(pd.DataFrame(columns).reset_index(drop=True), tuple(notes))


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


def _settled(
    source: TableSource,
    forced: dict[str, str],
    target: str | None,
    roles: Mapping[str, str],
    rules: Sequence[BindingRule] = (),
) -> RawData:
    """Give every column its dtype and type; leave out columns that are not modeled.

    Args:
        source: table as it was read.
        forced: kinds of columns that the user wants.
        target: name of the target column, or ``None``.
        roles: names of the columns that group rows (``group``) or order them (``time``).
        rules: binding rules.
    """
    frame, notes, name = source.frame, source.notes, source.name
    columns: dict[str, pd.Series] = {}
    forms: list[ColumnType] = []
    read: dict[str, tuple[pd.Series, ColumnType]] = {}
    left_out = [{"name": label, "kind": kind, "cells": []} for label, kind in source.nested.items()]
    for label in frame.columns:
        wanted = forced.get(label)
        grouping = label == roles.get("group") and wanted is None
        column, found = (
            typed(frame[label], wanted, source.point) if source.from_text else settle(frame[label], wanted)
        )
        form = _as_key(recognize(column, wanted), column, wanted, rules)
        column, odd = _without_others(column, form)
        read[label] = column, form
        notes = [*notes, *found, *odd, *([] if grouping else _kind_notes(form, column, wanted))]
        if grouping or form.kind in ("text", "drop") or _is_index(form, wanted):
            left_out.append(
                {
                    "name": label,
                    "kind": "group" if grouping else form.kind,
                    "cells": [str(cell) for cell in frame[label].dropna().head(_SHOWN)],
                }
            )
            continue
        if _became_numbers(frame[label], column):
            text_format, found = detect_format(frame[label], column)
            form, notes = replace(form, text_format=text_format), [*notes, *found]
        columns[label] = column
        forms.append(form)
    if all(form.kind == "identifier" for form in forms):
        raise DataError(
            f"{name} has no column that can be modeled, only identifiers and free text. "
            f"Set the kind of a column with the option columns, or model a column of texts with --kind text."
        )
    if constant := [label for label, column in columns.items() if len(column.unique()) == 1]:
        are = agreed(len(constant), "column is", "columns are")
        notes.append(f"{len(constant)} {are} constant: {', '.join(constant[:5])}.")
    settled = pd.DataFrame(columns)
    kept = settled.dropna(how="all") if len(columns) > 1 else settled
    if empty := len(settled) - len(kept):
        rows, were = agreed(empty, "row", "rows"), agreed(empty, "was", "were")
        notes.append(f"{empty} {rows} with all cells missing {were} left out.")
    meta: dict[str, Any] = {"columns": [form.to_json() for form in forms], "target": target}
    meta["left_out"] = left_out
    found = _bound(rules, kept, forms, name)
    meta |= {"rules": [rule.to_json() for rule in rules]} if rules else {}
    groups, times, more = _dependence(read, kept.index, roles, columns, name)
    found += more
    notes += [*found, *suspicions({form.name: kept[form.name] for form in forms}, forms, set(roles.values()))]
    return RawData(kept.reset_index(drop=True), tuple(notes), groups=groups, times=times, meta=meta)


def _as_key(
    form: ColumnType, column: pd.Series, wanted: str | None, rules: Sequence[BindingRule]
) -> ColumnType:
    """Make numbers that determine other columns categories: only values of the data can be looked up."""
    determining = any(rule.kind == "determines" and form.name in rule.left for rule in rules)
    if determining and wanted is None and form.kind in ("integer", "continuous") and repeats(column):
        return recognize(column, "categorical")
    return form


def _bound(
    rules: Sequence[BindingRule], kept: pd.DataFrame, forms: Sequence[ColumnType], name: str
) -> list[str]:
    """Check binding rules on all rows and note them. Raises ``DataError`` if they cannot be kept."""
    if not rules:
        return []
    refuse_unsuited(rules, forms)
    refuse_broken(rules, kept, forms, name)
    make_plan([form.name for form in forms if form.kind != "identifier"], rules)
    shown = "; ".join(rule.text for rule in rules)
    notes = [f"Samples keep {'this rule' if len(rules) == 1 else f'these {len(rules)} rules'}: {shown}."]
    determining = {column for rule in rules if rule.kind == "determines" for column in rule.left}
    numbers = [form.name for form in forms if form.name in determining and form.dtype.lower()[:3] in _NUMBERS]
    if numbers:
        notes.append(
            f"Numbers of {', '.join(map(repr, numbers))} are categories: other columns follow from them."
        )
    return notes


def _dependence(
    read: Mapping[str, tuple[pd.Series, ColumnType]],
    rows: pd.Index,
    roles: Mapping[str, str],
    modeled: Collection[str],
    name: str,
) -> tuple[np.ndarray | None, np.ndarray | None, list[str]]:
    """Find groups and times of the rows by the columns that the user names, and note each."""
    groups = times = None
    notes = []
    if label := roles.get("group"):
        groups = group_numbers(read[label][0].loc[rows], name)
        notes.append(f"Rows with one value of {label!r} stay in one split: {len(np.unique(groups))} groups.")
        if label not in modeled:
            notes.append(
                f"Column {label!r} is not modeled and missing from samples, since groups held out have "
                f"values that no training row has. --column {label}=categorical models it."
            )
    if label := roles.get("time"):
        column, form = read[label]
        if form.kind in ("drop", "text"):
            form = recognize(column)  # not modeled, but still a time
        times = times_of(column.loc[rows], form, name)
        notes.append(f"Rows are split by {label!r}: the earliest for training, the latest for the test.")
    return groups, times, notes


def _became_numbers(cells: pd.Series, column: pd.Series) -> bool:
    is_number = pd.api.types.is_numeric_dtype
    return bool(is_number(column.dtype)) and not is_number(cells.dtype)


def _without_others(column: pd.Series, form: ColumnType) -> tuple[pd.Series, list[str]]:
    """Mark texts in a column of dates or steps of a scale that are none as missing, and note them."""
    if not form.format and form.kind != "ordinal":
        return column, []
    present = column.dropna()
    fits = dates_of(present, form.format) if form.format else present.isin(form.categories)
    others = present[~fits]
    if others.empty:
        return column, []
    shown = ", ".join(map(repr, others.unique()[:3])) + (" ..." if others.nunique() > 3 else "")
    count = len(others)
    one, many = ("date", "dates") if form.format else ("step of the scale", "steps of the scale")
    are, verb = agreed(count, f"is no {one}", f"are no {many}"), agreed(count, "counts", "count")
    note = f"{count} {agreed(count, 'cell', 'cells')} of column {form.name!r} {are} like the rest ({shown}) "
    return column.mask(column.index.isin(others.index)), [f"{note}and {verb} as missing."]


def _is_index(form: ColumnType, wanted: str | None) -> bool:
    """Tell if a column is the index of a frame, as pandas writes it."""
    return form.kind == "identifier" and wanted is None and form.name in ("Unnamed: 0", "__index_level_0__")


def _kind_notes(form: ColumnType, column: pd.Series, wanted: str | None) -> list[str]:
    """Note if a column is not modeled, the order of its values, or how ambiguous dates were read."""
    name = repr(form.name)
    if wanted == "drop":
        return [f"Column {name} was left out (kind drop)."]
    uniques = pd.Series(column.dropna().unique(), dtype=object) if form.kind == "text" else pd.Series()
    if form.kind == "text" and wanted is None and not is_prose(uniques):
        why = why_no_identifier(uniques.tolist(), int(column.notna().sum()))
        return [
            f"Warning: column {name} holds {why} and is left out. --column {form.name}=categorical learns "
            f"its values, --column {form.name}=identifier makes up new ones."
        ]
    if form.kind == "text":
        return [
            f"Warning: column {name} holds free text ({column.nunique()} different) and is left out. To "
            f"model its texts without the other columns, use --kind text --option field={form.name}."
        ]
    if _is_index(form, wanted):
        return [f"Column {name} has no name and counts the rows; it is left out."]
    if form.kind == "categorical" and not pd.api.types.is_numeric_dtype(column.dtype):
        values = [str(value) for value in column.dropna().unique()]
        if len(values) >= _MANY and (what := personal_data(form.name, values)):
            return [
                f"Warning: column {name} looks like personal data ({what}), and samples repeat its values. "
                f"--column {form.name}=identifier makes up others, --column {form.name}=drop leaves it out."
            ]
    if form.kind == "identifier":
        return [f"Column {name} holds identifiers, which are not modeled; samples get new ones."]
    if form.kind == "ordinal" and wanted is None:
        shown = " < ".join(form.categories[:6]) + (" ..." if len(form.categories) > 6 else "")
        return [f"Column {name} is ordinal: {shown}."]
    if form.format.startswith(("%d/%m/", "%-d/%-m/")):
        return [f"Dates of column {name} were read as day/month/year."]
    return []
