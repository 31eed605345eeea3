"""Notes on the columns of a table: what is made up, left out, or read in one of several ways."""

import re
from collections.abc import Sequence
from unicodedata import normalize

import pandas as pd

from autogen.data.tables.formats.dates import read_dates
from autogen.data.tables.formats.missing import NUMBER_SHARE
from autogen.data.tables.formats.months import PRINTED, WORD, find_months
from autogen.data.tables.formats.number_detection import several_units
from autogen.data.tables.reading.column_types import ColumnType, is_named_identifier, is_prose
from autogen.data.tables.reading.identifier_rule import why_no_identifier
from autogen.data.tables.reading.personal import LEAST_VALUES, personal_data
from autogen.errors import option

#: Texts that are looked at; a day and a month, and a weekday before them.
_LOOKED = 500
#: Groups of spellings that a note shows.
_SHOWN = 3
_WEEKDAY = re.compile(r"[^\W\d_]+[.,]{0,2} (?=\d|[^\W\d_]+\.? \d)")
_YEARLESS = re.compile(
    r"([^\W\d_]+[.,]{0,2} )?"
    r"(\d{1,2}\.?(st|nd|rd|th)? (de )?[^\W\d_]{3,}\.?|[^\W\d_]{3,}\.? \d{1,2}(st|nd|rd|th)?)"
)


def kind_notes(form: ColumnType, column: pd.Series, wanted: str | None) -> list[str]:
    """Note if a column is not modeled, the order of its values, or how ambiguous dates were read."""
    name = repr(form.name)
    learned, new, left = (
        option("column", f"{form.name}={kind}") for kind in ("categorical", "identifier", "drop")
    )
    if wanted == "drop":
        return [f"Column {name} was left out (kind drop)."]
    uniques = pd.Series(column.dropna().unique(), dtype=object) if form.kind == "text" else pd.Series()
    if form.kind in ("text", "categorical") and wanted is None and (units := _units(column)):
        return [_several(name, units, learned, left_out=form.kind == "text")]
    if form.kind == "text" and wanted is None and not is_prose(uniques):
        why = why_no_identifier(uniques.tolist(), int(column.notna().sum()), is_named_identifier(form.name))
        return [
            f"Warning: column {name} holds {why} and is left out. {_as_numbers(form.name, uniques)}{learned} "
            f"learns its values, {new} makes up new ones."
        ]
    if form.kind == "text" and are_yearless(uniques):
        return [
            f"Warning: column {name} holds dates without a year and is left out. Add the year to learn them "
            f"as dates; {learned} learns the values as categories."
        ]
    if form.kind == "text":
        return [
            f"Warning: column {name} holds free text ({column.nunique()} different) and is left out. To "
            "model its texts without the other columns, use --kind text "
            f"{option('option', 'field=' + form.name)}."
        ]
    if is_index(form, wanted):
        return [f"Column {name} has no name and counts the rows; it is left out."]
    if form.kind == "categorical" and not pd.api.types.is_numeric_dtype(column.dtype):
        values = [str(value) for value in column.dropna().unique()]
        if len(values) >= LEAST_VALUES and (what := personal_data(form.name, values)):
            return [
                f"Warning: column {name} looks like personal data ({what}), and samples repeat its values. "
                f"Without this choice they would be made up; {left} leaves it out."
            ]
    if form.kind == "identifier" and not form.personal:
        numbers = _as_numbers(form.name, column.dropna()).removesuffix(", ")
        more = f" If they are no identifiers: {numbers}." if numbers and wanted is None else ""
        return [f"Column {name} holds identifiers, which are not modeled; samples get new ones.{more}"]
    if form.kind == "categorical" and wanted is None and (alike := spellings(column)):
        shown = "; ".join(" and ".join(map(repr, group)) for group in alike[:_SHOWN])
        more = f" and {len(alike) - _SHOWN} more" if len(alike) > _SHOWN else ""
        return [
            f"Warning: categories of column {name} differ in capitals or spaces alone ({shown}{more}) and "
            "are learned as different ones. Write them in one way if they mean the same."
        ]
    if form.kind == "ordinal" and wanted is None:
        shown = " < ".join(form.categories[:6]) + (" ..." if len(form.categories) > 6 else "")
        return [f"Column {name} is ordinal: {shown}."]
    if form.kind == "datetime" and _are_finer(form, column):
        return [f"Dates of column {name} are read to the microsecond; finer parts are lost."]
    if form.format.startswith("<UTC>"):
        return [f"Dates of column {name} have several offsets of no one zone; samples have them in UTC."]
    if form.format.startswith(("%d/%m/", "%-d/%-m/")):
        return [f"Dates of column {name} were read as day/month/year."]
    return []


def personal_note(forms: Sequence[ColumnType]) -> list[str]:
    """Note which columns look like personal data and are made up, all in one line; none without any."""
    found = [form for form in forms if form.personal]
    if not found:
        return []
    *others, last = (f"{form.name!r} ({form.personal})" for form in found)
    names = f"{', '.join(others)} and {last}" if others else last
    column, look, it = ("columns", "look", "one") if others else ("column", "looks", "it")
    learned = option("column", f"{found[0].name}=categorical")
    return [
        f"Warning: {column} {names} {look} like personal data, so samples have made-up values. {learned} "
        f"learns {it} and repeats real values."
    ]


def spellings(column: pd.Series) -> list[list[str]]:
    """Group the texts of a column that differ in capitals, spaces or composed accents alone.

    Args:
        column: N cells.

    Returns:
        Texts of each group of two or more, the frequent groups and texts first.
    """
    groups: dict[str, list[str]] = {}
    for text in column.value_counts().index:
        if isinstance(text, str):
            groups.setdefault(" ".join(normalize("NFKC", text).casefold().split()), []).append(text)
    return [group for group in groups.values() if len(group) > 1]


def _as_numbers(name: str, texts: pd.Series) -> str:
    """Offer to learn codes of one length with leading zeros, such as zip codes, as numbers; empty if not."""
    codes = texts.map(lambda text: isinstance(text, str) and text.strip().isdecimal())
    if texts.empty or codes.mean() < NUMBER_SHARE or not texts[codes].str.strip().str.startswith("0").any():
        return ""
    return f"{option('column', f'{name}=integer')} learns them as numbers and keeps leading zeros, "


def _units(column: pd.Series) -> list[str]:
    """Name the units of a column of texts that has several."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        return []
    return several_units([str(text) for text in column.dropna().unique()[:_LOOKED]])


def _several(name: str, units: Sequence[str], learned: str, *, left_out: bool) -> str:
    """Warn of a column of numbers of several units."""
    what = f"Warning: column {name} has numbers of several units ({', '.join(units[:5])})"
    if left_out:
        return (
            f"{what} and is left out. Write them in one unit to learn them as numbers; {learned} learns the "
            "values as categories."
        )
    return f"{what}: its values are learned as categories. Write them in one unit to learn them as numbers."


def _are_finer(form: ColumnType, column: pd.Series) -> bool:
    """Tell if dates have parts below a microsecond, which no scale keeps."""
    if not form.format:
        return column.dtype.kind == "M" and bool((column.dropna().dt.nanosecond != 0).any())
    if not re.search(r"%(~[39]|[789])f", form.format):
        return False
    return bool((read_dates(column.dropna(), form.format).dropna().dt.nanosecond != 0).any())


def are_yearless(texts: pd.Series) -> bool:
    """Tell if most texts are a day and a month in words, and maybe a weekday: ``lundi 5 avril``."""
    some = texts.head(_LOOKED).astype(str).str.strip()
    if not len(some) or some.map(lambda text: bool(_YEARLESS.fullmatch(text))).mean() < NUMBER_SHARE:
        return False
    bare = some.map(lambda text: text.partition(" ")[2] if _WEEKDAY.match(text) else text)
    words = bare.str.extract(f"({WORD.pattern})", expand=False).dropna()
    return bool(find_months(bare)) or bool(words.isin(PRINTED).mean() >= NUMBER_SHARE)


def is_index(form: ColumnType, wanted: str | None) -> bool:
    """Tell if a column is the index of a frame, as pandas writes it."""
    return form.kind == "identifier" and wanted is None and form.name in ("Unnamed: 0", "__index_level_0__")
