import numpy as np

from autogen.verdict.pareto import beaten, on_front, spread_out, unbeaten


def test_the_front_is_what_no_point_dominates():
    losses = np.array([[1, 5], [2, 4], [3, 4], [2, 6], [5, 1], [1, 5]])
    assert on_front(losses).tolist() == [True, True, False, False, True, True]


def test_the_front_agrees_with_the_definition_on_random_points():
    losses = np.random.default_rng(0).integers(0, 6, (60, 3))
    plain = [not any((other <= one).all() and (other < one).any() for other in losses) for one in losses]
    assert on_front(losses).tolist() == plain


def test_the_best_of_each_objective_come_first_then_the_gaps_then_the_dominated():
    losses = np.array([[0, 9], [1, 8], [4, 4], [8, 1], [9, 0], [9, 9], [0.5, 9.5]])
    assert spread_out(losses, 2) == [0, 4]
    assert spread_out(losses, 3) == [0, 4, 2]
    assert sorted(spread_out(losses, 6)) == [0, 1, 2, 3, 4, 6]
    assert len(spread_out(losses, 99)) == 7


def model(quality, cost, key, *, noise=0.02, seeds=5, groups=10):
    rng = np.random.default_rng(key)
    losses = quality + noise * rng.normal(size=seeds)
    left_out = losses[:, None] + 0.001 * rng.normal(size=(seeds, groups))
    price = np.full(seeds, float(cost))
    return [(losses, left_out), (price, np.repeat(price[:, None], groups, axis=1))]


def test_a_model_is_beaten_only_by_one_that_is_no_worse_in_anything():
    cheap, good, bad = model(0.5, 1, 0), model(0.1, 9, 1), model(0.6, 9, 2)
    assert beaten(bad, good)
    assert beaten(bad, cheap)
    assert not beaten(cheap, good)
    assert not beaten(good, cheap)
    assert unbeaten({"cheap": cheap, "good": good, "bad": bad}) == {"cheap", "good"}


def test_what_chance_explains_beats_nobody():
    one, other = model(0.100, 5, 3, noise=0.05), model(0.101, 5, 4, noise=0.05)
    assert not beaten(one, other)
    assert not beaten(other, one)
