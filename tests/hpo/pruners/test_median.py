import pytest

from autogen.errors import SettingsError
from autogen.hpo.pruners.median import MedianPruner
from autogen.hpo.pruners.ranking import Ranking


def test_rungs_are_evenly_spaced():
    assert MedianPruner(checks=5).rungs(100) == (20, 40, 60, 80, 100)


def test_without_settings_there_are_five_rungs_the_first_of_them_to_warm_up_on():
    assert MedianPruner().rungs(100) == (20, 40, 60, 80, 100)
    assert MedianPruner() == MedianPruner(checks=5, warmup=1, peers=4)


def test_fewer_steps_than_checks_give_fewer_rungs():
    assert MedianPruner(checks=5).rungs(3) == (1, 2, 3)


def test_worse_than_the_median_of_the_rung_is_stopped():
    peers = Ranking([1.0, 2.0, 3.0, 4.0])
    assert MedianPruner().keep([0.0, 2.5], peers)
    assert not MedianPruner().keep([0.0, 2.6], peers)


def test_nothing_is_stopped_while_warming_up():
    peers = Ranking([0.0] * 10)
    assert MedianPruner(warmup=1).keep([9.0], peers)
    assert not MedianPruner(warmup=1).keep([9.0, 9.0], peers)
    assert not MedianPruner(warmup=0).keep([9.0], peers)


def test_too_few_peers_stop_nothing():
    pruner = MedianPruner(peers=4)
    assert pruner.keep([9.0, 9.0], Ranking([0.0] * 3))
    assert not pruner.keep([9.0, 9.0], Ranking([0.0] * 4))


def test_what_came_earlier_is_forgiven():
    assert MedianPruner().keep([9.0, 9.0, 0.5], Ranking([1.0] * 5))


@pytest.mark.parametrize("setting", [{"checks": 0}, {"warmup": -1}, {"peers": 0}])
def test_impossible_settings_are_refused_by_name(setting):
    with pytest.raises(SettingsError, match=next(iter(setting))):
        MedianPruner(**setting)
