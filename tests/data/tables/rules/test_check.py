"""Rules that the data break, or that cannot be about a column, are refused at reading."""

import numpy as np
import pandas as pd
import pytest

from autogen.data.open import open_data
from autogen.data.tables.rules.check import broken, check_binding, spoken_of
from autogen.data.tables.rules.parse import parse_rule
from autogen.errors import DataError

NAN = np.nan


def customers(n=60):
    rng = np.random.default_rng(0)
    signup = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 90, n), "D")
    return pd.DataFrame(
        {
            "id": np.arange(n),
            "zip": np.tile([8010, 1010, 8020], n // 3),
            "city": np.tile(["Graz", "Wien", "Graz"], n // 3),
            "signup": signup,
            "last_login": signup + pd.to_timedelta(rng.integers(0, 9, n), "D"),
            "age": rng.normal(40, 9, n),
            "grade": np.tile(["low", "medium", "high"], n // 3),
            "gone": pd.to_timedelta(rng.integers(0, 9, n), "D"),
            "zone": signup.tz_localize("UTC"),
            "note": [" ".join(rng.choice(["x", "yy", "zzz"], 9)) for _ in range(n)],
        }
    )


def refused(rule, words, frame=None, **options):
    with pytest.raises(DataError, match=words) as caught:
        open_data(customers() if frame is None else frame, options={"rules": [rule], **options})
    assert "\n" not in str(caught.value)


def test_rows_that_break_an_order_are_counted_and_one_is_shown():
    frame = customers()
    frame.loc[[16, 20], "last_login"] = pd.Timestamp("2023-12-24")
    signup = str(frame["signup"][16].date())
    words = f"2 of 60 rows of the DataFrame break the rule .* row 17: signup={signup}, last_login=2023-12-24"
    refused("signup <= last_login", words, frame)


def test_rows_that_break_a_lookup_are_counted_and_shown_beside_the_usual_ones():
    frame = customers()
    frame.loc[3, "city"] = "Villach"
    words = r"1 of 60 rows .* row 4: zip=8010, city=Villach \(most rows like it have city=Graz\)"
    refused("zip -> city", words, frame)


def test_rows_that_break_a_rule_on_missing_cells_are_counted():
    frame = customers()
    frame.loc[:4, "age"] = NAN
    frame.loc[:3, "grade"] = None
    refused("age missing <-> grade missing", "1 of 60 rows .* row 5: age=missing, grade=medium", frame)


def test_equal_cells_break_a_strict_order_only():
    frame = customers().assign(last_login=lambda f: f["signup"])
    open_data(frame, options={"rules": ["signup <= last_login"]})
    refused("signup < last_login", "60 of 60 rows", frame)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("id -> city", "column 'id' holds identifiers, which are made up"),
        ("zip -> note", "column 'note' is not modeled"),
        ("grade <= age", "column 'grade' is ordinal"),
        ("signup <= age", r"compares dates \(signup\) with numbers \(age\)"),
        ("signup <= gone", "compares dates .* with durations"),
        ("signup <= zone", "compares dates .* with dates with a time zone"),
        ("age -> city", "looks 'city' up by 'age', which is continuous"),
        ("signup -> city", "looks 'city' up by 'signup', which is datetime"),
    ],
)
def test_a_rule_that_cannot_be_about_a_column_is_refused(rule, words):
    refused(rule, words)


def test_the_column_of_groups_is_not_modeled_so_no_rule_can_be_about_it():
    frame = customers().assign(customer=[f"c{i // 2}" for i in range(60)])
    refused("customer -> city", "'customer' is not modeled", frame, group="customer")


def test_numbers_that_determine_others_become_categories_and_a_note_says_so():
    module = open_data(customers(), options={"rules": ["zip -> city"]})
    kinds = {form["name"]: form["kind"] for form in module.raw.meta["columns"]}
    assert kinds["zip"] == "categorical"
    assert any("Numbers of 'zip' are categories" in note for note in module.notes)
    assert any("Samples keep this rule: zip -> city." in note for note in module.notes)


def test_a_missing_cell_breaks_neither_an_order_nor_a_lookup():
    values = {"a": np.array([1, NAN, 3, 3]), "b": np.array([NAN, 1, 2, 2])}
    for text, wrong in (("a <= b", [False, False, True, True]), ("a -> b", [False] * 4)):
        (rule,) = parse_rule(text)
        assert spoken_of(rule, values).tolist() == [False, False, True, True]
        assert broken(rule, values).tolist() == wrong


def test_generated_keys_answer_as_in_the_real_rows_however_often_they_come():
    (rule,) = parse_rule("a, b -> c")
    real = {"a": np.zeros(2), "b": np.array([0.0, 1.0]), "c": np.array([5.0, 6.0])}
    made = {"a": np.zeros(5), "b": np.array([0.0, 0, 0, 1, 9]), "c": np.array([7.0, 7, 5, 6, 8])}
    assert broken(rule, made, real).tolist() == [True, True, False, False, False]
    assert broken(rule, made).tolist() == [False, False, True, False, False]


def test_shares_are_of_the_rows_that_a_rule_speaks_of():
    rules = (*parse_rule("a <= b"), *parse_rule("a missing <-> b missing"))
    real = {"a": np.array([1.0, 2.0]), "b": np.array([1.0, 3.0])}
    made = {"a": np.array([1.0, 5, NAN, 2]), "b": np.array([2.0, 4, 1, 2])}
    order, gaps = check_binding(rules, real, real, made)
    assert (order.support, order.rows, order.holdout, order.synthetic) == (2, 3, 0.0, 1 / 3)
    assert (gaps.rows, gaps.synthetic) == (4, 0.25)
