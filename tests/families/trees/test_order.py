"""Orders of the columns: a permutation each, and the one by information follows what depends on what."""

from dataclasses import replace

import numpy as np
import pytest

from autogen.data.specs import ColumnSpec, TableSpec
from autogen.errors import SpaceError
from autogen.families.trees.order import ORDERS, mutual_information, order_of

SPEC = TableSpec(tuple(ColumnSpec(str(place), levels) for place, levels in enumerate((8, 2, 8, 3))))


def codes(n=4000):
    draw = np.random.default_rng(0)
    noise, pair = draw.integers(0, 8, n), draw.integers(0, 8, n)
    return np.stack([noise, draw.integers(0, 2, n), pair, pair % 3], 1)


@pytest.mark.parametrize("name", ORDERS)
def test_every_order_holds_every_column_once(name):
    assert sorted(order_of(name, SPEC, codes(), 3)) == [0, 1, 2, 3]


def test_orders_are_what_their_names_say():
    assert order_of("given", SPEC, codes(), 0).tolist() == [0, 1, 2, 3]
    assert order_of("reversed", SPEC, codes(), 0).tolist() == [3, 2, 1, 0]
    assert order_of("levels", SPEC, codes(), 0).tolist() == [1, 3, 0, 2]
    assert order_of("information", SPEC, codes(), 0).tolist()[:2] == [2, 3]


def test_a_target_comes_first_where_it_is_known():
    known = replace(SPEC, target=3)
    assert order_of("target", known, codes(), 0).tolist()[:2] == [3, 2]
    assert order_of("target", SPEC, codes(), 0).tolist() == order_of("information", SPEC, codes(), 0).tolist()
    assert order_of("information", known, codes(), 0).tolist()[:2] == [2, 3]


def test_random_orders_follow_from_their_seed():
    drawn = {tuple(order_of("random", SPEC, codes(), seed)) for seed in range(20)}
    assert len(drawn) > 5
    assert np.array_equal(order_of("random", SPEC, codes(), 4), order_of("random", SPEC, codes(), 4))


def test_mutual_information_is_that_of_the_joint_table():
    told = mutual_information(codes())
    assert told[2, 3] == pytest.approx(np.log(3), abs=0.05)
    assert told[0, 1] < 0.01
    assert np.array_equal(told, told.T)


def test_an_unknown_order_is_refused():
    with pytest.raises(SpaceError, match=r"model.order must be one of information, .* not 'best'"):
        order_of("best", SPEC, codes(), 0)
