"""Detection of the format of dates among the usual ones, with offsets of a zone and months of a language."""

import re
import zoneinfo
from collections.abc import Iterator
from functools import cache

import numpy as np
import pandas as pd

from autogen.data.tables.formats.dates import dates_of, read_dates
from autogen.data.tables.formats.inferred_dates import WEEKDAY, inferred_formats
from autogen.data.tables.formats.months import WORD, english_months, find_months, month_directive
from autogen.data.tables.formats.words import Words, find_words

_DAYS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d-%b-%Y", "%d %b %Y"),
    *("%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%m-%y", "%d-%b-%y"),
    *("%Y.%m.%d", "%m-%d-%Y", "%d. %B %Y", "%d. %b %Y", "%d/%b/%Y", "%Y-%b-%d", "%Y%m%d", "%a, %d %b %Y"),
)
_BARE_DAYS = (
    *("%-d/%-m/%Y", "%-m/%-d/%Y", "%-d.%-m.%Y", "%-d/%-m/%y", "%-m/%-d/%y", "%-d.%-m.%y"),
    *("%-d %b %Y", "%-d %B %Y", "%b %-d, %Y", "%B %-d, %Y", "%-d. %B %Y", "%-d. %b %Y"),
)
#: Days before a comma and a time, as chats and spreadsheets are exported.
_SHORT_DAYS = ("%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%-d/%-m/%y", "%-m/%-d/%y", "%-d.%-m.%y")
_TIMES = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p")
_BARE_TIMES = ("%-H:%M", "%-H:%M:%S", "%-I:%M %p", "%-I:%M:%S %p")
_FINE_TIMES = ("%H:%M:%S.%3f", "%H:%M:%S.%f")
_OTHER_TIMES = ("%H:%M:%S,%3f", "%H:%M:%S,%f", "%H:%M:%S%~6f", "%H:%M:%S%~f")
_CLOCKS = (
    "",
    *(f" {time}" for time in (*_TIMES, *_FINE_TIMES)),
    *(f"T{time}" for time in ("%H:%M", "%H:%M:%S", "%H:%M:%SZ", *_FINE_TIMES)),
    *(f"T{time}Z" for time in _FINE_TIMES),
    *(f"{gap}{time}" for gap in " T" for time in _OTHER_TIMES),
    *(f"T{time}Z" for time in _OTHER_TIMES),
    *(f"T%H:%M:%S%~3f{end}" for end in ("Z", "")),
    *(f"{gap}%H:%M:%S%~9f{end}" for gap, end in (("T", "Z"), (" ", ""), ("T", ""), (" ", "Z"))),
    *(
        f" {time}{zone}"
        for zone in (" UTC", " GMT", "Z")
        for time in ("%H:%M:%S", *_FINE_TIMES, *_OTHER_TIMES)
    ),
    *(" %H:%M UTC", "T%H%M%S", "T%H%M%SZ", "T%H%M", ":%H:%M:%S"),
)
_BARE_CLOCKS = ("", *(f" {time}" for time in (*_BARE_TIMES, *_TIMES)))
DATE_FORMATS = (
    *(day + clock for day in _DAYS for clock in _CLOCKS),
    *(day + clock for day in _BARE_DAYS for clock in _BARE_CLOCKS),
    *("%Y-%m", "%m/%Y", "%b %Y", "%B %Y", "%b-%y", *_TIMES, *_BARE_TIMES[2:], *_FINE_TIMES),
    *("%d%m%Y", "%m%d%Y", "%Y%m%d%H%M%S", "%Y%m%d%H%M", "%Y%m", "%y%m%d", "%d%m%y", "%m%d%y"),
    *("%d. %b %y", "%-d. %b %y", "%d %b %y", "%-d %b %y", "%-d-%b-%y"),
    *(f"{day}, {time}" for day in _SHORT_DAYS for time in ("%H:%M", "%H:%M:%S", "%-I:%M %p", "%-I:%M:%S %p")),
    *("%I:%M %P", "%-I:%M %P", "%I:%M%P", "%-I:%M%P", "%I:%M%p", "%-I:%M%p"),
    *("%H.%M Uhr", "%-H.%M Uhr", "%H:%M Uhr", "%-H:%M Uhr"),
    *("%Hh%M", "%-Hh%M", "%H h %M", "%-H h %M"),
    *("%G-W%V-%u", "%G-W%V", "%GW%V", "%a %b %d %H:%M:%S %Y"),
)
#: Formats of digits alone, whose years must be likely ones: any number is a date in some of them.
COMPACT = (
    *("%Y%m%d", "%d%m%Y", "%m%d%Y", "%Y%m%d%H%M%S", "%Y%m%d%H%M", "%Y%m"),
    *("%y%m%d", "%d%m%y", "%m%d%y"),
)
#: Of these, those of six digits that do not begin with the year, and fewest days or months that they have.
_LEADING, _LEADING_PARTS = ("%d%m%y", "%m%d%y"), 6
#: Numbers of digits that such dates have.
COMPACT_DIGITS = (6, 8, 12, 14)
_FIRST_YEAR, _LAST_YEAR = 1800, 2199
_SHAPES = {
    "%Y": r"\d{4}",
    "%G": r"\d{4}",
    "%u": r"[1-7]",
    "%3f": r"\d{3}",
    "%f": r"\d{6}",
    "%p": "[AP]M",
    "%P": "[ap]m",
    "%b": r"[^\W\d_]{3,4}\.?",
    "%B": r"[^\W\d_]{3,}",
    "%a": r"\w{3}",
    "%~6f": r"(?:\.\d{6})?",
    "%~f": r"(?:\.\d{1,6})?",
    "%~3f": r"(?:\.(?:\d{3}){1,3})?",
    "%~9f": r"(?:\.\d{1,9})?",
    "%z": r"[+-]\d{4}",
    "%:z": r"[+-]\d\d:\d\d",
    "%#z": r"[+-]\d\d(?::\d\d)?",
}
#: Share of the texts that must be dates in a column of dates.
DATE_SHARE = 0.9
_DIRECTIVE = re.compile(r"(%[-~:#]?[369]?[A-Za-z])")
_OFFSET = re.compile(r"(?::\d\d|T\d{4}|T\d{6})(?:[.,]\d+)?( ?)([+-]\d\d)(:?\d\d)?(\]|\[[\w/+-]{3,30}\]|)$|Z$")
#: Number of texts that are tried first, and the share of them that must be dates.
_FIRST_LOOK, _FIRST_SHARE = 20, 0.8
#: Zones that are tried first, of many with the same offsets, and the number of moments to try them on.
_ZONES = (
    *("Europe/Berlin", "Europe/London", "America/New_York", "America/Chicago", "America/Denver"),
    *("America/Los_Angeles", "Europe/Helsinki", "Europe/Lisbon", "Australia/Sydney", "America/Sao_Paulo"),
    *("Asia/Jerusalem", "America/Santiago", "Pacific/Auckland", "Europe/Moscow"),
)
_MOMENTS = 500


def date_format(texts: pd.Series) -> str:
    """Detect the first format of all texts, else that of most and nine tenths, else return an empty string.

    Args:
        texts: unique texts, none missing.
    """
    first = texts.iloc[np.linspace(0, len(texts) - 1, min(len(texts), _FIRST_LOOK)).astype(int)]
    like = first.map(lambda cell: 4 <= len(cell) <= 45 and any(map(str.isdigit, cell)))
    if texts.empty or like.mean() < _FIRST_SHARE:
        return ""
    words = find_words(first[like].tolist())
    if words != Words():
        words = find_words(texts.tolist())
    english, every = first, texts
    if words != Words():
        english, every = (
            some.map(lambda text: words.english(text, WEEKDAY, "UTC")) for some in (first, texts)
        )
    months = find_months(every) if english[like].str.contains(WORD).mean() >= _FIRST_SHARE else ()
    shown, every = english.str.replace(WEEKDAY, "Mon"), every.str.replace(WEEKDAY, "Mon")
    listed = (form for form in _formats(shown[like], every) if _shaped(shown, form) and _fits(form, months))
    inferred = inferred_formats((english_months(english, months) if months else english)[like].tolist())
    shares: dict[str, float] = {}
    for form in (_worded(form, months, words) for forms in (listed, inferred) for form in forms):
        if form in shares or dates_of(first, form).mean() < _FIRST_SHARE:
            continue
        shares[form] = float(_dates(texts, form).mean())
        if shares[form] == 1:
            return form
    best = max(shares, key=lambda form: shares[form], default="")
    return best if best and shares[best] >= DATE_SHARE else ""


def _worded(form: str, months: tuple[str, ...], words: Words) -> str:
    """Write the words of dates before a format of English ones."""
    if words == Words():
        return f"{_head(form)}{{{'|'.join(months)}}}{_body(form)}" if months else form
    lists = "".join(f"{{{some}}}" for some in ("|".join(months), *words.lists))
    if not words.zones:
        return f"{_head(form)}{lists}{_body(form)}"
    return f"<{words.zone}>{lists}{_body(form).replace('UTC', '%Z')}"


def compact_date_format(texts: pd.Series) -> str:
    """Detect the format of dates that are written in digits alone; empty if they are none.

    Args:
        texts: unique texts, none missing.
    """
    sizes = texts.str.len()
    size = int(sizes.mode().iloc[0])
    first = texts.iloc[np.linspace(0, len(texts) - 1, min(len(texts), _FIRST_LOOK)).astype(int)]
    for form in (form for form in COMPACT if _compact_digits(form) == size):
        whole = texts.where(sizes == size, "-")
        if _dates(first, form).mean() >= _FIRST_SHARE and _dates(whole, form).mean() >= DATE_SHARE:
            return form
    return ""


def _compact_digits(form: str) -> int:
    """Count the digits of a date in a compact format."""
    return 2 * form.count("%") + 2 * form.count("%Y")


def _dates(texts: pd.Series, form: str) -> pd.Series:
    """Tell for each text if it is a date in a format, of a likely year if the format is of digits alone."""
    found = dates_of(texts, form)
    if form not in COMPACT or not found.any():
        return found
    if form in _LEADING and texts[found].str[:2].nunique() < _LEADING_PARTS:
        return found & False  # numbers of a narrow range, such as 230101 to 231231, count up
    likely: pd.Series = read_dates(texts.where(found), form).dt.year.between(_FIRST_YEAR, _LAST_YEAR)
    return found & likely


def _formats(first: pd.Series, texts: pd.Series) -> Iterator[str]:
    """List the formats to try, with offsets from UTC if the first texts have such."""
    found = [match for cell in first if (match := _OFFSET.search(cell))]
    signed = [match for match in found if match[2]]
    if len(signed) < _FIRST_SHARE * len(first) and not (signed and len(found) == len(first)):
        yield from DATE_FORMATS
        return
    gap, _, minutes, bracket = signed[0].groups()
    every = [match for cell in texts if (match := _OFFSET.search(cell)) and match[2]]
    several = len({f"{match[2]}{match[3] or ''}" for match in every}) > 1
    mark = "%:z" if (minutes or "").startswith(":") else "%z"
    mark = "%#z" if any(not match[3] for match in signed) else mark
    for day in (*_DAYS, *_BARE_DAYS):
        for clock in _CLOCKS:
            if not clock or clock.endswith(("Z", "UTC", "GMT")):
                continue
            body = f"{'[' if bracket == ']' else ''}{day}{clock}{gap}"
            if not several:
                yield f"{body}{signed[0][2]}{minutes or ''}{bracket}"
            elif _shaped(first, f"{body}{mark}{bracket}"):
                zone = _zone(texts, f"<UTC>{body}{mark}{bracket}")
                yield f"<{zone}>{body}{mark}{bracket}"


def _zone(texts: pd.Series, form: str) -> str:
    """Find the zone with the offsets of most dates; ``UTC`` if there is none."""
    some = texts.iloc[np.linspace(0, len(texts) - 1, min(len(texts), _MOMENTS)).astype(int)]
    moments = read_dates(some, form)
    some, moments = some[moments.notna()], moments.dropna()
    offsets = some.map(_seconds_of).to_numpy(float)
    if not len(moments):
        return "UTC"
    for zone in (*_ZONES, *sorted(zoneinfo.available_timezones())):
        local = moments.dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)
        shift = (local - moments).dt.total_seconds().to_numpy(float)
        if (shift == offsets).mean() >= DATE_SHARE:
            return zone
    return "UTC"


def _seconds_of(text: str) -> float:
    found = _OFFSET.search(text)
    if not found or not found[2]:
        return 0.0
    seconds = 3600 * abs(int(found[2])) + 60 * int((found[3] or "0").strip(":"))
    return float(-seconds if found[2].startswith("-") else seconds)


def _fits(form: str, months: tuple[str, ...]) -> bool:
    """Tell if a format has names of months of the kind that the dates have."""
    return not months or month_directive(months) in form


def _head(form: str) -> str:
    return form[: form.index(">") + 1] if form.startswith("<") else ""


def _body(form: str) -> str:
    return form[len(_head(form)) :]


@cache
def _shape(form: str) -> re.Pattern[str]:
    """Compile a pattern of the dates in a format; matching is faster than parsing."""
    return re.compile("".join(_SHAPES.get(piece, _digits(piece)) for piece in _DIRECTIVE.split(form)))


@cache
def _marks(form: str) -> frozenset[str]:
    """Return the characters that stand between the parts of a date in a format."""
    return frozenset("".join(_DIRECTIVE.split(form)[::2]))


def _digits(piece: str) -> str:
    """Make the pattern of one piece of a format: digits for a directive, else the piece itself."""
    if not piece.startswith("%"):
        return re.escape(piece)
    return r"\d{1,2}" if piece.startswith("%-") else r"\d{2}"


def _shaped(first: pd.Series, form: str) -> bool:
    """Tell if most of the first texts match the pattern of a format."""
    body = _body(form)
    if not _marks(body).issubset("".join(first)):  # a thousand patterns take most of a second to compile
        return False
    shape = _shape(body)
    return sum(bool(shape.fullmatch(cell)) for cell in first) >= _FIRST_SHARE * len(first)
