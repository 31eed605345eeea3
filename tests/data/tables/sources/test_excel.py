import datetime
import io
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest

from autogen.data.open import open_data
from autogen.data.tables.sources import excel
from autogen.data.tables.sources.excel import read_excel
from autogen.errors import DataError


def book(folder, sheets, name="t.xlsx"):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    made.save(folder / name)
    return folder / name


def rows(count=40):
    day = datetime.datetime(2024, 1, 1)
    body = [
        [
            i,
            i / 4,
            f"item {'ab'[i % 2]}",
            day + datetime.timedelta(days=i),
            i % 3 == 0,
            None if i % 5 else "#N/A",
        ]
        for i in range(count)
    ]
    return [["n", "price", "what", "day", "ok", "gap"], *body]


def test_cells_are_those_of_the_csv(tmp_path):
    frame, notes = read_excel(book(tmp_path, {"s": rows()}))
    assert list(frame.columns) == ["n", "price", "what", "day", "ok", "gap"]
    assert frame.iloc[1].tolist() == ["1", "0.25", "item b", "2024-01-02", "False", ""]
    assert notes == []


def test_a_workbook_opens_as_a_table(tmp_path):
    module = open_data(book(tmp_path, {"s": rows(60)}))
    kinds = {one.name: one.kind for one in module.readings}
    assert kinds["day"] == "datetime"
    assert (kinds["price"], kinds["what"], kinds["ok"]) == ("continuous", "categorical", "boolean")


def test_titles_above_the_header_are_left_out_with_a_note(tmp_path):
    frame, notes = read_excel(book(tmp_path, {"s": [["Report of 2024"], [], *rows()]}))
    assert list(frame.columns)[:2] == ["n", "price"]
    assert len(frame) == 40
    assert "1 row above the header" in notes[0]


def test_the_first_sheet_with_rows_is_read_unless_another_is_named(tmp_path):
    path = book(
        tmp_path, {"empty": [], "one": rows(), "two": [["x", "y"], *([i / 4, -i] for i in range(30))]}
    )
    assert read_excel(path)[0].shape == (40, 6)
    assert "'one' was read; others: 'empty', 'two'" in read_excel(path)[1][0]
    assert list(open_data(path, options={"sheet": "two"}).raw.samples) == ["x", "y"]
    with pytest.raises(DataError, match=r"no sheet 'tow'; it has empty, one, two. Did you mean 'two'"):
        read_excel(path, "tow")


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    path = book(tmp_path, {"s": rows()})
    monkeypatch.setattr(excel, "MOST_BYTES", 1000)
    with pytest.raises(DataError, match="unpacks to more than 1,000 bytes"):
        read_excel(path)


def test_a_sheet_of_too_many_cells_is_refused(tmp_path, monkeypatch):
    path = book(tmp_path, {"s": [[None] * 200 + [1]] * 40})
    monkeypatch.setattr(excel, "MOST_CELLS", 1000)
    with pytest.raises(DataError, match="more than 1,000 cells"):
        read_excel(path)


def test_what_a_zip_claims_of_its_size_does_not_matter(tmp_path):
    path = book(tmp_path, {"s": rows()})
    content = bytearray(path.read_bytes())
    place = content.rindex(b"PK\1\2")  # the directory's entry of the last part: its size unpacked
    content[place + 24 : place + 28] = (1).to_bytes(4, "little")
    path.write_bytes(bytes(content))
    with pytest.raises(DataError, match="Excel workbook"):
        read_excel(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused(tmp_path, encoding):
    path, changed = book(tmp_path, {"s": rows()}), io.BytesIO()
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            part = old.read(name).decode()
            new.writestr(name, (bomb + part).encode(encoding) if name.endswith("sheet1.xml") else part)
    path.write_bytes(changed.getvalue())
    with pytest.raises(DataError, match="declares a document type"):
        read_excel(path)


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"name,x\n1,2\n", b"\xd0\xcf\x11\xe0 old excel"])
def test_what_is_no_workbook_is_refused_in_a_line(tmp_path, content):
    (tmp_path / "t.xlsx").write_bytes(content)
    with pytest.raises(DataError, match="cannot be read as an Excel workbook"):
        read_excel(tmp_path / "t.xlsx")


def test_a_sheet_without_rows_is_refused(tmp_path):
    with pytest.raises(DataError, match="no rows under a header"):
        read_excel(book(tmp_path, {"s": [["a", "b"]]}))
    with pytest.raises(DataError, match="is empty"):
        read_excel(book(tmp_path, {"s": []}))


def test_a_frame_that_pandas_wrote_goes_round(tmp_path):
    frame = pd.DataFrame(
        {"a": range(30), "b": [f"x{i % 3}" for i in range(30)], "c": [i / 7 for i in range(30)]}
    )
    frame.to_excel(tmp_path / "t.xlsx", index=False)
    pd.testing.assert_frame_equal(open_data(tmp_path / "t.xlsx").raw.samples, frame, check_dtype=False)


BODY = [["xyz"[i % 3], i * 7 % 50, i, i / 4, i % 5] for i in range(60)]
GROUPED = ["place", "2020 men", "2020 women", "2021 men", "2021 women"]
NAMES = ["place", "men", "women", "men", "women"]
SHEETS = {
    "merged cells": ([[None, 2020, None, 2021, None], NAMES], GROUPED),
    "a title above them": ([["Report"], ["", "2020", "", "2021", ""], NAMES], GROUPED),
    "equal names": ([NAMES], ["place", "men", "women", "men.1", "women.1"]),
    "units": ([["place", *"abcd"], [None, "mm", "kg", "s", "h"]], ["place", *"abcd"]),
    "no header": ([], [f"column_{place}" for place in range(1, 6)]),
    "years": ([["place", 2018, 2019, 2020, 2021]], ["place", "2018", "2019", "2020", "2021"]),
}


@pytest.mark.parametrize("way", SHEETS)
def test_headers_of_sheets_are_read_as_those_of_text_files(way, tmp_path):
    above, names = SHEETS[way]
    rows = open_data(book(tmp_path, {"one": [*above, *BODY]})).raw.samples
    assert list(rows) == names
    assert rows[names[1]].tolist() == [row[1] for row in BODY]


def test_a_sentence_below_the_rows_of_a_sheet_is_no_row(tmp_path):
    path = book(tmp_path, {"one": [["place", *"abcd"], *BODY, ["Source: our own counts"]]})
    assert len(open_data(path).raw.samples) == 60


def test_the_index_that_pandas_writes_is_left_out(tmp_path):
    pd.DataFrame({"a": np.arange(60) * 7 % 50, "b": [1.5, 2, 3] * 20}).to_excel(tmp_path / "t.xlsx")
    assert list(open_data(tmp_path / "t.xlsx").raw.samples) == ["a", "b"]
