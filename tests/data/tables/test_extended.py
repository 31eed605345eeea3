"""The codec of a table keeps the codes of an earlier table and adds those of new values."""

import numpy as np
import pandas as pd
import pytest

from autogen.data.module import Earlier
from autogen.data.open import open_data
from autogen.data.tables.extended import merged
from autogen.errors import DataError


def people(n, jobs, oldest=60, seed=0):
    draw = np.random.default_rng(seed)
    columns = {
        "age": draw.integers(18, oldest, n),
        "job": draw.choice(jobs, n),
        "income": draw.lognormal(10, 0.5, n).round(2),
        "size": draw.choice(["S", "M", "L"], n),
    }
    return pd.DataFrame(columns)


@pytest.fixture(scope="module")
def earlier():
    return open_data(people(600, ["baker", "cook"])).codec


def extended(frame, earlier, **options):
    return open_data(frame, options=options, earlier=Earlier(earlier))


def test_new_categories_follow_in_order_and_old_ones_stay(earlier):
    frame = people(200, ["actor", "cook"], seed=1)
    codec = extended(frame, earlier).codec
    names = dict(codec.code_names())
    assert names["job"] == (("value", "actor"), ("value", "baker"), ("value", "cook"))
    assert names["size"] == (("value", "S"), ("value", "M"), ("value", "L"))
    assert [len(codes) for codes in names.values()] == [column.levels for column in codec.spec.columns]


def test_bins_stay_and_wider_ranges_get_new_ones_at_the_ends(earlier):
    frame = people(200, ["cook"], seed=1)
    frame.loc[:9, "income"], frame.loc[10:19, "income"] = 1.0, 1e6
    data = extended(frame, earlier)
    before, now = dict(earlier.code_names())["income"], dict(data.codec.code_names())["income"]
    assert now[1:-1] == before
    assert now[-1][2] > 9e5
    back = data.codec.decode(data.codec.encode(frame))
    assert back["income"].max() > 9e5
    assert np.allclose(back["income"].median(), frame["income"].median(), rtol=0.01)


def test_the_same_table_keeps_its_codec(earlier):
    assert extended(people(600, ["baker", "cook"]), earlier).codec.code_names() == earlier.code_names()


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda frame: frame.drop(columns="size"), "lacks size"),
        (lambda frame: frame.assign(city=frame["job"]), "adds city"),
        (lambda frame: frame[["job", "age", "income", "size"]], "in the order age, job"),
        (lambda frame: frame.assign(income=frame["job"]), "'income'"),
    ],
)
def test_other_columns_are_refused_in_a_line(earlier, change, match):
    with pytest.raises(DataError, match=match) as refusal:
        extended(change(people(200, ["cook"])), earlier)
    assert "\n" not in str(refusal.value)


def test_rules_that_the_earlier_run_did_not_have_are_refused():
    frame = people(300, ["cook", "baker"]).assign(code=lambda found: found["job"].str.upper())
    earlier = open_data(frame).codec
    with pytest.raises(DataError, match="give the rules of the earlier run"):
        extended(frame, earlier, rules=["job -> code"])


def test_orders_are_merged_after_the_value_before_a_new_one():
    assert merged(["S", "L"], ["XS", "S", "M", "L", "XL"]) == ["XS", "S", "M", "L", "XL"]
    assert merged([], ["a", "b"]) == ["a", "b"]
