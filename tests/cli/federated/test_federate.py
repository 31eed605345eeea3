"""The command autogen federate: one line for a wrong call, and a study of one table that is split."""

import json

import pytest

import autogen
from tests.federated.parts import space, table


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["share", "a.csv"], "autogen federate does try, serve, join, not 'share'"),
        (["joint", "a", "b.csv"], "Did you mean 'join'?"),
        (["serve", "a", "b"], "autogen federate serve takes one folder; got a b"),
        (["join", "a"], "autogen federate join takes the folder and the data; got a"),
        (["join", "a", "b.csv", "--budget", "1m"], "autogen federate join has no option --budget"),
        (["try", "a.csv", "--name", "x"], "autogen federate try has no option --name"),
        (["serve", "a", "--threshold", "5"], "autogen federate serve has no option --threshold"),
        (["serve", "a", "--quorum", "0"], "--quorum is a share above 0 and at most 1, not 0"),
        (["serve", "a", "--deadline", "soon"], "--deadline is a time such as 90s, 10m or 2h, not 'soon'"),
        (["try", "people.csv"], "give the data of two owners or more, or one table and --by COLUMN"),
        (
            ["try", "people.csv", "--owners", "2"],
            "--owners is the number of parts of one table; it needs --by",
        ),
        (["try", "people.csv", "people.csv", "--by", "city"], "--by splits one table"),
        (["try", "people.csv", "--by", "town"], "there is no column 'town' to split by"),
        (["try", "people.csv", "--by", "city", "--threshold", "0"], "--threshold is a number of rows from 1"),
        (["join", "a", "people.csv", "--name", "../x"], "the name of an owner has up to 40 letters"),
        (["serve", "new", "--owners", "1", "--wait", "1s"], "1 owner was to join"),
    ],
)
def test_a_wrong_call_is_one_line(command_line, tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    table().to_csv("people.csv", index=False)
    code, _, err = command_line("federate", *words)
    assert code == 2
    assert said in err.splitlines()[-1]
    assert "Traceback" not in err


@pytest.mark.slow
def test_a_table_that_is_split_gives_one_model(command_line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table(600).to_csv("people.csv", index=False)
    words = ["people.csv", "--by", "city", "--owners", "2", "--budget", "1trials", "--space", space(tmp_path)]
    code, out, _ = command_line("federate", "try", *words, "--out", "runs/all", "--json")
    assert code == 0
    record = json.loads(out)
    assert sorted(record["owners"]) == ["Bonn", "others"]
    assert len(autogen.load("runs/all/best").sample(5)) == 5
