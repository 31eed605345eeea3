"""Dates kept as text: the one format in which every cell reads and prints back the same."""

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d-%b-%Y", "%d %b %Y")
#: ``%-`` marks a day, month or hour without a leading zero.
_BARE_DAYS = ("%-d/%-m/%Y", "%-m/%-d/%Y", "%-d.%-m.%Y")
_CLOCKS = ("", " %H:%M", " %H:%M:%S", "T%H:%M", "T%H:%M:%S", "T%H:%M:%SZ", " %H:%M:%S.%f", "T%H:%M:%S.%f")
_BARE_CLOCKS = ("", " %-H:%M", " %H:%M", " %-H:%M:%S", " %H:%M:%S")
DATE_FORMATS = (
    *(day + clock for day in _DAYS for clock in _CLOCKS),
    *(day + clock for day in _BARE_DAYS for clock in _BARE_CLOCKS),
    *("%Y%m%d", "%Y-%m", "%m/%Y", "%H:%M", "%H:%M:%S"),
)
_LEADING_ZERO = re.compile(r"(?<![\d:])0(?=\d[/.:])")
_OFFSET = re.compile(r"\d\d:\d\d(?:\.\d+)?( ?[+-]\d\d:?\d\d)$")
_FIRST_LOOK = 20
#: A date before 1678 or after 2261 does not fit nanoseconds, a malformed one nowhere.
_UNREADABLE = (ValueError, OverflowError)


def read_dates(texts: pd.Series, form: str) -> pd.Series:
    """Moments of texts in a format; NaT where a text is none."""
    return pd.to_datetime(texts, format=form.replace("%-", "%"), errors="coerce")


def print_dates(moments: pd.Series, form: str) -> pd.Series:
    """Texts of moments in a format."""
    texts = moments.dt.strftime(form.replace("%-", "%"))
    bare: pd.Series = texts.str.replace(_LEADING_ZERO, "", regex=True)
    return bare if "%-" in form else texts


def date_format(texts: pd.Series) -> str:
    """The first format that all texts have; empty where there is none.

    Args:
        texts: Different texts, none missing.
    """
    first = texts.iloc[np.linspace(0, len(texts) - 1, min(len(texts), _FIRST_LOOK)).astype(int)]
    if texts.empty or not first.map(lambda cell: 5 <= len(cell) <= 30 and any(map(str.isdigit, cell))).all():
        return ""
    return next((form for form in _formats(first) if _all_in(first, form) and _all_in(texts, form)), "")


def _formats(first: pd.Series) -> Iterator[str]:
    """Formats that are tried; with the offset from UTC, where all first texts have the same one."""
    offsets = set(first.str.extract(_OFFSET)[0])
    offset = offsets.pop() if len(offsets) == 1 else None
    if not isinstance(offset, str):
        yield from DATE_FORMATS
        return
    for day in _DAYS:
        yield from (f"{day}{clock}{offset}" for clock in _CLOCKS if clock and not clock.endswith("Z"))


def _all_in(texts: pd.Series, form: str) -> bool:
    """Whether all texts are dates of one format."""
    try:
        moments = read_dates(texts, form)
    except _UNREADABLE:
        return False
    return bool(moments.notna().all()) and bool((print_dates(moments, form) == texts).all())
