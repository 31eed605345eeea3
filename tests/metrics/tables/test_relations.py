"""Relations of made tables whose truth is known."""

import numpy as np

from autogen.metrics.tables.relations import find_relations
from tests.metrics.makers import codec_of
from tests.metrics.tables.test_rules import CODEC, TRAIN, UNSEEN


def abroad(frame, cities):
    """The same rows with zip codes that no row of the train split has, each with the city of some rule."""
    return frame.assign(zip="9" + frame["zip"], city=cities)


def test_unseen_rows_with_new_values_on_the_left_do_not_break_a_rule_that_they_keep():
    kept = abroad(UNSEEN, UNSEEN["city"])
    twice = abroad(UNSEEN, np.where(np.arange(len(UNSEEN)) % 4 > 0, "here", "there"))
    (check,) = find_relations(TRAIN, kept, twice, CODEC, rules=["zip -> city"]).binding
    assert check.holdout == 0
    assert 0.15 < check.synthetic < 0.3


def test_columns_that_are_missing_together_are_one_rule_in_either_order():
    def gaps(frame, seed):
        gone = np.random.default_rng(seed).random(len(frame)) < 0.3
        told = np.random.default_rng(seed).choice([1.0, 2.0, 3.0], len(frame))
        return frame[["zip"]].assign(one=np.where(gone, np.nan, told), two=np.where(gone, np.nan, told[::-1]))

    train, unseen = gaps(TRAIN, 0), gaps(UNSEEN, 1)
    for rule in ("one missing <-> two missing", "two missing <-> one missing"):
        found = find_relations(train, unseen, unseen, codec_of(train), rules=[rule])
        assert [check.rule.text for check in found.binding] == [rule]
        assert "missing" not in {check.rule.kind for check in found.rules}
