"""Dates kept as text: the one format in which the cells parse and print back the same.

Formats are those of ``strftime`` with these additions: ``%-d`` (also m, H, I) without a leading zero, ``%3f``
milliseconds, ``%~6f`` and ``%~f`` fractions with their point that are missing where zero (as Python and as
PostgreSQL print them), ``%:z`` and ``%#z`` offsets with a colon and in hours. ``<Europe/Vienna>`` before a
format is the zone of its offsets, ``{Jän|Feb ...}`` the names of its months; further braces hold those of its
weekdays from Monday on, of AM and PM, of the zone's standard and summer time (``%Z``), and the zero of its
digits. ``%P`` is am and pm, ``%_d`` a day with a space for its zero, ``%O`` a day with its ending (``3rd``),
``%1f`` to ``%9f`` fractions of so many digits, ``%~9f`` one of up to nine that is missing where zero and
``%~3f`` one of three, six or nine, as Java prints it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pandas as pd

from autogen.data.tables.formats.months import english_months, months_in
from autogen.data.tables.formats.words import Words, native

#: Directives that ``strftime`` does not know on all platforms.
_MARK = re.compile(r"(%-[dmHI]|%[1-9]f|%~[369]?f|%[:#]?z|%P|%O|%_d)")
_WORDS = re.compile(r"(%[apZ])")
_HEAD = re.compile(
    r"(?:<(?P<zone>[^>]+)>)?(?:\{(?P<months>[^}]*)\})?(?:\{(?P<days>[^}]*)\}\{(?P<halves>[^}]*)\}"
    r"\{(?P<zones>[^}]*)\}\{(?P<zero>[^}]?)\})?"
)
_PRINTED: dict[str, Callable[[pd.Timestamp], str]] = {
    "%-d": lambda moment: f"{moment.day}",
    "%-m": lambda moment: f"{moment.month}",
    "%-H": lambda moment: f"{moment.hour}",
    "%-I": lambda moment: f"{(moment.hour - 1) % 12 + 1}",
    "%P": lambda moment: "am" if moment.hour < 12 else "pm",
    "%O": lambda moment: f"{moment.day}{_ending(moment.day)}",
    "%_d": lambda moment: f"{moment.day:2d}",
    "%~6f": lambda moment: f".{moment.microsecond:06d}" if moment.microsecond else "",
    "%~f": lambda moment: f".{moment.microsecond:06d}".rstrip("0").rstrip("."),
    "%~3f": lambda moment: _in_threes(_nanoseconds(moment)),
    "%~9f": lambda moment: f".{_nanoseconds(moment)}".rstrip("0").rstrip("."),
    "%z": lambda moment: _offset(moment, ""),
    "%:z": lambda moment: _offset(moment, ":"),
    "%#z": lambda moment: _offset(moment, ":").removesuffix(":00"),
}
_ENDING = re.compile(r"(?<=\d)(st|nd|rd|th)\b")
_FRACTION = re.compile(r"(\d\d)(?:\.(\d{1,9}))?$")
_NONE = Words()
_TAIL = re.compile(r"(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)?$|Z$")


@dataclass(frozen=True)
class _Plan:
    """Parts of a format: the directives, names of months, zone, and what stands behind the clock."""

    body: str
    months: tuple[str, ...]
    zone: str
    tail: str
    zoned: bool
    free: bool
    week: bool
    words: Words

    @property
    def plain(self) -> str:
        """Format for pandas of texts without offset and tail, fractions filled up."""
        body = re.sub("%~[369]?f", ".%f", self.body)
        body = body.replace("%a", "") if self.words.days else body
        body = body.replace("%Z", "") if self.words.zones else body
        body = body.replace("%-", "%").replace("%P", "%p").replace("%O", "%d").replace("%_d", "%d")
        return re.sub(r"%\df", "%f", body) + ("-%u" if self.week else "")


@cache
def _plan(form: str) -> _Plan:
    """Split a format into its parts."""
    head = _HEAD.match(form)
    assert head is not None
    body = form[head.end() :]
    mark = re.search(r"%[:#]?z", body)
    tail = body[mark.end() :] if mark else ""
    cut = body[: mark.start()] if mark else body
    free = "%~" in cut
    if free and not mark:  # nothing but a literal stands behind the fraction
        end = cut.rindex("f", cut.index("%~")) + 1
        cut, tail = cut[:end], cut[end:]
    week = "%V" in cut and "%u" not in cut
    months, days, halves, zones = (
        tuple(head[name].split("|")) if head[name] else () for name in ("months", "days", "halves", "zones")
    )
    words = Words(days, halves, zones, head["zero"] or "", _behind(body))
    return _Plan(cut, months, head["zone"] or "", tail, bool(mark or zones), free, week, words)


def _behind(body: str) -> bool:
    """Tell if the weekday of a format stands behind a number."""
    return bool(re.search(r"%[-_]?[A-Zdmjy].*%a", body.replace("%A", "").replace("%B", "")))


def read_dates(texts: pd.Series, form: str) -> pd.Series:
    """Parse N texts, or whole numbers, to datetimes, in UTC for a format with a zone; NaT if one is none."""
    plan = _plan(form)
    if texts.isna().all():
        return pd.Series(pd.NaT, index=texts.index, dtype="datetime64[us]")
    if pd.api.types.is_numeric_dtype(texts.dtype):
        texts = texts.astype("Int64").astype("string")
    texts = texts.astype(object)
    offsets = pd.Series(0.0, index=texts.index)
    if plan.words != _NONE:
        if plan.words.zones:
            offsets = texts.map(plan.words.seconds, na_action="ignore").astype(float)
        texts = texts.map(plan.words.english, na_action="ignore")
    if plan.months:
        texts = english_months(texts, plan.months)
    if "%O" in plan.body:
        texts = texts.str.replace(_ENDING, "", n=1, regex=True)
    if plan.tail:
        texts = texts.str.removesuffix(plan.tail).where(texts.str.endswith(plan.tail, na=False))
    if plan.zoned and not plan.words.zones:
        offsets = texts.map(_seconds, na_action="ignore").astype(float)
        texts = texts.str.replace(_TAIL, "", regex=True).where(offsets.notna())
    if plan.free:
        texts = texts.str.replace(_FRACTION, lambda found: f"{found[1]}.{found[2] or 0}", regex=True)
    if plan.week:
        texts = texts + "-1"
    moments = pd.to_datetime(texts, format=plan.plain, errors="coerce")
    return moments - pd.to_timedelta(offsets, unit="s") if plan.zoned else moments


def print_dates(moments: pd.Series, form: str) -> pd.Series:
    """Format N datetimes, in UTC for a format with a zone, as texts."""
    if moments.isna().all():  # ``map`` would give dates, which pandas cannot add to texts
        return pd.Series(None, index=moments.index, dtype=object)
    plan = _plan(form)
    if plan.zoned:
        moments = moments.dt.tz_localize("UTC").dt.tz_convert(plan.zone or "UTC")
    head = _HEAD.match(form)
    assert head is not None
    pieces = [piece for part in _MARK.split(form[head.end() :]) for piece in _parts(part, plan.words)]
    if plan.months and plan.words != _NONE:  # a weekday is a word, too: each piece by itself
        pieces = [part for piece in pieces for part in re.split("(%[bB])", piece)]
    printed = pd.Series("", index=moments.index, dtype=object)
    for piece in filter(None, pieces):
        own = _printer(piece, plan)
        printed += moments.map(own, na_action="ignore") if own else moments.dt.strftime(piece)
    if plan.words.zero:
        printed = printed.map(lambda text: native(text, plan.words.zero), na_action="ignore")
    return months_in(printed, moments, plan.months) if plan.months and plan.words == _NONE else printed


def _parts(part: str, words: Words) -> list[str]:
    """Split a part of a format at the directives that words of another language stand for."""
    return [part] if words == _NONE or _MARK.fullmatch(part) else _WORDS.split(part)


def _printer(piece: str, plan: _Plan) -> Callable[[pd.Timestamp], str] | None:
    """Choose what prints a piece of a format; ``None`` for ``strftime``."""
    words = plan.words
    if piece == "%a" and words.days:
        return lambda moment: words.days[moment.weekday()]
    if piece == "%p" and words.halves:
        return lambda moment: words.halves[moment.hour >= 12]
    if piece == "%Z" and words.zones:
        return lambda moment: words.zones[bool(moment.dst())]
    if piece in ("%b", "%B") and plan.months and words != _NONE:
        return lambda moment: plan.months[moment.month - 1]
    return _fraction(int(piece[1])) if re.fullmatch(r"%\df", piece) else _PRINTED.get(piece)


def dates_of(texts: pd.Series, form: str) -> pd.Series:
    """Tell for each text if it parses in a format and prints back the same, bool (N,)."""
    try:
        moments = read_dates(texts, form)
    except (ValueError, OverflowError):  # dates that pandas cannot hold, and malformed ones
        return pd.Series(False, index=texts.index)
    if moments.isna().all():
        return moments.notna()
    if _plan(form).zone == "UTC":  # offsets of no one zone: the moments count, not their texts
        return moments.notna()
    if pd.api.types.is_numeric_dtype(texts.dtype):
        return moments.notna()
    return moments.notna() & (print_dates(moments, form) == texts)


def shown_format(form: str) -> str:
    """Write a format for people, without the names of its months, weekdays and so on."""
    head = _HEAD.match(form)
    assert head is not None
    zone = f"<{head['zone']}>" if head["zone"] else ""
    return zone + form[head.end() :]


def has_zone(form: str) -> bool:
    """Tell if dates in a format are moments, because it has offsets from UTC."""
    return _plan(form).zoned


def _seconds(text: str) -> float:
    """Read the offset from UTC at the end of a text, in seconds; NaN if there is none."""
    if not (found := _TAIL.search(text)):
        return float("nan")
    if not found["sign"]:
        return 0.0
    seconds = 3600 * int(found["hours"]) + 60 * int(found["minutes"] or 0)
    return float(-seconds if found["sign"] == "-" else seconds)


def _ending(day: int) -> str:
    """Name the ending of an English ordinal: ``st`` of 1st, 21st and 31st."""
    return "th" if day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _fraction(digits: int) -> Callable[[pd.Timestamp], str]:
    """Make a printer of the first digits of a second's fraction."""
    return lambda moment: _nanoseconds(moment)[:digits]


def _in_threes(digits: str) -> str:
    """Write a fraction in groups of three digits, without those at its end that are zero."""
    while digits.endswith("000"):
        digits = digits[:-3]
    return f".{digits}" if digits else ""


def _nanoseconds(moment: pd.Timestamp) -> str:
    return f"{1000 * moment.microsecond + moment.nanosecond:09d}"


def _offset(moment: pd.Timestamp, colon: str) -> str:
    """Print the offset of a zoned moment."""
    shift = moment.utcoffset()
    minutes = 0 if shift is None else round(shift.total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}{colon}{abs(minutes) % 60:02d}"
