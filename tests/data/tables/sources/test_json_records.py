import gzip
import json

import pandas as pd
import pytest

from autogen.data.open import open_data
from autogen.errors import DataError

FRAME = pd.DataFrame({"a": [i / 4 for i in range(60)], "b": list("xyz") * 20, "n": [None, 1, 2] * 20})


def lines(frame):
    return frame.to_json(orient="records", lines=True)


@pytest.mark.parametrize("kind", [None, "tabular"])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.jsonl", lines(FRAME)),
        ("t.ndjson", lines(FRAME)),
        ("t.jsonl.gz", lines(FRAME)),
        ("t.json", FRAME.to_json(orient="records", indent=1)),
        ("t.json", FRAME.to_json(orient="columns")),
        ("t.json", json.dumps({"data": json.loads(FRAME.to_json(orient="records"))})),
        ("t.json", json.dumps({name: FRAME[name].tolist() for name in ("a", "b")})),
    ],
)
def test_records_are_a_table(tmp_path, name, text, kind):
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    module = open_data(path, kind=kind)
    assert module.kind.name == "tabular"
    assert module.raw.samples["a"].tolist() == FRAME["a"].tolist()
    assert module.raw.samples["b"].tolist() == FRAME["b"].tolist()


def test_records_of_one_text_are_texts(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text("".join(json.dumps({"said": f"text {i}"}) + "\n" for i in range(60)))
    assert open_data(path).kind.name == "text"
    path.write_text("".join(json.dumps({"text": f"text {i}", "n": i}) + "\n" for i in range(60)))
    assert open_data(path).kind.name == "text"


def test_nested_records_become_columns_and_lists_are_left_out(tmp_path):
    path = tmp_path / "t.jsonl"
    records = [{"a": {"b": i % 5, "c": {"d": i / 3}}, "l": [i]} for i in range(60)]
    path.write_text("\n".join(map(json.dumps, records)))
    module = open_data(path)
    assert list(module.raw.samples) == ["a.b", "a.c.d"]
    assert "Column 'l' holds lists, not values, and is left out." in module.notes


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("t.jsonl", '{"messages": [{"role": "user"}]}\n' * 30, "'messages' holds lists"),
        ("t.json", '[{"a": 1}, ', "is no JSON"),
        ("t.json", '[{"a": ' + "9" * 5000 + "}]", "is no JSON"),
        ("t.json", "[" + '{"a":' * 100_000, "nested too deeply"),
        ("t.jsonl", '{"a": 1, "b": 2}\n' * 30 + '{"a":' * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(tmp_path, name, text, words):
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=words) as caught:
        open_data(tmp_path / name, kind="tabular")
    assert "\n" not in str(caught.value)


def test_halves_of_characters_are_replaced_and_noted(tmp_path):
    half, whole = chr(92) + "ud83d", chr(92) + "ud83d" + chr(92) + "ude00"
    for name, text, noted in (("half", half, True), ("whole", whole, False)):
        path = tmp_path / f"{name}.jsonl"
        path.write_text(f'{{"a": "{text}", "b": 1}}\n' * 30)
        module = open_data(path)
        assert module.raw.samples["a"][0] == ("\ufffd" if noted else "\U0001f600")
        assert any("Halves of characters" in note for note in module.notes) == noted


@pytest.mark.parametrize("orient", ["index", "columns", "records", "split"])
def test_frames_that_pandas_wrote_come_back_whatever_the_orientation(tmp_path, orient):
    frame = pd.DataFrame({"a": [i / 4 for i in range(60)], "b": ["x", "y"] * 30})
    frame.to_json(tmp_path / "t.json", orient=orient)
    samples = open_data(tmp_path / "t.json").raw.samples
    pd.testing.assert_frame_equal(samples, frame, check_dtype=False)


def test_rows_by_name_are_rows(tmp_path):
    rows = {f"k{i}": {"a": i / 4, "b": "xy"[i % 2]} for i in range(60)}
    (tmp_path / "t.json").write_text(json.dumps(rows))
    samples = open_data(tmp_path / "t.json").raw.samples
    assert samples.to_dict("records") == list(rows.values())
