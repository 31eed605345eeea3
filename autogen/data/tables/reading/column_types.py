"""Kinds of columns: numbers, categories, booleans, dates, identifiers or free text.

The kind of a column is detected on all rows, since it is part of the schema; everything that is
estimated (categories, rates, quantiles) is fitted on the training split alone.

* continuous, integer, boolean: by dtype (of a text file, see ``autogen.data.tables.reading.cells``);
* datetime: by dtype, or text of which all values, or nine tenths, parse and print the same in one format;
* categorical: text with at most 20 values, or with at most 5,000 that occur twice each on average;
  whole numbers beyond 2**53 under the same condition;
* ordinal: such text whose values are steps of a known scale, or ranges
  (``autogen.data.tables.formats.ordinals``);
* identifier: whole numbers that count the rows, or are all different in a column named like one
  (``id``, ``key`` ...); text without spaces that differs in nine tenths of the cells and is nothing else
  (``autogen.data.tables.reading.identifier_rule``). Not modeled, but generated;
  Personal data is made up like them (``autogen.data.tables.reading.personal``);
* text: the rest. Not modeled, the column is left out.

A constant column is a column of its kind with one code.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from autogen.data.tables.formats.date_format import compact_date_format, date_format
from autogen.data.tables.formats.detect import text_format_from_json
from autogen.data.tables.formats.missing import NUMBER_SHARE, are_dashes
from autogen.data.tables.formats.ordinals import BELOW, given_order, order_of
from autogen.data.tables.formats.text_format import TextFormat
from autogen.data.tables.reading.cells import rare
from autogen.data.tables.reading.identifier_rule import why_no_identifier
from autogen.errors import DataError

KINDS = (
    *("continuous", "integer", "categorical", "ordinal", "boolean", "datetime"),
    *("identifier", "text", "drop"),
)
FEW_CATEGORIES = 20
MANY_CATEGORIES = 5000
LONGEST_IDENTIFIER = 64
#: Whole numbers that may be dates in digits alone; those of a year first alone keep all of their digits.
_DATES = (
    *((180_001, 219_912), (18_000_101, 21_991_231), (180_001_010_000, 219_912_312_359)),
    *((18_000_101_000_000, 21_991_231_235_959), (100_101, 991_231)),
)
_IDENTIFIER_NAME = re.compile(r"(.*[_\W])?(id|ids|uuid|guid|key|index|row|rownames)|.*[a-z]Id|.*ID", re.ASCII)


@dataclass(frozen=True)
class ColumnType:
    """Type of one raw column.

    Attributes:
        name: name of the column.
        kind: one of ``KINDS``; an ordered pandas ``category`` column is categorical.
        dtype: dtype of the raw column, as pandas prints it.
        format: ``strftime`` format of dates kept as text; empty otherwise.
        categories: all values of an ordinal or a pandas ``category`` column, in its order.
        ordered: True if these categories ascend.
        text_format: how values that were read from texts (numbers, durations, truth values) are written.
        personal: sort of personal data, which is made up like identifiers; empty for other columns.
        missing_words: texts that were read as missing beside the values (``k. A.``), the frequent ones.
    """

    name: str
    kind: str
    dtype: str
    format: str = ""
    categories: tuple[Any, ...] = ()
    ordered: bool = False
    text_format: TextFormat | None = None
    personal: str = ""
    missing_words: tuple[str, ...] = ()

    @property
    def nominal(self) -> bool:
        """True if cells are values of a set, False if they are quantities."""
        return self.kind in ("categorical", "ordinal", "boolean")

    def to_json(self) -> dict[str, Any]:
        """Describe the type in JSON values, without defaults."""
        keys = {"text_format": "spelling"}  # the name that this field has in saved models
        record = {keys.get(key, key): value for key, value in asdict(self).items() if value}
        for key in ("categories", "missing_words"):
            record |= {key: list(record[key])} if key in record else {}
        return record

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "ColumnType":
        """Rebuild from ``to_json``."""
        known = {"name": ""} | dict(record)
        spelling = known.pop("spelling", None)
        text_format = None if spelling is None else text_format_from_json(spelling)
        lists = {key: tuple(record.get(key, ())) for key in ("categories", "missing_words")}
        return cls(**(known | lists | {"text_format": text_format}))


def recognize(column: pd.Series, forced: str | None = None) -> ColumnType:
    """Detect the type of a column whose dtype is final, by the rules of the module.

    Args:
        column: N cells.
        forced: kind that the user wants, or an order of the values (``S < M < L``), or ``None``.

    Raises:
        DataError: the column cannot have the kind that the user wants.
    """
    name, dtype = str(column.name), str(column.dtype)
    if forced in ("text", "drop"):
        return ColumnType(name, forced, dtype)
    if forced is not None and (forced == "ordinal" or BELOW in forced):
        return _ordinal(column, forced)
    if isinstance(column.dtype, pd.CategoricalDtype):
        _allow(name, "a category column", forced, "categorical")
        categories = tuple(column.cat.categories.tolist())
        return ColumnType(name, "categorical", dtype, "", categories, bool(column.dtype.ordered))
    if pd.api.types.is_bool_dtype(column.dtype):
        _allow(name, "a column of booleans", forced, "boolean", "categorical")
        return ColumnType(name, forced or "boolean", dtype)
    if column.dtype.kind in "mM":
        _allow(name, "a column of dates", forced, "datetime")
        return ColumnType(name, "datetime", dtype)
    if pd.api.types.is_numeric_dtype(column.dtype):
        _allow(name, "a column of numbers", forced, "continuous", "integer", "categorical", "identifier")
        if forced is None and (form := _whole_dates(column)):
            return ColumnType(name, "datetime", dtype, form)
        return ColumnType(name, forced or _kind_of_numbers(column), dtype)
    return _type_of_text(column, forced)


def _ordinal(column: pd.Series, forced: str) -> ColumnType:
    """Order the values of a column as the user says, as numbers, or by a known scale."""
    name, dtype = str(column.name), str(column.dtype)
    if column.dtype.kind in "mM" or isinstance(column.dtype, pd.CategoricalDtype):
        raise DataError(
            f"column {name!r} cannot be ordinal: it has the dtype {dtype}. "
            f"Give an ordered category column of pandas, text or numbers."
        )
    values = column.dropna().unique().tolist()
    if BELOW in forced:
        order = given_order(values, forced, name)
    elif pd.api.types.is_numeric_dtype(column.dtype):
        order = tuple(sorted(values))
    else:
        order = order_of(values)
    if not order and values:
        shown = ", ".join(map(repr, sorted(values)[:5])) + (" ..." if len(values) > 5 else "")
        raise DataError(
            f"column {name!r} cannot be ordinal: the order of {shown} is unknown. "
            f"Give the order, as in {name}='S < M < L'."
        )
    return ColumnType(name, "ordinal", dtype, "", order, True)


def _allow(name: str, what: str, forced: str | None, *kinds: str) -> None:
    if forced is not None and forced not in kinds:
        raise DataError(f"column {name!r} cannot be {forced}: {what} can be {', '.join((*kinds, 'drop'))}.")


def _whole_dates(column: pd.Series) -> str:
    """Find the format of whole numbers that are dates, such as 20240131; empty if they are none."""
    if not pd.api.types.is_integer_dtype(column.dtype) or column.nunique() <= FEW_CATEGORIES:
        return ""
    present = column.dropna()
    if not any(present.between(*ends).mean() >= NUMBER_SHARE for ends in _DATES):
        return ""
    return compact_date_format(pd.Series(present.unique()).astype(str))


def _kind_of_numbers(column: pd.Series) -> str:
    """Choose between continuous, integer, identifier and categorical."""
    if not pd.api.types.is_integer_dtype(column.dtype):
        return "continuous"
    present = column.dropna()
    if len(present) < FEW_CATEGORIES:
        return "integer"
    distinct = present.nunique()
    if max(abs(int(present.min())), abs(int(present.max()))) >= 2**53:
        return "categorical" if _repeats(distinct, len(present)) else "identifier"
    if distinct < len(present) or len(present) < NUMBER_SHARE * len(column):
        return "integer"
    counting = NUMBER_SHARE * (int(present.max()) - int(present.min()) + 1) <= len(present)
    return "identifier" if counting or is_named_identifier(str(column.name)) else "integer"


def _repeats(distinct: int, cells: int) -> bool:
    """Tell if values repeat often enough to be categories."""
    return distinct <= FEW_CATEGORIES or (distinct <= MANY_CATEGORIES and 2 * distinct <= cells)


def _type_of_text(column: pd.Series, forced: str | None) -> ColumnType:
    """Choose between datetime, ordinal, categorical, identifier and free text."""
    name, dtype = str(column.name), str(column.dtype)
    present = column.dropna()
    uniques = pd.Series(present.unique(), dtype=object)
    form = date_format(uniques) if forced in (None, "datetime") else ""
    if form:
        return ColumnType(name, "datetime", dtype, form)
    what = "text in no known date format" if forced == "datetime" else "text"
    _allow(name, what, forced, "categorical", "identifier", "text")
    if forced is not None:
        return ColumnType(name, forced, dtype)
    if _repeats(len(uniques), len(present)):
        steps = uniques[~are_dashes(uniques)].tolist()
        if order := order_of(uniques.tolist()) or order_of(steps) or order_of(_usual(present)):
            return ColumnType(name, "ordinal", dtype, "", order, True)
        return ColumnType(name, "categorical", dtype)
    if is_prose(uniques) or why_no_identifier(uniques.tolist(), len(present), is_named_identifier(name)):
        return ColumnType(name, "text", dtype)
    return ColumnType(name, "identifier", dtype)


def _usual(present: pd.Series) -> list[str]:
    """List the values of nine tenths of the cells without those that a hundredth or one cell of many has."""
    counts = present.value_counts()
    usual = counts[counts > rare(len(present))]
    return list(usual.index) if usual.sum() >= NUMBER_SHARE * len(present) else []


def is_named_identifier(name: str) -> bool:
    """Tell if a column is called ``id``, ``key`` or the like."""
    return bool(_IDENTIFIER_NAME.fullmatch(name))


def is_prose(texts: pd.Series) -> bool:
    """Tell if a tenth of unique texts are long or have several words."""
    return bool(texts.map(lambda cell: len(cell) > LONGEST_IDENTIFIER or len(cell.split()) != 1).mean() > 0.1)
