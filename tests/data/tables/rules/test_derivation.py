"""Whatever codes a model draws, decoded rows keep all rules; real rows come back."""

import json

import numpy as np
import pandas as pd
import pytest

from autogen.data.open import codec_from_json, open_data
from autogen.data.tables.rules.bounded import Bounded
from autogen.errors import DataError
from tests.data.tables.rules.makers import keyed, random_arrays, shares, table


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(13))
def test_rows_of_any_codes_keep_all_rules(seed):
    frame, rules = table(seed)
    module = open_data(frame, options={"rules": rules})
    codec, samples = module.codec, module.raw.samples
    arrays = random_arrays(codec, 1000, np.random.default_rng(seed))
    made, back = codec.decode(arrays, 1), codec.decode(codec.encode(samples))
    for rows in (made, back):
        assert set(shares(module, rows).values()) == {0.0}
        assert rows.dtypes.tolist() == samples.dtypes.tolist()
        assert rows.columns.tolist() == samples.columns.tolist()
    assert tuple(column.name for column in codec.spec.columns) != codec.names
    rebuilt = codec_from_json(json.loads(json.dumps(codec.to_json(), allow_nan=False)))
    assert rebuilt.decode(arrays, 1).equals(made)
    assert rebuilt.to_json() == codec.to_json()


def test_a_mutation_of_the_enforcement_breaks_rules(monkeypatch):
    frame, rules = table(0)
    module = open_data(frame, options={"rules": rules})
    arrays = random_arrays(module.codec, 1000, np.random.default_rng(0))
    monkeypatch.setattr(Bounded, "decode", lambda *given: np.full(len(given[1][0][0]), -1e9))
    monkeypatch.setattr("autogen.data.tables.rules.derivation.within", lambda *given: given[2])
    assert max(shares(module, module.codec.decode(arrays, 1)).values()) > 0.2


def customers(n=1500, late=0.0):
    rng = np.random.default_rng(0)
    signup = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 1000, n), "D")
    last = signup + pd.to_timedelta(np.where(rng.random(n) < 0.2, 0, rng.integers(0, 300, n)), "D")
    last = pd.Series(last).mask(rng.random(n) < late, pd.Timestamp("2199-12-31"))
    return keyed(rng, n).assign(signup=signup, last=last, x=rng.normal(size=n))


def opened(frame, *rules):
    return open_data(frame, options={"rules": list(rules)})


def test_looked_up_columns_are_not_modeled_and_a_bounded_one_is_a_distance():
    module = opened(customers(), "zip -> city -> state", "signup <= last")
    names = [column.name for column in module.codec.spec.columns]
    assert names == ["zip", "sort", "tax", "signup", "last", "x"]
    assert module.codec.names == ("zip", "city", "state", "sort", "tax", "signup", "last", "x")


def test_real_rows_come_back():
    module = opened(customers(), "zip -> city -> state", "signup <= last", "state, sort -> tax")
    back, real = module.codec.decode(module.codec.encode(module.raw.samples)), module.raw.samples
    for name in ("zip", "city", "state", "sort", "tax"):
        assert back[name].equals(real[name])
    gaps = [(side["last"] - side["signup"]).dt.days for side in (back, real)]
    assert (gaps[0] - gaps[1]).abs().le(1).mean() > 0.99
    assert ((gaps[0] == 0) == (gaps[1] == 0)).all()


def test_a_distance_never_leads_beyond_the_training_range():
    module = opened(customers(), "signup <= last")
    made = module.codec.decode(random_arrays(module.codec, 5000, np.random.default_rng(0)))
    train = module.split("train")
    assert made["last"].max() <= train["last"].max()
    assert (made["last"] == made["last"].max()).mean() < 0.01  # no heap at the end


def test_a_frequent_end_keeps_its_value():
    module = opened(customers(late=0.1), "signup <= last")
    arrays = module.codec.encode(module.raw.samples)
    assert module.codec.decode(arrays)["last"].eq("2199-12-31").sum() == (
        module.raw.samples["last"].eq("2199-12-31").sum()
    )


def test_an_unseen_combination_is_answered_by_the_column_that_tells_most():
    rng = np.random.default_rng(0)
    frame = keyed(rng, 600).drop(columns=["zip", "city"])
    frame = frame[~((frame["state"] == "a") & (frame["sort"] == "b2b"))]
    module = opened(frame, "sort, state -> tax")
    table = module.codec.derivation.makers["tax"].tables[0]
    assert table.sources == ("state", "sort")
    made = module.codec.decode(random_arrays(module.codec, 2000, rng))
    new = made[(made["state"] == "a") & (made["sort"] == "b2b")]
    assert len(new) > 100
    assert set(new["tax"]) == {1.25}


def test_where_what_determines_is_missing_a_column_is_modeled_by_itself():
    frame = customers()
    frame["zip"] = frame["zip"].mask(np.arange(len(frame)) % 5 == 0)
    module = opened(frame, "zip -> city")
    assert "city without zip" in [column.name for column in module.codec.spec.columns]
    back = module.codec.decode(module.codec.encode(module.raw.samples))
    assert (back["city"] == module.raw.samples["city"]).mean() > 0.99


def test_a_looked_up_cell_may_be_missing_now_and_then():
    frame = customers()
    frame["city"] = frame["city"].mask(np.random.default_rng(1).random(len(frame)) < 0.3)
    module = opened(frame, "zip -> city")
    assert "city is missing" in [column.name for column in module.codec.spec.columns]
    arrays = random_arrays(module.codec, 1000, np.random.default_rng(0))
    made = module.codec.decode(arrays)
    assert 0.3 < made["city"].isna().mean() < 0.7
    assert set(shares(module, made).values()) == {0.0}
    assert module.codec.decode(module.codec.encode(frame))["city"].isna().equals(frame["city"].isna())


def test_a_price_between_looked_up_ends_stays_between_them():
    rng = np.random.default_rng(0)
    frame = keyed(rng, 900)[["zip"]]
    low = frame["zip"].astype(int) % 70 + 1.5
    frame = frame.assign(least=low, most=low + 20, price=(low + rng.integers(0, 41, 900) / 2))
    frame["cost"] = (frame["price"] * rng.uniform(0.2, 0.9, 900)).round(2)
    module = opened(frame, "zip -> least, most", "least <= price <= most", "cost < price")
    made = module.codec.decode(random_arrays(module.codec, 2000, rng))
    assert set(shares(module, made).values()) == {0.0}
    assert made["price"].nunique() > 50


def test_whole_numbers_between_ends_that_leave_no_room_are_refused():
    rng = np.random.default_rng(0)
    frame = keyed(rng, 900)[["zip"]]
    low = frame["zip"].astype(int) % 70 + 1.5
    frame = frame.assign(least=low, most=low + 20, price=np.floor(low + rng.integers(1, 20, 900)).astype(int))
    with pytest.raises(DataError, match="'price' lies between .* with other steps"):
        opened(frame, "zip -> least, most", "least <= price <= most")


def test_a_codec_of_a_model_without_rules_is_as_before():
    codec = open_data(customers()).codec
    record = codec.to_json()
    assert "derivation" not in record
    assert [column.name for column in codec.spec.columns] == list(codec.names)
    assert codec_from_json(record).to_json() == record


def test_a_distance_that_says_nothing_where_it_is_needed_is_drawn_as_in_training():
    frame = customers()
    frame["signup"] = frame["signup"].mask(np.arange(len(frame)) % 3 == 0)
    module = opened(frame, "signup <= last")
    codec = module.codec
    arrays, place = codec.encode(module.raw.samples), codec.derivation.places["last"][0]
    part = codec.derivation.parts[place]
    arrays["codes"][:, place] = part.first
    made = codec.decode(arrays)
    assert made["last"].notna().all()
    gap = (made["last"] - made["signup"]).dt.days.dropna()
    assert 0.1 < (gap == 0).mean() < 0.35
    assert gap.max() > 200


def test_distances_of_decimals_that_are_equal_are_one_value():
    rng = np.random.default_rng(0)
    low = pd.Series(np.round(rng.normal(size=600) * 10, 1))
    frame = pd.DataFrame({"low": low, "high": (low + rng.choice([0.1, 0.3], 600)).round(1), "x": low})
    codec = opened(frame, "low < high").codec
    high = next(one for one in codec.spec.columns if one.name == "high")
    assert high.levels - high.specials == 2


def test_distances_of_dates_in_different_units_are_compared_in_one():
    rng = np.random.default_rng(0)
    start = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 10**6, 600), "us")
    frame = pd.DataFrame({"start": start, "end": start.ceil("s"), "x": rng.normal(size=600)})
    module = opened(frame, "start <= end")
    made = module.codec.decode(random_arrays(module.codec, 1000, rng))
    assert set(shares(module, made).values()) == {0.0}
    assert made["end"].dt.microsecond.eq(0).all()
