"""Dates that are put together in unusual ways are read and come back, and numbers are not taken for dates."""

import pandas as pd
import pytest

from autogen.data.tables.formats.date_format import date_format
from autogen.data.tables.formats.dates import print_dates, read_dates

MOMENTS = pd.date_range("2021-01-02 03:04:05", periods=90, freq="101h7min3s")
SPANISH = ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"]
PORTUGUESE = [
    "janeiro",
    "fevereiro",
    "março",
    "abril",
    "maio",
    "junho",
    "julho",
    "agosto",
    "setembro",
    "outubro",
    "novembro",
    "dezembro",
]


def half(t):
    """The hour on a clock of twelve."""
    return (t.hour - 1) % 12 + 1


def ending(day):
    return "th" if day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


WRITTEN = {
    "Japan": lambda t: f"{t.year}年{t.month}月{t.day}日",
    "Korea": lambda t: t.strftime("%Y년 %m월 %d일"),
    "Brazil": lambda t: f"{t.day} de {PORTUGUESE[t.month - 1]} de {t.year}",
    "Mexico": lambda t: f"{t.day:02d}-{SPANISH[t.month - 1]}-{t.year}",
    "Austria": lambda t: t.strftime("%d.%m.%Y %H:%M Uhr"),
    "France": lambda t: f"{t.day:02d}/{t.month:02d}/{t.year} {t.hour}h{t.minute:02d}",
    "ordinal": lambda t: f"{t:%B} {t.day}{ending(t.day)}, {t.year}",
    "weekday": lambda t: t.strftime("%A, %d %B %Y"),
    "day of the year": lambda t: t.strftime("%Y-%j"),
    "Oracle": lambda t: t.strftime("%d-%b-%Y").upper(),
    "SAS": lambda t: t.strftime("%d%b%Y:%H:%M:%S").upper(),
    "Db2": lambda t: t.strftime("%Y-%m-%d-%H.%M.%S.%f"),
    "points": lambda t: t.strftime("%d.%m.%Y %H.%M"),
    "pandas": lambda t: t.strftime("%Y-%m-%d %H:%M:%S.") + f"{t.second * 7919:09d}",
    "dotnet": lambda t: t.strftime("%Y-%m-%dT%H:%M:%S.") + f"{t.second * 7919:07d}",
    "C": lambda t: t.ctime(),
    "Java": lambda t: t.strftime("%a %b %d %H:%M:%S CET %Y"),
    "Go": lambda t: t.strftime("%Y-%m-%d %H:%M:%S +0000 UTC"),
    "zone": lambda t: t.strftime("%Y-%m-%d %H:%M:%S UTC+02:00"),
    "browser": lambda t: f"{t.month}/{t.day}/{t.year}, {half(t)}:{t.minute:02d}:{t.second:02d} {t:%p}",
    "small": lambda t: f"{t.month}/{t.day}/{t.year} {half(t)}:{t.minute:02d} {f'{t:%p}'.lower()}",
    "camera": lambda t: t.strftime("%Y:%m:%d %H:%M:%S"),
    "time first": lambda t: t.strftime("%H:%M %d.%m.%Y"),
    "digits": lambda t: t.strftime("%Y%m%d%H%M%S"),
    "month in digits": lambda t: f"{t.year - t.day}{t.month:02d}",
}  # fmt: skip


@pytest.mark.parametrize("way", WRITTEN)
def test_dates_are_read_and_print_back(way):
    texts = pd.Series([WRITTEN[way](moment) for moment in MOMENTS], dtype=object).drop_duplicates()
    form = date_format(texts)
    assert form
    read = read_dates(texts, form)
    assert print_dates(read, form).tolist() == texts.tolist()
    for moment, text in zip(MOMENTS, read, strict=False):
        assert way == "month in digits" or (moment.year, moment.month, moment.day) == (
            text.year,
            text.month,
            text.day,
        )


@pytest.mark.parametrize(
    "write",
    [
        lambda i: f"192.168.{i % 4}.{i}",
        lambda i: f"{i}/{i * 7 % 60 + 50}",
        lambda i: f"2000-{i:05d}",
        lambda i: f"ORD-2021-{i:04d}",
        lambda i: f"{i % 30}.{i}.{i * 7 % 90}",
        lambda i: f"{180_000 + i * 37}",
        lambda i: f"+43 664 {2000 + i}",
    ],
)
def test_numbers_and_codes_are_no_dates(write):
    assert date_format(pd.Series([write(i) for i in range(1, 200)], dtype=object)) == ""


SHORT = {
    "chat": lambda t: f"{t.month}/{t.day}/{t:%y}, {half(t)}:{t:%M %p}",
    "messenger": lambda t: f"{t:%d.%m.%y, %H:%M}",
    "small letters": lambda t: f"{half(t)}:{t:%M} {t:%p}".lower(),
    "clock with a point": lambda t: f"{t:%H.%M} Uhr",
    "abbreviated": lambda t: f"{t.day:02d}. {t:%b %y}",
    "digits": lambda t: f"{t:%y%m%d}",
}


@pytest.mark.parametrize("name", SHORT)
def test_dates_with_two_digits_of_the_year_and_clocks_come_back(name):
    texts = pd.Series([SHORT[name](moment) for moment in MOMENTS]).drop_duplicates()
    form = date_format(texts)
    assert form
    assert print_dates(read_dates(texts, form), form).tolist() == texts.tolist()


@pytest.mark.parametrize("mark", ["Q", "-Q", " T", "-S", "H"])
def test_quarters_are_no_months(mark):
    """Between two quarters lie months, and no quarter: samples would have ``2021-Q7``."""
    assert not date_format(pd.Series([f"{year}{mark}{q}" for year in range(1990, 2024) for q in range(1, 5)]))


def test_numbers_of_a_narrow_range_are_no_dates():
    """Each of them is a day in December or so of some year."""
    assert not date_format(pd.Series([str(number) for number in range(230_101, 231_231, 7)]))
