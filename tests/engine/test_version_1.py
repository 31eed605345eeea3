"""Runs of version 1, the first one, are opened by every later version."""

import json
import shutil
from pathlib import Path
from typing import get_args

import pytest

import autogen
from autogen.engine.audit import audit
from autogen.engine.study_result import StudyResult
from autogen.errors import JournalError
from autogen.hpo.study.event import Unknown
from autogen.hpo.study.events import decode
from autogen.hpo.study.journal import VERSION, read
from autogen.report.schema import VerdictKind

HERE = Path(__file__).parents[1] / "runs" / "version_1"


@pytest.fixture
def run(tmp_path):
    """A run on ``wine`` by the commit before the events of a journal had types, without rows of the data."""
    return shutil.copytree(HERE, tmp_path / "run")


def holds(new, old):
    """Whether JSON of this version has all that an older one has; it may have fields more."""
    if isinstance(old, dict):
        return isinstance(new, dict) and all(name in new and holds(new[name], old[name]) for name in old)
    if isinstance(old, list):
        return len(new) == len(old) and all(map(holds, new, old))
    return bool(new == old)


def test_every_event_is_known_and_written_as_it_was():
    lines = (HERE / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[0]) == {"format": "autogen-journal", "version": 1}
    for line in lines[1:]:
        record = json.loads(line)
        event = decode(record)
        assert not isinstance(event, Unknown)
        assert holds(json.loads(json.dumps(event.to_json())), record)


def test_its_journal_is_sound(run):
    assert audit(run) == []


def test_its_result_is_read_with_every_field(run):
    result = StudyResult(run)
    assert holds(json.loads(json.dumps(result.document.to_json())), result.record)
    assert result.verdict in get_args(VerdictKind)
    assert result.document.claim == "recipe"  # all trainings were on fresh seeds
    assert len(result.leaderboard()) == len([e for e in read(run / "journal.jsonl") if e.NAME == "ask"])


def test_its_report_is_written_anew(run, command_line):
    code, _, _ = command_line("report", str(run))
    assert code == 0
    assert StudyResult(run).document.statement.partition(".")[0] in (run / "report.html").read_text()


def test_its_model_samples(run, command_line):
    assert autogen.load(run).sample(3, seed=0).shape[0] == 3
    code, _, err = command_line("sample", str(run), "-n", "5", "-o", "samples.csv")
    assert (code, err) == (0, "")
    assert len(Path("samples.csv").read_text().splitlines()) == 6


def test_a_run_of_a_later_version_is_refused_with_what_to_do(run):
    journal = run / "journal.jsonl"
    header, rest = journal.read_text().split("\n", 1)
    journal.write_text(header.replace('"version": 1', f'"version": {VERSION + 1}') + "\n" + rest)
    with pytest.raises(JournalError, match=f"has version {VERSION + 1}, this autogen reads up to .*update"):
        read(journal)
