"""Each column through its encoder and back, before anything is trained on it."""

import re
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.kind import ColumnReading
from autogen.data.tables.codec import TableCodec
from autogen.data.tables.encoders import ColumnEncoder
from autogen.data.tables.formats.dates import shown_format
from autogen.data.tables.quantizer import GUARDED_ROWS
from autogen.data.tables.reading.column_types import ColumnType
from autogen.data.tables.reading.personal import LEAST_VALUES, personal_data
from autogen.errors import DataError, agreed, option, reason

#: Rows that are tried; difference of a number, as a share of the middle half, that counts as none; share of
#: numbers that may differ by more, since sparse ones are spread.
_ROWS, _CLOSE, _FEW = 5_000, 0.01, 0.01
#: Cells of a table that are looked at for telling ones, and fewest of a column.
_CELLS, _FEWEST = 200_000, 200
#: Shares of the values that lie below a large and a small one.
_SHARES = 0.9, 0.1
#: Cells that are shown of a column, and the number that its format is shown on.
_SHOWN, _EXAMPLE = 3, 1234.5
_DIGITS, _LETTERS = re.compile(r"\d+"), re.compile(r"[^\W\d_]+")


def round_trip_notes(codec: TableCodec, frame: pd.DataFrame) -> list[str]:
    """Encode and decode each learned column once, and note cells that do not come back.

    Args:
        codec: codec that was fitted on the rows.
        frame: training rows.

    Raises:
        DataError: a column cannot be encoded, decoded or written; the message names it.
    """
    frame = frame.head(_ROWS)
    notes = []
    for encoder in codec.encoders:
        column = frame[encoder.form.name]
        back, written = _there_and_back(encoder, column)
        wrong = _wrong(encoder, column, back)
        if wrong.sum() > (0 if encoder.form.nominal else _FEW * len(column)):
            place, count = int(np.flatnonzero(wrong)[0]), int(wrong.sum())
            do, it = agreed(count, "does", "do"), agreed(count, "it was", "they were")
            notes.append(
                f"Warning: {count} of {len(column)} cells of column {encoder.form.name!r} {do} not come back "
                f"as {it}, for example '{column.iloc[place]}' as '{written.iloc[place]}'."
            )
    return notes


def column_readings(
    codec: TableCodec,
    frame: pd.DataFrame,
    left_out: Sequence[Mapping[str, Any]],
    everything: pd.DataFrame | None = None,
) -> list[ColumnReading]:
    """Describe how each column was read, with a few cells as they were and as they come back.

    Args:
        codec: codec that was fitted on the rows.
        frame: training rows.
        left_out: name, kind and cells of the columns that are not in the table.
        everything: all rows, of which missing and different cells are counted; the training rows by default.
    """
    counted = frame if everything is None else everything
    looked = frame.head(max(_FEWEST, _CELLS // max(1, frame.shape[1])))
    found = [_reading(encoder, looked[encoder.form.name]) for encoder in codec.encoders]
    found += [
        _made_up(column, frame[column.form.name])
        for column in codec.columns
        if not isinstance(column, ColumnEncoder)
    ]
    order = {name: place for place, name in enumerate(frame.columns)}
    found = [
        replace(
            one,
            missing=float(counted[one.name].isna().mean()),
            distinct=int(counted[one.name].nunique()),
        )
        for one in sorted(found, key=lambda one: order[one.name])
    ]
    found += [_left_out(one) for one in left_out]
    return found


def _left_out(one: Mapping[str, Any]) -> ColumnReading:
    cells = tuple(one["cells"])
    counts = one.get("missing", 0.0), one.get("distinct", 0), personal_data(one["name"], cells)
    return ColumnReading(one["name"], one["kind"], "left out", "", cells, (), *counts)


def _made_up(column: Any, cells: pd.Series) -> ColumnReading:
    """Describe a column of identifiers or personal data, beside values that are made up for it."""
    form = column.form
    made = column.make(np.arange(2 * _SHOWN), 2 * _SHOWN, 0).dropna().head(_SHOWN)
    kind = f"{form.kind} ({form.personal})" if form.personal else form.kind
    texts = tuple(map(str, telling_cells(cells))), tuple(map(str, made))
    return ColumnReading(form.name, kind, "made up", "", *texts, personal=form.personal)


def telling_cells(column: pd.Series, count: int = _SHOWN) -> pd.Series:
    """Choose different cells that tell most of a column: a usual one, the oddest ones, and its ends.

    Args:
        column: N cells.
        count: number of cells.
    """
    present = column.dropna().head(_ROWS)
    uniques = present.drop_duplicates()
    if len(uniques) <= count:
        return uniques.reset_index(drop=True)
    # In an order of the column's own: the first cells of all columns would be a row of the data.
    uniques = uniques.sample(frac=1, random_state=zlib.crc32(str(column.name).encode()))
    shape = {cell: _shape(cell) for cell in uniques}
    shapes = list(shape.values())
    counts = Counter(map(shape.__getitem__, present))
    usual = max(range(len(shapes)), key=lambda place: counts[shapes[place]])
    first = {shape: place for place, shape in reversed(list(enumerate(shapes))) if shape != shapes[usual]}
    odd = [first[shape] for shape in sorted(first, key=lambda shape: (counts[shape], first[shape]))]
    chosen = dict.fromkeys([usual, *odd[: count - 1], *_ends(uniques), *range(count)])
    return uniques.iloc[list(chosen)[:count]].reset_index(drop=True)


def _shape(cell: Any) -> str:
    """Write a cell with one sign for digits and one for letters."""
    return _LETTERS.sub("a", _DIGITS.sub("9", str(cell)))


def _ends(uniques: pd.Series) -> list[int]:
    """Find the places of a large and a small value, no extreme ones, or of the longest and shortest text."""
    if pd.api.types.is_numeric_dtype(uniques.dtype):
        order = np.argsort(uniques.to_numpy(float), kind="stable")
        return [int(order[int(share * len(order))]) for share in _SHARES]
    sizes = [len(str(one)) for one in uniques]
    return [int(np.argmax(sizes)), int(np.argmin(sizes))]


def _reading(encoder: ColumnEncoder, column: pd.Series) -> ColumnReading:
    """Describe a learned column by a few different cells."""
    form = encoder.form
    first = telling_cells(column)
    written = form.text_format.format_column(first) if form.text_format else first
    back = _there_and_back(encoder, first)[1] if len(first) else first
    example = shown_format(form.format)
    if form.text_format:
        shown = {"boolean": (1, 0), "integer": (int(_EXAMPLE),)}.get(form.kind, (_EXAMPLE,))
        example = "/".join(form.text_format.format(value) for value in shown)
    texts = tuple(map(str, written)), tuple(map(str, back))
    return ColumnReading(form.name, form.kind, "learned", example, *texts, personal=_personal(form, column))


def _personal(form: ColumnType, column: pd.Series) -> str:
    """Name the personal data that a column looks like although it is learned, as its note does."""
    if form.kind != "categorical" or pd.api.types.is_numeric_dtype(column.dtype):
        return ""
    values = [str(value) for value in column.dropna().unique()]
    return personal_data(form.name, values) if len(values) >= LEAST_VALUES else ""


def _there_and_back(encoder: Any, column: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Encode and decode N cells; return them as the model gives them, and as they are written."""
    form = encoder.form
    try:
        back = encoder.decode(*encoder.encode(column))
        written = form.text_format.format_column(back) if form.text_format else back
        if form.text_format:
            form.text_format.parse_column(written, form.dtype)
    except Exception as error:  # whatever it is, it is about this column
        raise DataError(
            f"column {form.name!r} was read as {form.kind} ({form.dtype}), but it cannot be written again: "
            f"{reason(error)}. Leave it out ({option('column', form.name + '=drop')}) or name another kind."
        ) from error
    return back, written


def _wrong(encoder: Any, column: pd.Series, back: pd.Series) -> np.ndarray:
    """Tell for N cells if they do not come back, bool (N,): other values, or numbers that are far off."""
    before, after = encoder.feature(column), encoder.feature(back)
    missing = np.isnan(before) | np.isnan(after)
    lost = np.isnan(before) != np.isnan(after)
    known = before[~np.isnan(before)]
    if encoder.form.nominal or not len(known):
        return np.asarray(lost | (~missing & (before != after)))
    low, high = np.quantile(known, [0.25, 0.75])
    ends = np.sort(known)[[min(GUARDED_ROWS, len(known)) - 1, -min(GUARDED_ROWS, len(known))]]
    inside = (before > ends[0]) & (before < ends[1])  # the outermost rows are blurred on purpose
    far = np.abs(before - after) > _CLOSE * (high - low) + 1e-6 * np.abs(before)
    return np.asarray(lost | (inside & ~missing & far))
