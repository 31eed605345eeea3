"""Where a study's seconds went."""

import pytest

from autogen.hpo.study.timing import Times

RECORDS = [
    {"e": "rung", "n": 0, "step": 3, "train": 1.0, "eval": 0.5},
    {"e": "rung", "n": 0, "step": 9, "train": 4.0, "eval": 1.0},
    {"e": "rung", "n": 1, "step": 3, "train": 2.0, "eval": 0.5},
    {"e": "confirm", "task": 0, "train": 10.0, "eval": 0.25},
    {"e": "scored", "key": "tune/smote/0", "seconds": 1.0},
    {"e": "scored", "key": "select/trial 0/0", "seconds": 0.75},
    {"e": "scored", "key": "gate/smote/0", "seconds": 0.5},
    {"e": "scored", "key": "test/trial 0/0", "seconds": 0.5},
    {"e": "scored", "key": "others/0", "seconds": 0.25},
    {"e": "costs", "seconds": 0.25},
]


def test_work_is_added_up_by_what_it_was_for():
    told = Times.of(RECORDS, 61.24, 60.0).to_json()
    assert told == {
        "budget": 60.0,
        "seconds": 61.2,
        "search_training": 6.0,
        "search_evaluation": 1.5,
        "confirmation_training": 10.0,
        "confirmation_evaluation": 1.0,
        "baselines": 1.5,
        "test": 0.75,
        "costs": 0.25,
        "kept": True,
    }


def test_everything_but_training_is_evaluation():
    assert Times.of(RECORDS, 60.0, None).evaluation_share == pytest.approx(5 / 21, abs=1e-4)
    assert Times.of([], 1.0, None).evaluation_share is None


def test_a_budget_is_kept_within_a_twentieth():
    assert not Times.of([], 63.1, 60.0).kept
    assert Times.of([], 1e6, None).kept
