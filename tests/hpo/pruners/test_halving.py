import random

import pytest

from autogen.errors import SettingsError
from autogen.hpo.pruners.halving import HalvingPruner
from autogen.hpo.pruners.ranking import Ranking


def test_rungs_are_powers_of_eta_apart():
    assert HalvingPruner().rungs(900) == (100, 300, 900)
    assert HalvingPruner(eta=4, min_share=0.01).rungs(640) == (10, 40, 160, 640)


def test_a_min_share_of_one_measures_only_at_the_end():
    assert HalvingPruner(min_share=1.0).rungs(900) == (900,)


def test_a_min_share_that_is_a_power_of_eta_is_itself_a_rung():
    assert HalvingPruner(eta=2, min_share=0.25).rungs(100) == (25, 50, 100)
    assert HalvingPruner(eta=3, min_share=1 / 9).rungs(900) == (100, 300, 900)


def test_the_best_third_goes_on():
    peers = Ranking(map(float, range(8)))
    assert HalvingPruner().keep([2.0], peers)
    assert not HalvingPruner().keep([2.1], peers)


def test_the_second_of_two_is_stopped_when_it_is_worse():
    assert not HalvingPruner().keep([2.0], Ranking([1.0]))


def test_only_the_rung_just_reached_counts():
    peers = Ranking([5.0, 6.0])
    assert HalvingPruner().keep([9.0, 4.0], peers)
    assert not HalvingPruner().keep([-1.0, 7.0], peers)


def test_about_one_in_eta_of_many_trials_goes_on():
    draw = random.Random(0)
    peers = Ranking()
    kept = 0
    for _ in range(900):
        curve = [draw.random()]
        kept += HalvingPruner(eta=3).keep(curve, peers)
        peers.add(curve[0])
    assert 280 < kept < 340


@pytest.mark.parametrize(("setting", "name"), [({"eta": 1}, "eta"), ({"min_share": 0.0}, "min_share")])
def test_impossible_settings_are_refused_by_name(setting, name):
    with pytest.raises(SettingsError, match=f"halving pruner: {name}"):
        HalvingPruner(**setting)
