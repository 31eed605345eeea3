"""Dates with weekdays, halves of the day, zones and digits of other languages are read and come back."""

import pandas as pd
import pytest

from autogen.data.open import open_data
from autogen.data.tables.formats.date_format import date_format
from autogen.data.tables.formats.dates import print_dates, read_dates, shown_format

MOMENTS = pd.date_range("2021-01-02 03:04:05", periods=120, freq="101h7min3s")
GERMAN = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()  # noqa: SIM905
FRENCH = "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.".split()  # noqa: SIM905
ENGLISH = "Jan. Feb. Mar. Apr. May June July Aug. Sept. Oct. Nov. Dec.".split()  # noqa: SIM905
ARABIC = "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر".split()  # noqa: SIM905


def half(t):
    return (t.hour - 1) % 12 + 1


def local(t, zone):
    return t.tz_localize("UTC").tz_convert(zone)


def digits(text, zero):
    return text.translate({ord("0") + i: chr(ord(zero) + i) for i in range(10)})


def day(names, t):
    return names.split()[t.weekday()]


WRITTEN = {
    "German": lambda t: f"{day('Mo Di Mi Do Fr Sa So', t)}, {t.day}. {GERMAN[t.month - 1]} {t.year}",
    "German numbers": lambda t: f"{day('Mo. Di. Mi. Do. Fr. Sa. So.', t)} {t:%d.%m.%Y, %H:%M}",
    "French": lambda t: (
        f"{day('lun. mar. mer. jeu. ven. sam. dim.', t)} {t.day} {FRENCH[t.month - 1]} {t.year}"
    ),
    "with an article": lambda t: (
        f"le {day('lundi mardi mercredi jeudi vendredi samedi dimanche', t)} {t.day}/{t.month}/{t.year}"
    ),
    "Brazil": lambda t: (
        f"{day('segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo', t)}, "
        f"{t:%d/%m/%Y}"
    ),
    "Hungary": lambda t: f"{t:%Y-%m-%d} ({day('H K Sze Cs P Szo V', t)})",
    "Russia": lambda t: f"{day('пн вт ср чт пт сб вс', t)}, {t:%d.%m.%Y}",
    "Ukraine": lambda t: f"{day('пн вт ср чт пт сб нд', t)}, {t:%d.%m.%Y}",
    "Japan": lambda t: f"{t.year}年{t.month}月{t.day}日({day('月 火 水 木 金 土 日', t)})",
    "China": lambda t: f"{t.year}年{t.month}月{t.day}日星期{day('一 二 三 四 五 六 日', t)}",
    "Korea": lambda t: f"{t:%Y.%m.%d} ({day('월 화 수 목 금 토 일', t)})",
    "shouted": lambda t: f"{t:%a, %d-%b-%Y}".upper(),
    "AP style": lambda t: f"{t:%a} {t.day} {ENGLISH[t.month - 1]} {t.year}",
    "points": lambda t: f"{t:%m/%d/%Y} {half(t)}:{t:%M} {'a.m.' if t.hour < 12 else 'p.m.'}",
    "Mexico": lambda t: f"{t:%d/%m/%Y} {half(t):02d}:{t:%M:%S} {'a. m.' if t.hour < 12 else 'p. m.'}",
    "one letter": lambda t: f"{t:%Y-%m-%d} {half(t)}:{t:%M}{'a' if t.hour < 12 else 'p'}",
    "noon": lambda t: f"{t.year}年{t.month}月{t.day}日 {'上午' if t.hour < 12 else '下午'}{half(t)}:{t:%M}",
    "New York": lambda t: f"{local(t, 'America/New_York'):%Y-%m-%d %H:%M:%S %Z}",
    "Berlin": lambda t: f"{local(t, 'Europe/Berlin'):%d.%m.%Y %H:%M} {local(t, 'Europe/Berlin'):%Z}",
    "Java": lambda t: f"{local(t, 'America/Chicago'):%a %b %d %H:%M:%S %Z %Y}",
    "MESZ": lambda t: (
        f"{local(t, 'Europe/Berlin'):%d.%m.%Y %H:%M} {'MESZ' if local(t, 'Europe/Berlin').dst() else 'MEZ'}"
    ),
    "id of a zone": lambda t: f"{local(t, 'Europe/Vienna').isoformat()}[Europe/Vienna]",
    "Arabic": lambda t: digits(f"{t.day} {ARABIC[t.month - 1]} {t.year}", "٠"),
    "Persian": lambda t: digits(f"{t:%Y/%m/%d %H:%M}", "۰"),
    "Hindi": lambda t: digits(f"{t:%d-%m-%Y}", "०"),
    "wide": lambda t: digits(f"{t.year}年{t.month}月{t.day}日", "０"),
    "Java instant": lambda t: (
        f"{t:%Y-%m-%dT%H:%M:%S}" + ["", f".{t.second + 101}", f".{t.second + 101}007"][t.minute % 3] + "Z"
    ),
    "pandas ends": lambda t: f"{t:%Y-%m-%d %H:%M:%S}" + f".{t.second * 7919:09d}".rstrip("0").rstrip("."),
}  # fmt: skip


@pytest.mark.parametrize("way", WRITTEN)
def test_words_of_dates_are_read_and_print_back(way):
    texts = pd.Series([WRITTEN[way](moment) for moment in MOMENTS], dtype=object)
    form = date_format(texts)
    assert form, texts[0]
    read = read_dates(texts, form)
    assert print_dates(read, form).tolist() == texts.tolist()
    exact = "%S" in form
    least = pd.Timedelta(1, "s") if exact else pd.Timedelta(1, "D")
    assert all(abs(a - b) < least for a, b in zip(read, MOMENTS, strict=True))


@pytest.mark.parametrize("odd", ["n/a?", "00", "-", "k.A.", "Mo"])
@pytest.mark.parametrize("way", ["German", "Japan", "points", "New York", "Arabic"])
def test_one_odd_cell_of_400_changes_no_words(way, odd):
    moments = pd.date_range("2019-01-02 03:04:05", periods=400, freq="77h7min3s")
    texts = pd.Series([WRITTEN[way](moment) for moment in moments], dtype=object)
    assert date_format(pd.concat([texts[:37], pd.Series([odd]), texts[38:]])) == date_format(texts) != ""


def test_samples_have_the_right_weekday_and_people_see_no_lists_of_names(tmp_path):
    frame = pd.DataFrame({"day": [WRITTEN["German"](t) for t in MOMENTS], "x": range(0, 240, 2)})
    frame.to_csv(tmp_path / "t.csv", index=False)
    module = open_data(tmp_path / "t.csv")
    (day_read, _) = module.readings
    assert (day_read.kind, day_read.fate, day_read.format) == ("datetime", "learned", "%a, %-d. %B %Y")
    made = module.codec.decode(module.codec.encode(module.split("train")))["day"]
    moments = read_dates(made, module.codec.columns[0].form.format)
    assert [WRITTEN["German"](moment) for moment in moments] == made.tolist()
    assert shown_format("<Europe/Vienna>{Jän|Feb}%d. %b") == "<Europe/Vienna>%d. %b"


def test_dates_without_a_year_and_parts_below_a_microsecond_are_told(tmp_path):
    days = ["lundi", "mardi", "jeudi"]
    months = ["janvier", "mars", "avril", "août"]
    frame = pd.DataFrame(
        {
            "day": [f"{days[i % 3]} {i % 28 + 1} {months[i % 4]}" for i in range(84)],
            "fine": [f"2021-01-01 10:{i % 60:02d}:00.{i * 123_457:09d}" for i in range(84)],
            "x": range(84),
        }
    )
    frame.to_csv(tmp_path / "t.csv", index=False)
    notes = open_data(tmp_path / "t.csv").notes
    assert any("'day' holds dates without a year and is left out" in note for note in notes)
    fine = "Dates of column 'fine' are read to the microsecond; finer parts are lost."
    assert fine in notes
    dates = frame.assign(day=0, fine=pd.to_datetime(frame["fine"]).astype("datetime64[ns]"))
    assert fine in open_data(dates).notes
