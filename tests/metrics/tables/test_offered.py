"""Found rules that are offered as binding ones."""

import pandas as pd

from autogen.data.open import open_data
from autogen.metrics.tables.offered import found_rules, offered
from autogen.metrics.tables.relations import find_relations
from tests.metrics.makers import codec_of
from tests.metrics.tables.test_rules import CODEC, RULES, TRAIN, UNSEEN

ALL = pd.concat([TRAIN, UNSEEN], ignore_index=True)


def test_rules_that_every_row_keeps_are_offered_as_they_are_written():
    assert offered(RULES, ALL, CODEC) == {
        "zip determines city": "zip -> city",
        "signup <= login": "signup <= login",
        "login <= end": "login <= end",
    }


def test_a_rule_that_one_row_breaks_is_not_offered():
    broken = ALL.copy()
    broken.loc[3, "city"] = "nowhere"
    assert "zip determines city" not in offered(RULES, broken, CODEC)


def test_what_is_offered_is_accepted_together_when_the_data_is_read():
    frame = ALL.assign(zip=ALL["zip"].astype(int))  # numbers that repeat become categories
    rules = found_rules(open_data(frame))
    assert {"zip -> city", "signup <= login", "login <= end"} <= set(rules)
    bound = open_data(frame, options={"rules": rules})
    assert len(bound.codec.derivation.rules) == len(rules)
    assert not set(found_rules(bound)) & set(rules)


def test_what_is_binding_already_is_not_offered_in_other_words():
    frame = ALL.assign(a=ALL["end"], z=ALL["spend"].where(ALL["end"].notna()))
    rules = ["z missing <-> a missing", "signup <= login", "zip -> city"]
    offers = found_rules(open_data(frame, options={"rules": rules}))
    assert not {"a missing <-> z missing", "z missing <-> a missing", *rules} & set(offers)


def test_relations_hold_what_is_offered():
    found = find_relations(TRAIN, UNSEEN, UNSEEN, CODEC).to_json()
    assert {rule["rule"]: rule["binding"] for rule in found["rules"]} == {
        "zip determines city": "zip -> city",
        "signup <= login": "signup <= login",
        "login <= end": "login <= end",
        "end is missing exactly where segment is basic": "",
    }


def test_a_table_of_one_column_has_no_rules():
    frame = pd.DataFrame({"x": [i / 4 for i in range(60)]})
    assert found_rules(open_data(frame)) == []
    assert codec_of(frame).names == ("x",)
