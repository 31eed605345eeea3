"""Models of an earlier run, and the rows that they and those before them were trained on."""

import shutil

import pytest

from autogen.data.open import open_data
from autogen.engine.transfer.earlier import find_earlier

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
