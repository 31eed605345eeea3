"""The state of a study as its journal tells it: counts, ranks, and what it refuses."""

from pathlib import Path

import pytest

from autogen.errors import JournalError
from autogen.hpo.objective import Objective
from autogen.hpo.study.events import Ask, Cut, End, Lost, Rung, Start
from autogen.hpo.study.state import SPENT, TOO_LONG, StudyState
from autogen.hpo.trial import State


def state_of(*events):
    state = StudyState(Objective("kd"))
    for event in events:
        state.apply(event)
    return state


def trial(n, score, state=State.COMPLETE, why="", **more):
    """A trial of a family with ten steps: asked, measured at its only rung, ended."""
    asked = Ask(n, {"family": "vae", "training.steps": 10}, n, (10,))
    return [asked, Rung(n, 10, score, True, 1.0, 0.5), End(n, state, why=why, **more)]


@pytest.mark.parametrize(
    ("state", "why", "counted"),
    [
        (State.PRUNED, SPENT, 1),
        (State.PRUNED, TOO_LONG, 1),
        (State.PRUNED, "worse than its peers", 0),
        (State.COMPLETE, SPENT, 0),
        (State.FAILED, SPENT, 0),
    ],
)
def test_only_a_pruned_trial_that_the_budget_stopped_is_out_of_time(state, why, counted):
    assert state_of().timeouts == 0
    assert state_of(*trial(0, 0.5, state, why)).timeouts == counted


def test_a_trial_is_complete_at_its_last_rung_and_was_cut_where_that_lies_before_its_config_s():
    whole = [Ask(0, {"family": "vae", "training.steps": 10}, 0, (10,)), Rung(0, 10, 0.5, True, 1.0, 0.5)]
    less = [Ask(1, {"family": "gan", "training.steps": 10}, 1, (10,)), Cut(1, 0.4, (4,))]
    less += [Rung(1, 4, 0.6, True, 1.0, 0.5)]
    state = state_of(*whole, *less, End(0, State.COMPLETE), End(1, State.COMPLETE))
    assert state.cut() == {"gan": 0.4}
    assert state.shares == {"gan": 0.4}
    assert [one.task.steps for one in state.trials] == [10, 4]


def test_the_least_share_of_a_family_that_was_cut_is_told():
    events = []
    for n, steps in enumerate((8, 3, 5)):
        events += [Ask(n, {"family": "vae", "training.steps": 10}, n, (10,)), Cut(n, steps / 10, (steps,))]
        events += [Rung(n, steps, 0.5, True, 1.0, 0.5), End(n, State.COMPLETE)]
    assert state_of(*events).cut() == {"vae": 0.3}


def test_what_a_sampler_is_told_of_a_trial():
    ended = trial(0, 0.5) + trial(1, 0.4, suspect="copies") + trial(2, 0.3, State.FAILED, "broken")
    state = state_of(*ended, Ask(3, {"family": "vae", "training.steps": 10}, 3, (5, 10)))
    state.apply(Rung(3, 5, 0.2, False, 1.0, 0.5))
    state.apply(End(3, State.PRUNED))
    told = [one.outcome for one in state.trials]
    assert [one.state for one in told] == [State.COMPLETE, State.INFEASIBLE, State.FAILED, State.PRUNED]
    assert [one.loss for one in told] == [0.5, None, None, 0.2]
    assert [one.fidelity for one in told] == [1.0, 0.0, 0.0, 0.5]


def test_the_best_comes_first_of_equal_ones_the_oldest_and_suspects_last():
    found = trial(0, 0.5) + trial(1, 0.1, suspect="copies") + trial(2, 0.3) + trial(3, 0.3)
    assert [one.task.number for one in state_of(*found).complete()] == [2, 3, 0, 1]


def test_a_suspect_with_the_best_score_is_named_and_no_other():
    doubt = "trial 0 (vae) scores 0.1 but is suspected of copying training data"
    suspect = trial(0, 0.1, suspect="copies")
    assert state_of(*suspect).doubt() == doubt
    assert state_of(*suspect, *trial(1, 0.3), *trial(2, 0.2, suspect="copies")).doubt() == doubt
    assert state_of(*suspect, *trial(1, 0.05)).doubt() == ""
    assert state_of(*trial(0, 0.1)).doubt() == ""


def measured(n, *scores, state=State.COMPLETE):
    """A trial with a score at each of its rungs."""
    rungs = tuple(range(1, len(scores) + 1))
    found = [Rung(n, step, score, True) for step, score in zip(rungs, scores, strict=True)]
    return [Ask(n, {"family": "vae"}, n, rungs), *found, End(n, state)]


def test_the_last_rung_says_how_good_a_trial_is():
    state = state_of(*measured(0, 0.1, 0.6), *measured(1, 0.9, 0.5))
    assert [one.task.number for one in state.complete()] == [1, 0]
    assert [one.score for one in state.trials] == [0.6, 0.5]
    assert [one.outcome.loss for one in state.trials] == [0.6, 0.5]


def test_an_infeasible_trial_is_no_peer_of_those_that_may_win():
    state = state_of(*measured(0, 0.4, 0.3), *measured(1, 0.2, 0.1, state=State.INFEASIBLE))
    assert {
        rung: list(map(peers.__getitem__, range(len(peers)))) for (_, rung), peers in state.peers.items()
    } == {
        0: [0.4],
        1: [0.3],
    }


def test_shares_of_families_are_kept_until_the_study_has_another_budget():
    events = [
        Start(seconds=60.0),
        Ask(0, {"family": "vae", "training.steps": 10}, 0, (10,)),
        Cut(0, 0.4, (4,)),
    ]
    assert state_of(*events, Start(seconds=60.0)).shares == {"vae": 0.4}
    assert state_of(*events, Start(seconds=90.0)).shares == {}


def test_a_trial_ends_for_the_reason_of_its_end_and_else_for_that_of_its_last_rung():
    asked, stopped = Ask(0, {"family": "vae"}, 0, (1, 2)), Rung(0, 1, 0.5, False, why="worse than its peers")
    ends = [End(0, State.PRUNED), End(0, State.FAILED, why="out of memory")]
    reasons = [state_of(asked, stopped, end).trials[0].reason for end in ends]
    assert reasons == ["worse than its peers", "out of memory"]


def test_losses_of_workers_are_counted():
    state = state_of(Ask(0, {"family": "vae", "training.steps": 10}, 0, (10,)), Lost(0), Lost(0))
    assert state.trials[0].lost == 2


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ([Ask(1, {"family": "vae"}, 0, (1,))], "trial 0 is expected to be asked, not trial 1"),
        ([End(0, State.FAILED)], "trial 0 was never asked"),
        ([*trial(0, 0.5), End(0, State.COMPLETE)], "trial 0 ended before"),
        ([Ask(0, {"family": "vae"}, 0, (1,)), End(0, State.COMPLETE)], "complete without a score"),
        ([Ask(0, {"family": "vae"}, 0, (3, 2))], "rungs of trial 0 do not ascend"),
        ([Ask(0, {"family": "vae"}, 0, (0, 2))], "rungs of trial 0 do not ascend"),
        ([Ask(0, {"family": "vae", "training.steps": 0}, 0, (1,))], "has 0 training steps"),
    ],
)
def test_events_that_cannot_follow_are_refused(events, why):
    with pytest.raises(JournalError, match=why):
        state_of(*events)
    with pytest.raises(JournalError, match=r"journal.jsonl is damaged at line \d+: .*restore"):
        StudyState(Objective("kd")).replay(events, Path("journal.jsonl"))


def test_the_line_of_an_event_that_does_not_fit_is_named():
    events = [*trial(0, 0.5), End(0, State.COMPLETE)]
    with pytest.raises(JournalError, match="line 5"):  # after the header and three events
        StudyState(Objective("kd")).replay(events, Path("journal.jsonl"))
