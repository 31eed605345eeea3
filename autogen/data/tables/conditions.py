"""Conditions of table rows: cells that a user fixes (``income=>50K``), and missing cells to impute."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.specs import Arrays
from autogen.data.tables.codec import TableCodec
from autogen.data.tables.dtype_names import as_dtype
from autogen.data.tables.encoders import Categories, ColumnEncoder, Numbers
from autogen.data.tables.formats.dates import dates_of, shown_format
from autogen.data.tables.formats.missing import without_words
from autogen.data.tables.reading.column_types import ColumnType
from autogen.data.tables.rules.partial import breaking, refuse_broken_rows, refuse_contradiction
from autogen.data.tables.rules.sources import with_sources
from autogen.errors import DataError, did_you_mean

_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


@dataclass(frozen=True)
class PartialRows:
    """N rows of a table of which some cells are known and a model draws the others.

    Attributes:
        arrays: ``codes``, int64 (N, M), ``positions``, float32 (N, M), ``known``, bool (N, M), and
            ``present``, bool (M,): modeled columns in which a model must not draw the missing cell.
        cells: cells as the user gave them, missing if unknown: a frame of N rows with columns of the
            table and possibly others.
        known: mask of the known cells of ``cells``, bool (N, columns of ``cells``).
        filled: True if all unknown cells are to be filled (imputation).
    """

    arrays: Arrays
    cells: pd.DataFrame
    known: np.ndarray
    filled: bool = False

    def take(self, rows: slice) -> "PartialRows":
        """Take a slice of the rows."""
        arrays = {name: a if name == "present" else a[rows] for name, a in self.arrays.items()}
        cells = self.cells.iloc[rows].reset_index(drop=True)
        return replace(self, arrays=arrays, cells=cells, known=self.known[rows])

    def repeat(self, n: int) -> "PartialRows":
        """Repeat the first row n times."""
        place = np.zeros(n, dtype=int)
        arrays = {name: a if name == "present" else a[place] for name, a in self.arrays.items()}
        cells = self.cells.take(place).reset_index(drop=True)
        return replace(self, arrays=arrays, cells=cells, known=self.known[place])

    def fixed(self, codec: TableCodec) -> dict[str, tuple[pd.Series, np.ndarray]]:
        """Return the known cells of the table's learned columns without signs, and their mask, by column."""
        plain = codec.from_original_format(self.cells)
        masks = dict(zip(self.cells, self.known.T, strict=True))
        return {name: (plain[name], masks[name]) for name in codec.names if name in plain}

    def with_sources(self, codec: TableCodec, seed: int) -> "PartialRows":
        """Draw the cells by which known ones are looked up; they count as known from then on.

        Raises:
            DataError: a cell must be looked up by one that no training row has.
        """
        if not codec.derivation.rules:
            return self
        found = with_sources(codec.derivation, self.fixed(codec), seed, filled=self.filled)
        others = {name: self.cells[name] for name in self.cells if name not in found}
        known = dict(zip(self.cells, self.known.T, strict=True))
        cells = codec.to_original_format(pd.DataFrame({name: cells for name, (cells, _) in found.items()}))
        cells = pd.concat([cells, pd.DataFrame(others, index=cells.index)], axis=1)
        known |= {name: there for name, (_, there) in found.items()}
        arrays = _known_arrays(codec, found, self.filled)
        return replace(
            self, arrays=arrays, cells=cells, known=np.column_stack([known[name] for name in cells])
        )

    def decode(self, codec: TableCodec, arrays: Arrays, seed: int) -> pd.DataFrame:
        """Decode drawn rows; what was given comes out exactly as it was, and what is derived follows from it.

        Raises:
            DataError: a drawn cell beside given ones breaks a binding rule.
        """
        fixed = self.fixed(codec) if codec.derivation.rules else {}
        made = codec.decode_with(arrays, seed, fixed, self.filled)
        if fixed:
            refuse_broken_rows(codec, made, fixed)
        return self.restore_known(codec.to_original_format(made))

    def restore_known(self, made: pd.DataFrame) -> pd.DataFrame:
        """Put the known cells into generated rows, exactly as the user gave them; further columns come last.

        Args:
            made: N generated rows.
        """
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


def condition_row(codec: TableCodec, condition: Mapping[str, Any]) -> PartialRows:
    """Encode a condition as one row with some known cells.

    Args:
        codec: codec of the table.
        condition: value of each fixed column; texts are parsed as the column's cells are printed, and an
            empty text or ``None`` is a missing cell.

    Raises:
        DataError: there is no such column, it cannot have this value, or the values break a binding rule.
    """
    if not condition:
        raise DataError("a condition must fix at least one column; give column=value.")
    cells = {name: _cell(codec.encoders[_place(codec, name)], value) for name, value in condition.items()}
    fixed = {name: (cell, np.ones(1, bool)) for name, cell in cells.items()}
    if codec.derivation.rules:
        refuse_contradiction(codec, fixed)
    frame = codec.to_original_format(pd.DataFrame(cells))
    return PartialRows(_known_arrays(codec, fixed), frame, np.ones(frame.shape, bool))


def incomplete_rows(codec: TableCodec, frame: pd.DataFrame) -> PartialRows:
    """Encode rows with missing cells, which a model will draw, like the columns that the frame lacks.

    Args:
        codec: codec of the table.
        frame: N rows.

    Raises:
        DataError: the frame has none of the modeled columns, or cells of another type.
    """
    if not any(name in frame for name in codec.names):
        names = ", ".join(codec.names[:5])
        raise DataError(f"expected rows with some of the columns {names} ...; the table has none of them.")
    fixed, frame = {}, frame.reset_index(drop=True)
    for encoder in codec.encoders:
        if (name := encoder.form.name) in frame:
            given = _without_words(encoder, frame[name])
            column = _readable(encoder, given)
            fixed[name], frame = (column, ~column.isna().to_numpy()), frame.assign(**{name: given})
    cells = codec.to_original_format(frame)
    return PartialRows(_known_arrays(codec, fixed, filled=True), cells, ~cells.isna().to_numpy(), filled=True)


def keeps_condition(
    codec: TableCodec, arrays: Arrays, given: PartialRows, seed: int
) -> tuple[np.ndarray, pd.DataFrame | None]:
    """Tell which of N drawn rows keep to a condition: a number lies in the bin of the given one.

    Args:
        codec: codec of the table.
        arrays: codes and positions of the drawn rows.
        given: the condition as one row.
        seed: random seed of the decoding.

    Returns:
        A mask, bool (N,); and the decoded rows if these were needed, since there are binding rules.
    """
    if not codec.derivation.rules:
        columns = given.arrays["known"][0]
        return (arrays["codes"] == given.arrays["codes"])[:, columns].all(axis=1), None
    made = codec.decode_with(arrays, seed)
    right = np.ones(len(made), bool)
    for name, (cell, _) in given.fixed(codec).items():
        encoder = codec.encoders[codec.names.index(name)]
        right &= encoder.encode(made[name])[0] == encoder.encode(cell)[0]
    return right & ~breaking(codec, made, given.repeat(len(made)).fixed(codec)), made


def _known_arrays(
    codec: TableCodec, fixed: Mapping[str, tuple[pd.Series, np.ndarray]], filled: bool = False
) -> Arrays:
    """Encode known cells; codes of unknown ones are 0."""
    rows = len(next(iter(fixed.values()))[1])
    nothing = pd.Series(np.full(rows, np.nan)), np.zeros(rows, bool)
    all_cells = {name: fixed.get(name, nothing) for name in codec.names}
    columns = {name: cells.where(there) for name, (cells, there) in all_cells.items()}
    masks = {name: there for name, (_, there) in all_cells.items()}
    codes, positions, known = codec.derivation.encode(columns, masks)
    present = np.array([filled and part.first > 0 for part in codec.derivation.parts], dtype=bool)
    codes, positions = np.where(known, codes, 0), np.where(known, positions, np.float32(0.5))
    return {"codes": codes, "positions": positions, "known": known, "present": present}


def _without_words(encoder: ColumnEncoder, column: pd.Series) -> pd.Series:
    """Mark texts as missing that count as missing in the data."""
    values = list(encoder.values) if isinstance(encoder, Categories) else []
    return without_words(column, encoder.form.missing_words, values)


def _readable(encoder: ColumnEncoder, column: pd.Series) -> pd.Series:
    """Convert a column to numbers if the training data has numbers, and check the type of its cells."""
    form = encoder.form
    try:
        return _converted(form, column)
    except (ValueError, TypeError) as error:
        cell, row = next(filter(lambda one: not _fits(form, one[0]), _firsts(column)), (None, 0))
        what = f"got {column.dtype}: {error}" if cell is None else f"the cell {cell!r} in row {row} is none"
        raise DataError(
            f"column {form.name!r} must hold {form.kind} values as in the training rows; {what}. "
            f"Make it a missing cell (None) to have it drawn."
        ) from error


def _converted(form: ColumnType, column: pd.Series) -> pd.Series:
    """Convert a column. Raises ``ValueError`` or ``TypeError`` if a cell does not fit."""
    if form.text_format and not pd.api.types.is_numeric_dtype(column.dtype):
        return form.text_format.parse_column(column, form.dtype)
    present = column.dropna()
    right = as_dtype(present, form.dtype)
    if not form.format and right.dtype.kind in "mM" and column.dtype.kind not in "mM":
        return right.reindex(column.index)
    if form.format and column.dtype.kind not in "mM" and not dates_of(present, form.format).all():
        raise ValueError(f"not all cells are dates like {shown_format(form.format)}")
    return column


def _firsts(column: pd.Series) -> Iterator[tuple[Any, int]]:
    """Yield each distinct cell and its first row, counted from 0."""
    present = column.dropna()
    firsts = present[~present.astype(str).duplicated()]
    yield from zip(firsts.tolist(), firsts.index.tolist(), strict=True)


def _fits(form: ColumnType, cell: Any) -> bool:
    try:
        _converted(form, pd.Series([cell], dtype=object))
    except (ValueError, TypeError):
        return False
    return True


def _may_be_missing(encoder: ColumnEncoder) -> bool:
    """Tell if code 0 stands for a missing cell."""
    assert isinstance(encoder, Categories | Numbers)
    return encoder.missing


def _place(codec: TableCodec, name: str) -> int:
    """Find the index of a modeled column."""
    names = list(codec.names)
    if name in names:
        return names.index(name)
    if name in [column.form.name for column in codec.columns]:
        raise DataError(
            f"column {name!r} holds identifiers, which are generated; remove it from the condition."
        )
    hint = did_you_mean(name, names)
    raise DataError(f"the model has no column {name!r}; it has {', '.join(names)}.{hint}")


def _cell(encoder: ColumnEncoder, value: Any) -> pd.Series:
    """Convert a value to one cell of the column's dtype.

    Raises:
        DataError: the column cannot have this value.
    """
    name = encoder.form.name
    given = _without_words(encoder, pd.Series([value], dtype=object))
    if given.isna().any():
        if not _may_be_missing(encoder):
            raise DataError(
                f"column {name!r} has no missing cells in the training rows; give a value for it."
            )
        empty: pd.Series = encoder.decode(np.zeros(1, np.int64), np.full(1, 0.5, np.float32))
        return empty
    if isinstance(encoder, Categories):
        return _category(encoder, value)
    assert isinstance(encoder, Numbers)
    return _number(encoder, value)


def _bare(form: ColumnType, value: Any) -> Any:
    """Strip signs and separators from a text in the column's number format; other values stay."""
    return (form.text_format.strip(value) or value) if form.text_format and isinstance(value, str) else value


def _category(encoder: Categories, value: Any) -> pd.Series:
    """Find a category as pandas prints it, or in the number format of the data."""
    wanted = _bare(encoder.form, value)
    if encoder.form.kind == "boolean" and isinstance(value, str):
        wanted = _TRUTH.get(value.strip().lower(), value)
    known_values = list(encoder.values)
    for code, known in enumerate(known_values):
        if known == wanted or str(known) == str(wanted):
            return encoder.decode(np.array([code + encoder.specials]), np.full(1, 0.5, np.float32))
    names = list(map(str, known_values))
    hint = did_you_mean(str(value), names)
    shown = ", ".join(names[:12]) + (" ..." if len(names) > 12 else "")
    raise DataError(f"column {encoder.form.name!r} has no value {value!r}; it has {shown}.{hint}")


def _number(encoder: Numbers, value: Any) -> pd.Series:
    """Parse a number or a date inside of the range of the training cells."""
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
        like = f" like {form.text_format.format(1234)}" if form.text_format else ""
        raise DataError(f"column {name!r} takes {form.kind} values{like}; got {value!r}.") from error
    low, high = encoder.reach
    if form.kind == "integer" and number != float(plain):
        raise DataError(f"column {name!r} takes whole numbers; got {value!r}.")
    if not low <= number <= high:
        ends = encoder.quantity.column(np.array([low, high]))
        ends = form.text_format.format_column(ends) if form.text_format else ends
        raise DataError(
            f"column {name!r} takes values from {ends.iloc[0]} to {ends.iloc[1]}, the range of the training "
            f"rows; got {value!r}."
        )
    return cell
