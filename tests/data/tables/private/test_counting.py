"""Noisy histograms of columns: cells, thresholds, and the columns that are refused."""

import numpy as np
import pandas as pd
import pytest

from autogen.data.tables.private.counting import cells_of, check_columns, count_column
from autogen.data.tables.reading.column_types import ColumnType
from autogen.errors import DataError
from autogen.privacy.settings import Range

AGE = ColumnType("age", "integer", "int64")
PAY = ColumnType("pay", "continuous", "float64")
CITY = ColumnType("city", "categorical", "object")


def exact(form, cells, given=None, threshold=0.0):
    return count_column(form, pd.Series(cells, name=form.name), given, 0.0, threshold)


@pytest.mark.parametrize(
    ("form", "given"), [(AGE, Range(0, 90)), (AGE, Range(0, 5_000)), (PAY, Range(-1, 1))]
)
def test_every_value_of_a_range_is_in_one_cell(form, given):
    values = np.linspace(given.low, given.high, 501)
    values = np.rint(values) if form is AGE else values
    found = exact(form, values.astype(form.dtype), given)
    assert sum(found["counts"]) == 501
    lows, highs = cells_of(form, given)
    assert (lows[0], highs[-1]) == (given.low, given.high)
    assert (np.diff(lows) > 0).all()


def test_values_beyond_a_range_count_at_its_ends():
    found = exact(AGE, [-5, 0, 50, 300], Range(0, 90))
    assert (found["counts"][0], found["counts"][50], found["counts"][-1]) == (2, 1, 1)


def test_missing_cells_are_counted_where_a_column_can_have_them():
    assert exact(PAY, [0.5, np.nan, np.nan], Range(0, 1))["missing"] == 2
    assert exact(CITY, ["a", None])["missing"] == 1
    assert exact(AGE, [1, 2], Range(0, 9))["missing"] == 0


def test_one_row_changes_one_count_of_a_histogram_by_one():
    cells = np.random.default_rng(0).random(50)
    before, after = exact(PAY, cells, Range(0, 1)), exact(PAY, np.append(cells, 0.37), Range(0, 1))
    moved = np.array(after["counts"]) - np.array(before["counts"])
    assert (moved.sum(), np.abs(moved).sum()) == (1, 1)


def test_rare_categories_are_left_out_and_their_names_too():
    found = exact(CITY, ["Rome"] * 30 + ["Bern"] * 20 + ["Ulm"], threshold=10)
    assert (found["values"], found["counts"]) == (["Bern", "Rome"], [20, 30])
    assert "Ulm" not in str(found)


def test_the_categories_of_a_type_are_those_that_are_kept():
    grade = ColumnType("grade", "ordinal", "object", "", ("D", "C", "B"), True)
    found = exact(grade, ["D"] * 20 + ["B"] * 20 + ["C"], threshold=5)
    assert found["form"]["categories"] == ["D", "B"]


def test_counts_have_noise():
    cells = pd.Series(np.zeros(1_000), name="pay")
    draws = [count_column(PAY, cells, Range(0, 1), 30.0, 0.0)["counts"] for _ in range(30)]
    assert np.std(draws, axis=0).mean() == pytest.approx(30.0, rel=0.2)


def test_all_columns_without_a_range_are_named_at_once():
    with pytest.raises(DataError, match="--range 'age=LOW:HIGH' --range 'pay=LOW:HIGH'"):
        check_columns([AGE, PAY, CITY], {})


def test_a_range_of_no_column_of_numbers_is_refused():
    with pytest.raises(DataError, match="range of 'city'"):
        check_columns([AGE, CITY], {"age": Range(0, 1), "city": Range(0, 1)})


def test_identifiers_and_dates_are_refused():
    forms = [ColumnType("id", "identifier", "int64"), ColumnType("day", "datetime", "datetime64[us]")]
    with pytest.raises(DataError, match=r"id \(identifier\), day \(datetime\).*--column 'id=drop'"):
        check_columns(forms, {})
