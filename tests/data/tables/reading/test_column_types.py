import json

import numpy as np
import pandas as pd
import pytest

from autogen.data.open import open_data
from autogen.data.tables.reading.column_types import ColumnType, recognize
from autogen.errors import DataError

RNG = np.random.default_rng(0)
WORDS = ["the quick brown fox", "jumps over", "a lazy dog"]


def series(values, dtype=None, name="c"):
    return pd.Series(values, dtype=dtype, name=name)


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (series(RNG.normal(size=50)), "continuous"),
        (series(RNG.normal(size=50), "float32"), "continuous"),
        (series([1, 2, 2] * 10), "integer"),
        (series([1, 2, None] * 10, "Int64"), "integer"),
        (series(RNG.permutation(50) + 1000), "identifier"),
        (series(RNG.permutation(5000)[:50]), "integer"),
        (series(RNG.permutation(5000)[:50], name="customer_id"), "identifier"),
        (series(RNG.permutation(5000)[:50], name="customerId"), "identifier"),
        (series(RNG.permutation(5000)[:50], name="paid"), "integer"),
        (series(2**60 + np.arange(50) ** 3), "identifier"),
        (series([2**60, 2**61] * 20), "categorical"),
        (series([True, False] * 10), "boolean"),
        (series([True, None] * 10, "boolean"), "boolean"),
        (series(pd.date_range("2020", periods=30)), "datetime"),
        (series(["2020-01-01", "2021-02-03", None] * 10, "str"), "datetime"),
        (series(["a", "b", None] * 10, "str"), "categorical"),
        (series(["a", "b", None] * 10, "object"), "categorical"),
        (series(["a", "b"] * 10, "category"), "categorical"),
        (series(["Low", "High", "Medium", None] * 10, "str"), "ordinal"),
        (series(["18-24", "65+", "25-64", "<18"] * 10, "object"), "ordinal"),
        (series([f"K{i}" for i in range(50)], "str"), "identifier"),
        (series([f"K{i // 2}" for i in range(50)], "str"), "categorical"),
        (series([f"{WORDS[i % 3]} {i}" for i in range(50)], "str"), "text"),
        (series([f"{WORDS[i % 3]} {i % 9}" for i in range(50)], "str"), "categorical"),
        (series(["x" * (65 + i) for i in range(50)], "str"), "text"),
        (series([3, 3, 3]), "integer"),
    ],
)
def test_the_kind_of_a_column_is_recognized(column, kind):
    assert recognize(column).kind == kind


@pytest.mark.parametrize(
    ("column", "forced"),
    [
        (series(["a", "b"], "str"), "continuous"),
        (series(["a", "b"], "str"), "datetime"),
        (series(["a", "b"], "category"), "integer"),
        (series([1, 2]), "datetime"),
        (series(pd.date_range("2020", periods=3)), "continuous"),
        (series([True, False]), "datetime"),
        (series(["a", "b", "c"], "str"), "ordinal"),
        (series(["a", "b"], "category"), "ordinal"),
        (series(pd.date_range("2020", periods=3)), "ordinal"),
    ],
)
def test_a_kind_that_cannot_be_is_refused(column, forced):
    with pytest.raises(DataError, match=f"column 'c' cannot be {forced}"):
        recognize(column, forced)


def test_the_user_decides_where_several_kinds_can_be():
    assert recognize(series([1, 2, 3]), "categorical").kind == "categorical"
    assert recognize(series(["a", "b"], "str"), "text").kind == "text"
    assert recognize(series(RNG.permutation(50)), "integer").kind == "integer"
    assert recognize(series([3, 1, 2]), "ordinal").categories == (1, 2, 3)
    given = recognize(series(["a", "b", "c", None], "str"), "c < z < a < b")
    assert (given.kind, given.categories, given.ordered) == ("ordinal", ("c", "a", "b"), True)
    assert recognize(series(["Low", "High", "Medium"], "str"), "categorical").kind == "categorical"


@pytest.mark.parametrize(
    "form",
    [
        ColumnType("a", "continuous", "float64"),
        ColumnType("", "datetime", "str", "%Y"),
        ColumnType("a", "categorical", "category", categories=("z", "a"), ordered=True),
    ],
)
def test_a_form_survives_json(form):
    assert ColumnType.from_json(json.loads(json.dumps(form.to_json()))) == form


def test_offsets_of_no_one_zone_are_noted(tmp_path):
    offsets = ["+00:00", "+05:30", "-08:00"]
    texts = [f"2021-{i % 12 + 1:02d}-{i % 28 + 1:02d}T10:00:00{offsets[i % 3]}" for i in range(90)]
    pd.DataFrame({"when": texts, "x": range(0, 180, 2)}).to_csv(tmp_path / "t.csv", index=False)
    assert any("samples have them in UTC" in note for note in open_data(tmp_path / "t.csv").notes)


@pytest.mark.parametrize(
    "values", [("ja", "Ja", "JA"), ("red", "red "), ("New York", "New  York"), ("Zo\u00e9", "Zoe\u0301")]
)
def test_categories_that_differ_in_capitals_or_spaces_alone_are_warned_of(values, tmp_path):
    frame = pd.DataFrame({"x": [*values, "other"] * 30, "y": range(30 * (len(values) + 1))})
    (note,) = [note for note in open_data(frame).notes if "capitals or spaces" in note]
    assert note.startswith("Warning: categories of column 'x'")
    assert all(repr(value) in note for value in values)


def test_categories_that_differ_otherwise_are_not_warned_of():
    frame = pd.DataFrame({"x": ["A+", "A-", "a1", "B"] * 30, "y": range(120)})
    assert not [note for note in open_data(frame).notes if "capitals or spaces" in note]
