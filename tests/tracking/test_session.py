"""What trackers are told of a study, live and from its journal, and what happens when one fails."""

import subprocess
import sys

import pytest

import autogen
from autogen import registry
from autogen.errors import AutogenWarning, RunError, SettingsError, UnknownNameError
from autogen.hpo.objective import Objective
from autogen.hpo.study.events import Ask, End, Rung, Start
from autogen.hpo.study.journal import read
from autogen.hpo.study.state import StudyState
from autogen.hpo.trial import State
from autogen.tracking.session import Tracking, export_study, trackers_of
from tests.tracking.runs import searched
from tests.tracking.told import Told


@pytest.fixture
def told(monkeypatch):
    """The tracker ``told``, and all that were made of it."""
    made = []

    class Kept(Told):
        def __init__(self, target=""):
            super().__init__(target)
            made.append(self)

    monkeypatch.setitem(registry.BUILT_IN["tracker"], "told", "tests.tracking.told:Kept")
    monkeypatch.setattr("tests.tracking.told.Kept", Kept, raising=False)
    return made


def expected(folder):
    """The calls that the journal of a run tells of."""
    calls = []
    for event in read(folder.journal):
        if isinstance(event, Ask):
            calls.append(("asked", event.n))
        elif isinstance(event, Rung):
            calls.append(("measured", event.n, event.step, event.score))
        elif isinstance(event, End):
            calls.append(("ended", event.n, event.state.value))
    return calls


def test_a_tracker_that_does_not_exist_suggests_the_nearest():
    with pytest.raises(UnknownNameError, match=r"'tensorbord'; .* Did you mean 'tensorboard'"):
        trackers_of(["tensorbord"])


def test_a_missing_package_is_named(told):
    with pytest.raises(SettingsError, match=r"told needs a package .*nosuch.*pip install"):
        trackers_of(["told:missing"])
    with pytest.raises(SettingsError, match="the tracker told:unusable cannot be used: .*no such server"):
        trackers_of(["told:unusable"])


def test_nothing_is_imported_that_is_not_asked_for(told, tmp_path):
    with pytest.raises(UnknownNameError):
        autogen.search("wine", out=tmp_path / "run", track="nosuch")
    assert not (tmp_path / "run").exists()


def test_a_journal_that_cannot_be_read_leaves_trackers_out_and_the_search_goes_on(told, tmp_path):
    with Tracking(trackers_of(["told"])) as tracking:
        tracking.listen(Start("about", str(tmp_path), 9.0, 1), StudyState(Objective("fd")))
        tracking.listen(End(0, State.COMPLETE), StudyState(Objective("fd")))
    assert "cannot read" in tracking.problems["told"]
    assert told[0].calls == []


def test_an_event_that_does_not_fit_leaves_trackers_out(told):
    with Tracking(trackers_of(["told"])) as tracking:
        tracking.listen(End(7, State.COMPLETE), StudyState(Objective("fd")))
        tracking.replay([])
    assert list(tracking.problems) == ["told"]


@pytest.mark.slow
def test_a_finished_run_is_told_as_a_whole(told, finished_run):
    export_study(finished_run.folder.path, trackers_of(["told"]))
    (tracker,) = told
    calls = tracker.calls
    assert calls[0] == ("begin", "run")
    assert calls[-2:] == [("concluded", finished_run.verdict), ("close",)]
    assert sorted(calls[1:-2]) == sorted(expected(finished_run.folder))
    assert tracker.study.objectives[0].name == finished_run.document.objective.name


@pytest.mark.slow
def test_a_finished_run_that_is_resumed_without_more_budget_is_told_as_a_whole(
    told, finished_run, command_line
):
    path = finished_run.folder.path
    code, _, err = command_line("resume", path, "--track", "told", "--track", "told:begin", "--quiet")
    assert code == 0
    whole, broken = told
    assert sorted(whole.calls[1:-2]) == sorted(expected(finished_run.folder))
    assert [name for name, *_ in broken.calls] == ["begin"]
    warning, note = err.splitlines()
    assert warning.startswith("warning: the tracker told:begin was left out: ")
    assert note == f"note: {path} is finished; its trials were written to told"


@pytest.mark.slow
def test_a_finished_run_that_is_resumed_in_python_is_told_as_a_whole(told, finished_run):
    with pytest.warns(AutogenWarning, match="the tracker told:begin was left out: "):
        autogen.resume(finished_run, track=["told", "told:begin"])
    whole, broken = told
    assert sorted(whole.calls[1:-2]) == sorted(expected(finished_run.folder))
    assert [name for name, *_ in broken.calls] == ["begin"]


@pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")  # of MLflow's own tables
@pytest.mark.parametrize(
    "tracker",
    [
        "logging:study.log",
        "tensorboard",
        "wandb",
        "optuna:sqlite:///study.db",
        pytest.param("mlflow:sqlite:///mlflow.db", marks=pytest.mark.slow),
    ],
)
def test_a_tracker_is_closed_where_no_study_began(tracker, tmp_path, monkeypatch):
    pytest.importorskip(tracker.partition(":")[0], reason="needs the extra of the tracker")
    monkeypatch.chdir(tmp_path)
    with Tracking(trackers_of([tracker])) as tracking:
        pass
    assert tracking.problems == {}


@pytest.mark.slow
def test_trials_that_are_not_told_again_are_remembered(told, finished_run):
    export_study(finished_run.folder.path, trackers_of(["told:known"]))
    trials = sorted(finished_run.leaderboard()["trial"])
    assert told[0].calls[1:-2] == [("remembered", number) for number in trials]


@pytest.mark.slow
def test_a_run_is_told_while_it_goes_on_and_a_failing_tracker_is_left_out(told, tmp_path):
    heard = []
    with pytest.warns(AutogenWarning, match="told:measured was left out: .*the server is gone"):
        made = searched(
            tmp_path, track=["told", "told:measured"], callbacks=[lambda _, trial: heard.append(trial.state)]
        )
    whole, broken = told
    assert whole.calls[1:-2] == expected(made.folder)
    assert len(heard) == 3
    assert [name for name, *_ in broken.calls] == ["begin", "asked", "measured"]


@pytest.mark.slow
def test_an_export_that_fails_is_one_line(told, finished_run):
    with pytest.raises(RunError, match="the tracker told:ended failed: ConnectionError: the server is gone"):
        export_study(finished_run.folder.path, trackers_of(["told:ended"]))


@pytest.mark.slow
def test_no_tool_is_imported_before_it_is_named():
    code = (
        "import sys, autogen.api.search, autogen.cli.run, autogen.cli.export, autogen.tracking.session\n"
        "print(sorted({'mlflow', 'wandb', 'tensorboard', 'onnx', 'onnxscript', 'optuna'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
