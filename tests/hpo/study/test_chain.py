"""Damage of a journal, wherever it is: a bit, a line, a type."""

import json

import pytest

from autogen.errors import JournalError
from autogen.hpo.objective import Objective
from autogen.hpo.study.chain import VERSION
from autogen.hpo.study.events import Ask, End, Lost, Rung, Start
from autogen.hpo.study.journal import Journal, contents, read
from autogen.hpo.study.state import StudyState
from autogen.hpo.trial import State
from tests.hpo.study.logs import sealed

STORY = [
    Start("digits: image", "runs/digits-1", 60.0, 2, Objective("kd")),
    Ask(0, {"family": "vae", "training.steps": 4, "training.lr": 1e-3}, 7, (2, 4), t=1.0),
    Rung(0, 2, 0.75, True, t=2.0),
    Ask(1, {"family": "gan", "training.steps": 4}, 8, (2, 4), t=2.5),
    Rung(0, 4, 0.5, True, t=3.0),
    End(0, State.COMPLETE, t=3.5),
    Lost(1, "worker killed", t=4.0),
    End(1, State.FAILED, why="out of memory", t=5.0),
]


@pytest.fixture
def path(tmp_path):
    journal = Journal(tmp_path / "journal.jsonl")
    for event in STORY:
        journal.append(event)
    journal.close()
    return tmp_path / "journal.jsonl"


def lines_of(path):
    return path.read_bytes().splitlines(keepends=True)


def test_the_story_itself_is_read(path):
    assert read(path) == STORY
    StudyState(Objective("kd")).replay(read(path), path)


@pytest.mark.slow
def test_no_flipped_bit_is_accepted(tmp_path):
    """Of a first, two inner and a last line: each bit of the file is tried, and the file read each time."""
    path, story = tmp_path / "journal.jsonl", [*STORY[:3], STORY[5]]
    journal = Journal(path)
    for event in story:
        journal.append(event)
    journal.close()
    sound = path.read_bytes()
    accepted = []
    for place in range(8 * len(sound)):
        data = bytearray(sound)
        data[place // 8] ^= 1 << place % 8
        path.write_bytes(data)
        try:
            found = contents(path)
        except JournalError:
            continue
        if found.events != story[:-1] or not found.torn:  # the line end of the last record
            accepted.append(place)
    assert accepted == []


@pytest.mark.parametrize("place", range(1, len(STORY)))
@pytest.mark.parametrize("how", ["lost", "doubled", "swapped", "edited"])
def test_no_line_is_lost_doubled_swapped_or_edited_unseen(path, how, place):
    lines = lines_of(path)
    line = lines[place]
    lines[place : place + (2 if how == "swapped" else 1)] = {
        "lost": [],
        "doubled": [line, line],
        "swapped": [lines[place + 1], line],
        "edited": [line.replace(b'"t":', b'"t":1')],
    }[how]
    path.write_bytes(b"".join(lines))
    with pytest.raises(JournalError, match=f"damaged at line {place + 1 + (how == 'doubled')}"):
        read(path)


def test_a_score_that_is_improved_by_hand_is_refused(path):
    path.write_bytes(path.read_bytes().replace(b'"score":0.5', b'"score":0.1'))
    with pytest.raises(JournalError, match="line 6: its checksum does not follow from the lines before it"):
        read(path)


def test_a_journal_that_is_continued_has_one_chain(path):
    journal = Journal(path)
    journal.append(Lost(0, "once more"))
    journal.close()
    assert read(path) == [*STORY, Lost(0, "once more")]


def test_a_line_is_json_with_its_checksum(path):
    records = [json.loads(line) for line in lines_of(path)]
    assert records[0] == {"format": "autogen-journal", "version": VERSION}
    assert all(len(record["crc"]) == 8 for record in records[1:])


def test_a_journal_of_version_1_is_read_and_continued_without_checksums(tmp_path):
    path = sealed(tmp_path / "journal.jsonl", {"e": "lost", "n": 0, "why": "x", "t": 1.0}, version=1)
    journal = Journal(path)
    journal.append(Lost(1))
    journal.close()
    assert [event.n for event in read(path)] == [0, 1]
    assert contents(path).chain.version == 1
    assert b"crc" not in path.read_bytes()


@pytest.mark.parametrize("version", [0, -1, True, "2", 1.5, None])
def test_a_header_whose_version_is_none_is_refused(path, version):
    lines = lines_of(path)
    head = json.dumps({"format": "autogen-journal", "version": version}).encode()
    path.write_bytes(head + b"\n" + b"".join(lines[1:]))
    with pytest.raises(JournalError, match="its first line has no version"):
        read(path)


def test_a_journal_whose_header_was_set_back_to_version_1_is_refused(path):
    path.write_bytes(path.read_bytes().replace(b'"version": 2', b'"version": 1'))
    with pytest.raises(JournalError, match="line 2: it has a checksum, but the header says version 1"):
        read(path)


ASK = {"e": "ask", "n": 0, "config": {"family": "vae"}, "seed": 1, "rungs": [1], "t": 0.0}
BAD = {
    "deep": b"[" * 100_000,
    "no object": b"[1]",
    "two records": b'{"e":"test","t":0},{"e":"test","t":0}',
    "long digits": b'{"e":"costs","seconds":' + b"9" * 5000 + b',"t":0}',
    "not a number": b'{"e":"costs","seconds":NaN,"t":0}',
    "infinite": b'{"e":"costs","seconds":1e999,"t":0}',
    "infinite inside": b'{"e":"scored","key":"a","seconds":1,"values":{"a":[1e999]},"t":0}',
    "latin": b'{"e":"result","verdict":"\xe9","t":0}',
    "no name": {"t": 0.0},
    "a name that is none": {"e": 3, "t": 0.0},
    "unknown with a time that is none": {"e": "rumor", "t": "noon"},
    "time is a text": ASK | {"t": "0"},
    "number is a text": ASK | {"n": "0"},
    "number is negative": ASK | {"n": -1},
    "number is true": ASK | {"n": True},
    "config is a list": ASK | {"config": []},
    "config is nested": ASK | {"config": {"family": {"a": 1}}},
    "rungs are numbers": ASK | {"rungs": 4},
    "rungs are texts": ASK | {"rungs": ["4"]},
    "seed is broken": ASK | {"seed": 1.5},
    "state is none": {"e": "end", "n": 0, "state": "dead", "t": 0.0},
    "state is running": {"e": "end", "n": 0, "state": "running", "t": 0.0},
    "score is a text": {"e": "rung", "n": 0, "step": 1, "score": "0", "keep": True, "t": 0.0},
    "keep is a number": {"e": "rung", "n": 0, "step": 1, "score": 0.5, "keep": 1, "t": 0.0},
    "values are a list": {"e": "scored", "key": "a", "seconds": 1.0, "values": [], "t": 0.0},
    "direction is none": {"e": "start", "objective": {"name": "kd", "direction": "sideways"}, "t": 0.0},
    "objective is a text": {"e": "start", "objective": "kd", "t": 0.0},
    "notes are a text": {"e": "start", "notes": "abc", "t": 0.0},
}


@pytest.mark.parametrize("record", BAD.values(), ids=BAD)
@pytest.mark.parametrize("version", [1, VERSION])
def test_a_record_that_holds_something_else_is_named_by_its_line(tmp_path, record, version):
    path = sealed(tmp_path / "journal.jsonl", {"e": "test", "t": 0.0}, record, version=version)
    with pytest.raises(JournalError, match="damaged at line 3"):
        read(path)


END = {"e": "end", "n": 0, "state": "complete", "t": 1.0}
RUNG = {"e": "rung", "n": 0, "step": 1, "score": 0.5, "keep": True, "t": 0.5}


@pytest.mark.parametrize(
    ("records", "why"),
    [
        ([RUNG], "line 2: trial 0 was never asked"),
        ([{"e": "lost", "n": 4, "t": 0.0}], "line 2: trial 4 was never asked"),
        ([{"e": "cut", "n": 0, "share": 0.5, "rungs": [1], "t": 0.0}], "line 2: trial 0 was never asked"),
        ([END], "line 2: trial 0 was never asked"),
        ([ASK | {"n": 1}], "line 2: trial 0 is expected to be asked, not trial 1"),
        ([ASK, ASK], "line 3: trial 1 is expected to be asked, not trial 0"),
        ([ASK, END], "line 3: trial 0 is complete without a score"),
        ([ASK, RUNG, END, END], "line 5: trial 0 ended before"),
        ([ASK | {"rungs": []}], "line 2: the rungs of trial 0 do not ascend"),
        ([ASK | {"rungs": [2, 1]}], "line 2: the rungs of trial 0 do not ascend"),
        ([ASK | {"config": {"training.steps": "many"}}], "line 2: trial 0 has 'many' training steps"),
    ],
)
def test_an_event_that_does_not_fit_those_before_it_is_named_by_its_line(tmp_path, records, why):
    path = sealed(tmp_path / "journal.jsonl", *records)
    with pytest.raises(JournalError, match=f"damaged at {why}"):
        StudyState(Objective("kd")).replay(read(path), path)
