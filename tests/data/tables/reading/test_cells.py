import pandas as pd
import pytest

from autogen.data.tables.reading.cells import typed
from autogen.errors import DataError

#: ``object`` before pandas 3.
TEXT = pd.Series([""], dtype=str).dtype


def column(*cells, times=1):
    return pd.Series([*cells] * times, name="c", dtype=str)


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [
        (["1", "2", "-3"], "int64"),
        (["1", "", "3"], "Int64"),
        (["1.0", "2.5"], "float64"),
        (["1.0", ""], "float64"),
        (["1e3", "5"], "float64"),
        ([" 5", "6 "], "int64"),
        (["True", "False"], "bool"),
        (["TRUE", "FALSE"], "bool"),
        (["True", ""], "boolean"),
        (["True", "false"], "str"),
        (["007", "012"], "str"),
        (["0", "0.5"], "float64"),
        (["yes", "no"], "str"),
        (["123456789012345678901234567890", "1"], "str"),
        (["9223372036854775807", "-5"], "str"),
        (["9007199254740993", "5"], "int64"),
        (["", "NA"], "float64"),
    ],
)
def test_cells_get_the_dtype_of_what_they_are(cells, dtype):
    assert typed(column(*cells))[0].dtype == (TEXT if dtype == "str" else dtype)


def test_whole_numbers_are_exact():
    assert typed(column("9007199254740993", "-1"))[0].tolist() == [9007199254740993, -1]


def test_missing_cells_stay_missing_where_they_are():
    found, notes = typed(column("3", "", "1", "NA", "3"))
    assert found.isna().tolist() == [False, True, False, True, False]
    assert found.dropna().tolist() == [3, 1, 3]
    assert notes == ["1 cell of column 'c' with 'NA' counts as missing."]


def test_text_keeps_its_spelling():
    assert typed(column(" a", "A", "", "né"))[0].tolist()[:2] == [" a", "A"]
    assert typed(column(" a", "A", "", "né"))[0].isna().tolist() == [False, False, True, False]


def test_a_few_odd_cells_among_numbers_count_as_missing():
    found, notes = typed(column(*map(str, range(30)), "?", "inf"))
    assert found.tolist()[:30] == list(range(30))
    assert found.isna().sum() == 2
    assert notes == ["2 cells of column 'c' are no finite numbers ('?', 'inf') and count as missing."]


def test_many_odd_cells_among_numbers_make_a_column_text():
    found, notes = typed(column("1", "2", "3", "many"))
    assert found.tolist() == ["1", "2", "3", "many"]
    assert notes == ["Column 'c' mixes numbers (3 cells) with text (1) and is kept as text."]


def test_leading_zeros_are_told():
    assert typed(column("007", "1"))[1] == [
        "Column 'c' has whole numbers with leading zeros and is kept as text."
    ]


def test_decimal_commas_are_read():
    found, notes = typed(column("1,5", "2", "-0,25"))
    assert found.tolist() == [1.5, 2.0, -0.25]
    assert notes == ["Decimal commas of column 'c' were read as points."]


def test_commas_between_thousands_are_read():
    found, notes = typed(column("1,500", "200", "-1,000,000"))
    assert found.tolist() == [1500, 200, -1000000]
    assert notes == ["Thousands separators (commas) of column 'c' were removed."]


def test_the_user_can_ask_for_numbers():
    assert typed(column("007", "012"), "integer")[0].tolist() == [7, 12]
    assert typed(column("1", "2", "many"), "continuous")[0].isna().tolist() == [False, False, True]
    with pytest.raises(DataError, match="none of its cells is a number"):
        typed(column("a", "b"), "continuous")


def test_the_user_can_ask_for_dates():
    assert typed(column("20200102", "20200103"), "datetime")[0].tolist() == ["20200102", "20200103"]


def test_infinite_numbers_count_as_missing_however_many_there_are():
    column, notes = typed(pd.Series(["1.5", "inf", "-inf", "2.5", "inf"], name="c"))
    assert column.tolist()[::3] == [1.5, 2.5]
    assert column.isna().sum() == 3
    assert "3 cells of column 'c' are no finite numbers" in notes[0]


@pytest.mark.parametrize(
    ("form", "sign"), [("${:,.2f}", "\\$"), ("-€ {:.2f}", "€"), ("{:.1f}%", "%"), ("{:.2f} £", "£")]
)
def test_signs_of_money_and_percent_are_left_out(form, sign):
    numbers = [1000 + i / 4 for i in range(60)]
    read, notes = typed(column(*map(form.format, numbers)))
    assert read.dtype == "float64"
    assert read.abs().tolist() == pytest.approx(numbers, abs=0.06)
    assert (read < 0).all() == form.startswith("-")
    assert pd.Series(notes).str.contains(f"sign {sign} of").any()


def test_a_few_spellings_with_a_sign_stay_as_they_are():
    assert typed(column("5%", "10%", "50%", times=20))[0].dtype == TEXT
    assert (
        typed(column("$5", "7%", *(f"${i}" for i in range(20)), *(f"{i}%" for i in range(20))))[0].dtype
        == TEXT
    )


def test_points_between_thousands_are_read():
    read, notes = typed(column("1.234,50", "12", "1.234.567,8"))
    assert read.tolist() == [1234.5, 12.0, 1234567.8]
    assert "decimal commas read as points" in notes[0]


@pytest.mark.parametrize("odd", ["n/a?", "00", "-", "k.A.", "free", "$5"])
@pytest.mark.parametrize("form", ["{}%", "{},5", "€ {}", "{} kg", "{}'000", "{}"])
def test_one_odd_cell_does_not_change_what_a_column_of_numbers_is(form, odd):
    cells = [form.format(10 + number) for number in range(40)]
    found, notes = typed(column(*cells, odd))
    expected = typed(column(*cells, ""))[0]
    pd.testing.assert_series_equal(found, expected)
    assert any(f"({odd!r}) and counts as missing" in note for note in notes)


def test_one_text_beside_truth_values_counts_as_missing_unless_it_is_frequent():
    found, notes = typed(column(*["TRUE", "FALSE"] * 100, "k.A."))
    assert found.dtype == "boolean"
    assert notes == ["1 cell of column 'c' is no truth value ('k.A.') and counts as missing."]
    assert typed(column(*["TRUE", "FALSE"] * 100, *["unknown"] * 8))[0].dtype == TEXT


def test_leading_zeros_are_codes_where_they_are_many_or_all_numbers_have_one_length():
    assert typed(column(*map(str, range(10000, 10400)), "01234"))[0].dtype == TEXT
    assert typed(column(*map(str, range(400)), "007"))[0].dtype == "Int64"
    assert typed(column(*map(str, range(400)), *(f"00{i}" for i in range(9))))[0].dtype == TEXT
