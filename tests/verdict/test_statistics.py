import numpy as np
import pytest
from scipy import stats

from autogen.verdict.statistics import Contender, compare, holm, interval, judge


def contender(name, loss, *, noise=0.01, rows=0.005, seeds=5, groups=20, cost=1.0, key=0):
    rng = np.random.default_rng(key)
    losses = loss + noise * rng.normal(size=seeds)
    return Contender(name, losses, losses[:, None] + rows / groups * rng.normal(size=(seeds, groups)), cost)


def test_holm_matches_the_definition():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []


def test_an_interval_over_seeds_alone_is_students():
    losses = np.array([1.0, 2.0, 4.0, 3.5])
    found = interval(losses, np.repeat(losses[:, None], 20, axis=1))
    low, high = stats.t.interval(0.95, 3, losses.mean(), stats.sem(losses))
    assert (found.low, found.high) == pytest.approx((low, high))


def test_the_interval_of_a_mean_of_rows_covers_at_its_rate():
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(400):
        effects = 0.3 * rng.normal(size=5)
        rows = rng.normal(size=200)  # shared by all seeds: a paired evaluation split
        values = effects[:, None] + rows
        folds = np.arange(200) % 20
        left_out = np.stack([values[:, folds != fold].mean(axis=1) for fold in range(20)], axis=1)
        found = interval(values.mean(axis=1), left_out)
        covered += found.low <= 0.0 <= found.high
    assert 0.92 <= covered / 400 <= 0.99


def test_one_seed_supports_no_claim():
    found = interval(np.array([1.0]), np.ones((1, 20)))
    assert found.low == -np.inf
    assert found.high == np.inf


def test_a_clearly_better_leader_wins():
    leader, rival = contender("a", 0.1, key=1), contender("b", 0.5, key=2)
    verdict = judge(leader, [rival], [contender("marginals", 2.0, key=3)])
    assert (verdict.kind, verdict.chosen) == ("winner", "a")


def test_a_tie_names_the_set_and_returns_the_cheapest():
    leader = contender("a", 0.100, cost=9.0, key=1)
    near = contender("b", 0.101, cost=2.0, key=2)
    far = contender("c", 0.9, cost=1.0, key=3)
    verdict = judge(leader, [near, far], [contender("marginals", 2.0, key=4)])
    assert (verdict.kind, verdict.chosen, verdict.tied) == ("tie", "b", ("a", "b"))


def test_among_equally_cheap_ones_the_better_is_returned():
    leader = contender("a", 0.100, cost=2.2, key=1)
    near = contender("b", 0.101, cost=2.0, key=2)
    assert judge(leader, [near], []).chosen == "a"


def test_an_unbeaten_baseline_is_said_plainly():
    leader = contender("a", 0.5, key=1)
    verdict = judge(leader, [], [contender("marginals", 2.0, key=2), contender("copula", 0.5, key=3)])
    assert verdict.kind == "baseline"


def test_a_rival_that_turns_out_better_on_test_is_no_loser():
    leader, better = contender("a", 0.5, key=1), contender("b", 0.1, key=2)
    assert not compare(leader, [better])[0].separated


def test_false_winners_are_rare_when_all_finalists_are_equal():
    rng = np.random.default_rng(0)
    false = 0
    for _ in range(300):
        rows = rng.normal(size=200)
        finalists = []
        for name in "abc":
            values = 0.2 * rng.normal(size=5)[:, None] + rows + 0.5 * rng.normal(size=(5, 200))
            left_out = np.stack([values[:, np.arange(200) % 20 != g].mean(axis=1) for g in range(20)], axis=1)
            finalists.append(Contender(name, values.mean(axis=1), left_out))
        leader = finalists[rng.integers(3)]
        false += judge(leader, [f for f in finalists if f is not leader], []).kind == "winner"
    assert false / 300 <= 0.05
