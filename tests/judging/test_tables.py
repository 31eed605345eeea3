import json

import numpy as np
import pandas as pd
import pytest

from autogen.judging.tables import read_table, text_of

PASSAGES = [[], [""], ["One stands here.", 'It\'s "open", at nine.'], ["a 'b' \"c\""], ["two\nlines", "x"]]


def contexts(path):
    return [text_of(value) for value in read_table(path)["context"]]


@pytest.mark.parametrize("printed", [str, json.dumps])
def test_lists_in_csv_and_json_lines_are_the_same(tmp_path, printed):
    frame = pd.DataFrame({"answer": list("abcde"), "context": PASSAGES})
    frame.to_json(tmp_path / "t.jsonl", orient="records", lines=True)
    frame.assign(context=[printed(some) for some in PASSAGES]).to_csv(tmp_path / "t.csv", index=False)
    assert contexts(tmp_path / "t.csv") == contexts(tmp_path / "t.jsonl")


def test_arrays_of_numpy_in_csv_are_lists(tmp_path):
    frame = pd.DataFrame({"context": [np.array(["One here.", "Two there."]), np.array(["x"])]})
    frame.to_csv(tmp_path / "t.csv", index=False)
    assert contexts(tmp_path / "t.csv") == ["One here.\nTwo there.", "x"]


@pytest.mark.parametrize("mark", ["\u2028", "\x85", "\x0b", "\x0c"])
def test_a_sign_that_breaks_lines_elsewhere_stays_in_a_text_of_json_lines(tmp_path, mark):
    line = json.dumps({"answer": f"a{mark}b"}, ensure_ascii=False)
    (tmp_path / "t.jsonl").write_text(f"{line}\r\n{line}\n", encoding="utf-8")
    assert list(read_table(tmp_path / "t.jsonl")["answer"]) == [f"a{mark}b"] * 2


def test_texts_in_brackets_stay_texts(tmp_path):
    frame = pd.DataFrame({"context": ["[1] says so", "[see below]", "['a']"]})
    frame.to_csv(tmp_path / "t.csv", index=False)
    assert contexts(tmp_path / "t.csv") == frame["context"].tolist()
