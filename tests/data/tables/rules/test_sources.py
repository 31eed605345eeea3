"""Whatever codes a model draws beside known cells, completed rows keep all rules and what was given."""

import numpy as np
import pandas as pd
import pytest

from autogen.data.open import open_data
from autogen.data.tables.conditions import condition_row, incomplete_rows
from tests.data.tables.rules.makers import keyed, random_arrays, shares, table


def completed(codec, given, seed=0):
    """Rows whose open cells are decoded from random codes."""
    rows = given.with_sources(codec, seed)
    arrays = random_arrays(codec, len(rows.cells), np.random.default_rng(seed))
    known = rows.arrays["known"]
    drawn = {name: np.where(known, rows.arrays[name], array) for name, array in arrays.items()}
    return rows.decode(codec, drawn, seed)


def test_imputed_rows_keep_all_rules_and_what_was_given():
    frame, rules = table(1, 400)
    module = open_data(frame, options={"rules": rules})
    rows, rng = module.split("train").iloc[:60].reset_index(drop=True), np.random.default_rng(0)
    for name in rows:
        rows[name] = rows[name].mask(rng.random(len(rows)) < 0.4)
    filled = completed(module.codec, incomplete_rows(module.codec, rows))
    assert set(shares(module, filled).values()) == {0.0}
    for name in rows:
        there = rows[name].notna()
        assert (filled[name][there] == rows[name][there]).all()


@pytest.mark.parametrize(
    "condition", [{"city": "city 3"}, {"tax": 3.5}, {"state": "a", "sort": "b2b"}], ids=str
)
def test_rows_under_a_condition_keep_all_rules(condition):
    rules = ["zip -> city -> state", "state, sort -> tax"]
    module = open_data(keyed(np.random.default_rng(0), 400), options={"rules": rules})
    rows = completed(module.codec, condition_row(module.codec, condition).repeat(100))
    assert set(shares(module, rows).values()) == {0.0}
    for name, value in condition.items():
        assert rows[name].eq(value).all()
    assert len(set(rows["zip"])) > 1


def test_a_cell_stays_missing_where_a_known_one_occurs_beside_missing_ones_only():
    place = np.random.default_rng(0).integers(0, 9, 300)
    key = pd.Series([f"k{i}" for i in place]).mask(place == 0)
    frame = pd.DataFrame({"key": key, "name": [f"n{i}" for i in place], "x": place * 0.5})
    module = open_data(frame, options={"rules": ["key -> name"]})
    train = module.split("train")
    filled = completed(module.codec, incomplete_rows(module.codec, train.assign(key=None)))
    assert (filled["name"] == train["name"]).all()
    assert filled["key"].equals(train["key"])


def test_a_cell_that_fits_missing_keys_only_leaves_what_other_rules_draw_alone():
    place, other = (np.random.default_rng(seed).integers(0, 9, 300) for seed in (0, 1))
    frame = pd.DataFrame({"zip": [f"z{i}" for i in other], "city": [f"c{i}" for i in other]})
    frame = frame.assign(
        key=pd.Series([f"k{i}" for i in place]).mask(place == 0), name=[f"n{i}" for i in place]
    )
    module = open_data(frame, options={"rules": ["zip -> city", "key -> name"]})
    train = module.split("train")
    filled = completed(module.codec, incomplete_rows(module.codec, train.assign(key=None, zip=None)))
    assert (filled["zip"] == train["zip"]).all()


def test_a_number_that_occurs_beside_missing_keys_only_is_a_condition_like_any_other():
    place = np.random.default_rng(0).integers(0, 300, 1200)
    key = pd.Series([f"k{i}" for i in place]).mask(place >= 100)
    frame = pd.DataFrame({"key": key, "weight": (place + 0.5) ** 3, "x": np.arange(1200) * 1.0})
    module = open_data(frame, options={"rules": ["key -> weight"]})
    train = module.split("train")
    for weight in train["weight"][train["key"].isna()][:20]:
        rows = completed(module.codec, condition_row(module.codec, {"weight": weight}).repeat(5))
        assert rows["key"].isna().all()
        assert rows["weight"].eq(weight).all()


def test_keys_beyond_the_whole_numbers_of_floats_are_drawn_exactly():
    place = np.random.default_rng(0).integers(0, 20, 300)
    frame = pd.DataFrame({"key": place + 2**60, "name": [f"n{i % 9}" for i in place], "x": place * 0.5})
    module = open_data(frame, options={"rules": ["key -> name"]})
    rows = (
        frame[["name"]].iloc[:50].assign(key=frame["key"].astype("Int64").iloc[:50].mask(np.arange(50) > 3))
    )
    filled = completed(module.codec, incomplete_rows(module.codec, rows))
    assert set(filled["key"]) <= set(frame["key"])
    assert (filled["key"][:4] == frame["key"][:4]).all()
    assert set(shares(module, filled).values()) == {0.0}
