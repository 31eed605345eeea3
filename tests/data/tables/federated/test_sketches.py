"""Sketches of columns: one owner's codec is today's, rare values stay, merged codecs are near pooled ones."""

import json

import numpy as np
import pandas as pd
import pytest

from autogen.data.federated.capability import HasSketches
from autogen.data.open import open_data
from autogen.data.tables.federated.merge import merged_codec, merged_column
from autogen.data.tables.federated.sketches import sketch_column
from autogen.data.tables.reading.column_types import ColumnType
from autogen.errors import DataError


def table(rows, seed=0, shift=0):
    rng = np.random.default_rng(seed)
    wage = np.where(rng.random(rows) < 0.4, 0.0, rng.lognormal(3 + shift, 1, rows).round(2))
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 70, rows),
            "rooms": rng.integers(1, 6, rows),
            "city": rng.choice(["Bonn", "Kiel", "Ulm"], rows, p=[0.6, 0.3, 0.1]),
            "wage": wage,
            "since": pd.Timestamp("2001-01-01") + pd.to_timedelta(rng.integers(0, 3000, rows), unit="D"),
            "size": pd.Series(rng.choice(["S", "M", "L"], rows)),
            "member": rng.random(rows) < 0.3,
        }
    )
    frame.loc[rng.random(rows) < 0.1, "city"] = None
    return frame


def column(values, threshold, kind="continuous", dtype="float64"):
    form = ColumnType("x", kind, dtype)
    return sketch_column(form, pd.Series(values, name="x", dtype=dtype), threshold)


@pytest.mark.parametrize("rows", [80, 900])
def test_the_codec_of_one_owner_who_tells_all_is_that_of_a_study_byte_for_byte(rows):
    data = open_data(table(rows), options={"target": "city"})
    assert isinstance(data.kind, HasSketches)
    sketch = json.loads(json.dumps(data.kind.sketch(data.raw, data.rows["train"], 1)))
    merged = data.kind.merged_codec({"north": sketch})
    assert json.dumps(merged.to_json()) == json.dumps(data.codec.to_json())


def test_a_category_of_few_rows_is_not_told():
    sketch = column(["a"] * 40 + ["rare"] * 9 + ["b"] * 10, 10, "categorical", "object")
    assert sketch["encoder"]["values"] == ["a", "b"]
    assert sketch["counts"] == [40, 10]
    assert "rare" not in json.dumps(sketch)


def test_steps_of_a_scale_that_few_rows_have_are_not_told_in_the_type_either():
    form = ColumnType("x", "ordinal", "object", "", ("low", "mid", "high"), ordered=True)
    sketch = sketch_column(form, pd.Series(["low"] * 20 + ["mid"] * 20 + ["high"] * 3, name="x"), 10)
    assert sketch["form"]["categories"] == ["low", "mid"]


@pytest.mark.parametrize("values", [[1.0] * 50 + [2.0] * 50 + [77.25], [*(np.arange(400) / 7), 4321.5]])
def test_a_number_of_one_row_is_not_told(values):
    sketch = column(values, 10)
    assert str(values[-1]) not in json.dumps(sketch)


@pytest.mark.parametrize("threshold", [2, 10, 50])
def test_what_is_told_of_numbers_is_of_enough_rows(threshold):
    values = np.concatenate([np.zeros(300), np.random.default_rng(0).lognormal(3, 1, 700).round(1)])
    sketch = column(values, threshold)
    bins = sketch["encoder"]["intervals"]
    assert min(bins["mass"]) >= threshold
    assert sum(bins["mass"]) == 700
    assert sketch["encoder"]["spikes"] == [0.0]


def test_the_smallest_number_is_not_told_by_its_grid():
    sketch = column(np.arange(1003, 3000, 2, dtype=float), 10)
    assert sketch["encoder"]["intervals"]["lattice"] == [1, 2, 0]


def test_an_extreme_number_that_nine_rows_share_is_not_told_as_it_is():
    values = np.concatenate([np.random.default_rng(0).normal(0, 1, 900), [4321.5] * 9])
    bins = column(values, 10)["encoder"]["intervals"]
    assert bins["high"][-1] == pytest.approx(np.sort(values)[-10:].mean())
    assert bins["low"][0] == pytest.approx(np.sort(values)[:10].mean())
    assert np.max(bins["high"]) < 4000


def test_missing_cells_of_few_rows_are_not_told():
    assert not column([1.0] * 50 + [2.0] * 50 + [np.nan] * 9, 10)["encoder"]["missing"]
    assert column([1.0] * 50 + [2.0] * 50 + [np.nan] * 10, 10)["encoder"]["missing"]


def test_a_column_without_a_value_of_enough_rows_is_refused():
    with pytest.raises(DataError, match=r"no value of column 'x' has 10 rows or more; leave it out"):
        column(["a", "b", "c"] * 3, 10, "categorical", "object")


def test_a_merged_column_has_the_categories_of_all_owners_and_their_counts():
    first = column(["a"] * 30 + ["b"] * 10, 10, "categorical", "object")
    second = column(["b"] * 30 + ["c"] * 20, 10, "categorical", "object")
    merged = merged_column({"north": first, "south": second})
    assert merged.to_json() == {"values": ["a", "b", "c"], "missing": False, "common": 1}


def test_merged_quantiles_are_near_those_of_all_rows():
    rng = np.random.default_rng(1)
    parts = [rng.normal(0, 1, 4000), rng.normal(3, 2, 2000), rng.lognormal(0, 1, 1000)]
    merged = merged_column({str(i): column(part, 10) for i, part in enumerate(parts)})
    pooled = np.sort(np.concatenate(parts))
    shares = np.linspace(0.02, 0.98, 49)
    scale = shares * merged.bins.count
    found = merged.bins.numbers(scale.astype(int), (scale % 1).astype(np.float32))
    ranks = np.searchsorted(pooled, found) / len(pooled)
    assert np.abs(ranks - shares).max() < 0.005  # a segment of an owner is .0025 of its rows


def test_owners_of_whole_numbers_and_of_numbers_get_a_column_of_numbers():
    whole = column(range(18, 70), 2, "integer", "int64")
    merged = merged_column({"north": whole, "south": column([1.5, 2.5] * 30, 2)})
    assert (merged.form.kind, merged.form.dtype) == ("continuous", "float64")


def test_kinds_that_do_not_go_together_are_refused_with_the_owners_names():
    sketches = {"north": column([1.0] * 20, 2), "south": column(["a"] * 20, 2, "categorical", "object")}
    with pytest.raises(
        DataError, match="'x' is continuous with north and categorical with south; all owners"
    ):
        merged_column(sketches)


def test_owners_with_other_columns_are_refused():
    first = {"columns": [column([1.0] * 20, 2)], "target": ""}
    second = {"columns": [*first["columns"], {"form": {"name": "y"}}], "target": ""}
    with pytest.raises(DataError, match="'y' is in the table of south and not in that of north"):
        merged_codec({"north": first, "south": second})


def test_a_sketch_whose_counts_contradict_its_segments_is_refused():
    first, second = column(np.arange(500) / 7, 10), column(np.arange(500) / 9, 10)
    first["encoder"]["intervals"]["mass"][0] += 10_000
    with pytest.raises(DataError, match="contradicts itself"):
        merged_column({"north": first, "south": second})


def test_the_merged_codec_of_two_owners_decodes_what_it_encodes():
    parts = {name: open_data(table(400, seed, seed)) for seed, name in enumerate(("north", "south"))}
    kind = parts["north"].kind
    codec = kind.merged_codec({n: kind.sketch(d.raw, d.rows["train"], 10) for n, d in parts.items()})
    for data in parts.values():
        rows = data.split("train")
        back = codec.decode(codec.encode(rows))
        assert list(back) == list(rows)
        assert (back.city.fillna("") == rows.city.fillna("")).all()
        assert (back.rooms == rows.rooms).all()
        assert np.abs(back.wage - rows.wage).median() < 0.5
