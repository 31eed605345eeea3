"""The events of a journal as types and as JSON."""

import json

import pytest

from autogen.errors import JournalError
from autogen.hpo.objective import Objective
from autogen.hpo.study import events
from autogen.hpo.study.event import Unknown
from autogen.hpo.study.journal import Journal, read
from autogen.hpo.trial import State
from tests.hpo.study.logs import sealed

HAPPENED = [
    events.Start("digits: image", "runs/digits-1", None, 2, Objective("kd", 2, "maximize"), ("No rows.",)),
    events.Start(),
    events.Start(repaired=7, changed=("torch was 1 when this run began and is 2 now.",)),
    events.Ask(0, {"family": "vae", "training.lr": 1e-3}, 2**62, (20, 40), t=1.5),
    events.Rung(0, 20, 0.5, True, 1.25, 0.5, t=2.0),
    events.Rung(0, 40, 0.25, False, 2.5, 1.0, "worse than its peers", 4, t=3.0),
    events.Lost(0, "worker killed", "node/a"),
    events.Cut(0, 0.3, (10, 12), "too long"),
    events.End(0, State.COMPLETE, values={"latency": 1.5}),
    events.End(1, State.FAILED, "node/a", why="out of memory"),
    events.WorkerStatus(2, 1, 1, "no room"),
    events.Finalists((3, 1), 5, (7,), 9, 61.5),
    events.Confirm(0, 3, 1, State.FAILED, 4.0, 0.0, "out of memory", "node/a"),
    events.Scored("test/smote/2", 0.5, {"score": 0.25, "replicates": [0.25, 0.5]}),
    events.Scored("test/smote/3", 0.0, {}, "the covariance is singular"),
    events.Test(),
    events.Costs(2.5),
    events.Stop("it was interrupted"),
    events.Result("tie"),
    Unknown("rumor", {"n": 3, "about": [1, 2]}, t=9.0),
]


@pytest.mark.parametrize("event", HAPPENED, ids=lambda event: type(event).__name__)
def test_an_event_comes_back_from_the_journal_as_it_was_written(tmp_path, event):
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append(event)
    journal.close()
    assert read(tmp_path / "journal.jsonl") == [event]


def test_every_kind_of_event_is_among_those_that_come_back():
    assert {type(event) for event in HAPPENED} == {*events.KINDS, Unknown}


def test_an_event_is_written_with_the_fields_that_version_1_reads():
    start = events.Start("digits: image", "run", None, 2, Objective("kd"), ("No rows.",))
    assert json.loads(json.dumps(start.to_json())) == {
        "e": "start",
        "about": "digits: image",
        "run": "run",
        "seconds": None,
        "workers": 2,
        "objective": {"name": "kd", "version": 1, "direction": "minimize"},
        "notes": ["No rows."],
        "t": 0.0,
    }
    chosen = events.Finalists((3,), 5).to_json()
    assert (chosen["left_out"], chosen["needed"]) == ((), 0.0)


def test_what_does_not_apply_is_left_out_of_the_record():
    end = events.End(0, State.COMPLETE, t=1.0)
    assert end.to_json() == {"e": "end", "n": 0, "state": "complete", "t": 1.0}
    assert not {"why", "fused"} & events.Rung(0, 1, 0.5, True).to_json().keys()
    assert "node" not in events.Lost(0, "worker killed").to_json()


def test_fields_of_a_newer_autogen_are_left_out():
    record = {"e": "rung", "n": 0, "step": 1, "score": 0.5, "keep": True, "mood": "good", "t": 2.0}
    assert events.decode(record) == events.Rung(0, 1, 0.5, True, t=2.0)


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"e": "ask", "n": 0, "rungs": [1]}, "the event 'ask' lacks config, seed"),
        (
            {"e": "end", "n": 0, "state": "dead"},
            "the event 'end' cannot be read: 'dead' is not",
        ),
        ({"e": "cut", "n": 0, "share": 0.5, "rungs": None}, "the event 'cut' cannot be read"),
    ],
)
def test_a_record_that_lacks_something_is_named_by_its_line(tmp_path, record, said):
    path = sealed(tmp_path / "journal.jsonl", {"e": "test", "t": 0.0}, record)
    with pytest.raises(JournalError, match=f"line 3: {said}"):
        read(path)
