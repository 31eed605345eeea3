import itertools
from collections import Counter

import pytest

from autogen.errors import SettingsError
from autogen.hpo.pruners.hyperband import HyperbandPruner
from autogen.hpo.pruners.ranking import Ranking


def test_a_round_holds_the_bracket_sizes_of_the_paper():
    # Li 2016, table 1: R = 81, eta = 3 starts 81, 34, 15, 8 and 5 configurations.
    assert Counter(HyperbandPruner(eta=3, min_share=1 / 81).round) == {4: 81, 3: 34, 2: 15, 1: 8, 0: 5}


def test_each_bracket_has_its_own_first_rung():
    rungs = Counter(HyperbandPruner().rungs(900, number) for number in range(17))
    assert rungs == {(100, 300, 900): 9, (300, 900): 5, (900,): 3}


def test_a_short_study_uses_every_bracket():
    first = {HyperbandPruner().rungs(900, number)[0] for number in range(6)}
    assert first == {100, 300, 900}


@pytest.mark.parametrize(("min_share", "most"), [(0.1, 0.8), (1 / 81, 1.1)])
def test_each_bracket_is_spread_evenly_over_a_round(min_share, most):
    order = HyperbandPruner(eta=3, min_share=min_share).round
    apart = [
        abs(order[:end].count(bracket) - end * order.count(bracket) / len(order))
        for end in range(len(order))
        for bracket in set(order)
    ]
    assert max(apart) < most


def test_brackets_have_about_equal_budgets():
    pruner = HyperbandPruner(eta=3, min_share=1 / 81)
    budgets = Counter()
    for number in range(len(pruner.round)):
        bracket = pruner.round[number]
        rungs = pruner.rungs(81, number)
        shares = [3.0**-i for i in range(len(rungs))]
        steps = [rungs[0], *(b - a for a, b in itertools.pairwise(rungs))]
        budgets[bracket] += sum(share * step for share, step in zip(shares, steps, strict=True))
    # Within half as much again: a trial goes on from its last rung rather than starting afresh.
    assert max(budgets.values()) < 1.5 * min(budgets.values())


def test_within_a_bracket_the_best_third_goes_on():
    peers = Ranking(map(float, range(8)))
    assert HyperbandPruner().keep([2.0], peers)
    assert not HyperbandPruner().keep([2.1], peers)


@pytest.mark.parametrize(("setting", "name"), [({"eta": 1}, "eta"), ({"min_share": 1.5}, "min_share")])
def test_impossible_settings_are_refused_by_name(setting, name):
    with pytest.raises(SettingsError, match=f"hyperband pruner: {name}"):
        HyperbandPruner(**setting)
