"""Cells of a text file to columns of numbers, booleans or text.

Cells are missing by the rules of ``pandas.read_csv`` (``NA``, ``null`` ...). A column is numeric if all
other cells are finite numbers, or at least nine tenths of them; the rest then counts as missing. A
leading zero marks a code (``007``), and integers beyond 64 bits are no quantities: such columns stay
text.
"""

from typing import Any

import numpy as np
import pandas as pd

from autogen.errors import DataError, agreed

MISSING = frozenset(
    ("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>")
) | frozenset(("N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"))
NUMBER_SHARE = 0.9
_TRUTH = (("True", "False"), ("true", "false"), ("TRUE", "FALSE"))
_INTEGER = r"\s*[+-]?\d+\s*"
_LEADING_ZERO = r"\s*[+-]?0\d+\s*"
_THOUSANDS = r"\s*[+-]?(\d{1,3}(,\d{3})+|\d{1,3})(\.\d+)?\s*"
_DECIMAL_COMMA = r"\s*[+-]?\d+(,\d+)?\s*"
_THOUSANDS_POINT = r"\s*[+-]?(\d{1,3}(\.\d{3})+|\d{1,3})(,\d+)?\s*"
#: A currency or percent sign before or after a number, and the number of different texts from which on such a
#: column is numeric rather than categorical.
_UNIT, MANY_SPELLINGS = r"\s*([+-]?)([$€£¥₹]?) ?([+-]?\d[\d.,]*) ?([%$€£¥₹]?)\s*", 21


def typed(cells: pd.Series, forced: str | None = None) -> tuple[pd.Series, list[str]]:
    """Convert text cells to numbers or booleans if they hold such values.

    Args:
        cells: N strings, NaN if the row ended early.
        forced: kind of the column that the user wants, or ``None``.

    Returns:
        N cells of dtype int64, Int64, float64, bool, boolean or text; and notes.

    Raises:
        DataError: the user wants numbers and no cell is a number.
    """
    codes, uniques = pd.factorize(cells)
    texts = pd.Series(uniques, dtype=object).astype(str)
    counts = pd.Series(np.bincount(codes[codes >= 0], minlength=len(texts)), dtype=int)
    known = ~texts.str.strip().isin(MISSING)
    notes = _missing_notes(str(cells.name), texts[~known], counts[~known])
    present = texts[known]
    if present.empty:
        return pd.Series(np.nan, index=cells.index, name=cells.name), [*notes, _empty(str(cells.name))]
    if forced in (None, "boolean") and (truth := _truth(present)) is not None:
        return _spread(truth, codes, cells, "bool", "boolean"), notes
    numbers: pd.Series | None = None
    found: list[str] = []
    if forced not in ("datetime", "boolean", "text"):
        numbers, found = _numbers(present, counts, str(cells.name), forced)
    if numbers is None:
        hidden = np.append(~known.to_numpy(), True)[codes]
        return cells.mask(pd.Series(hidden, index=cells.index)), notes + found
    whole = numbers.dtype.kind == "i"
    plain, nullable = ("int64", "Int64") if whole else ("float64", "float64")
    return _spread(numbers, codes, cells, plain, nullable), notes + found


def _missing_notes(name: str, texts: pd.Series, counts: pd.Series) -> list[str]:
    """Note texts that count as missing, since they may be values after all."""
    written = texts[texts.str.strip() != ""]
    if written.empty:
        return []
    shown = ", ".join(repr(cell) for cell in written)
    count = counts[written.index].sum()
    cells, verb = agreed(count, "cell", "cells"), agreed(count, "counts", "count")
    return [f"{count} {cells} of column {name!r} with {shown} {verb} as missing."]


def _empty(name: str) -> str:
    return f"All cells of column {name!r} are missing."


def _truth(present: pd.Series) -> pd.Series | None:
    """Convert texts to booleans if pandas would read them as such; else ``None``."""
    for true, false in _TRUTH:
        if present.isin([true, false]).all():
            return present == true
    return None


def _numbers(
    present: pd.Series, counts: pd.Series, name: str, forced: str | None
) -> tuple[pd.Series | None, list[str]]:
    """Convert texts to int64 or float64; ``None`` if the column is text; and notes."""
    asked = forced in ("continuous", "integer")
    present, unit = _without_unit(present, name)
    present, notes = _without_commas(present, name)
    notes = unit + notes
    found = pd.to_numeric(present, errors="coerce").astype(float)
    numbers = found.replace([np.inf, -np.inf], np.nan)
    read = numbers.dropna()
    if asked and read.empty:
        raise DataError(
            f"column {name!r} cannot be {forced}: none of its cells is a number. Choose another kind for it."
        )
    if not asked and (reason := "text" if read.empty else _why_text(present, found, counts)):
        return None, [f"Column {name!r} {reason}."] if reason != "text" else []
    if len(read) < len(numbers):
        odd = present[numbers.isna()]
        shown = ", ".join(repr(cell) for cell in odd[:3]) + (" ..." if len(odd) > 3 else "")
        unread = counts[odd.index].sum()
        notes.append(
            f"{unread} {agreed(unread, 'cell', 'cells')} of column {name!r} "
            f"{agreed(unread, 'is no finite number', 'are no finite numbers')} ({shown}) and "
            f"{agreed(unread, 'counts', 'count')} as missing."
        )
    whole = present[read.index].str.fullmatch(_INTEGER).all() and read.abs().max() < 2.0**63
    return (present[read.index].map(int).astype("int64") if whole else read), notes


def _without_commas(present: pd.Series, name: str) -> tuple[pd.Series, list[str]]:
    """Convert numbers with commas to Python's format if all cells have one format; and a note."""
    if not present.str.contains(",", regex=False).any():
        return present, []
    if present.str.fullmatch(_THOUSANDS).all():
        return present.str.replace(",", ""), [
            f"Thousands separators (commas) of column {name!r} were removed."
        ]
    if present.str.fullmatch(_DECIMAL_COMMA).all():
        return present.str.replace(",", "."), [f"Decimal commas of column {name!r} were read as points."]
    if present.str.fullmatch(_THOUSANDS_POINT).all():
        bare = present.str.replace(".", "").str.replace(",", ".")
        return bare, [
            f"Thousands separators (points) of column {name!r} were removed, decimal commas read as points."
        ]
    return present, []


def _without_unit(present: pd.Series, name: str) -> tuple[pd.Series, list[str]]:
    """Strip a currency or percent sign that all of many different numbers share; and a note."""
    if len(present) < MANY_SPELLINGS or not present.iloc[:1].str.contains("[%$€£¥₹]").all():
        return present, []
    found = present.str.extract(f"^{_UNIT}$")
    units = set(found[1] + found[3])
    if found.isna().any(axis=None) or len(units) > 1:
        return present, []
    return found[0] + found[2], [f"The sign {units.pop()} of column {name!r} was removed."]


def _why_text(present: pd.Series, numbers: pd.Series, counts: pd.Series) -> str:
    """Tell why a column is not numeric; empty if it is."""
    total = counts[present.index].sum()
    unread = counts[present.index[numbers.isna()]].sum()
    if unread > (1 - NUMBER_SHARE) * total:
        mixed = f"mixes numbers ({total - unread} cells) with text ({unread}) and is kept as text"
        return mixed if 2 * unread < total else "text"
    if present.str.fullmatch(_LEADING_ZERO).any():
        return "has whole numbers with leading zeros and is kept as text"
    if numbers[np.isfinite(numbers)].abs().max() >= 2.0**63 and present.str.fullmatch(_INTEGER).any():
        return "has whole numbers beyond 64 bits and is kept as text"
    return ""


def _spread(values: pd.Series, codes: np.ndarray, cells: pd.Series, plain: str, nullable: str) -> pd.Series:
    """Expand the values of unique texts to all cells; the dtype is nullable only if cells are missing.

    Args:
        values: value of each unique text that has one, indexed by the number of the text.
        codes: number of each cell's text, int64 (N,), -1 for none.
        cells: column that gives name and index, N cells.
        plain: dtype of a column without missing cells.
        nullable: dtype of a column with missing cells.
    """
    place = np.full(int(codes.max(initial=-1)) + 2, -1)
    place[values.index.to_numpy()] = np.arange(len(values))
    found = place[codes]
    missing = found < 0
    chosen = values.to_numpy()[np.maximum(found, 0)]
    if not missing.any():
        return as_dtype(pd.Series(chosen, index=cells.index, name=cells.name), plain)
    filled = as_dtype(pd.Series(chosen, index=cells.index, name=cells.name), nullable)
    return filled.mask(pd.Series(missing, index=cells.index))


def as_dtype(column: pd.Series, dtype: Any) -> pd.Series:
    """Convert a column to another dtype, named as pandas prints it."""
    converted: pd.Series = column.astype(named_dtype(dtype))
    return converted


def named_dtype(name: Any) -> Any:
    """Find the dtype that pandas prints under a name; ``string[pyarrow]`` is ambiguous to pandas."""
    if name != "string[pyarrow]":
        return name
    import pyarrow as pa

    return pd.ArrowDtype(pa.string())
