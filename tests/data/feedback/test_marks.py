"""Files with marks of users: what is read, and what is refused in one line."""

import json

import numpy as np
import pandas as pd
import pytest

from autogen.data.feedback.marks import column_of, numbers_of
from autogen.data.images.files import write_folder
from autogen.data.open import open_data
from autogen.errors import DataError
from tests.data.makers import image_folder, people, write_csv


def read(data, path, column=""):
    return data.kind.read_marked(str(path), column, data.codec, {"reference": data.source})


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    folder = tmp_path_factory.mktemp("table")
    return folder, open_data(str(write_csv(folder, people(300))))


@pytest.mark.parametrize("name", ["keep", "Feedback", " weight "])
def test_the_column_of_marks_is_known_by_its_name(name):
    assert column_of(["age", name], ["age"], "", "f.csv") == name


def test_a_column_of_the_data_holds_no_marks():
    assert column_of(["weight", "keep"], ["weight"], "", "f.csv") == "keep"
    assert column_of(["weight", "keep"], ["weight"], "weight", "f.csv") == "weight"


@pytest.mark.parametrize(
    ("names", "wanted", "message"),
    [
        (["age"], "", "has no column keep or feedback or weight; it has age"),
        (["keep", "weight"], "", "several columns of marks"),
        (["age", "good"], "goot", "has no column 'goot'.*Did you mean 'good'"),
    ],
)
def test_a_file_without_one_column_of_marks_is_refused(names, wanted, message):
    with pytest.raises(DataError, match=message):
        column_of(names, [], wanted, "f.csv")


def test_marks_are_numbers_and_words():
    found = numbers_of(["0", "1", 0.5, "2.5", True, "no", "Yes"], "keep", "f.csv")
    assert found.tolist() == [0, 1, 0.5, 2.5, 1, 0, 1]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["1", ""], "row 2 in column 'keep' is missing"),
        ([1.0, float("nan")], "row 2 in column 'keep' is missing"),
        (["bad", "1"], "mark 'bad' of row 1 in column 'keep' is no number"),
        (["1", "-1"], "mark '-1' of row 2 in column 'keep' is negative"),
        (["inf"], "is above 1000000"),
        (["1_0", "1"], "mark '1_0' of row 1 in column 'keep' is no number"),
        (["1", "१"], "is no number"),
        (["1", "1e300"], "mark '1e300' of row 2 in column 'keep' is above 1000000"),
    ],
)
def test_a_mark_that_is_no_number_from_zero_up_is_refused(cells, message):
    with pytest.raises(DataError, match=message) as refusal:
        numbers_of(cells, "keep", "f.csv")
    assert "\n" not in str(refusal.value)


def test_rows_of_the_table_itself_are_known_again(table):
    folder, data = table
    marked = read(data, write_csv(folder, people(300).assign(keep=1), "own.csv"))
    same = data.kind.marked_digests(marked.samples, data.codec)
    assert same == data.kind.marked_digests(data.raw.samples, data.codec)


def test_samples_of_a_table_are_read_as_they_are_written(table):
    folder, data = table
    rows = data.split("tune")
    data.kind.save(rows, folder / "samples.csv", data.codec)
    text = (folder / "samples.csv").read_text().splitlines()
    marks = [",keep", *([",1"] * (len(text) - 2)), ",0"]
    (folder / "marked.csv").write_text("\n".join(a + b for a, b in zip(text, marks, strict=True)))
    marked = read(data, folder / "marked.csv")
    assert marked.marks.tolist() == [1.0] * (len(rows) - 1) + [0.0]
    assert data.kind.marked_digests(marked.samples, data.codec) == data.kind.marked_digests(rows, data.codec)


def test_a_table_with_other_columns_is_refused(table):
    folder, data = table
    path = write_csv(folder, people(30).drop(columns="age").assign(keep=1), "other.csv")
    with pytest.raises(DataError, match="lacks the column 'age'"):
        read(data, path)


def test_texts_are_read_with_their_marks(tmp_path):
    data = open_data([f"text {n}" for n in range(40)])
    (tmp_path / "a.csv").write_text('text,keep\n"one, two",0\nthree,1\n')
    (tmp_path / "a.jsonl").write_text('{"text": "one, two", "keep": false}\n{"text": "three", "keep": 2}\n')
    assert read(data, tmp_path / "a.csv").samples == ["one, two", "three"]
    assert read(data, tmp_path / "a.csv").marks.tolist() == [0, 1]
    assert read(data, tmp_path / "a.jsonl").marks.tolist() == [0, 2]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", 'text;keep\none, two;0\n"three; and ""four""";1\n'),
        ("a.tsv", 'text\tkeep\none, two\t0\n"three; and ""four"""\t1\n'),
        ("b.csv", 'keep|text\n0|one, two\n1|"three; and ""four"""\n'),
    ],
)
def test_marked_texts_of_a_spreadsheet_are_read_with_its_delimiter(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    found = read(open_data([f"text {n}" for n in range(40)]), tmp_path / name)
    assert found.samples == ["one, two", 'three; and "four"']
    assert found.marks.tolist() == [0, 1]


def test_texts_that_are_drawn_into_a_table_come_back_with_the_marks_beside_them(tmp_path):
    data = open_data([f"text {n}" for n in range(40)])
    texts = ["a, b", "", 'say "x"', "two\nlines", "; | \t"]
    data.kind.save(texts, tmp_path / "drawn.csv", data.codec)
    frame = pd.read_csv(tmp_path / "drawn.csv", keep_default_na=False)
    frame.assign(keep=[0, 1, 1, 0, 1]).to_csv(tmp_path / "marked.csv", index=False)
    found = read(data, tmp_path / "marked.csv")
    assert (found.samples, found.marks.tolist()) == (texts, [0, 1, 1, 0, 1])


def test_a_header_without_rows_is_answered_as_such_for_every_kind_of_data(table, tmp_path):
    folder, rows = table
    texts, pictures = (
        open_data([f"text {n}" for n in range(40)]),
        open_data(str(image_folder(tmp_path / "im"))),
    )
    header = (folder / "t.csv").read_text().splitlines()[0] if (folder / "t.csv").exists() else "age,city"
    for data, line in ((rows, f"{header},keep"), (texts, "text,keep"), (pictures, "file;keep")):
        (tmp_path / "marks.csv").write_text(f"{line}\n")
        with pytest.raises(DataError, match="marks.csv has a header but no rows; write rows under it"):
            read(data, tmp_path / "marks.csv")


@pytest.mark.parametrize(
    ("name", "record", "message"),
    [
        ("a.txt", "text", "marked texts are read from .csv, .tsv or .jsonl"),
        ("a.jsonl", json.dumps({"keep": 1, "text": None}), "no field 'text'|record 1 has no text"),
        ("a.jsonl", json.dumps({"text": "a"}), "has no column keep"),
        ("a.jsonl", json.dumps({"text": "a", "keep": "x"}), "'x' of row 1"),
    ],
)
def test_marked_texts_that_cannot_be_used_are_refused(tmp_path, name, record, message):
    (tmp_path / name).write_text(record + "\n")
    with pytest.raises(DataError, match=message):
        read(open_data([f"text {n}" for n in range(40)]), tmp_path / name)


def test_pictures_are_named_in_a_table_beside_them(tmp_path):
    data = open_data(str(image_folder(tmp_path / "data")))
    write_folder(data.split("train")[:3], tmp_path / "drawn")
    (tmp_path / "drawn/marks.csv").write_text("file,keep\n00000.png,1\n00002.png,0\n")
    found = read(data, tmp_path / "drawn/marks.csv")
    assert np.array_equal(found.samples, data.split("train")[[0, 2]])
    assert found.marks.tolist() == [1, 0]
    (tmp_path / "drawn/excel.csv").write_bytes("File;Keep\n00000.png;1\n".encode("utf-16"))
    assert read(data, tmp_path / "drawn/excel.csv").marks.tolist() == [1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,keep\na.png,1\n", "has no column 'file'"),
        ("file,keep\nb.png,1\n", "names the file 'b.png', which is not in"),
        ("", "has no column 'file'"),
        ("file,keep\na.png\n", "the mark of row 1 in column 'keep' is missing"),
        ("file,keep\nb.png,1,too bright\n", "names the file 'b.png', which is not in"),
        (f"file,keep\n{'b' * 5000}.png,1\n", "names the file 'bbb"),
        ("file,keep\n,1\n", "names the file '', which is not in"),
    ],
)
def test_a_table_that_names_no_pictures_is_refused(tmp_path, text, message):
    data = open_data(str(image_folder(tmp_path / "data", 30)))
    (tmp_path / "marks.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        read(data, tmp_path / "marks.csv")
