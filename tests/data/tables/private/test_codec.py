"""Codecs of noisy counts: what they keep, and that they depend on nothing else."""

import json

import numpy as np
import pandas as pd
import pytest

from autogen.data.open import open_data
from autogen.data.tables.private.codec import codec_of_counts, project
from autogen.data.tables.private.counting import count_column, lost_categories
from autogen.data.tables.reading.column_types import ColumnType
from autogen.privacy.settings import Range

FORMS = (
    ColumnType("age", "integer", "int64"),
    ColumnType("pay", "continuous", "float64"),
    ColumnType("city", "categorical", "object"),
)
RANGES = {"age": Range(0, 99), "pay": Range(0, 1000, 0.5)}


def frame(count: int = 2_000) -> pd.DataFrame:
    draw = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "age": draw.integers(18, 80, count),
            "pay": np.where(draw.random(count) < 0.4, 0.0, np.rint(draw.gamma(2, 100, count)).clip(0, 1000)),
            "city": draw.choice(["Rome", "Bern", "Ulm"], count, p=[0.6, 0.3999, 0.0001]),
        }
    )


def counted(rows: pd.DataFrame, scale: float = 5.0) -> list:
    return [count_column(form, rows[form.name], RANGES.get(form.name), scale, 40.0) for form in FORMS]


def test_values_in_range_come_back_about_as_they_were():
    rows = frame()
    codec = codec_of_counts(counted(rows), len(rows))
    back = codec.decode(codec.encode(rows))
    assert np.abs(back["age"] - rows["age"]).max() <= 3
    spike = rows["pay"] == 0
    assert (back["pay"][spike] == 0).mean() > 0.99
    assert (back["pay"] * 2 == (back["pay"] * 2).round()).all()
    common = rows["city"] != "Ulm"
    assert (back["city"][common] == rows["city"][common]).all()


def test_a_codec_is_a_function_of_its_counts():
    record = json.loads(json.dumps(counted(frame())))
    first, second = (codec_of_counts(record, 500).to_json() for _ in range(2))
    assert first == second


def test_a_codec_holds_no_rare_category():
    rows = frame()
    rows.loc[0, "city"] = "Only Town"
    assert "Only Town" not in json.dumps(codec_of_counts(counted(rows), len(rows)).to_json())


def test_a_codec_does_not_tell_where_in_its_cell_a_value_lies():
    """The noise is next to nothing here: with more of it, a bin may end at the value by chance."""
    told = []
    for age, pay in ((95, 940.5), (96, 951.0)):
        rows = frame()
        rows.loc[0, "age"], rows.loc[1, "pay"] = age, pay
        told.append(codec_of_counts(counted(rows, scale=1e-9), len(rows)).to_json())
    ages, pays, cities = zip(*(codec["columns"] for codec in told), strict=True)
    assert pays[0] == pays[1]
    assert cities[0] == cities[1]
    assert ages[0] != ages[1]  # few values have a cell each, so that their counts do tell them


def test_a_column_whose_categories_are_all_hidden_is_empty_in_samples():
    """A refusal would be told by noisy counts, and make the user count again."""
    rows = frame()
    columns = [count_column(form, rows[form.name], RANGES.get(form.name), 5.0, 1e9) for form in FORMS]
    codec = codec_of_counts(columns, len(rows))
    assert codec.decode(codec.encode(rows))["city"].isna().all()
    (note,) = lost_categories(columns, rows)
    assert note.startswith(f"Samples have none of the {rows['city'].nunique()} categories of column 'city':")


@pytest.mark.parametrize("total", [1, 50, 400])
def test_projected_counts_sum_to_the_total_and_keep_their_order(total):
    counts = np.random.default_rng(0).normal(5, 20, 40)
    found = project(counts, total)
    assert found.min() >= 0
    assert found.sum() == pytest.approx(total)
    assert (np.diff(found[np.argsort(counts)]) >= -1e-9).all()


def test_a_private_codec_of_read_data_is_saved_and_read_again():
    rows = frame()
    kind = open_data(rows).kind
    raw = kind.read(rows, {})
    record = kind.count(raw, np.arange(1_000), RANGES, 5.0, 40.0)
    codec = kind.noisy_codec(record)
    again = type(codec).from_json(json.loads(json.dumps(codec.to_json())))
    assert again.spec == codec.spec
