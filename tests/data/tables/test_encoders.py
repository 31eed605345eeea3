import numpy as np
import pandas as pd
import pytest

from autogen.data.tables.encoders import fit_encoder
from autogen.data.tables.reading.column_types import ColumnType, recognize

RNG = np.random.default_rng(0)


def fitted(values, dtype=None, kind=None):
    column = pd.Series(values, dtype=dtype, name="c")
    return fit_encoder(recognize(column, kind), column), column


def back(encoder, column):
    return encoder.decode(*encoder.encode(column))


def test_categories_are_codes_in_their_order():
    encoder, column = fitted(["b", "a", "b", "c"] * 10, "str")
    assert encoder.spec.levels == 3
    assert not encoder.spec.ordered
    assert encoder.encode(column)[0][:4].tolist() == [1, 0, 1, 2]
    pd.testing.assert_series_equal(back(encoder, column), column)


def test_every_category_of_training_keeps_a_code_however_rare():
    encoder, column = fitted(["common"] * 5000 + ["rare"], "str")
    assert encoder.spec.levels == 2
    assert back(encoder, column).iloc[-1] == "rare"


def test_a_missing_cell_is_the_first_code_and_comes_back():
    encoder, column = fitted(["b", np.nan, "a"] * 10, "str")
    assert encoder.spec.specials == 1
    assert encoder.encode(column)[0][:3].tolist() == [2, 0, 1]
    pd.testing.assert_series_equal(back(encoder, column), column)


def test_an_unseen_category_takes_the_code_of_the_most_frequent():
    encoder, _ = fitted(["b", "a", "b"] * 10, "str")
    unseen = pd.Series(["new", None, "a"], dtype="str", name="c")
    assert back(encoder, unseen).tolist() == ["b", "b", "a"]


def test_features_tell_unseen_categories_apart():
    encoder, _ = fitted(["b", "a", None] * 10, "str")
    feature = encoder.feature(pd.Series(["a", "b", "new", None], dtype="str"))
    np.testing.assert_array_equal(feature, [0, 1, 2, np.nan])


def test_ordered_categories_keep_their_order():
    form = pd.CategoricalDtype(["low", "mid", "high"], ordered=True)
    encoder, column = fitted(["high", "low", None] * 10, form)
    assert encoder.spec.ordered
    assert encoder.spec.levels == 3
    assert encoder.encode(column)[0][:3].tolist() == [2, 1, 0]
    pd.testing.assert_series_equal(back(encoder, column), column)


def test_few_values_have_a_code_each_in_ascending_order():
    encoder, column = fitted([5, -1, 30] * 10)
    assert (encoder.spec.levels, encoder.spec.ordered, encoder.spec.continuous) == (3, True, False)
    assert encoder.encode(column)[0][:3].tolist() == [1, 0, 2]
    pd.testing.assert_series_equal(back(encoder, column), column)


def test_an_unseen_number_takes_the_nearest_value():
    encoder, _ = fitted([5, -1, 30] * 10)
    assert back(encoder, pd.Series([-100, 4, 16, 18, 99])).tolist() == [-1, 5, 5, 30, 30]


def test_a_hundred_values_are_few_where_each_has_three_rows():
    assert fitted(list(range(100)) * 3)[0].spec.levels == 100
    assert fitted(list(range(101)) * 3)[0].spec.continuous
    assert fitted([*range(100), *range(100)])[0].spec.continuous
    assert fitted([*range(12), 0])[0].spec.levels == 12


def test_spikes_of_a_continuous_column_are_special():
    values = np.where(RNG.random(2000) < 0.3, 0.0, RNG.gamma(2, 100, 2000))
    values[:150] = 999.0
    encoder, column = fitted(values)
    assert encoder.spikes.tolist() == [0.0, 999.0]
    assert encoder.spec.specials == 2
    codes, positions = encoder.encode(column)
    assert (codes[values == 0] == 0).all()
    assert (codes[values == 999] == 1).all()
    assert (positions[codes < 2] == 0.5).all()
    assert (back(encoder, column)[values == 999] == 999).all()


def test_missing_numbers_come_before_spikes():
    values = RNG.gamma(2, 100, 2000)
    values[:200], values[200:400] = np.nan, 0.0
    encoder, column = fitted(values)
    assert encoder.spec.specials == 2
    assert encoder.encode(column)[0][[0, 200]].tolist() == [0, 1]
    assert back(encoder, column).isna().sum() == 200


def test_a_missing_number_in_a_column_without_any_takes_the_middle():
    encoder, column = fitted(RNG.normal(size=500))
    assert abs(back(encoder, pd.Series([np.nan])).iloc[0]) < 0.5
    assert encoder.encode(column)[0].min() == 0


@pytest.mark.parametrize("kind", ["continuous", "categorical"])
def test_a_column_without_a_cell_in_training_stays_empty(kind):
    column = pd.Series([np.nan] * 5, name="c")
    encoder = fit_encoder(ColumnType("c", kind, "float64"), column)
    unseen = pd.Series([1.0, np.nan], name="c")
    assert encoder.spec.levels == 1
    assert encoder.encode(unseen)[0].tolist() == [0, 0]
    assert back(encoder, unseen).isna().all()


@pytest.mark.parametrize("values", [[7] * 30, ["x"] * 30, [True] * 30, [1.5] * 30])
def test_a_constant_column_is_one_code(values):
    encoder, column = fitted(values)
    assert encoder.spec.levels == 1
    pd.testing.assert_series_equal(back(encoder, column), column)


DATES = pd.Series(pd.date_range("1999-12-31 23:59:58", periods=400, freq="31h7min3s"), name="c")


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(RNG.integers(-100, 100, 400), dtype="int8", name="c"),
        pd.Series(RNG.integers(0, 60000, 400), dtype="uint16", name="c"),
        pd.Series(RNG.integers(0, 9, 400), dtype="Int32", name="c").mask(RNG.random(400) < 0.1),
        pd.Series(np.round(RNG.normal(size=400), 2), dtype="float32", name="c"),
        pd.Series(np.round(RNG.normal(size=400), 1), dtype="Float64", name="c").mask(RNG.random(400) < 0.1),
        pd.Series(RNG.random(400) < 0.5, name="c"),
        pd.Series(RNG.random(400) < 0.5, dtype="boolean", name="c").mask(RNG.random(400) < 0.1),
        pd.Series(RNG.choice(["a", "b"], 400), dtype="string", name="c"),
        pd.Series(RNG.choice(["a", "b"], 400), dtype="object", name="c"),
        DATES,
        DATES.mask(RNG.random(400) < 0.1),
        DATES.dt.normalize().astype("datetime64[ns]"),
        DATES.astype("datetime64[ms]").dt.tz_localize("UTC").dt.tz_convert("Europe/Zurich"),
        DATES - DATES.iloc[7],
        DATES.dt.strftime("%d/%m/%Y").mask(RNG.random(400) < 0.1),
        DATES.dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
    ],
    ids=lambda column: str(column.dtype),
)
def test_dtype_format_and_values_come_back(column):
    form = recognize(column)
    encoder = fit_encoder(form, column)
    found = back(encoder, column)
    assert found.dtype == column.dtype
    ranks = pd.Series(encoder.feature(column)).rank()
    middle = ((ranks > 3) & (ranks < ranks.max() - 2)) | column.isna()
    pd.testing.assert_series_equal(found[middle], column[middle])


def test_microseconds_come_back_nearly():
    moments = pd.date_range("2020-01-01", periods=300, freq="1h") + pd.to_timedelta(range(300), "us")
    column = pd.Series(moments, name="c")
    encoder = fit_encoder(recognize(column), column)
    assert (back(encoder, column) - column).abs()[3:-3].max() < pd.Timedelta("1s")


def test_numbers_of_few_different_kinds_can_be_forced_to_categories():
    encoder, column = fitted([10115, 80331, 10115] * 10, kind="categorical")
    assert not encoder.spec.ordered
    pd.testing.assert_series_equal(back(encoder, column), column)
