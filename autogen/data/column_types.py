"""What a column holds: numbers, categories, truth values, dates, identifiers or free text.

The kind of a column is recognised on all rows, since it is part of the table's form; everything
that is estimated (categories, rates, quantiles) is fitted on the train part alone.

* numbers: every cell is one; from text, at least nine tenths of the cells are (the others then
  count as missing), and none has a leading zero, which marks a code;
* boolean: ``True``/``False`` in one spelling, or a boolean dtype;
* datetime: every cell reads and prints back the same in one of ``DATE_FORMATS``, or a datetime dtype;
* categorical: text with at most 20 values, or with at most 5,000 that occur twice each on average;
* identifier: whole numbers that count the rows, or are all different in a column named like one
  (``id``, ``key`` ...); other text without spaces;
* text: the rest; it is not learnt, and the column is left out.
"""

import re
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

KINDS = ("continuous", "integer", "categorical", "boolean", "datetime", "identifier", "text", "drop")
#: What pandas.read_csv takes as a missing cell.
MISSING = frozenset(
    ("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>")
) | frozenset(("N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"))
DATE_FORMATS = tuple(
    f"{day}{clock}"
    for day in ("%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y%m%d")
    for clock in ("", " %H:%M", " %H:%M:%S", "T%H:%M:%S", "T%H:%M:%SZ")
)
FEW_CATEGORIES = 20
MANY_CATEGORIES = 5000
NUMBER_SHARE = 0.9
_INTEGER = re.compile(r"\s*[+-]?\d+\s*")
_LEADING_ZERO = re.compile(r"\s*[+-]?0\d+\s*")
_DECIMAL_COMMA = re.compile(r"\s*[+-]?\d+(,\d+)?\s*")
_IDENTIFIER_NAME = re.compile(
    r"(.*[_\W])?(id|ids|uuid|guid|key|index|row|rownames|unnamed: \d+)|.*[a-z]Id|.*ID"
)


@dataclass(frozen=True)
class ColumnType:
    """The form of one column.

    Attributes:
        name: Of the column.
        kind: One of ``KINDS``.
        dtype: Of the raw column, as pandas prints it.
        format: Of dates kept as text; empty otherwise.
        categories: All values of a pandas ``category`` column, in its order.
        ordered: Whether these categories are in ascending order.
    """

    name: str
    kind: str
    dtype: str
    format: str = ""
    categories: tuple[Any, ...] = ()
    ordered: bool = False

    def to_json(self) -> dict[str, Any]:
        """Only what differs from the defaults."""
        return {key: value for key, value in asdict(self).items() if value}

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "ColumnType":
        """Rebuild from ``to_json``."""
        return cls(**(record | {"categories": tuple(record.get("categories", ()))}))


def typed(cells: pd.Series, forced: str | None = None) -> tuple[pd.Series, list[str]]:
    """Turn text cells into numbers or truth values where that is what they are.

    Args:
        cells: Strings, NaN where there was no cell.
        forced: The kind the user wants, or ``None``.

    Returns:
        int64, Int64, float64, bool, boolean or text; and notes.
    """
    codes, uniques = pd.factorize(cells)
    spellings = pd.Series(uniques, dtype=object).astype(str)
    counts = np.bincount(codes[codes >= 0], minlength=len(spellings))
    known = ~spellings.str.strip().isin(MISSING).to_numpy()
    if forced in (None, "boolean") and (truth := _truth(spellings[known])) is not None:
        return _spread(truth, spellings.index[known], codes, cells, "bool", "boolean"), []
    numbers, notes = _numbers(spellings, known, counts, str(cells.name), forced)
    if numbers is None:
        return _text(known, codes, cells), notes
    whole = spellings[numbers.index].map(lambda cell: bool(_INTEGER.fullmatch(cell))).all()
    if whole and forced != "continuous" and numbers.abs().max() < 2.0**63:
        exact = spellings[numbers.index].map(int)
        return _spread(exact, numbers.index, codes, cells, "int64", "Int64"), notes
    return _spread(numbers, numbers.index, codes, cells, "float64", "float64"), notes


def _truth(spellings: pd.Series) -> pd.Series | None:
    """Truth values, where the spellings are those that pandas reads as such."""
    for true, false in (("True", "False"), ("true", "false"), ("TRUE", "FALSE")):
        if len(spellings) and spellings.isin([true, false]).all():
            return spellings == true
    return None


def _numbers(
    spellings: pd.Series, known: np.ndarray, counts: np.ndarray, name: str, forced: str | None
) -> tuple[pd.Series | None, list[str]]:
    """Finite numbers among the spellings, or ``None`` where the column is text."""
    present = spellings[known]
    asked = forced in ("continuous", "integer")
    if present.empty or (not asked and present.map(lambda cell: bool(_LEADING_ZERO.fullmatch(cell))).any()):
        return None, []
    numbers, notes = pd.to_numeric(present, errors="coerce"), []
    if numbers.isna().all() and present.map(lambda cell: bool(_DECIMAL_COMMA.fullmatch(cell))).all():
        numbers = pd.to_numeric(present.str.replace(",", "."))
        notes.append(f"Column {name!r} has decimal commas; they are written as points.")
    numbers = numbers.astype(float).replace([np.inf, -np.inf], np.nan)
    odd = present[numbers.isna()]
    total, unread = counts[present.index].sum(), counts[odd.index].sum()
    if unread and not asked and unread > (1 - NUMBER_SHARE) * total:
        mixed = f"Column {name!r} mixes numbers ({total - unread} cells) with text ({unread}): kept as text."
        return None, [mixed] if 2 * unread < total else []
    if unread:
        shown = ", ".join(repr(cell) for cell in odd[:3]) + (" ..." if len(odd) > 3 else "")
        notes.append(
            f"{unread} cells of column {name!r} are no finite numbers ({shown}); they count as missing."
        )
    return numbers.dropna(), notes


def _spread(
    values: pd.Series, index: pd.Index, codes: np.ndarray, cells: pd.Series, plain: str, nullable: str
) -> pd.Series:
    """One value a cell from one value a spelling; a nullable dtype only where cells are missing."""
    place = np.full(int(codes.max(initial=-1)) + 2, -1)
    place[index.to_numpy()] = np.arange(len(index))
    found = place[codes]
    missing = found < 0
    if not missing.any():
        return pd.Series(values.to_numpy()[found], name=cells.name, dtype=plain)
    filled = pd.Series(values.to_numpy()[np.where(missing, 0, found)], name=cells.name, dtype=nullable)
    return filled.mask(pd.Series(missing))


def _text(known: np.ndarray, codes: np.ndarray, cells: pd.Series) -> pd.Series:
    """Cells as they were, missing ones as such."""
    hidden = np.append(~known, True)[codes]
    return cells.mask(pd.Series(hidden, index=cells.index))


def as_dtype(column: pd.Series, dtype: Any) -> pd.Series:
    """A column in another dtype, given as pandas prints it."""
    converted: pd.Series = column.astype(dtype)
    return converted


def recognise(column: pd.Series, forced: str | None = None) -> ColumnType:
    """The form of a column whose dtype is settled; see the module's rules.

    Args:
        column: N cells.
        forced: The kind the user wants, or ``None``.
    """
    name, dtype = str(column.name), str(column.dtype)
    if isinstance(column.dtype, pd.CategoricalDtype):
        categories = tuple(column.cat.categories.tolist())
        return ColumnType(name, forced or "categorical", dtype, "", categories, bool(column.dtype.ordered))
    if pd.api.types.is_bool_dtype(column.dtype):
        return ColumnType(name, forced or "boolean", dtype)
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return ColumnType(name, forced or "datetime", dtype)
    if pd.api.types.is_numeric_dtype(column.dtype):
        return ColumnType(name, forced or _kind_of_numbers(column), dtype)
    return _type_of_text(column, forced)


def _kind_of_numbers(column: pd.Series) -> str:
    """Continuous, integer or identifier."""
    if not pd.api.types.is_integer_dtype(column.dtype):
        return "continuous"
    present = column.dropna()
    if present.empty or len(present) < len(column) or present.nunique() < len(present):
        return "integer"
    counting = int(present.max()) - int(present.min()) + 1 == len(present)
    return "identifier" if counting or _IDENTIFIER_NAME.fullmatch(str(column.name)) else "integer"


def _type_of_text(column: pd.Series, forced: str | None) -> ColumnType:
    """Datetime, categorical, identifier or free text."""
    name, dtype = str(column.name), str(column.dtype)
    present = column.dropna()
    uniques = pd.Series(present.unique(), dtype=object)
    if forced in (None, "datetime") and (form := date_format(uniques)):
        return ColumnType(name, "datetime", dtype, form)
    if forced is not None:
        return ColumnType(name, "categorical" if forced == "datetime" else forced, dtype)
    few = len(uniques) <= FEW_CATEGORIES
    if few or (len(uniques) <= MANY_CATEGORIES and 2 * len(uniques) <= len(present)):
        return ColumnType(name, "categorical", dtype)
    spaced = uniques.map(lambda cell: any(mark.isspace() for mark in cell) or len(cell) > 64)
    return ColumnType(name, "text" if spaced.mean() > 0.1 else "identifier", dtype)


def date_format(uniques: pd.Series) -> str:
    """The first format in which every text reads and prints back the same; empty where none does."""
    if uniques.empty or not uniques.head(20).map(lambda cell: cell[:1].isdigit() and len(cell) >= 8).all():
        return ""
    for form in DATE_FORMATS:
        if _reads_as(uniques.head(20), form) and _reads_as(uniques, form):
            return form
    return ""


def _reads_as(uniques: pd.Series, form: str) -> bool:
    """Whether all texts are dates of one format."""
    moments = pd.to_datetime(uniques, format=form, errors="coerce")
    return bool(moments.notna().all()) and bool((moments.dt.strftime(form) == uniques).all())
