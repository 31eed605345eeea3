"""Dates kept as text: the one format in which the cells parse and print back the same."""

import re
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pandas as pd

_DAYS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d-%b-%Y", "%d %b %Y"),
    *("%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%m-%y", "%d-%b-%y"),
)
#: ``%-`` marks a day, month or hour without a leading zero, ``%3f`` milliseconds.
_BARE_DAYS = (
    *("%-d/%-m/%Y", "%-m/%-d/%Y", "%-d.%-m.%Y", "%-d/%-m/%y", "%-m/%-d/%y", "%-d.%-m.%y"),
    *("%-d %b %Y", "%-d %B %Y", "%b %-d, %Y", "%B %-d, %Y"),
)
_TIMES = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p")
_BARE_TIMES = ("%-H:%M", "%-H:%M:%S", "%-I:%M %p", "%-I:%M:%S %p")
_FINE_TIMES = ("%H:%M:%S.%3f", "%H:%M:%S.%f")
_CLOCKS = (
    "",
    *(f" {time}" for time in (*_TIMES, *_FINE_TIMES)),
    *(f"T{time}" for time in ("%H:%M", "%H:%M:%S", "%H:%M:%SZ", *_FINE_TIMES)),
    *(f"T{time}Z" for time in _FINE_TIMES),
)
_BARE_CLOCKS = ("", *(f" {time}" for time in (*_BARE_TIMES, *_TIMES)))
DATE_FORMATS = (
    *(day + clock for day in _DAYS for clock in _CLOCKS),
    *(day + clock for day in _BARE_DAYS for clock in _BARE_CLOCKS),
    *("%Y%m%d", "%Y-%m", "%m/%Y", "%b %Y", "%B %Y", "%b-%y", *_TIMES, *_BARE_TIMES[2:]),
)
#: Directives that ``strftime`` does not know on all platforms.
_MARK = re.compile(r"(%-[dmHI]|%3f)")
_PRINTED: dict[str, Callable[[pd.Timestamp], str]] = {
    "%-d": lambda moment: f"{moment.day}",
    "%-m": lambda moment: f"{moment.month}",
    "%-H": lambda moment: f"{moment.hour}",
    "%-I": lambda moment: f"{(moment.hour - 1) % 12 + 1}",
    "%3f": lambda moment: f"{moment.microsecond // 1000:03d}",
}
_SHAPES = {"%Y": r"\d{4}", "%3f": r"\d{3}", "%f": r"\d{6}", "%b": r"\w+", "%B": r"\w+", "%p": "[AP]M"}
#: Share of the texts that must be dates in a column of dates.
DATE_SHARE = 0.9
_OFFSET = re.compile(r"\d\d:\d\d(?:\.\d+)?( ?[+-]\d\d:?\d\d)$")
#: Number of texts that are tried first, and the share of them that must be dates.
_FIRST_LOOK, _FIRST_SHARE = 20, 0.8
#: Errors of pandas for dates before 1678 or after 2261, which nanoseconds cannot hold, and malformed ones.
_UNREADABLE = (ValueError, OverflowError)


def read_dates(texts: pd.Series, form: str) -> pd.Series:
    """Parse N texts in a format to datetimes; NaT if a text is none."""
    return pd.to_datetime(texts, format=form.replace("%-", "%").replace("%3f", "%f"), errors="coerce")


def print_dates(moments: pd.Series, form: str) -> pd.Series:
    """Format N datetimes as texts."""
    if moments.isna().all():  # ``map`` would give dates, which pandas cannot add to texts
        return pd.Series(None, index=moments.index, dtype=object)
    printed = pd.Series("", index=moments.index, dtype=object)
    for piece in filter(None, _MARK.split(form)):
        own = _PRINTED.get(piece)
        printed += moments.map(own, na_action="ignore") if own else moments.dt.strftime(piece)
    return printed


def date_format(texts: pd.Series) -> str:
    """Detect the first format of all texts, else the first of nine tenths, else return an empty string.

    Args:
        texts: unique texts, none missing.
    """
    first = texts.iloc[np.linspace(0, len(texts) - 1, min(len(texts), _FIRST_LOOK)).astype(int)]
    like = first.map(lambda cell: 5 <= len(cell) <= 40 and any(map(str.isdigit, cell)))
    if texts.empty or like.mean() < _FIRST_SHARE:
        return ""
    likely = [form for form in _formats(first[like]) if _shaped(first, form) and _common(first, form)]
    for least in (1.0, DATE_SHARE):
        for form in likely:
            if dates_of(texts, form).mean() >= least:
                return form
    return ""


def _formats(first: pd.Series) -> Iterator[str]:
    """List the formats to try, with the offset from UTC if all first texts have the same one."""
    offsets = set(first.str.extract(_OFFSET)[0])
    offset = offsets.pop() if len(offsets) == 1 else None
    if not isinstance(offset, str):
        yield from DATE_FORMATS
        return
    for day in _DAYS:
        yield from (f"{day}{clock}{offset}" for clock in _CLOCKS if clock and not clock.endswith("Z"))


@cache
def _shape(form: str) -> re.Pattern[str]:
    """Compile a pattern of the dates in a format; matching is faster than parsing."""
    pieces = re.split(r"(%-?3?[A-Za-z])", form)
    return re.compile("".join(_SHAPES.get(piece, _digits(piece)) for piece in pieces))


def _digits(piece: str) -> str:
    """Make the pattern of one piece of a format: digits for a directive, else the piece itself."""
    if not piece.startswith("%"):
        return re.escape(piece)
    return r"\d{1,2}" if piece.startswith("%-") else r"\d{2}"


def _shaped(first: pd.Series, form: str) -> bool:
    """Tell if most of the first texts match the pattern of a format."""
    shape = _shape(form)
    return sum(bool(shape.fullmatch(cell)) for cell in first) >= _FIRST_SHARE * len(first)


def _common(first: pd.Series, form: str) -> bool:
    return bool(dates_of(first, form).mean() >= _FIRST_SHARE)


def dates_of(texts: pd.Series, form: str) -> pd.Series:
    """Tell for each text if it parses in a format and prints back the same, bool (N,)."""
    try:
        moments = read_dates(texts, form)
    except _UNREADABLE:
        return pd.Series(False, index=texts.index)
    if moments.isna().all():
        return moments.notna()
    return moments.notna() & (print_dates(moments, form) == texts)
