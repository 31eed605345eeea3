"""Cells that a user fixes, ``income=>50K``, as encoded cells; and rows with holes to be filled."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.specs import Arrays
from autogen.data.tables.codec import TableCodec
from autogen.data.tables.encoders import Categories, ColumnEncoder, Numbers
from autogen.data.tables.reading.cells import as_dtype
from autogen.data.tables.reading.column_types import ColumnType
from autogen.errors import DataError

_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


@dataclass(frozen=True)
class Given:
    """Rows of which some cells are known.

    Attributes:
        arrays: ``codes`` and ``positions`` as encoded, with ``known``, bool (N, D), and ``present``,
            bool (D,): columns in which no missing cell is to be drawn.
        cells: The cells as they were given, missing where they are not known: a frame of N rows, of
            the table's columns and others.
        known: Which cells of ``cells`` are known, bool (N, columns of ``cells``).
    """

    arrays: Arrays
    cells: pd.DataFrame
    known: np.ndarray

    def take(self, rows: slice) -> "Given":
        """Some of the rows."""
        arrays = {name: a if name == "present" else a[rows] for name, a in self.arrays.items()}
        return Given(arrays, self.cells.iloc[rows].reset_index(drop=True), self.known[rows])

    def repeated(self, n: int) -> "Given":
        """The first row n times."""
        place = np.zeros(n, dtype=int)
        arrays = {name: a if name == "present" else a[place] for name, a in self.arrays.items()}
        return Given(arrays, self.cells.take(place).reset_index(drop=True), self.known[place])

    def restored(self, made: pd.DataFrame) -> pd.DataFrame:
        """Made rows with the known cells exactly as they were given; further columns come last."""
        others = self.cells[[name for name in self.cells if name not in made]]
        kept = {
            name: self.cells[name].where(known, made[name])
            for name, known in zip(self.cells, self.known.T, strict=True)
            if name in made
        }
        columns = {
            name: as_dtype(kept[name], made[name].dtype) if name in kept else made[name] for name in made
        }
        return pd.concat([pd.DataFrame(columns), others], axis=1)


def fixed(codec: TableCodec, condition: Mapping[str, Any]) -> Given:
    """One row of which some cells are known.

    Args:
        codec: Of the table.
        condition: Values by column; texts are read as the column's cells are printed, and an empty text
            or ``None`` is a missing cell.

    Raises:
        DataError: no such column, or a value that it cannot have.
    """
    if not condition:
        raise DataError("a condition needs at least one column=value.")
    D = len(codec.encoders)
    codes, positions = np.zeros((1, D), np.int64), np.full((1, D), 0.5, np.float32)
    known = np.zeros((1, D), bool)
    cells: dict[str, pd.Series] = {}
    for name, value in condition.items():
        place = _place(codec, name)
        cell = _cell(codec.encoders[place], value)
        code, position = codec.encoders[place].encode(cell)
        codes[0, place], positions[0, place], known[0, place] = code[0], position[0], True
        cells[name] = cell
    arrays: Arrays = {"codes": codes, "positions": positions, "known": known, "present": np.zeros(D, bool)}
    frame = codec.spelt(pd.DataFrame(cells))
    return Given(arrays, frame, np.ones(frame.shape, bool))


def holes(codec: TableCodec, frame: pd.DataFrame) -> Given:
    """The rows of a frame, its missing cells to be drawn, and so the columns that it lacks.

    Raises:
        DataError: none of the learnt columns is there.
    """
    there = [encoder.form.name for encoder in codec.encoders if encoder.form.name in frame]
    if not there:
        names = ", ".join(encoder.form.name for encoder in codec.encoders[:5])
        raise DataError(f"rows with some of the columns {names} ... were expected; none is there.")
    shape = len(frame), len(codec.encoders)
    codes, positions = np.zeros(shape, np.int64), np.full(shape, 0.5, np.float32)
    known = np.zeros(shape, bool)
    for place, encoder in enumerate(codec.encoders):
        if encoder.form.name in frame:
            column = _readable(encoder, frame[encoder.form.name].reset_index(drop=True))
            codes[:, place], positions[:, place] = encoder.encode(column)
            known[:, place] = ~column.isna().to_numpy()
    present = np.array([_may_be_missing(encoder) for encoder in codec.encoders])
    arrays: Arrays = {"codes": codes, "positions": positions, "known": known, "present": present}
    cells = codec.spelt(frame.reset_index(drop=True))
    return Given(arrays, cells, ~cells.isna().to_numpy())


def _readable(encoder: ColumnEncoder, column: pd.Series) -> pd.Series:
    """The column, as numbers where the data's are, if its cells are of the kind that was learnt."""
    form = encoder.form
    try:
        if form.spelling and not pd.api.types.is_numeric_dtype(column.dtype):
            return form.spelling.read(column, form.dtype)
        as_dtype(column.dropna(), form.dtype)
    except (ValueError, TypeError) as error:
        raise DataError(
            f"column {form.name!r} holds {form.kind} values in the training rows, "
            f"but {column.dtype} here: {error}"
        ) from error
    return column


def _may_be_missing(encoder: ColumnEncoder) -> bool:
    """Whether code 0 is that of a missing cell."""
    assert isinstance(encoder, Categories | Numbers)
    return encoder.missing


def _place(codec: TableCodec, name: str) -> int:
    """The place of a learnt column."""
    names = [encoder.form.name for encoder in codec.encoders]
    if name in names:
        return names.index(name)
    if name in [column.form.name for column in codec.columns]:
        raise DataError(f"column {name!r} holds identifiers, which are made afresh: no condition on it.")
    near = difflib.get_close_matches(name, names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise DataError(f"the model has no column {name!r}; it has {', '.join(names)}.{hint}")


def _cell(encoder: ColumnEncoder, value: Any) -> pd.Series:
    """One cell of the column's dtype.

    Raises:
        DataError: the column cannot have this value.
    """
    name = encoder.form.name
    if value is None or value is pd.NA or value != value or (isinstance(value, str) and not value.strip()):
        if not _may_be_missing(encoder):
            raise DataError(f"column {name!r} has no missing cells, so none can be asked for.")
        empty: pd.Series = encoder.decode(np.zeros(1, np.int64), np.full(1, 0.5, np.float32))
        return empty
    if isinstance(encoder, Categories):
        return _category(encoder, value)
    assert isinstance(encoder, Numbers)
    return _number(encoder, value)


def _bare(form: ColumnType, value: Any) -> Any:
    """A text in the spelling of the column's numbers without its signs; other values as they are."""
    return (form.spelling.bare(value) or value) if form.spelling and isinstance(value, str) else value


def _category(encoder: Categories, value: Any) -> pd.Series:
    """A category, spelt as pandas prints it, or as the data's numbers are."""
    wanted = _bare(encoder.form, value)
    if encoder.form.kind == "boolean" and isinstance(value, str):
        wanted = _TRUTH.get(value.strip().lower(), value)
    known_values = list(encoder.values)
    for code, known in enumerate(known_values):
        if known == wanted or str(known) == str(wanted):
            return encoder.decode(np.array([code + encoder.specials]), np.full(1, 0.5, np.float32))
    spelt = list(map(str, known_values))
    near = difflib.get_close_matches(str(value), spelt, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    shown = ", ".join(spelt[:12]) + (" ..." if len(spelt) > 12 else "")
    raise DataError(f"column {encoder.form.name!r} has no value {value!r}; it has {shown}.{hint}")


def _number(encoder: Numbers, value: Any) -> pd.Series:
    """A number or a date inside the range of the training cells."""
    name, form = encoder.form.name, encoder.form
    plain = _bare(form, value)
    try:
        text = pd.Series([value], name=name)
        if form.kind != "datetime" and not form.dtype.startswith("timedelta"):
            cell = as_dtype(pd.Series([float(plain)], name=name), form.dtype)
        elif form.format:
            cell = as_dtype(text.astype(str), form.dtype)
        else:
            cell = as_dtype(text, form.dtype)
        number = float(encoder.quantity.numbers(cell)[0])
    except (ValueError, TypeError, OverflowError) as error:
        like = f" like {form.spelling.text(1234)}" if form.spelling else ""
        raise DataError(f"column {name!r} holds {form.kind} values{like}; {value!r} is none.") from error
    low, high = encoder.reach
    if form.kind == "integer" and number != float(plain):
        raise DataError(f"column {name!r} holds whole numbers; {value!r} is none.")
    if not low <= number <= high:
        ends = encoder.quantity.column(np.array([low, high]))
        ends = form.spelling.write(ends) if form.spelling else ends
        raise DataError(
            f"column {name!r} lies between {ends.iloc[0]} and {ends.iloc[1]} in the training rows; "
            f"nothing is known of {value!r}."
        )
    return cell
