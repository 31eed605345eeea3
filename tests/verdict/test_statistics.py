import numpy as np
import pytest
from scipy import stats

from autogen.verdict.statistics import (
    Contender,
    Interval,
    Scores,
    compare,
    compare_scores,
    interval,
    interval_of_rows,
    judge,
    level,
    near_leader,
    normalized,
)


def contender(name, loss, *, noise=0.01, rows=0.005, seeds=5, groups=20, cost=1.0, key=0):
    rng = np.random.default_rng(key)
    losses = loss + noise * rng.normal(size=seeds)
    left_out = losses[:, None] + rows / groups * rng.normal(size=(seeds, groups))
    return Contender(name, Scores(losses, left_out), cost)


def drawn(rng, quality, rows, draws=5, own=1.0):
    """Scores of a model whose loss on a row is its quality plus what the row does plus a draw's own noise."""
    values = quality + rows + own * rng.normal(size=(draws, len(rows)))
    groups = np.arange(len(rows)) % 20
    left_out = np.stack([values[:, groups != group].mean(axis=1) for group in range(20)], axis=1)
    return Scores(values.mean(axis=1), left_out)


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


def test_without_any_variance_only_a_difference_of_zero_is_no_difference():
    same = interval(np.zeros(3), np.zeros((3, 20)))
    other = interval(np.full(3, 0.5), np.full((3, 20), 0.5))
    assert (same.p_value, other.p_value) == (1.0, 0.0)
    assert (other.low, other.high) == (0.5, 0.5)


def test_a_set_drawn_once_is_compared_by_rows_with_one_degree_of_freedom_less_than_groups():
    rng = np.random.default_rng(0)
    replicates = 0.01 * rng.normal(size=20)
    real = Scores(np.zeros(1), np.zeros((1, 20)))
    model = Scores(np.full(4, 0.2), 0.2 + np.tile(replicates, (4, 1)))  # its draws do not differ
    found = compare_scores(real, model)
    assert found.error == pytest.approx(float(np.std(replicates)) * 19**0.5)
    reach = stats.t.ppf(0.975, 19) * found.error
    assert (found.low, found.high) == pytest.approx((0.2 - reach, 0.2 + reach))


def test_the_choice_of_draws_counts_beyond_what_their_own_rows_explain():
    # By rows nothing: the draws' deviations cancel. Between the draws 1/3, of which their rows explain 1/12.
    losses = np.array([1.0, 2.0, 3.0])
    found = interval(losses, losses[:, None] + np.array([[0.5, -0.5], [-0.5, 0.5], [0.0, 0.0]]))
    assert found.error == pytest.approx(0.5)
    assert found.freedom == 2


def test_draws_of_the_floor_move_the_normalized_score_by_the_share_that_is_left_to_it():
    losses = np.array([1.6, 1.8, 2.0, 2.2, 2.4])
    floor = Scores(losses, np.repeat(losses[:, None], 20, axis=1))
    model, ceiling = (Scores(np.full(n, by), np.full((n, 20), by)) for n, by in ((5, 0.5), (1, 0.0)))
    found = normalized(model, floor, ceiling)
    assert found.mean == 0.75
    assert found.error == pytest.approx((1 - 0.75) / 2 * stats.sem(losses))
    room = compare_scores(ceiling, floor)
    assert (room.freedom, room.error) == (4, pytest.approx(stats.sem(losses)))


def test_a_clearly_better_leader_wins():
    leader, rival = contender("a", 0.1, key=1), contender("b", 0.5, key=2)
    verdict = judge(leader, [rival], [contender("marginals", 2.0, key=3)])
    assert (verdict.kind, verdict.chosen) == ("winner", "a")


def test_a_tie_names_the_set_and_returns_the_leader():
    leader = contender("a", 0.100, cost=9.0, key=1)
    near = contender("b", 0.101, cost=2.0, key=2)
    far = contender("c", 0.9, cost=1.0, key=3)
    verdict = judge(leader, [near, far], [contender("marginals", 2.0, key=4)])
    assert (verdict.kind, verdict.chosen, verdict.tied) == ("tie", "a", ("a", "b"))
    assert verdict.given_up is None


def test_a_cheaper_one_is_returned_if_it_is_shown_to_lose_less_than_the_margin():
    leader = contender("a", 0.100, cost=9.0, key=1)
    near = contender("b", 0.101, cost=2.0, key=2)
    verdict = judge(leader, [near], [], margin=0.1, giving_up=True)
    assert (verdict.chosen, verdict.given_up) == ("b", verdict.comparisons[0].difference)
    noisy = contender("b", 0.101, cost=2.0, noise=0.2, key=2)  # not told apart, and not shown to be near
    assert judge(leader, [noisy], [], margin=0.1, giving_up=True).chosen == "a"


def test_where_cost_is_no_objective_a_cheaper_one_must_be_no_worse_in_the_mean():
    leader = contender("a", 0.100, cost=9.0, key=1)
    worse, better = contender("b", 0.105, cost=2.0, key=2), contender("c", 0.095, cost=2.0, key=2)
    assert judge(leader, [worse], [], margin=0.1).chosen == "a"
    assert judge(leader, [worse, better], [], margin=0.1).chosen == "c"


def test_among_equally_cheap_ones_the_leader_is_returned():
    leader = contender("a", 0.100, cost=2.2, key=1)
    near = contender("b", 0.101, cost=2.0, key=2)
    assert judge(leader, [near], [], margin=0.1, giving_up=True).chosen == "a"


def test_a_leader_without_a_rival_is_unrivaled():
    assert judge(contender("a", 0.1), [], [contender("marginals", 2.0, key=3)]).kind == "unrivaled"


def test_the_largest_p_value_decides_whether_a_leader_wins():
    leader = contender("a", 0.5, noise=0.02, key=1)
    rivals = [contender(str(key), 0.56, noise=0.02, key=key) for key in range(2, 8)]
    verdict = judge(leader, rivals, [])
    p_values = [c.difference.p_value for c in verdict.comparisons]
    assert max(p_values) <= 0.05 < len(p_values) * max(p_values)  # Holm's correction would refuse it
    assert verdict.kind == "winner"


def test_later_looks_spend_half_of_what_is_left():
    for claim in ("model", "recipe"):
        levels = [level(look, claim) for look in range(1, 40)]
        assert levels[:3] == [levels[0], levels[0] / 2, levels[0] / 4]
        assert sum(levels) / 2 <= 0.05  # a claim has a direction: half the level is its chance of being false


def test_a_difference_is_judged_by_both_tails():
    losses = np.array([0.1, 0.3, 0.2, 0.6, 0.05])
    found = interval(losses, np.repeat(losses[:, None], 20, axis=1))
    assert found.p_value == pytest.approx(stats.ttest_1samp(losses, 0.0).pvalue)


def test_models_are_compared_on_the_same_rows():
    rng = np.random.default_rng(0)
    rows = 30 * rng.normal(size=200)  # rows differ far more than models do
    leader, rival = drawn(rng, 0.0, rows), drawn(rng, 0.5, rows)
    assert compare_scores(leader, rival).p_value < 0.05
    apart = Scores(rival.losses, np.flip(rival.replicates, axis=1))
    assert compare_scores(leader, apart).p_value > 0.05


def test_where_seeds_dominate_there_are_no_more_degrees_of_freedom_than_seeds_less_one():
    rng = np.random.default_rng(0)
    losses = rng.normal(size=5)
    rows = losses[:, None] + 0.02 * rng.normal(size=20)
    found = interval(losses, rows)
    assert 0 < found.freedom <= 4
    few = interval(losses * 1e-3, rows)
    assert few.freedom == pytest.approx(19, abs=0.5)


def test_rows_of_a_draw_s_own_are_counted_once():
    rng = np.random.default_rng(1)
    errors, true = [], []
    for _ in range(300):
        scores = drawn(rng, 0.0, np.zeros(200), own=2.0)
        errors.append(interval(scores.losses, scores.replicates).error ** 2)
        true.append(scores.mean)
    assert np.mean(errors) == pytest.approx(np.var(true), rel=0.35)


@pytest.mark.slow
def test_an_interval_of_a_normalized_score_counts_floor_and_ceiling():
    rng = np.random.default_rng(2)
    covered, widths = 0, []
    for _ in range(300):
        rows = rng.normal(size=200)
        model, floor = drawn(rng, 1.0, rows, own=3.0), drawn(rng, 2.0, rows, own=3.0)
        ceiling = drawn(rng, 0.0, rows, draws=1, own=3.0)
        found = normalized(model, floor, ceiling)
        covered += found.low <= 0.5 <= found.high
        widths.append(found.error)
        fixed = normalized(model, Scores(np.full(5, 2.0), np.full((5, 20), 2.0)), ceiling)
        assert fixed is not None
    assert 0.92 <= covered / 300 <= 0.99


def test_where_real_rows_are_no_better_than_the_floor_beyond_chance_there_is_no_scale():
    rng = np.random.default_rng(3)
    rows = rng.normal(size=200)
    model, floor = drawn(rng, 0.0, rows), drawn(rng, 0.0, rows)
    assert normalized(model, floor, drawn(rng, 0.0, rows, draws=1, own=3.0)) is None


def test_rivals_clearly_worse_on_select_are_dropped_but_the_runner_up_is_not():
    rng = np.random.default_rng(4)
    rows = rng.normal(size=200)
    scores = [drawn(rng, quality, rows) for quality in (0.0, 9.0, 0.05, 9.0)]
    assert near_leader(scores[0], scores[1:]) == [True, True, False]


def test_a_one_sided_bound_lies_inside_the_two_sided_interval():
    found = interval(np.array([0.1, 0.3, 0.2, 0.6, 0.05]), np.zeros((5, 20)))
    assert found.mean < found.upper() < found.high
    assert Interval(0.1, -np.inf, np.inf, 1.0).upper() == np.inf


def test_an_unbeaten_baseline_is_said_plainly():
    leader = contender("a", 0.5, key=1)
    verdict = judge(leader, [], [contender("marginals", 2.0, key=2), contender("copula", 0.5, key=3)])
    assert verdict.kind == "baseline"


def test_a_rival_that_turns_out_better_on_test_is_no_loser():
    leader, better = contender("a", 0.5, key=1), contender("b", 0.1, key=2)
    assert not compare(leader, [better])[0].separated


@pytest.mark.slow
def test_false_winners_are_rare_when_all_finalists_are_equal():
    rng = np.random.default_rng(0)
    false = 0
    for _ in range(300):
        rows = rng.normal(size=200)
        finalists = []
        for name in "abc":
            values = 0.2 * rng.normal(size=5)[:, None] + rows + 0.5 * rng.normal(size=(5, 200))
            left_out = np.stack([values[:, np.arange(200) % 20 != g].mean(axis=1) for g in range(20)], axis=1)
            finalists.append(Contender(name, Scores(values.mean(axis=1), left_out)))
        leader = finalists[rng.integers(3)]
        false += judge(leader, [f for f in finalists if f is not leader], []).kind == "winner"
    assert false / 300 <= 0.05


def test_an_interval_of_rows_is_students_with_one_degree_of_freedom_less_than_groups():
    replicates = 0.3 + 0.01 * np.random.default_rng(0).normal(size=8)
    found = interval_of_rows(0.3, replicates)
    assert found.error == pytest.approx(float(np.std(replicates)) * 7**0.5)
    assert found.freedom == 7
    reach = stats.t.ppf(0.975, 7) * found.error
    assert (found.low, found.high) == pytest.approx((0.3 - reach, 0.3 + reach))
    assert interval_of_rows(0.3, replicates[:1]).high == np.inf


def test_draws_of_the_model_move_the_normalized_score_by_the_room_they_have():
    losses = np.array([0.8, 1.2])
    model = Scores(losses, np.repeat(losses[:, None], 2, axis=1))
    floor, ceiling = (Scores(np.full(n, by), np.full((n, 2), by)) for n, by in ((2, 4.0), (1, 0.0)))
    found = normalized(model, floor, ceiling)
    assert found.mean == pytest.approx(0.75)
    assert found.error == pytest.approx(stats.sem(losses) / 4)
    assert found.freedom == 1
    once = Scores(losses[:1], model.replicates[:1])
    assert normalized(once, floor, ceiling).low == -np.inf


def test_rows_that_move_a_model_alone_move_its_normalized_score_by_their_share_of_the_room():
    effects = 0.01 * np.random.default_rng(0).normal(size=20)
    model = Scores(np.full(4, 1.0), 1.0 + np.tile(effects, (4, 1)))
    floor, ceiling = (Scores(np.full(n, by), np.full((n, 20), by)) for n, by in ((4, 2.0), (1, 0.0)))
    found = normalized(model, floor, ceiling)
    assert found.error == pytest.approx(float(np.std(effects)) * 19**0.5 / 2)
    assert found.freedom == 19
    reach = stats.t.ppf(0.975, 19) * found.error
    assert (found.low, found.high) == pytest.approx((0.5 - reach, 0.5 + reach))


def test_rows_that_move_all_alike_move_no_comparison_with_a_set_drawn_once():
    effects = np.random.default_rng(0).normal(size=20)
    real, model = Scores(np.zeros(1), effects[None]), Scores(np.full(3, 0.2), 0.2 + np.tile(effects, (3, 1)))
    found = compare_scores(real, model)
    assert (found.mean, found.error) == pytest.approx((0.2, 0.0))


def test_a_level_is_reached_by_a_p_value_that_equals_it():
    leader, rival = contender("a", 0.5, noise=0.02, key=1), contender("b", 0.55, noise=0.02, key=2)
    p_value = compare(leader, [rival])[0].difference.p_value
    assert compare(leader, [rival], p_value)[0].relation == "worse"
    assert compare(leader, [rival], 0.999 * p_value)[0].relation == "undecided"


def test_a_floor_as_good_as_real_rows_makes_no_scale_however_few_groups_there_are():
    alike = Scores(np.ones(1), np.ones((1, 1)))
    assert normalized(alike, alike, alike) is None
