"""Models of an earlier run, and the rows that they and those before them were trained on."""

import json
import shutil

import pytest

from autogen.data.open import open_data
from autogen.engine.audit import audit
from autogen.engine.engine import begin
from autogen.engine.plan import Plan
from autogen.engine.run_folder import RunFolder
from autogen.engine.settings import Settings
from autogen.engine.transfer.earlier import find_earlier, stored_earlier
from autogen.engine.transfer.notes import UNSEEN
from autogen.errors import RunError

pytestmark = pytest.mark.slow


def trained(folder):
    data = open_data(str(folder / "names.txt"), kind="text", seed=3)
    return {*data.kind.digests(data.split("train"))}


@pytest.fixture
def copied(earlier, later, tmp_path):
    """A copy of both runs and their data; the later run of the copy started from the earlier one there."""
    shutil.copytree(earlier, tmp_path / "copy")
    for name in ("run", "later"):
        study = tmp_path / "copy" / name / "study.toml"
        study.write_text(study.read_text().replace(str(earlier), str(tmp_path / "copy")))
    return tmp_path / "copy"


def test_a_lineage_knows_the_rows_of_all_its_runs(copied):
    found = find_earlier(str(copied / "later"))
    assert trained(copied) < found.digests
    assert found.notes == ()


def test_a_run_that_is_gone_takes_no_rows_of_the_next_one_along(copied):
    whole = find_earlier(str(copied / "later"))
    shutil.rmtree(copied / "run")
    found = find_earlier(str(copied / "later"))
    assert found.digests == whole.digests  # the data of the later run has all rows of the earlier one
    assert "There is no run in" in found.notes[0]


def test_changed_data_of_the_first_run_is_noted(copied):
    (copied / "names.txt").write_text((copied / "names.txt").read_text() + "\nmore")
    found = find_earlier(str(copied / "later"))
    assert f"The data of {copied / 'run'} has changed since" in found.notes[0]


def test_changed_data_of_the_second_run_leaves_the_rows_of_the_first_one_known(copied):
    (copied / "more.txt").write_text((copied / "more.txt").read_text() + "\nmore")
    found = find_earlier(str(copied / "later"))
    assert trained(copied) <= found.digests
    assert f"The data of {copied / 'later'} has changed since" in found.notes[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 2}, "has format 2, and this autogen reads 1"),
        ({"models": {"../../x": {"trial": 1}}}, "names a family '../../x', which is none"),
    ],
)
def test_a_start_of_a_later_version_or_outside_of_the_folder_is_refused(later, tmp_path, change, message):
    shutil.copytree(later / "start", tmp_path / "start")
    path = tmp_path / "start" / "start.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(RunError, match=message) as refusal:
        stored_earlier(tmp_path / "start")
    assert "\n" not in str(refusal.value)


def test_a_start_that_is_gone_is_said_with_what_to_do(later, tmp_path):
    shutil.copytree(later / "start", tmp_path / "start")
    (tmp_path / "start" / "start.json").unlink()
    with pytest.raises(RunError, match=r"cannot read .*start.json.*; put it back .*, or start a new run"):
        stored_earlier(tmp_path / "start")


def plan_of(folder):
    settings = Settings.of(Settings.load(folder.study), "")
    return Plan(settings, settings.data, folder)


def test_a_run_that_ended_while_it_copied_the_start_is_resumed(copied):
    folder = RunFolder(copied / "later")
    (folder.start / "start.json").unlink()
    assert "start.json" in " ".join(audit(folder.path))  # it has trials
    folder.journal.unlink()
    begin(folder, plan_of(folder))
    assert stored_earlier(folder.start).source == str(copied / "run")


def test_notes_say_that_copies_of_earlier_rows_are_not_found(later):
    assert UNSEEN in plan_of(RunFolder(later)).data.notes


def test_a_study_may_start_from_a_run_and_learn_from_it(earlier):
    run, space = str(earlier / "run"), str(earlier / "space.toml")
    settings = Settings(data=str(earlier / "names.txt"), init_from=run, learn_from=(run,), space=space)
    (study,) = Plan(settings, settings.data).lessons
    assert [config["training.start"] for config, _ in study.trials] == ["fresh"] * 3
