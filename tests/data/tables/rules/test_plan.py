"""Which columns are derived from which, and what cannot be kept together."""

import pytest

from autogen.data.tables.rules.parse import parse_rule
from autogen.data.tables.rules.plan import make_plan
from autogen.errors import DataError

NAMES = tuple("abcdefgh")


def plan(*texts):
    return make_plan(NAMES, [rule for text in texts for rule in parse_rule(text)])


def test_a_chain_of_lookups_is_derived_one_after_the_other():
    found = plan("c -> b -> a")
    assert found.lookups == {"b": (("c",),), "a": (("b",),)}
    assert found.order.index("c") < found.order.index("b") < found.order.index("a")


def test_a_rule_that_leads_back_follows_from_the_other():
    assert plan("a -> b", "b -> a").lookups == {"b": (("a",),)}
    assert plan("a -> b -> c", "c -> a").lookups == {"b": (("a",),), "c": (("b",),)}


def test_two_columns_that_determine_each_other_may_both_be_looked_up_by_a_third():
    found = plan("a -> b, c", "b -> c", "c -> b")
    assert found.lookups == {"b": (("a",),), "c": (("a",), ("b",))}


def test_rules_on_one_column_that_cannot_disagree_are_kept_together():
    assert plan("a -> b", "b -> c", "a -> c").lookups["c"] == (("b",), ("a",))
    assert plan("a -> c", "a -> b", "b -> c").lookups["c"] == (("a",), ("b",))


def test_rules_on_one_column_that_can_disagree_are_refused():
    with pytest.raises(DataError, match="'c' cannot be looked up by a and keep the rule 'b -> c' too"):
        plan("a -> c", "b -> c")
    with pytest.raises(DataError, match="cannot be looked up by a, b"):
        plan("a, b -> c", "d -> c")


def test_all_columns_that_bound_another_are_known_also_those_that_follow():
    found = plan("c <= b < a")
    assert found.lows == {"b": (("c", False),), "a": (("b", True), ("c", True))}
    assert found.above["c"] == (("a", True), ("b", False))


def test_orders_that_go_round_in_a_circle_are_refused():
    with pytest.raises(DataError, match="'a <= b' and 'b <= c' and 'c <= a' go round in a circle"):
        plan("a <= b <= c", "c <= a", "d <= e")


def test_a_column_below_one_that_is_looked_up_is_bounded_from_above():
    found = plan("a -> c", "b <= c", "c <= d")
    assert found.highs == {"b": (("c", False),)}
    assert found.lows == {"d": (("b", False), ("c", False))}


def test_an_order_between_lookups_by_one_column_follows_and_else_is_refused():
    plan("a -> b, c", "b <= c")
    with pytest.raises(DataError, match=r"'b' \(by a\) and 'c' \(by d\) are looked up by different columns"):
        plan("a -> b", "d -> c", "b <= c")


def test_a_strict_order_on_both_sides_of_a_column_between_lookups_is_refused():
    plan("a -> b, c", "b <= d <= c")
    plan("a -> b, c", "b < d <= c")
    with pytest.raises(DataError, match="column 'd' lies strictly between other columns"):
        plan("a -> b, c", "b < d < c")


def test_columns_missing_together_follow_the_first_that_is_derived():
    found = plan("c missing <-> a missing", "e missing <-> c missing")
    assert found.leaders == {"c": "a", "e": "a"}
    assert found.together["e"] == ("a", "c")
    assert plan("b missing <-> a missing", "b <= a").leaders == {"a": "b"}
    assert plan("a missing <-> b missing", "c -> b").leaders == {"a": "b"}


def test_columns_looked_up_by_different_ones_cannot_be_missing_together():
    with pytest.raises(DataError, match="b missing <-> d missing"):
        plan("a -> b", "c -> d", "b missing <-> d missing")


def test_rules_that_derive_columns_from_each_other_in_a_circle_are_refused():
    with pytest.raises(DataError, match="in a circle; leave one of them out"):
        plan("a, b -> c", "a missing <-> c missing")
