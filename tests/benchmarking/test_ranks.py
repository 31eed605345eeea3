"""Ranks over data sets, against published figures and scipy."""

import numpy as np
import pytest
from scipy import stats

from autogen.benchmarking.ranks import critical_difference, friedman, holm, rank

#: Ranks of C4.5 without and with two ways of tuning, on 14 data sets: Demsar 2006, table 6.
DEMSAR = np.array(
    [
        (4, 3, 2, 1),
        (1, 2, 3, 4),
        (4, 1, 2, 3),
        (4, 1, 3, 2),
        (4, 2, 3, 1),
        (1, 2.5, 4, 2.5),
        (3, 2, 4, 1),
        (2.5, 2.5, 4, 1),
        (4, 3, 2, 1),
        (2.5, 2.5, 2.5, 2.5),
        (4, 2.5, 1, 2.5),
        (3, 2, 4, 1),
        (4, 1, 2, 3),
        (3, 1, 4, 2),
    ]
)
NAMES = ("C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf")


def losses(table, names=NAMES):
    return {f"set {i}": dict(zip(names, map(float, row), strict=True)) for i, row in enumerate(table)}


def test_mean_ranks_and_critical_difference_are_those_of_demsar():
    found = rank(losses(DEMSAR))
    means = dict(zip(found.names, found.means, strict=True))
    assert means == pytest.approx(dict(zip(NAMES, (3.143, 2.000, 2.893, 1.964), strict=True)), abs=5e-4)
    assert found.names[0] == "C4.5+m+cf"
    assert critical_difference(4, 14, 0.05) == pytest.approx(1.25, abs=5e-3)
    assert critical_difference(4, 14, 0.10) == pytest.approx(1.12, abs=5e-3)


def test_friedman_is_scipys_with_iman_and_davenports_f():
    found = rank(losses(DEMSAR))
    expected = stats.friedmanchisquare(*DEMSAR.T).statistic
    assert found.statistic == pytest.approx(expected)
    ratio = 13 * expected / (14 * 3 - expected)
    assert found.p_value == pytest.approx(stats.f.sf(ratio, 3, 39))


def test_a_clique_is_a_run_that_the_critical_difference_does_not_separate():
    found = rank(losses(DEMSAR))  # 1.964, 2.000, 2.893, 3.143 at 1.25: all but none separated
    assert found.cliques == (found.names,)
    apart = rank(losses(np.arange(4.0) + np.zeros((30, 1))))
    assert apart.critical_difference == pytest.approx(0.856, abs=5e-3)
    assert apart.cliques == ()


def test_pairs_are_wilcoxons_after_holm():
    found = rank(losses(DEMSAR))
    table = {name: DEMSAR[:, i] for i, name in enumerate(NAMES)}
    raw = [
        stats.wilcoxon(table[pair.worse] - table[pair.better], zero_method="zsplit").pvalue
        for pair in found.pairs
    ]
    assert len(found.pairs) == 6
    assert [pair.adjusted_p for pair in found.pairs] == pytest.approx(holm(raw))
    assert all(0 <= pair.wins <= 14 for pair in found.pairs)


def test_few_data_sets_are_ranked_but_not_tested():
    found = rank(losses(DEMSAR[:5]))
    assert found.p_value is None
    assert found.cliques == ()
    assert "5 data sets are too few" in found.note
    assert sum(found.means) == pytest.approx(10)


def test_two_models_are_ranked_but_not_tested():
    assert "at least 3" in rank(losses(DEMSAR[:, :2], NAMES[:2])).note


def test_a_model_that_failed_ranks_last():
    table = DEMSAR.copy()
    table[:, 3] = np.inf
    found = rank(losses(table))
    assert found.names[-1] == "C4.5+m+cf"
    assert found.means[-1] == 4


def test_models_that_draw_everywhere_do_not_differ():
    assert friedman(np.full((8, 3), 2.0)) == (0.0, 1.0)


def test_the_same_order_everywhere_is_beyond_chance():
    assert friedman(np.tile([1.0, 2.0, 3.0], (8, 1)))[1] < 0.01


def test_holm_matches_the_definition():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []
