"""Cells of a text file to columns of numbers, truth values or text.

Missing are the spellings that ``pandas.read_csv`` takes as such. Numbers are columns where every
other cell is a finite number; where at least nine tenths are, the others count as missing. A
leading zero marks a code (``007``), and whole numbers beyond 64 bits are no quantities: such
columns stay text.
"""

from typing import Any

import numpy as np
import pandas as pd

from autogen.errors import DataError

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
#: A sign of money or % before or after a number, and of how many different spellings it is no category.
_UNIT, MANY_SPELLINGS = r"\s*([+-]?)([$€£¥₹]?) ?([+-]?\d[\d.,]*) ?([%$€£¥₹]?)\s*", 21


def typed(cells: pd.Series, forced: str | None = None) -> tuple[pd.Series, list[str]]:
    """Turn text cells into numbers or truth values where that is what they are.

    Args:
        cells: Strings, NaN where there was no cell.
        forced: The kind of column that the user wants, or ``None``.

    Returns:
        int64, Int64, float64, bool, boolean or text; and notes.

    Raises:
        DataError: the user wants numbers and there are none.
    """
    codes, uniques = pd.factorize(cells)
    spellings = pd.Series(uniques, dtype=object).astype(str)
    counts = pd.Series(np.bincount(codes[codes >= 0], minlength=len(spellings)), dtype=int)
    known = ~spellings.str.strip().isin(MISSING)
    notes = _missing_notes(str(cells.name), spellings[~known], counts[~known])
    present = spellings[known]
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


def _missing_notes(name: str, spellings: pd.Series, counts: pd.Series) -> list[str]:
    """A note where a missing cell is spelt out, since that may be a value after all."""
    spelt = spellings[spellings.str.strip() != ""]
    if spelt.empty:
        return []
    shown = ", ".join(repr(cell) for cell in spelt)
    return [f"{counts[spelt.index].sum()} cells of column {name!r} that read {shown} count as missing."]


def _empty(name: str) -> str:
    return f"Column {name!r} has no cell that is not missing."


def _truth(present: pd.Series) -> pd.Series | None:
    """Truth values, where the spellings are those that pandas reads as such."""
    for true, false in _TRUTH:
        if present.isin([true, false]).all():
            return present == true
    return None


def _numbers(
    present: pd.Series, counts: pd.Series, name: str, forced: str | None
) -> tuple[pd.Series | None, list[str]]:
    """int64 or float64 by spelling, or ``None`` where the column is text; and notes."""
    asked = forced in ("continuous", "integer")
    present, unit = _without_unit(present, name)
    present, notes = _without_commas(present, name)
    notes = unit + notes
    found = pd.to_numeric(present, errors="coerce").astype(float)
    numbers = found.replace([np.inf, -np.inf], np.nan)
    read = numbers.dropna()
    if asked and read.empty:
        raise DataError(f"column {name!r} cannot be {forced}: none of its cells is a number.")
    if not asked and (reason := "text" if read.empty else _why_text(present, found, counts)):
        return None, [f"Column {name!r} {reason}."] if reason != "text" else []
    if len(read) < len(numbers):
        odd = present[numbers.isna()]
        shown = ", ".join(repr(cell) for cell in odd[:3]) + (" ..." if len(odd) > 3 else "")
        unread = counts[odd.index].sum()
        notes.append(
            f"{unread} cells of column {name!r} are no finite numbers ({shown}); they count as missing."
        )
    whole = present[read.index].str.fullmatch(_INTEGER).all() and read.abs().max() < 2.0**63
    return (present[read.index].map(int).astype("int64") if whole else read), notes


def _without_commas(present: pd.Series, name: str) -> tuple[pd.Series, list[str]]:
    """Numbers with commas as Python writes them, where all cells are such numbers; and a note."""
    if not present.str.contains(",", regex=False).any():
        return present, []
    if present.str.fullmatch(_THOUSANDS).all():
        return present.str.replace(",", ""), [f"Commas between thousands of column {name!r} were left out."]
    if present.str.fullmatch(_DECIMAL_COMMA).all():
        return present.str.replace(",", "."), [f"Decimal commas of column {name!r} became points."]
    if present.str.fullmatch(_THOUSANDS_POINT).all():
        bare = present.str.replace(".", "").str.replace(",", ".")
        return bare, [
            f"Points between thousands of column {name!r} were left out, decimal commas became points."
        ]
    return present, []


def _without_unit(present: pd.Series, name: str) -> tuple[pd.Series, list[str]]:
    """Numbers that all have the same sign of money or %, without it, where there are many; and a note."""
    if len(present) < MANY_SPELLINGS or not present.iloc[:1].str.contains("[%$€£¥₹]").all():
        return present, []
    found = present.str.extract(f"^{_UNIT}$")
    units = set(found[1] + found[3])
    if found.isna().any(axis=None) or len(units) > 1:
        return present, []
    return found[0] + found[2], [f"The sign {units.pop()} of column {name!r} was left out."]


def _why_text(present: pd.Series, numbers: pd.Series, counts: pd.Series) -> str:
    """Why a column is no column of numbers; empty where it is one."""
    total = counts[present.index].sum()
    unread = counts[present.index[numbers.isna()]].sum()
    if unread > (1 - NUMBER_SHARE) * total:
        mixed = f"mixes numbers ({total - unread} cells) with text ({unread}): kept as text"
        return mixed if 2 * unread < total else "text"
    if present.str.fullmatch(_LEADING_ZERO).any():
        return "has whole numbers with leading zeros: kept as text"
    if numbers[np.isfinite(numbers)].abs().max() >= 2.0**63 and present.str.fullmatch(_INTEGER).any():
        return "has whole numbers beyond 64 bits: kept as text"
    return ""


def _spread(values: pd.Series, codes: np.ndarray, cells: pd.Series, plain: str, nullable: str) -> pd.Series:
    """One value a cell from one value a spelling; a nullable dtype only where cells are missing.

    Args:
        values: Value of each spelling that has one, indexed by the spelling's number.
        codes: Number of each cell's spelling, -1 for none.
        cells: For name and index.
        plain: Dtype of a column without missing cells.
        nullable: Dtype of a column with missing cells.
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
    """A column in another dtype, given as pandas prints it."""
    converted: pd.Series = column.astype(named_dtype(dtype))
    return converted


def named_dtype(name: Any) -> Any:
    """The dtype that pandas prints so; it reads one of its own names as another dtype."""
    if name != "string[pyarrow]":
        return name
    import pyarrow as pa

    return pd.ArrowDtype(pa.string())
