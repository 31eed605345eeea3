import math

import numpy as np
import pytest

from autogen.samplers.history import History, window
from autogen.trial import Outcome, State


def told(*outcomes: tuple[State, float | None, float]) -> History:
    history = History()
    for number, (state, loss, fidelity) in enumerate(outcomes):
        history.ask(number)
        history.tell(Outcome(number, state, loss, fidelity))
    return history


def complete(*losses: float) -> list[tuple[State, float | None, float]]:
    return [(State.COMPLETE, loss, 1.0) for loss in losses]


def test_targets_keep_the_order_of_losses_with_the_best_at_0_and_a_usual_one_at_1():
    targets = told(*complete(3.0, 1.0, 2.0, 9.0, 500.0)).targets()
    assert targets.argsort().tolist() == [1, 2, 0, 3, 4]
    assert targets[[1, 0]].tolist() == [0.0, 1.0]
    assert targets[4] == pytest.approx(1 + math.log(499 / 2))


def test_good_losses_later_on_do_not_make_the_first_look_bad():
    first, later = [float(loss) for loss in range(10)], [0.5] * 90
    assert told(*complete(*first, *later)).targets()[:5] == pytest.approx(
        told(*complete(*first)).targets()[:5]
    )


def test_a_trial_cut_short_is_never_better_than_a_usual_one_however_low_its_loss():
    history = told(*complete(1.0, 2.0, 3.0), (State.PRUNED, 0.001, 0.1), (State.PRUNED, 0.5, 0.1))
    targets = history.targets()
    assert 1.0 < targets[3] < targets[4] < 2.0
    assert history.complete == [1.0, 2.0, 3.0]


def test_trials_cut_short_are_ranked_among_their_own_fidelity():
    targets = told(*complete(1.0), (State.PRUNED, 9.0, 0.1), (State.PRUNED, 2.0, 0.3)).targets()
    assert targets[1] == targets[2]


def test_a_failed_trial_counts_as_the_worst():
    history = told(*complete(1.0, 2.0, 300.0), (State.FAILED, None, 0.1), (State.COMPLETE, math.nan, 1.0))
    targets = history.targets()
    assert targets[3] == targets[4] == targets.max()
    assert len(history.complete) == 3


def test_equal_losses_and_none_at_all_have_targets():
    assert told(*complete(2.0, 2.0, 2.0)).targets().tolist() == [0.0, 0.0, 0.0]
    assert told((State.FAILED, None, 0.5), (State.PRUNED, 1.0, 0.5)).targets().tolist() == [2.0, 1.5]
    assert len(History().targets()) == 0


def test_targets_of_the_first_trials_do_not_depend_on_later_ones():
    first = complete(3.0, 1.0, 2.0)
    assert told(*first, *complete(0.0, 70.0)).targets(3).tolist() == told(*first).targets().tolist()


def test_pending_trials_are_those_not_told():
    history = told(*complete(1.0))
    history.ask(1)
    history.ask(2)
    history.tell(Outcome(2, State.COMPLETE, 1.0))
    assert list(history.pending) == [1]
    assert history.numbers == [0, 2]


def test_a_window_holds_the_best_and_the_newest_in_their_order():
    targets = np.array([0.0, 5.0, 6.0, 1.0, 7.0, 8.0, 9.0, 4.0])
    assert window(targets, 4) == [0, 3, 6, 7]
    assert window(targets, 8) == list(range(8))
