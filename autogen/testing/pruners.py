"""What every pruner must do; subclass ``PrunerContract`` in your tests to check your own."""

import itertools

from autogen.hpo.pruners.base import Pruner
from autogen.hpo.pruners.ranking import Ranking

STEPS = (1, 2, 3, 10, 27, 100, 1001)


class PrunerContract:
    """Tests that take a fixture ``pruner``: an instance with the settings to check."""

    def test_rungs_ascend_to_the_last_step(self, pruner: Pruner) -> None:
        for steps, number in itertools.product(STEPS, range(20)):
            rungs = pruner.rungs(steps, number)
            assert list(rungs) == sorted(set(rungs))
            assert rungs[0] >= 1
            assert rungs[-1] == steps

    def test_rungs_of_a_trial_are_always_the_same(self, pruner: Pruner) -> None:
        first = [pruner.rungs(100, number) for number in range(20)]
        assert [pruner.rungs(100, number) for number in range(20)] == first

    def test_a_trial_without_peers_goes_on(self, pruner: Pruner) -> None:
        assert pruner.keep([9.0], Ranking()) is True
        assert pruner.keep([9.0, 9.0], Ranking()) is True

    def test_the_best_at_a_rung_goes_on(self, pruner: Pruner) -> None:
        for count, length in itertools.product(range(1, 30), range(1, 6)):
            peers = Ranking(map(float, range(1, count + 1)))
            assert pruner.keep([0.0] * length, peers) is True

    def test_equals_of_the_best_go_on(self, pruner: Pruner) -> None:
        assert pruner.keep([1.0, 1.0], Ranking([1.0] * 20)) is True

    def test_a_better_loss_never_turns_going_on_into_stopping(self, pruner: Pruner) -> None:
        peers = Ranking(map(float, range(20)))
        answers = [pruner.keep([5.0, loss - 0.5], peers) for loss in range(21)]
        assert answers == sorted(answers, reverse=True)

    def test_losses_are_left_as_they_are(self, pruner: Pruner) -> None:
        curve, peers = [2.0, 3.0], Ranking([1.0, 9.0])
        pruner.keep(curve, peers)
        assert curve == [2.0, 3.0]
        assert [peers[rank] for rank in range(len(peers))] == [1.0, 9.0]
