import random

import pandas as pd
import pytest

from autogen.data.tables.codec import TableCodec
from autogen.data.tables.formats.ordinals import given_order, order_of
from autogen.data.tables.kind import Tables
from autogen.errors import DataError


@pytest.mark.parametrize(
    "ascending",
    [
        ("low", "Medium", "HIGH"),
        ("very-low", "low", "high", "very-high"),
        ("S", "M", "XL"),
        ("Strongly disagree", "Disagree", "Agree", "Strongly agree"),
        ("Fair", "Good", "Very Good", "Premium", "Ideal"),
        ("Jan", "Feb", "Dec"),
        ("<18", "18-24", "25-34", "65+"),
        ("less than $10,000", "$10,000 to $14,999", "$15,000 to $50,000", "more than $50,000"),
        ("0", "1-5", "6-20", "21 or more"),
        ("0-9k", "10-99k", "100-500k", "1-2M"),
        ("under 5", "5 - 10 years", "11 - 15 years"),
        ("0-9", "10-19", "20-29"),
    ],
)
def test_scales_and_ranges_have_their_order(ascending):
    shuffled = list(ascending)
    random.Random(0).shuffle(shuffled)
    assert order_of(shuffled) == ascending


@pytest.mark.parametrize(
    "values",
    [
        ("red", "green", "blue"),
        ("low", "high"),  # two values have no order that matters
        ("low", "medium", "blue"),
        ("low", "medium", "average"),  # the same step twice
        ("A11", "A12", "A13", "A14"),
        ("1", "2", "3"),
        ("5%", "10%", "50%"),
        ("1-5", "6-9", "none"),
        ("private", "local-gov", "never"),
        (),
    ],
)
def test_other_values_have_none(values):
    assert order_of(values) == ()


def test_a_given_order_holds_every_value_once():
    assert given_order(["b", "a"], "b < c < a", "x") == ("b", "a")
    assert given_order([10, 2], "2 < 10", "x") == (2, 10)
    with pytest.raises(DataError, match="column 'x' lacks 'c'"):
        given_order(["a", "c"], "a < b", "x")
    with pytest.raises(DataError, match="names a value twice"):
        given_order(["a"], "a < a", "x")


def test_ordinal_columns_come_back_and_their_order_reaches_the_families(tmp_path):
    sizes = ["L", "S", "M"] * 20
    frame = pd.DataFrame({"size": sizes, "grade": ["x", "z", "y"] * 20, "n": range(0, 120, 2)})
    frame.to_csv(tmp_path / "t.csv", index=False)
    raw = Tables().read(tmp_path / "t.csv", {"columns": {"grade": "z < y < x"}})
    assert "Column 'size' is ordinal: S < M < L." in raw.notes
    codec = TableCodec.from_json(Tables().fit(raw, pd.RangeIndex(60).to_numpy()).to_json())
    encoded = codec.encode(raw.samples)
    assert encoded["codes"][:3, 0].tolist() == [2, 0, 1]
    assert encoded["codes"][:3, 1].tolist() == [2, 0, 1]
    assert [column.ordered for column in codec.spec.columns][:2] == [True, True]
    pd.testing.assert_frame_equal(codec.decode(encoded)[["size", "grade"]], frame[["size", "grade"]])
    assert codec.categorical == (True, True, False)
