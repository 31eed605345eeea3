"""Rules of made tables whose truth is known."""

import numpy as np
import pandas as pd
import pytest

from autogen.metrics.tables.rules import check_rules, find_rules
from tests.metrics.makers import codec_of


def customers(n: int, seed: int) -> pd.DataFrame:
    """A zip code determines its city, nobody logs in before signing up, basic accounts have no end date."""
    rng = np.random.default_rng(seed)
    place = rng.integers(60, size=n)
    signup = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), "D")
    login = signup + pd.to_timedelta(rng.integers(0, 900, n), "D")
    segment = rng.choice(["basic", "plus", "pro"], n)
    end = pd.Series(login + pd.to_timedelta(rng.integers(1, 300, n), "D")).where(segment != "basic")
    return pd.DataFrame(
        {
            "zip": [f"{10_000 + 37 * one}" for one in place],
            "city": [f"city {one % 7}" for one in place],
            "signup": signup,
            "login": login,
            "segment": segment,
            "end": end.to_numpy(),
            "spend": np.round(rng.gamma(2, 50, n), 2),
        }
    ).astype({"zip": "object"})


TRAIN, UNSEEN = customers(1500, 0), customers(400, 1)
CODEC = codec_of(TRAIN)
RULES = find_rules(TRAIN, UNSEEN, CODEC)


def test_the_rules_of_a_table_are_found_and_no_others():
    assert {rule.text for rule in RULES} == {
        "zip determines city",
        "signup <= login",
        "login <= end",
        "end is missing exactly where segment is basic",
    }


def test_real_rows_keep_the_rules_and_broken_ones_are_counted():
    wrong = UNSEEN.assign(city=np.where(np.arange(400) % 2 == 0, "city 99", UNSEEN["city"]))
    found = {check.rule.text: check for check in check_rules(RULES, UNSEEN, wrong, CODEC)}
    assert all(check.holdout == 0 for check in found.values())
    assert found["zip determines city"].synthetic == pytest.approx(0.5)
    assert found["zip determines city"].rows == 400
    assert found["signup <= login"].synthetic == 0
    assert next(iter(found)) == "zip determines city"


def test_dates_in_the_wrong_order_and_values_that_should_be_missing_are_counted():
    swapped = UNSEEN.assign(login=UNSEEN["signup"] - pd.Timedelta(days=1))
    filled = UNSEEN.assign(end=UNSEEN["end"].fillna(pd.Timestamp("2024-01-01")))
    order, gaps = (
        {check.rule.text: check.synthetic for check in check_rules(RULES, UNSEEN, side, CODEC)}
        for side in (swapped, filled)
    )
    assert order["signup <= login"] == 1
    basic = float((UNSEEN["segment"] == "basic").mean())
    assert gaps["end is missing exactly where segment is basic"] == pytest.approx(basic)


def test_independent_columns_have_no_rules():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({f"c{i}": rng.choice(list("abcdef"), 900) for i in range(12)})
    assert find_rules(frame[:600], frame[600:], codec_of(frame)) == ()


def test_identifiers_constants_and_rare_values_make_no_rule():
    rng = np.random.default_rng(3)
    n = 900
    frame = pd.DataFrame(
        {
            "reading": np.round(rng.normal(size=n), 6),  # nearly unique: it would determine all
            "constant": ["one"] * n,
            "nearly": np.where(rng.random(n) < 0.01, "odd", "usual"),
            "colour": rng.choice(["red", "green"], n),
            "score": rng.integers(0, 40, n),
        }
    )
    assert find_rules(frame[:600], frame[600:], codec_of(frame[:600])) == ()


def test_a_rule_of_train_that_unseen_rows_break_does_not_count():
    broken = UNSEEN.assign(city=UNSEEN["city"].to_numpy()[::-1])
    assert "zip determines city" not in {rule.text for rule in find_rules(TRAIN, broken, CODEC)}


def test_too_few_unseen_rows_prove_nothing():
    assert find_rules(TRAIN, UNSEEN[:19], CODEC) == ()
