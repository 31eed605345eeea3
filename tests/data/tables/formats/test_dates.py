import pandas as pd
import pytest

from autogen.data.open import open_data
from autogen.data.tables.formats.dates import DATE_FORMATS, date_format, print_dates, read_dates

MOMENTS = pd.Series(pd.date_range("2019-01-02 03:04:05.678901", periods=80, freq="153h7min"))


@pytest.mark.parametrize("form", DATE_FORMATS)
def test_dates_read_and_print_back_the_same(form):
    texts = print_dates(MOMENTS, form)
    assert print_dates(read_dates(texts, form), form).tolist() == texts.tolist()


@pytest.mark.slow
@pytest.mark.parametrize("form", [form for form in DATE_FORMATS if form not in ("%m/%Y", "%Y-%m")])
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
