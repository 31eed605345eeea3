"""Counts of variable-order contexts against counts by hand."""

from collections import Counter

import numpy as np
import pytest

from autogen.families.markov.counts import Counting, count

BEGIN, LEVELS = 1, 8


def counted(rows, **how):
    how = {"order": 3, "fewest": 1, "discount": 1.0, "distinct": True} | how
    lengths = np.array([len(row) for row in rows])
    return count(np.concatenate(rows), lengths, LEVELS, BEGIN, Counting(**how))


def spelled(orders, n):
    """Grams of an order as tuples of tokens, with their places."""
    contexts = [()]
    for order in orders[1 : n + 1]:
        contexts = [(code % LEVELS, *contexts[code // LEVELS]) for code in order.contexts]
    return [(*contexts[code // LEVELS], code % LEVELS) for code in orders[n].grams]


def grams_of(rows, n):
    """How often each n-gram occurs, with ``BEGIN`` before a row and nothing before that."""
    found = Counter()
    for row in rows:
        padded = [BEGIN] * (n - 1) + list(row)
        windows = (tuple(padded[place : place + n]) for place in range(len(row)))
        found.update(window for window in windows if BEGIN not in window[1:])
    return found


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    return [rng.integers(4, LEVELS, rng.integers(3, 9)) for _ in range(40)]


def test_all_contexts_of_a_length_are_counted_as_they_occur(rows):
    orders = counted(rows, distinct=False)
    for n in range(3):
        wanted = grams_of(rows, n + 1)
        found = spelled(orders, n)
        assert sorted(found) == sorted(wanted)
        totals = Counter()
        for gram, times in wanted.items():
            totals[gram[:-1]] += times
        assert sorted(orders[n].total) == sorted(totals.values())


def test_tokens_after_short_contexts_count_once_for_each_longer_one(rows):
    orders = counted(rows, order=2)
    after = {gram[1] for gram in grams_of(rows, 2)}
    pairs = grams_of(rows, 2)
    wanted = {(token,): sum(gram[1] == token for gram in pairs) for token in after}
    totals = sum(wanted.values())
    assert orders[0].total.tolist() == [totals]


def test_what_no_longer_context_covers_counts_as_often_as_it_occurs(rows):
    rare = counted(rows, order=2, fewest=10_000)
    assert len(rare) == 1
    assert rare[0].total.tolist() == [sum(len(row) for row in rows)]


@pytest.mark.parametrize("fewest", [2, 5, 12])
def test_a_kept_context_occurs_often_enough_and_so_do_the_shorter_ones(rows, fewest):
    orders = counted(rows, fewest=fewest, order=4)
    for n in range(1, len(orders)):
        contexts = Counter()
        for gram, times in grams_of(rows, n + 1).items():
            contexts[gram[:-1]] += times
        known = {gram[:-1] for gram in spelled(orders, n)}
        assert len(known) == len(orders[n].contexts)
        assert all(contexts[context] >= fewest for context in known)
    kept = sum(len(order.contexts) for order in orders)
    assert kept < sum(len(order.contexts) for order in counted(rows, order=4))


def test_a_context_leaves_what_is_discounted_to_shorter_ones(rows):
    for scale in (0.5, 1.0, 1.5):
        for order in counted(rows, discount=scale):
            kept = np.bincount(order.grams // LEVELS, order.kept, len(order.contexts))
            assert np.all(kept < order.total)
            assert np.all(order.kept >= 0)
    little, much = (counted(rows, discount=scale)[2].kept.sum() for scale in (0.5, 1.5))
    assert much < little
