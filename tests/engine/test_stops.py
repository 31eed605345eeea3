"""A study that stops before its verdict says why, in its journal and on its page."""

import pytest

import autogen
from autogen.engine.engine import resume, start
from autogen.engine.report_data import write_report
from autogen.engine.run_folder import RunFolder
from autogen.engine.settings import Settings
from autogen.errors import RunError
from autogen.hpo.study.events import Ask, End, Stop
from autogen.hpo.study.journal import read
from tests.engine.test_engine import few_digits, settings_in

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(tmp_path):
    given = {"data": few_digits(tmp_path), "executor": "inprocess", "workers": 1, "models_only": True}
    return Settings.of(given | settings_in(tmp_path), "a test")


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (KeyboardInterrupt(), "it was interrupted, by Ctrl-C or a signal"),
        (RunError("the <disk> is gone"), "the <disk> is gone"),
    ],
)
def test_the_reason_of_a_stop_stands_in_the_journal_and_on_the_page_until_the_run_goes_on(
    tmp_path, settings, error, why
):
    def listen(event, state):
        if isinstance(event, End):
            raise error

    with pytest.raises(type(error)):
        start(settings, out=tmp_path / "run", listen=listen)
    events = read(tmp_path / "run" / "journal.jsonl")
    assert [event.why for event in events if isinstance(event, Stop)] == [why]
    assert isinstance(events[-1], Stop)
    folder = RunFolder.open(tmp_path / "run")
    write_report(folder)
    shown = why.replace("<", "&lt;").replace(">", "&gt;")
    assert f"Reason: {shown}. Resume it with" in folder.report.read_text()
    result = resume(folder.path)
    assert isinstance(result, autogen.StudyResult)
    events = read(folder.journal)
    assert sum(isinstance(event, Ask) for event in events) == 3
    assert sum(isinstance(event, Stop) for event in events) == 1
    assert "Reason:" not in folder.report.read_text()


def test_a_study_that_has_ended_records_no_stop(tmp_path, settings):
    result = start(settings, out=tmp_path / "run")
    with pytest.raises(RunError, match="not empty"):
        start(settings, out=tmp_path / "run")
    assert not any(isinstance(event, Stop) for event in read(result.folder.journal))
