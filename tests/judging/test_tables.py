import json

import numpy as np
import pandas as pd
import pytest

from autogen.judging.tables import items_of, read_table, text_of

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


#: Cells of a column as JSON has them.
COLUMNS = {
    "texts": ["one", "two, three", "", "a\r\nb", "NA", 'said "so"'],
    "lists beside texts": [["first", "second"], "third", ["fourth"], None, ["it's", "fifth"], "sixth"],
    "records": [
        {"title": "a", "text": "b"},
        {"title": "c", "text": "d"},
        None,
        {"n": 1},
        {"n": None},
        {"n": True},
    ],
    "records beside texts": [{"title": "a"}, "plain", None, "more", {"title": "b"}, "last"],
    "lists of records": [[{"t": "a"}, {"t": "b"}], [], None, [{"t": "c"}], [{"t": True}], [{"t": 1.5}]],
    "whole numbers and none": [5, None, 7, 2**60, None, 0],
    "decimals": [0.1, 2.0, None, -1.5, 1e22, 3.25],
    "truth values": [True, False, None, True, True, False],
    "dates": ["2024-01-02", "2024-02-03T10:00:00Z", None, "2020-02-29", "1999-12-31", ""],
    "citations": ["[1] says so", "see [2]", "[3]", "(4)", "{5}", "no"],
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_a_column_of_any_kind_gives_the_same_texts_from_csv_and_json_lines(tmp_path, kind):
    records = [{"answer": f"answer {i}", "context": cell} for i, cell in enumerate(COLUMNS[kind])]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, records)))
    pd.DataFrame(records, dtype=object).to_csv(tmp_path / "t.csv", index=False)
    csv, lines = (items_of(read_table(tmp_path / name), {}, []) for name in ("t.csv", "t.jsonl"))
    assert [item.context for item in csv] == [item.context for item in lines]


def test_a_byte_order_mark_before_json_lines_is_no_part_of_them(tmp_path):
    (tmp_path / "t.jsonl").write_bytes(b'\xef\xbb\xbf{"answer": "a"}\n')
    assert items_of(read_table(tmp_path / "t.jsonl"), {}, [])[0].answer == "a"
