from autogen.hpo.pruners.none import NoPruner
from autogen.hpo.pruners.ranking import Ranking


def test_only_the_last_step_is_measured():
    assert NoPruner().rungs(100, 7) == (100,)


def test_the_worst_goes_on():
    assert NoPruner().keep([9.0], Ranking([0.0] * 50))
