"""The grammar of binding rules."""

import pytest

from autogen.data.tables.rules.parse import BindingRule, parse_rule, parse_rules
from autogen.errors import DataError

COLUMNS = ("signup", "last_login", "zip", "city", "state", "first name", "a<b", "b, c", "x missing", '"q"')


def ordered(low, high, strict=False):
    return BindingRule("ordered", (low,), high, strict)


def determines(*names):
    return BindingRule("determines", names[:-1], names[-1])


def missing(first, second):
    return BindingRule("missing", (first,), second)


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("signup <= last_login", [ordered("signup", "last_login")]),
        ("signup<last_login", [ordered("signup", "last_login", True)]),
        ("last_login >= signup", [ordered("signup", "last_login")]),
        ("last_login > signup", [ordered("signup", "last_login", True)]),
        ("a <= b < c", [ordered("a", "b"), ordered("b", "c", True)]),
        ("c > b >= a", [ordered("b", "c", True), ordered("a", "b")]),
        ("zip -> city", [determines("zip", "city")]),
        ("zip, street->city", [determines("zip", "street", "city")]),
        ("zip -> city -> state", [determines("zip", "city"), determines("city", "state")]),
        ("zip -> city, state", [determines("zip", "city"), determines("zip", "state")]),
        ("a missing <-> b missing", [missing("a", "b")]),
        ("a missing<->b missing <-> c missing", [missing("a", "b"), missing("b", "c")]),
        ("first name -> zip-code", [determines("first name", "zip-code")]),
        ('"a<b" <= "b, c"', [ordered("a<b", "b, c")]),
        ("'a->b' -> 'it''s'", [determines("a->b", "it's")]),
        ("driver's age <= limit", [ordered("driver's age", "limit")]),
        ('"x missing" missing <-> y missing', [missing("x missing", "y")]),
        ('"x missing" <= y', [ordered("x missing", "y")]),
    ],
)
def test_a_rule_is_read(text, rules):
    assert list(parse_rule(text)) == rules


@pytest.mark.parametrize(
    "rule", [ordered("a<b", "b, c"), determines('"q"', "x missing", " b"), missing("a", "b")]
)
def test_the_text_of_a_rule_is_read_as_the_rule(rule):
    assert parse_rule(rule.text) == (rule,)
    assert BindingRule.from_json(rule.to_json()) == rule


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("zip city", "has no sign between its columns; write A <= B"),
        ("", "has no sign"),
        ("zip ->", "lacks a column beside a sign"),
        ("-> city", "lacks a column"),
        ("a <= b >= c", "mixes the signs <= and >="),
        ("a, b <= c", "mixes the signs , and <="),
        ("a <-> b", "needs the word missing after each column"),
        ("a missing <-> b", "needs the word missing"),
        ("zip -> zip", "has the column 'zip' on both sides"),
        ('"a -> b', "quotes that do not enclose a whole name"),
        ('"a" b -> c', "quotes that do not enclose"),
    ],
)
def test_another_text_is_refused_in_one_line(text, words):
    with pytest.raises(DataError, match=words) as caught:
        parse_rule(text)
    assert "\n" not in str(caught.value)


def test_an_unknown_column_is_named_with_the_nearest():
    with pytest.raises(DataError, match=r"no column 'citi', which the rule 'zip -> citi' .* mean 'city'\?"):
        parse_rules(["zip -> citi"], COLUMNS, "t.csv")


def test_a_rule_that_occurs_twice_is_kept_once():
    rules = parse_rules(["zip -> city", "zip->city -> state"], COLUMNS, "t.csv")
    assert [rule.text for rule in rules] == ["zip -> city", "city -> state"]


def test_one_text_in_place_of_a_list_is_refused():
    with pytest.raises(DataError, match=r"rules = \['zip -> city'\]"):
        parse_rules("zip -> city", COLUMNS, "t.csv")
