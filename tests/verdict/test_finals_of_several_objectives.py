"""Real finals with a cost as second objective, and with constraints: what may be given up, and for what."""

import pytest

from tests.verdict.field import Field

pytestmark = [pytest.mark.usefixtures("words_registered"), pytest.mark.slow]


def judged(folder, chances, seconds, copying=(), rules=None, **more):
    """Finals in which seconds of training are an objective; results by name of the trial."""
    made = Field(folder, chances, copying=copying, **{"more": ("train_seconds",)} | more)
    verdict = made.judged([made.model(trial, seconds[trial]) for trial in chances], **rules or {})
    return verdict, {one.name: one for one in verdict.finalists}


def test_a_little_is_given_up_for_a_cost_that_is_an_objective(tmp_path):
    verdict, found = judged(tmp_path, {0: 0.85, 1: 0.8}, (50.0, 1.0), rules={"look": 8})
    room = verdict.ceiling.mean - verdict.floor
    assert (verdict.kind, verdict.chosen.name) == ("tie", "trial 1")
    assert 0.05 * room < verdict.verdict.given_up.upper() < 0.1 * room
    assert verdict.verdict.given_up == found["trial 1"].comparison.difference
    assert verdict.verdict.given_up.mean > 0


def test_no_more_than_a_tenth_of_the_scale_is_given_up_even_in_a_tie(tmp_path):
    # The margin is a tenth of the way from the floor to real rows; an eighth look sees no difference in .05.
    verdict, found = judged(tmp_path, {0: 0.8, 1: 0.73}, (50.0, 1.0), rules={"look": 8})
    lost, room = found["trial 1"].comparison.difference, verdict.ceiling.mean - verdict.floor
    assert (verdict.kind, verdict.chosen.name) == ("tie", "trial 0")
    assert 0.1 * room < lost.upper() < room


def test_a_model_that_another_beats_is_not_returned_though_it_is_cheaper_than_the_leader(tmp_path):
    # Of the two cheap ones the first on select is beaten: the second is cheaper still, and better on test.
    chances = {0: 0.92, 1: {"select": 0.91, "test": 0.89}, 2: {"select": 0.89, "test": 0.905}}
    verdict, found = judged(tmp_path, chances, (50.0, 1.1, 1.0), rules={"look": 8})
    assert list(found) == ["trial 0", "trial 1", "trial 2"]
    assert [name for name, one in found.items() if one.on_front] == ["trial 0", "trial 2"]
    assert (verdict.chosen.name, verdict.verdict.given_up) == ("trial 0", None)


def test_a_model_that_is_refused_keeps_no_other_off_the_front(tmp_path):
    verdict, found = judged(tmp_path, {0: 0.8, 1: 0.99}, (2.0, 1.0), copying=(1,))
    assert found["trial 1"].excluded
    assert {name: one.on_front for name, one in found.items()} == {"trial 0": True, "trial 1": False}
    assert verdict.chosen.name == "trial 0"


def test_a_model_that_breaks_a_constraint_cannot_win(tmp_path):
    bounds = {"train_seconds": "<= 5s"}
    verdict, found = judged(tmp_path, {0: 0.8, 1: 0.95}, (2.0, 7.0), more=(), bounds=bounds)
    assert found["trial 1"].excluded == "its train_seconds 7 s breaks train_seconds <= 5 s"
    assert verdict.chosen.name == "trial 0"


def test_a_metric_that_is_a_further_objective_is_measured_as_the_main_one_is(tmp_path):
    _, found = judged(tmp_path, {0: 0.8, 1: 0.7}, (1.0, 1.0), more=("choosy",))
    for one in found.values():
        (losses, replicates), (again, without) = one.tested.losses
        assert again.tolist() == losses.tolist()
        assert without.tolist() == replicates.tolist()
    assert {name: one.on_front for name, one in found.items()} == {"trial 0": True, "trial 1": False}


def test_a_model_that_cannot_be_scored_on_test_loses_its_place_and_is_not_measured_further(tmp_path):
    chances = {0: {"select": 0.9, "test": 0.0}, 1: 0.7}
    verdict, found = judged(tmp_path, chances, (1.0, 1.0), metric="choosy")
    assert found["trial 0"].excluded == "could not be scored: ValueError: no real word anywhere"
    assert found["trial 0"].tested.losses == ()
    assert verdict.chosen.name == "trial 1"
