import pandas as pd
import pytest

from autogen.data.open import open_data
from autogen.data.tables.formats.date_format import DATE_FORMATS, date_format
from autogen.data.tables.formats.dates import print_dates, read_dates

MOMENTS = pd.Series(pd.date_range("2019-01-02 03:04:05.678901", periods=80, freq="153h7min"))


@pytest.mark.parametrize("form", DATE_FORMATS)
def test_dates_read_and_print_back_the_same(form):
    texts = print_dates(MOMENTS, form)
    assert print_dates(read_dates(texts, form), form).tolist() == texts.tolist()


@pytest.mark.slow
@pytest.mark.parametrize("form", [form for form in DATE_FORMATS if form not in ("%m/%Y", "%Y-%m")][::3])
def test_the_format_of_many_dates_is_found(form):
    texts = pd.Series(print_dates(MOMENTS, form).unique(), dtype=object)
    found = date_format(texts)
    assert print_dates(read_dates(texts, found), found).tolist() == texts.tolist()


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("13/02/2020", "%d/%m/%Y"),
        ("02/13/2020", "%m/%d/%Y"),
        ("2/13/2020", "%-m/%-d/%Y"),
        ("2/13/2020 7:05", "%-m/%-d/%Y %-H:%M"),
        ("2020-02-13T07:05:01Z", "%Y-%m-%dT%H:%M:%SZ"),
        ("13-Feb-2020", "%d-%b-%Y"),
        ("2020-02", "%Y-%m"),
        ("23:59", "%H:%M"),
        ("1/5/2020 03:04", "%-d/%-m/%Y %H:%M"),
        ("2/13/20", "%-m/%-d/%y"),
        ("February 3, 2020", "%B %-d, %Y"),
        ("03 Feb 2020", "%d %b %Y"),
        ("February 2020", "%B %Y"),
        ("2/13/2020 7:05 PM", "%-m/%-d/%Y %-I:%M %p"),
        ("2020-02-13T07:05:01.123Z", "%Y-%m-%dT%H:%M:%S.%3fZ"),
    ],
)
def test_the_format_of_a_date_is_found(text, form):
    assert date_format(pd.Series([text])) == form


@pytest.mark.parametrize("texts", [["hello"], ["2020-02-30"], ["2020-02-13", "13/02/2020"], ["1-2-3-4"], []])
def test_other_texts_are_no_dates(texts):
    assert date_format(pd.Series(texts, dtype=object)) == ""


@pytest.mark.parametrize("offset", ["+0100", "-05:00", " +0000"])
def test_dates_with_one_offset_from_utc_keep_it(offset):
    texts = pd.Series([f"2020-01-{day:02d}T13:45:{day:02d}{offset}" for day in range(1, 20)])
    form = date_format(texts)
    assert form.endswith(offset)
    assert print_dates(read_dates(texts, form), form).equals(texts)


def test_a_few_texts_that_are_no_dates_count_as_missing_and_a_note_says_so():
    days = [f"{day:02d}.03.1962" for day in range(1, 29)] * 10
    days[5], days[77] = "00.00.0000", "unknown"
    module = open_data(pd.DataFrame({"day": days, "y": range(7, 287)}))
    assert module.codec.columns[0].form.format == "%d.%m.%Y"
    assert "2 cells of column 'day' are no dates like the rest ('00.00.0000', 'unknown')" in module.notes[0]
    back = module.codec.decode(module.codec.encode(module.raw.samples))
    assert back["day"].isna().sum() == 2
    assert (back["day"] == days).sum() == 278


@pytest.mark.parametrize("form", ["%-d.%-m.%Y", "%Y-%m-%d", "%H:%M:%S.%3f"])
def test_missing_dates_alone_are_printed_as_missing_texts(form):
    assert print_dates(pd.Series([pd.NaT, pd.NaT], dtype="datetime64[s]"), form).isna().all()


#: Days in more languages, as their names of months are written behind a day.
DAYS = {
    "cs": "3. ledna 2023|14. února 2023|5. března 2023|21. dubna 2023|1. května 2023|30. června 2023",
    "sk": "3. januára 2023|14. februára 2023|5. marca 2023|21. apríla 2023|1. mája 2023|30. júna 2023",
    "fi": "3. tammikuuta 2023|14. helmikuuta 2023|5. maaliskuuta 2023|21. huhtikuuta 2023|1. elokuuta 2023",
    "hu": "2023. január 3.|2023. február 14.|2023. március 5.|2023. április 21.|2023. július 1.",
    "tr": "3 Ocak 2023|14 Şubat 2023|5 Mart 2023|21 Nisan 2023|1 Ağustos 2023|30 Aralık 2023",
    "el": "3 Ιανουαρίου 2023|14 Φεβρουαρίου 2023|5 Μαρτίου 2023|21 Απριλίου 2023|1 Μαΐου 2023",
    "uk": "3 січня 2023|14 лютого 2023|5 березня 2023|21 квітня 2023|1 травня 2023|30 грудня 2023",
    "hr": "3. siječnja 2023.|14. veljače 2023.|5. ožujka 2023.|21. travnja 2023.|1. svibnja 2023.",
    "ro": "3 ianuarie 2023|14 februarie 2023|5 martie 2023|21 aprilie 2023|1 iulie 2023",
    "nb": "3. januar 2023|14. februar 2023|5. mars 2023|21. april 2023|1. mai 2023|30. desember 2023",
    "ca": "3 gener 2023|14 febrer 2023|5 març 2023|21 abril 2023|1 maig 2023|30 juny 2023",
}


@pytest.mark.parametrize("language", DAYS)
def test_months_of_other_languages_are_read_and_written(language):
    texts = pd.Series(DAYS[language].split("|"))
    form = date_format(texts)
    read = read_dates(texts, form)
    assert read.dt.day.tolist()[:4] == [3, 14, 5, 21]
    assert read.dt.month.tolist()[:4] == [1, 2, 3, 4]
    assert print_dates(read, form).tolist() == texts.tolist()


DAY = pd.Series(pd.date_range("2023-01-02 03:04:05", periods=120, freq="101h7min3s"))
WRITTEN = {
    "vienna": lambda t: t.tz_localize("UTC").tz_convert("Europe/Vienna").isoformat(),
    "new_york": lambda t: (
        t.tz_localize("UTC").tz_convert("America/New_York").strftime("%Y-%m-%d %H:%M:%S %z")
    ),
    "india": lambda t: t.strftime("%Y-%m-%d %H:%M:%S+05:30"),
    "postgres": lambda t: str(zoned(t, "Europe/London"))[:-3],
    "utc": lambda t: t.strftime("%Y-%m-%d %H:%M:%S UTC"),
    "comma": lambda t: t.strftime("%Y-%m-%d %H:%M:%S,") + f"{t.second * 7:03d}",
    "basic": lambda t: t.strftime("%Y%m%dT%H%M%S"),
    "python": lambda t: t.replace(microsecond=t.minute % 3 * 250_000).to_pydatetime().isoformat(),
    "psql": lambda t: f"{t:%Y-%m-%d %H:%M:%S}{('', '.5', '.25')[t.minute % 3]}",
    "apache": lambda t: t.strftime("%d/%b/%Y:%H:%M:%S +0000"),
    "brackets": lambda t: zoned(t, "Europe/Vienna").strftime("[%d/%b/%Y:%H:%M:%S %z]"),
    "apache_bare": lambda t: t.strftime("%d/%b/%Y:%H:%M:%S"),
    "ddmmyyyy": lambda t: t.strftime("%d%m%Y"),
    "yyyymmdd": lambda t: t.strftime("%Y%m%d"),
    "week": lambda t: t.strftime("%G-W%V"),
    "week_day": lambda t: t.strftime("%G-W%V-%u"),
    "mail": lambda t: t.strftime("%a, %d %b %Y %H:%M:%S GMT"),
    "german": lambda t: f"{t.day}. {MONTHS['de'][t.month - 1]} {t.year}",
    "austrian": lambda t: f"{t.day:02d}. {MONTHS['at'][t.month - 1]} {t.year}",
    "french": lambda t: f"{t.day:02d} {MONTHS['fr'][t.month - 1]} {t.year}",
    "spanish": lambda t: f"{t.day:02d}-{MONTHS['es'][t.month - 1]}-{t.year}",
}
MONTHS = {
    "de": (
        *("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli"),
        *("August", "September", "Oktober", "November", "Dezember"),
    ),
    "at": ("Jän", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"),
    "fr": ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
    "es": ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"),
}


def zoned(moment, zone):
    return moment.tz_localize("UTC").tz_convert(zone)


@pytest.mark.parametrize("way", WRITTEN)
def test_dates_are_learned_and_written_as_they_were(way, tmp_path):
    texts = DAY.map(WRITTEN[way])
    pd.DataFrame({"when": texts, "y": range(1, 241, 2)}).to_csv(tmp_path / "t.csv", index=False)
    module = open_data(tmp_path / "t.csv")
    form = module.codec.columns[0].form
    assert form.kind == "datetime"
    assert print_dates(read_dates(texts, form.format), form.format).tolist() == texts.tolist()
    other = DAY + pd.Timedelta(days=700, hours=5)
    printed = print_dates(other, form.format)
    assert read_dates(printed, form.format).notna().all()


def test_offsets_follow_the_zone_in_summer_and_winter():
    texts = DAY.map(WRITTEN["vienna"])
    form = date_format(texts)
    made = print_dates(pd.Series(pd.to_datetime(["2030-07-01 12:00", "2030-01-01 12:00"])), form)
    assert made.tolist() == ["2030-07-01T14:00:00+02:00", "2030-01-01T13:00:00+01:00"]


def test_offsets_of_no_zone_become_utc():
    texts = pd.Series([f"2024-03-{i:02d}T10:00:00+0{i % 7}:00" for i in range(1, 29)])
    form = date_format(texts)
    assert print_dates(read_dates(texts, form), form)[2] == "2024-03-03T07:00:00+00:00"


@pytest.mark.parametrize("zone", ["Europe/Vienna", "UTC", "Asia/Kolkata", "America/New_York"])
@pytest.mark.parametrize("fine", [0, 250_000])
def test_what_a_zoned_frame_writes_is_read_again(zone, fine, tmp_path):
    moments = (DAY + pd.to_timedelta(range(120), unit="us") * fine).dt.tz_localize("UTC").dt.tz_convert(zone)
    pd.DataFrame({"when": moments, "y": range(1, 241, 2)}).to_csv(tmp_path / "t.csv", index=False)
    form = open_data(tmp_path / "t.csv").codec.columns[0].form
    assert form.kind == "datetime"


@pytest.mark.parametrize("dtype", ["int64", "Int64", "int32"])
def test_whole_numbers_of_a_frame_can_be_dates(dtype):
    frame = pd.DataFrame({"day": DAY.dt.strftime("%Y%m%d").astype(dtype), "y": range(1, 241, 2)})
    module = open_data(frame)
    assert module.codec.columns[0].form.kind == "datetime"
    made = module.codec.decode(module.codec.encode(module.raw.samples))["day"]
    assert made.dtype == dtype
    assert pd.to_datetime(made.astype(str), format="%Y%m%d").between("2023-01-01", "2024-12-31").all()


@pytest.mark.parametrize(
    "texts",
    [
        [f"{i:08d}" for i in range(10_010_101, 10_010_181)],
        [str(12_345_678 + 7919 * i) for i in range(80)],
        [f"{i:04d}-{i % 12 + 1:02d}" for i in range(3000, 3080, 2)],
    ],
)
def test_numbers_of_eight_digits_are_dates_of_likely_years_alone(texts):
    assert date_format(pd.Series(texts)) in ("", "%Y-%m")
