"""An update with feedback: the earlier model is held to the same bound, and the marks stay."""

import csv

import pytest

import autogen
from tests.data.texts.makers import words
from tests.engine.transfer.study import search

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def update(tmp_path_factory):
    """A run on words, its samples marked as bad where they hold an «e», and an update with these marks."""
    folder = tmp_path_factory.mktemp("marked")
    (folder / "names.txt").write_text("\n".join(words(400)))
    (folder / "more.txt").write_text("\n".join(words(700)[400:]))
    run = search(folder / "names.txt", folder, "run", families="markov", budget="1trials")
    with (folder / "marked.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [("text", "good"), *((one, int("e" not in one)) for one in run.sample(400))]
        )
    given = {"feedback": folder / "marked.csv", "feedback_column": "good", "budget": "1trials"}
    return autogen.update(folder / "run", folder / "more.txt", out=folder / "new", **given)


def share(texts):
    return sum("e" in text for text in texts) / len(texts)


def test_marks_are_a_reason_to_search_and_the_new_model_draws_fewer(update):
    assert update.result is not None
    before = autogen.load(update.result.folder.path.parent / "run").sample(500)
    assert share(update.result.sample(500)) < 0.5 * share(before)


def test_the_earlier_model_is_held_to_the_same_bound(update):
    old = next(one for one in update.result.document.baselines if one.name == "earlier_model")
    assert not old.rejection.passed
    assert "users would reject" in old.excluded


def test_the_marks_stay_with_the_settings_of_the_lineage(update):
    study = update.result.folder.read_study()
    assert study["feedback"] == [str(update.result.folder.path.parent / "marked.csv")]
    assert study["feedback_column"] == "good"
    assert study["sha256"]["feedback"] == update.result.document.feedback.sha256


def test_a_run_with_feedback_is_resumed(update):
    found = autogen.resume(update.result, budget="+1trials")
    assert found.document.feedback == update.result.document.feedback
    assert found.folder.read_study()["budget"] == "2trials"
