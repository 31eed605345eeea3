"""Contract of pruners as a test suite: subclass ``PrunerContract`` for your own pruner."""

import itertools

from autogen.hpo.pruners.base import Pruner
from autogen.hpo.pruners.ranking import Ranking

STEPS = (1, 2, 3, 10, 27, 100, 1001)


class PrunerContract:
    """Tests of a pruner; subclasses define the fixture ``pruner``, an instance with settings."""

    def test_rungs_ascend_to_the_last_step(self, pruner: Pruner) -> None:
        for steps, number in itertools.product(STEPS, range(20)):
            rungs = pruner.rungs(steps, number)
            assert list(rungs) == sorted(set(rungs))
            assert rungs[0] >= 1
            assert rungs[-1] == steps

    def test_rungs_of_a_trial_are_always_the_same(self, pruner: Pruner) -> None:
        first = [pruner.rungs(100, number) for number in range(20)]
        assert [pruner.rungs(100, number) for number in range(20)] == first

    def test_a_trial_without_peers_continues(self, pruner: Pruner) -> None:
        assert pruner.keep([9.0], Ranking()) is True
        assert pruner.keep([9.0, 9.0], Ranking()) is True

    def test_the_best_at_a_rung_continues(self, pruner: Pruner) -> None:
        for count, length in itertools.product(range(1, 30), range(1, 6)):
            peers = Ranking(map(float, range(1, count + 1)))
            assert pruner.keep([0.0] * length, peers) is True

    def test_ties_with_the_best_continue(self, pruner: Pruner) -> None:
        assert pruner.keep([1.0, 1.0], Ranking([1.0] * 20)) is True

    def test_a_better_loss_never_stops_a_trial_that_would_continue(self, pruner: Pruner) -> None:
        peers = Ranking(map(float, range(20)))
        answers = [pruner.keep([5.0, loss - 0.5], peers) for loss in range(21)]
        assert answers == sorted(answers, reverse=True)

    def test_losses_are_left_as_they_are(self, pruner: Pruner) -> None:
        curve, peers = [2.0, 3.0], Ranking([1.0, 9.0])
        pruner.keep(curve, peers)
        assert curve == [2.0, 3.0]
        assert [peers[rank] for rank in range(len(peers))] == [1.0, 9.0]
