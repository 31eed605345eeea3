import pandas as pd
import pytest

from autogen.data.open import open_data
from autogen.data.tables.codec import TableCodec
from autogen.data.tables.encoders import fit_encoder
from autogen.data.tables.reading.column_types import ColumnType
from autogen.data.tables.round_trip import column_readings, round_trip_notes
from autogen.errors import DataError

FRAME = pd.DataFrame({"price": [f"${i / 4:.2f}" for i in range(1, 121)], "shop": list("ab") * 60})


def test_a_table_that_comes_back_has_no_note():
    module = open_data(FRAME)
    assert round_trip_notes(module.codec, module.split("train")) == []


def test_cells_that_do_not_come_back_are_noted_with_an_example():
    codec = TableCodec([fit_encoder(ColumnType("shop", "categorical", "str"), FRAME["shop"])])
    notes = round_trip_notes(codec, FRAME.replace({"shop": {"b": "c"}}))
    assert notes == [
        "Warning: 60 of 120 cells of column 'shop' do not come back as they were, for example 'c' as 'a'."
    ]


def test_one_cell_that_does_not_come_back_is_noted_in_the_singular():
    codec = TableCodec([fit_encoder(ColumnType("shop", "categorical", "str"), FRAME["shop"])])
    note = round_trip_notes(codec, FRAME.assign(shop=["c", *FRAME["shop"][1:]]))[0]
    assert note.startswith("Warning: 1 of 120 cells of column 'shop' does not come back as it was, ")


def test_a_column_that_cannot_be_written_again_is_refused_by_its_name():
    moments = pd.Series(pd.date_range("2020-01-01", periods=30, tz="UTC"), name="when")
    codec = TableCodec([fit_encoder(ColumnType("when", "datetime", "datetime64[us, No/Where]"), moments)])
    with pytest.raises(DataError, match=r"^column 'when' was read as datetime .* cannot be written again"):
        round_trip_notes(codec, moments.to_frame())


def test_examples_are_cells_as_the_data_writes_them():
    module = open_data(FRAME)
    price, shop = column_readings(module.codec, module.split("train"), [])
    assert (price.kind, price.fate, price.format) == ("continuous", "learned", "$1234.50")
    assert len(price.read) == len(price.back) == 3
    assert all(cell.startswith("$") for cell in price.read + price.back)
    assert shop.read == shop.back


def test_each_column_has_a_fate():
    frame = FRAME.assign(key=[f"K{i:03d}" for i in range(120)], parts=[[1]] * 120)
    frame["said"] = [f"remark {i} of it" for i in range(120)]
    module = open_data(frame)
    readings = module.kind.readings(module.raw, module.rows["train"], module.codec)
    assert {one.name: one.fate for one in readings} == {
        "price": "learned",
        "shop": "learned",
        "key": "made up",
        "said": "left out",
        "parts": "left out",
    }
    assert {one.name: len(set(one.read)) for one in readings} == {
        "price": 3,
        "shop": FRAME["shop"].nunique(),
        "key": 3,
        "said": 3,
        "parts": 0,
    }
