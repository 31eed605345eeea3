"""Columns of a table with their final dtypes and types, and the roles and rules that are about them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_integer_dtype, is_numeric_dtype

from autogen.data.kind import RawData
from autogen.data.tables.dependence import group_numbers, suspicions, times_of
from autogen.data.tables.formats.dates import dates_of
from autogen.data.tables.formats.detect import detect_format
from autogen.data.tables.formats.missing import missing_words
from autogen.data.tables.reading.cells import typed
from autogen.data.tables.reading.column_notes import is_index, kind_notes, personal_note
from autogen.data.tables.reading.column_types import (
    FEW_CATEGORIES,
    ColumnType,
    is_named_identifier,
    recognize,
)
from autogen.data.tables.reading.dtypes import settle
from autogen.data.tables.reading.personal import (
    LEAST_VALUES,
    are_cards,
    are_ids,
    are_phones,
    personal_data,
    personal_number,
)
from autogen.data.tables.reading.personal_forms import CARDS, IDS, PHONES
from autogen.data.tables.rules.check import refuse_broken, refuse_unsuited, repeats
from autogen.data.tables.rules.parse import BindingRule
from autogen.data.tables.rules.plan import make_plan
from autogen.data.tables.sources.table_source import TableSource
from autogen.errors import DataError, agreed, option

#: First letters of the dtypes of numbers.
_NUMBERS = ("int", "uin", "flo")
#: Whole numbers from here on are no amounts or codes of few values that a column called ``phone`` may have.
_LONG = 10**5
#: Cells of a column that are shown.
_SHOWN = 3


def settled(
    source: TableSource,
    forced: dict[str, str],
    target: str | None,
    roles: Mapping[str, str],
    rules: Sequence[BindingRule] = (),
) -> RawData:
    """Give every column its dtype and type; leave out columns that are not modeled.

    Personal data is made up, unless the user names its kind, its role or a rule about it.

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
    ruled = {column for rule in rules for column in rule.columns}
    named = {target, *roles.values(), *ruled}
    left_out: list[Mapping[str, Any]] = [
        {"name": label, "kind": kind, "cells": []} for label, kind in source.nested.items()
    ]
    for label in frame.columns:
        wanted = forced.get(label)
        role = _unmodeled_role(label, wanted, roles, {target, *ruled})
        column, found = (
            typed(frame[label], wanted, source.point) if source.from_text else settle(frame[label], wanted)
        )
        form = _as_key(recognize(column, wanted), column, wanted, rules)
        form = form if wanted else _as_measured(form, frame[label], column)
        if wanted in (None, "identifier") and label not in named:
            form = _as_personal(form, frame[label], column)
        column, odd = _without_others(column, form)
        read[label] = column, form
        notes = [*notes, *found, *odd, *([] if role else kind_notes(form, column, wanted))]
        if role or form.kind in ("text", "drop") or is_index(form, wanted):
            left_out.append(
                {
                    "name": label,
                    "kind": role or form.kind,
                    "cells": [str(cell) for cell in frame[label].dropna().drop_duplicates().head(_SHOWN)],
                    "missing": float(frame[label].isna().mean()),
                    "distinct": int(frame[label].nunique()),
                }
            )
            continue
        if _became_numbers(frame[label], column):
            text_format, found = detect_format(frame[label], column, of_frame=not source.from_text)
            form, notes = replace(form, text_format=text_format), [*notes, *found]
        columns[label] = column
        forms.append(replace(form, missing_words=missing_words(frame[label], column)))
    if source.from_text and frame.shape[1] == 1 and not forms:
        raise DataError(
            f"{name} has one column alone, of texts: no sign (comma, ;, |, tab) separates cells in its "
            f"lines. Save a table with commas or name its sign ({option('option', 'delimiter=...')}); texts "
            "are modeled with --kind text."
        )
    if all(form.kind == "identifier" for form in forms):
        kinds = [f"{one['name']} ({one['kind']})" for one in left_out]
        kinds += [f"{form.name} ({form.personal or form.kind})" for form in forms]
        shown = ", ".join(kinds[:_SHOWN]) + (" ..." if len(kinds) > _SHOWN else "")
        raise DataError(
            f"{name} has no column that can be modeled, only identifiers and free text: {shown}. "
            f"Set the kind of a column with the option columns, or model a column of texts with --kind text."
        )
    notes = [*notes, *personal_note(forms)]
    if constant := [label for label, column in columns.items() if len(column.unique()) == 1]:
        are = agreed(len(constant), "column is", "columns are")
        notes.append(f"{len(constant)} {are} constant: {', '.join(constant[:5])}.")
    whole = pd.DataFrame(columns)
    kept = whole.dropna(how="all") if len(columns) > 1 else whole
    if kept.empty and len(whole):
        raise DataError(f"{name} has no cells with values; all of its {len(whole)} rows are empty.")
    if empty := len(whole) - len(kept):
        rows, were = agreed(empty, "row", "rows"), agreed(empty, "was", "were")
        notes.append(f"{empty} {rows} with all cells missing {were} left out.")
    meta: dict[str, Any] = {"columns": [form.to_json() for form in forms], "target": target}
    meta["left_out"] = left_out
    found = _bound(rules, kept, forms, name)
    meta |= {"rules": [rule.to_json() for rule in rules]} if rules else {}
    groups, times, more = _dependence(read, kept.index, roles, columns, name)
    found += more
    notes += [*found, *suspicions({form.name: kept[form.name] for form in forms}, forms, set(roles.values()))]
    batches = None if source.batches is None else source.batches[kept.index]
    kept = kept.reset_index(drop=True)
    return RawData(kept, tuple(notes), groups=groups, times=times, batches=batches, meta=meta)


def _unmodeled_role(
    label: str, wanted: str | None, roles: Mapping[str, str], named: Collection[str | None]
) -> str:
    """Role for which a column is not modeled; empty for one that is.

    Held-out rows have groups and times that no training row has: who sees them tells any sample from them.
    """
    role = next((role for role, column in roles.items() if column == label), "")
    return "" if wanted is not None or (role == "time" and label in named) else role


def _as_key(
    form: ColumnType, column: pd.Series, wanted: str | None, rules: Sequence[BindingRule]
) -> ColumnType:
    """Make numbers that determine other columns categories: only values of the data can be looked up."""
    determining = any(rule.kind == "determines" and form.name in rule.left for rule in rules)
    if determining and wanted is None and form.kind in ("integer", "continuous") and repeats(column):
        return recognize(column, "categorical")
    return form


def _as_measured(form: ColumnType, cells: pd.Series, column: pd.Series) -> ColumnType:
    """Make whole numbers that count the rows, but are written with a sign or unit, ones that are learned."""
    if form.kind != "identifier" or is_named_identifier(form.name) or not _became_numbers(cells, column):
        return form
    text_format, _ = detect_format(cells, column)
    return replace(form, kind="integer") if text_format is not None and text_format.measures else form


def _as_personal(form: ColumnType, cells: pd.Series, column: pd.Series) -> ColumnType:
    """Make a column that looks like personal data one that is made up, as identifiers are."""
    if is_numeric_dtype(column.dtype) and form.kind in ("integer", "identifier", "categorical"):
        values = column.dropna().unique().tolist()
        long = len(values) >= LEAST_VALUES and all(abs(value) >= _LONG for value in values)
        if (len(values) <= FEW_CATEGORIES and not long) or not is_integer_dtype(column.dtype):
            return form
        what = CARDS if are_cards(values) else IDS if are_ids(values) else ""
        what = what or (personal_number(form.name) if form.kind == "integer" else "")
        texts = [cell for cell in cells.dropna().unique() if isinstance(cell, str)] if not what else []
        what = what or (PHONES if texts and are_phones(texts) else "")
    elif form.kind in ("categorical", "ordinal", "identifier", "text") and not is_numeric_dtype(column.dtype):
        values = [str(value) for value in column.dropna().unique()]
        what = personal_data(form.name, values) if len(values) >= LEAST_VALUES else ""
    else:
        return form
    if not what:
        return form
    dtype = "str" if isinstance(column.dtype, pd.CategoricalDtype) else form.dtype
    return ColumnType(form.name, "identifier", dtype, personal=what)


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
                f"values that no training row has. {option('column', f'{label}=categorical')} models it."
            )
    if label := roles.get("time"):
        column, form = read[label]
        if form.kind in ("drop", "text"):
            form = recognize(column)  # not modeled, but still a time
        times = times_of(column.loc[rows], form, name)
        notes.append(f"Rows are split by {label!r}: the earliest for training, the latest for the test.")
        if label not in modeled:
            notes.append(
                f"Column {label!r} is not modeled and missing from samples, since held-out rows are later "
                f"than training rows. {option('column', f'{label}=datetime')}, or another kind, models it."
            )
    return groups, times, notes


def _became_numbers(cells: pd.Series, column: pd.Series) -> bool:
    """Tell if texts were read as numbers; other objects of Python are none."""
    if not is_numeric_dtype(column.dtype) or is_numeric_dtype(cells.dtype):
        return False
    return cells.dtype != object or any(isinstance(cell, str) for cell in cells)


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
