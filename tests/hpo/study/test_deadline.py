"""Which trials have time to end."""

import pytest

from autogen.hpo.objective import Objective
from autogen.hpo.study import events
from autogen.hpo.study.deadline import TimeBudget
from autogen.hpo.study.state import SPENT, StudyState
from autogen.hpo.trial import Measurement, State


def state_of(*happened):
    state = StudyState(Objective("loss"))
    for event in happened:
        state.apply(event)
    return state


def begun():
    """A complete trial of one family and one of another after its first of three rungs."""
    return state_of(
        events.Start(seconds=100.0),
        events.Ask(0, {"family": "a"}, 0, (1,)),
        events.Rung(0, 1, 0.5, True, 1.0, 1.0),
        events.End(0, State.COMPLETE),
        events.Ask(1, {"family": "a"}, 0, (1, 3, 10)),
        events.Rung(1, 1, 0.5, True, 1.0, 1.0),
    )


@pytest.mark.parametrize(("now", "why"), [(91.5, ""), (92.5, SPENT)])
def test_a_trial_goes_on_if_its_steps_and_one_more_score_fit_into_what_is_left(now, why):
    state = begun()
    budget = TimeBudget(state, 100.0, patience=3.0)
    # 3 of 10 s of training and two scores of 1 s are over: 7 s of training and a score are to come.
    assert budget.stops(state.trials[1], Measurement(1, 3, 0.4, 3.0, 2.0), now) == why


@pytest.mark.parametrize(("now", "why"), [(83.5, ""), (84.5, SPENT)])
def test_a_trial_of_one_program_waits_for_the_others_steps_too(now, why):
    state = begun()
    budget = TimeBudget(state, 100.0, patience=3.0)
    # as above, but of each second another trial of the program takes a half: 16 s are to come
    assert budget.stops(state.trials[1], Measurement(1, 3, 0.4, 3.0, 2.0, 2), now) == why


def test_a_trial_is_timed_out_after_twice_what_it_needs():
    state = begun()
    budget = TimeBudget(state, 100.0, patience=3.0)
    budget.stops(state.trials[1], Measurement(1, 3, 0.4, 3.0, 2.0), 50.0)
    assert not budget.timed_out(1, 65.9)
    assert budget.timed_out(1, 66.1)
    assert budget.timed_out(0, 0.1)  # one that was never measured


def test_what_is_kept_for_the_finals_is_not_left_for_the_search():
    budget = TimeBudget(begun(), 100.0, patience=3.0, reserve=lambda _: 20.0)
    assert budget.left(50.0) == 30.0
    assert not budget.is_up(79.9)
    assert budget.is_up(80.1)
    assert TimeBudget(begun(), None, patience=3.0).left(1e9) == float("inf")


def ended(number, family, score, seconds):
    """The events of a complete trial."""
    return [
        events.Ask(number, {"family": family}, 0, (1,)),
        events.Rung(number, 1, score, True, seconds - 1.0, 1.0),
        events.End(number, State.COMPLETE),
    ]


@pytest.mark.parametrize(
    ("now", "family"),
    [(69.9, ""), (70.1, "middling"), (90.1, "quick"), (99.5, "")],
)
def test_near_the_end_trials_are_of_the_best_family_that_still_fits(now, family):
    trials = [("best", 0.1, 30.0), ("best", 0.2, 35.0), ("quick", 0.5, 2.0), ("middling", 0.3, 10.0)]
    happened = [event for n, trial in enumerate(trials) for event in ended(n, *trial)]
    state = state_of(events.Start(seconds=100.0), *happened)
    assert TimeBudget(state, 100.0, patience=3.0).family(now) == family
    assert TimeBudget(state, None, patience=3.0).family(now) == ""
