"""Columns of DataFrames: every dtype opens; a note where it cannot stay as it is."""

import datetime
import decimal
import zoneinfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from autogen.data.open import open_data
from autogen.errors import DataError

N = 60
DAYS = pd.Series(pd.date_range("2020-01-01", periods=N, freq="D"))


def back(column):
    """The notes on a column, and itself through the codec, beside an ordinary one."""
    module = open_data(pd.DataFrame({"x": column, "y": np.arange(N) % 7}))
    made = module.codec.decode(module.codec.encode(module.raw.samples))["x"]
    return made, [note for note in module.notes if "'x'" in note]


def arrow(values, kind):
    return pd.Series((values * N)[:N], dtype=pd.ArrowDtype(kind))


@pytest.mark.parametrize(
    "column",
    [
        arrow(["a", "b", None], pa.string()),
        arrow([1, 2, None], pa.int64()),
        arrow([True, None], pa.bool_()),
        pd.Series(np.arange(N) % 9, dtype="float16"),
        pd.Series(np.arange(N) % 9, dtype="uint64"),
        pd.Series((["a", "b", None] * N)[:N], dtype="string"),
    ],
    ids=lambda column: str(column.dtype),
)
def test_dtypes_that_can_be_modeled_come_back(column):
    made, notes = back(column)
    assert made.dtype == column.dtype
    assert made.equals(column)
    assert not notes


@pytest.mark.parametrize(
    ("column", "dtype"),
    [
        (arrow([decimal.Decimal("1.25"), None], pa.decimal128(10, 2)), "float64"),
        (pd.Series([decimal.Decimal(i) for i in range(N)]) / 4, "float64"),
        (arrow(["a", None], pa.dictionary(pa.int32(), pa.string())), "object"),
        (arrow([datetime.time(3)], pa.time64("us")), "str"),
        (arrow([datetime.timedelta(3)], pa.duration("us")), "timedelta64[us]"),
        (pd.Series(pd.arrays.SparseArray(np.arange(N) % 2)), "int64"),
        (pd.Series(DAYS.dt.to_period("M")), "datetime64[us]"),
        (pd.Series(pd.arrays.IntervalArray.from_breaks(range(4))[np.arange(N) % 3]), "str"),
    ],
    ids=lambda given: str(getattr(given, "dtype", given)),
)
def test_other_dtypes_become_common_ones_with_a_note(column, dtype):
    made, notes = back(column)
    assert str(made.dtype) == dtype
    assert notes


def test_numbers_beyond_63_bits_make_identifiers_beyond_them():
    keys = pd.Series(2**63 + np.arange(N, dtype="uint64") * np.uint64(12345))
    made, notes = back(keys)
    assert made.dtype == "uint64"
    assert made.is_unique
    assert not made.isin(keys).any()
    assert "samples get new ones" in notes[0]


def test_a_frame_without_columns_is_refused_in_one_line():
    with pytest.raises(DataError, match="^the DataFrame has no columns.$"):
        open_data(pd.DataFrame(index=range(40)))


@pytest.mark.parametrize(
    ("column", "word"),
    [
        (arrow([[1], [2]], pa.list_(pa.int64())), "lists"),
        (arrow([{"a": 1}, {"a": 2}], pa.struct([("a", pa.int64())])), "records"),
        (arrow([b"a", b"b"], pa.binary()), "bytes"),
        (pd.Series([[i % 3] for i in range(N)]), "lists"),
        (pd.Series([{"a": i % 3} for i in range(N)]), "records"),
        (pd.Series([np.arange(3) for i in range(N)]), "lists"),
        (pd.Series([bytes([i % 3]) for i in range(N)]), "bytes"),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value.dtype),
)
def test_lists_records_and_bytes_are_no_values(column, word):
    module = open_data(pd.DataFrame({"x": column, "y": np.arange(N) % 7}))
    assert list(module.raw.samples) == ["y"]
    assert f"Column 'x' holds {word}, not values, and is left out." in module.notes
    with pytest.raises(DataError, match=f"no column of values: 'x' holds {word}"):
        open_data(pd.DataFrame({"x": column}))


def test_zoned_arrow_timestamps_come_back():
    there = DAYS.dt.tz_localize("UTC")
    made, _ = back(arrow(list(there), pa.timestamp("us", tz="Europe/Vienna")))
    assert str(made.dtype) == "timestamp[us, tz=Europe/Vienna][pyarrow]"
    assert (made.astype("datetime64[us, UTC]") == there).mean() > 0.8  # the rest is unseen in training


VIENNA, TOKYO = zoneinfo.ZoneInfo("Europe/Vienna"), zoneinfo.ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize("zones", [(VIENNA, TOKYO), (VIENNA, None)])
def test_python_datetimes_of_two_zones_become_moments(zones):
    moments = [day.to_pydatetime().replace(tzinfo=zones[i % 2]) for i, day in enumerate(DAYS)]
    made, notes = back(pd.Series(moments, dtype=object))
    assert made.dtype.tz is not None
    assert "are of several zones" in notes[0]


def test_python_durations_and_times_are_what_they_are():
    made, _ = back(pd.Series([datetime.timedelta(minutes=i % 7) for i in range(N)], dtype=object))
    assert made.dtype.kind == "m"
    _, notes = back(pd.Series([datetime.time(i % 24) for i in range(N)], dtype=object))
    assert notes == ["Times of column 'x' are read as text."]


def test_durations_of_a_frame_are_read_as_those_of_a_file():
    texts = pd.Series([f"{20 + i}:{i:02d}:00" for i in range(N)])
    module = open_data(pd.DataFrame({"x": texts, "y": np.arange(N) % 7}))
    assert module.codec.to_original_format(module.raw.samples)["x"].tolist() == texts.tolist()
    assert module.raw.samples["x"][0] == 72_000


@pytest.mark.parametrize(
    ("index", "told"), [(DAYS, True), ([f"row {i}" for i in range(N)], True), (None, False)]
)
def test_an_index_without_a_name_is_left_out_and_told(index, told):
    module = open_data(pd.DataFrame({"y": np.arange(N) % 7}, index=index))
    assert list(module.raw.samples) == ["y"]
    assert any("index has no name and is left out" in note for note in module.notes) == told


def test_a_named_index_is_a_column():
    frame = pd.DataFrame({"y": np.arange(N) % 7}, index=pd.Index(DAYS, name="day"))
    module = open_data(frame)
    assert list(module.raw.samples) == ["day", "y"]
    assert "The index 'day' is read as a column." in module.notes


@pytest.mark.parametrize("cell", [lambda i: i * 3 % 50, lambda i: decimal.Decimal(i) / 4])
def test_objects_of_python_that_are_numbers_are_not_written_as_texts(cell):
    column = pd.Series([cell(i) for i in range(60)], dtype=object)
    module = open_data(pd.DataFrame({"c": column, "x": np.arange(60) / 4}))
    assert not [note for note in module.notes if "as texts" in note or "number formats" in note]
    written = module.codec.to_original_format(module.raw.samples)["c"]
    assert not [one for one in written if isinstance(one, str)]


NUMBERS = [int(number) for number in np.random.default_rng(3).integers(0, 5000, 200)]


@pytest.mark.parametrize("odd", ["", "-", "n/a", "k.A."])
@pytest.mark.parametrize("write", [str, int])
def test_numbers_beside_texts_of_numbers_and_of_nothing_are_numbers(odd, write):
    cells = [odd if i % 4 == 0 else number if i % 2 else write(number) for i, number in enumerate(NUMBERS)]
    module = open_data(pd.DataFrame({"v": pd.Series(cells, dtype=object), "y": range(200)}))
    assert module.codec.columns[0].form.kind == "integer"
    read = module.raw.samples["v"]
    assert read.isna().sum() == 50
    assert read.dropna().tolist() == [number for i, number in enumerate(NUMBERS) if i % 4]
    assert write is str or any("'v' mixes numbers and texts" in note for note in module.notes)


def test_truth_values_beside_texts_stay_texts():
    frame = pd.DataFrame({"v": pd.Series([True, "false"] * 60, dtype=object), "y": range(120)})
    assert open_data(frame).codec.columns[0].form.kind == "categorical"
