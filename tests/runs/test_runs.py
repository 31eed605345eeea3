"""The run folders of older versions, one a version, are opened by this one: loaded, sampled, started from."""

from pathlib import Path

import pytest

import autogen
from autogen.engine.study_result import StudyResult
from autogen.engine.transfer.earlier import find_earlier

RUNS = sorted(path for path in Path(__file__).parent.iterdir() if (path / "result.json").exists())


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_a_run_of_an_older_version_is_read_and_sampled(run):
    assert StudyResult(run).document.best.family
    model = autogen.load(run / "best")
    assert len(model.sample(2, seed=0)) == 2


@pytest.mark.parametrize(
    "run", [run for run in RUNS if (run / "study.toml").exists()], ids=lambda run: run.name
)
def test_training_can_start_from_a_run_of_an_older_version(run):
    assert find_earlier(str(run)).models
