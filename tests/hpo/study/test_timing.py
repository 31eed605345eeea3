"""Where a study's seconds went."""

import pytest

from autogen.hpo.study.events import Ask, Confirm, Costs, Cut, Finalists, Rung, Scored, Start
from autogen.hpo.study.timing import Times
from autogen.hpo.trial import State

EVENTS = [
    Rung(0, 3, 0.5, True, 1.0, 0.5),
    Rung(0, 9, 0.5, True, 4.0, 1.0),
    Rung(1, 3, 0.5, False, 2.0, 0.5),
    Confirm(0, 0, 0, State.COMPLETE, 10.0, 0.25),
    Scored("tune/smote/0", 1.0, {}),
    Scored("select/trial 0/0", 0.75, {}),
    Scored("constraints/smote/0", 0.5, {}),
    Scored("test/trial 0/0", 0.5, {}),
    Scored("others/0", 0.25, {}),
    Costs(0.25),
]


def test_work_is_added_up_by_what_it_was_for():
    told = Times.of(EVENTS, 61.24, 60.0).to_json()
    assert told == {
        "budget": 60.0,
        "seconds": 61.2,
        "startup": 61.24,
        "search": 0.0,
        "finals": 0.0,
        "search_training": 6.0,
        "search_evaluation": 1.5,
        "confirmation_training": 10.0,
        "confirmation_evaluation": 1.0,
        "baselines": 1.5,
        "test": 0.75,
        "costs": 0.25,
        "kept": True,
    }


def test_the_clock_is_split_so_that_it_adds_up_to_all_seconds():
    story = [
        Start(t=8.0),
        Ask(0, {}, 0, (3, 9), t=8.5),
        Rung(0, 3, 0.5, True, 1.0, 0.5, t=14.0),  # its worker began to train at 12.5
        Finalists((0,), 0, t=20.0),
        Scored("select/trial 0/0", 2.0, {}, t=23.0),
    ]
    found = Times.of(story, 30.5, 60.0)
    assert (found.startup, found.search, found.finals) == (12.5, 7.5, 10.5)
    again = [*story, Start(t=35.0), Scored("test/trial 0/0", 2.0, {}, t=40.0)]
    found = Times.of(again, 41.0, 60.0)
    assert (found.startup, found.search, found.finals) == (12.5 + 15.0, 7.5, 3.0 + 3.0)
    assert Times.of([Start(t=2.0)], 5.0, None).startup == 5.0


def test_everything_but_training_is_evaluation():
    assert Times.of(EVENTS, 60.0, None).evaluation_share == pytest.approx(5 / 21, abs=1e-4)
    assert Times.of([], 1.0, None).evaluation_share is None


def test_a_budget_is_kept_within_a_twentieth():
    assert not Times.of([], 63.1, 60.0).kept
    assert Times.of([], 1e6, None).kept


@pytest.mark.parametrize("key", ["", "test", "\ud800", "a/b/c"])
def test_seconds_of_a_score_with_an_odd_key_count_as_those_of_a_baseline(key):
    """As a journal of a stranger may have them."""
    assert Times.of([Scored(key, 2.0, {})], 60.0, None).baselines == 2.0


def test_a_trial_that_was_cut_before_its_first_rung_adds_nothing():
    assert Times.of([Cut(0, 0.5, (1, 3), "too long"), EVENTS[0]], 60.0, None).search_training == 1.0
