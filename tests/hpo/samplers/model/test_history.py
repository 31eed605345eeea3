import math

import numpy as np
import pytest

from autogen.hpo.samplers.model.history import History, window
from autogen.hpo.trial import Outcome, State


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


def test_the_seconds_of_a_whole_trial_follow_from_the_share_that_was_trained():
    history = told(*complete(1.0, 2.0))
    ends = ((State.PRUNED, 0.25, 2.0), (State.FAILED, 0.0, 0.0))
    for number, (state, share, seconds) in enumerate(ends, start=2):
        history.ask(number)
        history.tell(Outcome(number, state, 1.0 if share else None, share, seconds=seconds))
    assert history.costs(4).tolist() == [0.0, 0.0, 8.0, 0.0]
    assert history.mean_seconds == 2.0
    assert told(*complete(1.0)).mean_seconds == 0.0


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


def asked_of(pending: int, results: int) -> History:
    history = told(*complete(*map(float, range(results))))
    for number in range(results, results + pending):
        history.ask(number)
    history.basis = None
    return history


@pytest.mark.parametrize(
    ("pending", "results", "size"),
    [(31, 500, 1), (32, 500, 2), (333, 500, 20), (5000, 500, 64), (333, 40, 10), (333, 0, 1)],
)
def test_a_batch_grows_with_pending_trials_and_with_results(pending: int, results: int, size: int):
    assert asked_of(pending, results).next_basis(1000).size == size


def test_the_proposals_of_a_batch_have_its_basis_whatever_is_told_meanwhile():
    history = asked_of(pending=48, results=100)
    first = history.next_basis(148)
    assert first.pending == tuple(range(100, 148))
    for number in range(148, 151):
        assert history.next_basis(number) == first
        history.ask(number)
        history.tell(Outcome(number - 48, State.COMPLETE, 1.0))
    assert history.next_basis(151) == history.new_basis(151) != first
