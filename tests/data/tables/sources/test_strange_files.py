"""Files whose names say something else than they are, and lines that are put together in unusual ways."""

import gzip
import io
import json
import sqlite3
import zipfile
from contextlib import closing

import numpy as np
import pandas as pd
import pytest

from autogen.data.open import open_data
from autogen.errors import DataError

FRAME = pd.DataFrame({"x": np.arange(60) / 4, "n": np.arange(60) * 7 % 13, "c": list("abc") * 20})
CSV = FRAME.to_csv(index=False)


def written(folder, content, name="t.csv"):
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder / name


def buffer(write):
    stream = io.BytesIO()
    write(stream)
    return stream.getvalue()


def document(name):
    def write(stream):
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr(name, "<x/>")
            archive.writestr("mimetype", "x")

    return buffer(write)


def database():
    with closing(sqlite3.connect(":memory:")) as connection:
        FRAME.to_sql("t", connection, index=False)
        return connection.serialize()


FOREIGN = {
    "HTML": ("<!DOCTYPE html>\n<html>\n" + "<p>not found</p>\n" * 40, "HTML or XML"),
    "XML": ("\n<?xml version='1.0'?>\n" + "<a/>\n" * 40, "HTML or XML"),
    "JSON": (FRAME.to_json(orient="records"), r"is JSON.*name it \.json"),
    "JSON lines": (FRAME.to_json(orient="records", lines=True), r"is JSON.*\.jsonl"),
    "parquet": (buffer(FRAME.to_parquet), r"parquet file.*name it \.parquet"),
    "Excel": (document("xl/workbook.xml"), r"Excel workbook; name it \.xlsx"),
    "old Excel": (b"\xd0\xcf\x11\xe0" + bytes(99), "old Excel"),
    "Word": (document("word/document.xml"), "Word document"),
    "SQLite": (database(), r"SQLite database.*name it \.db"),
    "PDF": (b"%PDF-1.4\n%\xe2\xe3" + bytes(range(256)), "a PDF"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(99), "a picture"),
    "numpy": (buffer(lambda stream: np.save(stream, np.zeros(9))), "numpy array"),
    "MIDI": (b"MThd\0\0\0\6", "MIDI"),
    "xz": (b"\xfd7zXZ\0" + bytes(99), "cannot be unpacked"),
    "tar": (bytes(257) + b"ustar" + bytes(250), "tar archive; unpack it"),
    "tar, packed": (gzip.compress(bytes(257) + b"ustar" + bytes(250)), "tar archive; unpack it"),
    "LFS": ("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", "git lfs pull"),
    "packed": (gzip.compress(b"%PDF-1.4"), "a PDF"),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_table_that_is_something_else_is_refused_as_what_it_is(kind, tmp_path):
    content, why = FOREIGN[kind]
    with pytest.raises(DataError, match=why) as refused:
        open_data(written(tmp_path, content))
    assert len(str(refused.value)) < 400


def test_a_text_file_that_is_a_document_is_refused_and_a_page_of_html_is_text(tmp_path):
    with pytest.raises(DataError, match="is a PDF"):
        open_data(written(tmp_path, b"%PDF-1.4\n" * 40, "t.txt"))
    page = "".join(f"<p>{i} lines of a page</p>\n" for i in range(40))
    assert open_data(written(tmp_path, page, "page.txt")).kind.name == "text"


def test_a_workbook_that_is_a_text_is_refused_as_such(tmp_path):
    with pytest.raises(DataError, match=r"Excel workbook, since it is none; name a text \.csv"):
        open_data(written(tmp_path, CSV, "t.xlsx"))


@pytest.mark.slow
@pytest.mark.parametrize("sign", ["\x01", "\x1f", "^", "~", " ", ":"])
def test_rare_delimiters_are_found(sign, tmp_path):
    module = open_data(written(tmp_path, FRAME.to_csv(index=False, sep=sign)))
    pd.testing.assert_frame_equal(module.raw.samples, FRAME, check_dtype=False)


@pytest.mark.slow
@pytest.mark.parametrize("cells", [("city", "New York", "Los Angeles"), ("at", "12:30", "07:45")])
def test_spaces_and_colons_inside_of_cells_are_no_delimiters(cells, tmp_path):
    name, *values = cells
    module = open_data(written(tmp_path, "\n".join([name, *(values * 40)])))
    assert list(module.raw.samples) == [name]


@pytest.mark.parametrize("given", ["xyz", "", "\n", '"', 5])
def test_a_delimiter_that_is_no_sign_is_refused(given, tmp_path):
    with pytest.raises(DataError, match="delimiter must be one sign"):
        open_data(written(tmp_path, CSV), options={"delimiter": given})


def test_a_header_that_is_repeated_is_no_row(tmp_path):
    module = open_data(written(tmp_path, CSV + CSV))
    assert len(module.raw.samples) == 120
    assert any("1 row that repeats the header was left out" in note for note in module.notes)


def test_words_that_occur_below_are_a_row_and_no_header(tmp_path):
    rows = [f"{['ann', 'bob', 'eve', 'joe'][i % 4]},{['red', 'blue'][i % 3 % 2]}" for i in range(60)]
    module = open_data(written(tmp_path, "\n".join(rows)))
    assert len(module.raw.samples) == 60
    assert list(module.raw.samples) == ["column_1", "column_2"]
    named = open_data(written(tmp_path, "\n".join(["who,color", *rows])))
    assert list(named.raw.samples) == ["who", "color"]


def test_lines_of_json_lists_are_rows(tmp_path):
    rows = [json.dumps(row) for row in FRAME.to_numpy().tolist()]
    module = open_data(written(tmp_path, "\n".join(rows), "t.jsonl"))
    assert list(module.raw.samples) == ["column_1", "column_2", "column_3"]
    assert module.raw.samples["column_1"].tolist() == FRAME["x"].tolist()
    for name, content in (
        ("t.jsonl", "\n".join([json.dumps([*"xnc"]), *rows])),
        ("t.json", json.dumps([[*"xnc"], *FRAME.to_numpy().tolist()])),
    ):
        named = open_data(written(tmp_path, content, name))
        assert list(named.raw.samples) == ["x", "n", "c"]
        assert len(named.raw.samples) == 60


def test_lines_that_look_like_a_table_are_texts_with_a_warning(tmp_path):
    module = open_data(written(tmp_path, CSV, "t.txt"))
    assert any("look like rows of a table with 3 columns; --kind tabular" in note for note in module.notes)
    table = open_data(written(tmp_path, CSV, "t.txt"), kind="tabular")
    assert list(table.raw.samples) == ["x", "n", "c"]


def test_whole_numbers_beyond_64_bits_keep_all_digits():
    big = [10**30 + 37 * i for i in range(60)]
    module = open_data(FRAME.assign(big=big))
    assert any("'big' beyond 64 bits are read as text" in note for note in module.notes)
    assert not set(map(str, big)) & set(
        module.codec.decode(module.codec.encode(module.split("train")))["big"]
    )


@pytest.mark.slow
@pytest.mark.parametrize("cell", [(1, 2), [1, 2], {1, 2}])
def test_containers_are_no_values(cell):
    module = open_data(FRAME.assign(v=[cell] * 60))
    assert "v" not in module.raw.samples
