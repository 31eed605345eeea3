"""Totals below the rows and lines that are drawn are no rows; others are told."""

import numpy as np
import pandas as pd
import pytest

from autogen.data.open import open_data
from autogen.errors import DataError

ROWS = [(f"{'abcdefg'[i % 7]}{i}", ["Wien", "Graz", "Linz"][i % 3], i * 7 % 90 + 1) for i in range(60)]
SUM = sum(row[2] for row in ROWS)


def opened(folder, lines, sep=",", head=("shop", "city", "n")):
    (folder / "t.csv").write_text("\n".join(sep.join(map(str, line)) for line in (head, *lines)) + "\n")
    return open_data(folder / "t.csv")


TOTALS = {
    "English": [("Total", "", SUM)],
    "another sum": [("Total:", "", 3000)],
    "German": [("Summe", "", SUM)],
    "Russian": [("Итого", "", SUM)],
    "Japanese": [("合計", "", SUM)],
    "Markdown": [("**Total**", "", SUM)],
    "without a name": [("", "", SUM)],
    "all cells": [("Total", "all", SUM)],
    "several": [("Subtotal", "", SUM), ("Grand Total", "", SUM)],
    "mean": [("Total", "", SUM), ("Average", "", SUM / 60)],
    "below a line": [("---", "---", "---"), ("TOTAL", "", SUM)],
    "above a source": [("Total", "", SUM), ("Source: our own counts", "", "")],
}


@pytest.mark.parametrize("way", TOTALS)
def test_totals_below_the_rows_are_left_out_and_noted(way, tmp_path):
    module = opened(tmp_path, [*ROWS, *TOTALS[way]], ";" if way == "German" else ",")
    assert module.raw.samples["n"].tolist() == [row[2] for row in ROWS]
    assert any("below the rows" in note and "total" in note for note in module.notes)


KEPT = {
    "a city of this name": [("x1", "Total", 5)],
    "no total": [("Total", "Wien", 7)],
    "a last row with gaps": [("", "", 5)],
    "a row without numbers": [("x2", "", "")],
}


@pytest.mark.parametrize("way", KEPT)
def test_rows_that_are_no_totals_stay(way, tmp_path):
    module = opened(tmp_path, [*ROWS, *KEPT[way]])
    assert len(module.raw.samples) == 61
    assert not [note for note in module.notes if "below the rows" in note]


def test_totals_between_the_rows_and_in_frames_are_told(tmp_path):
    inner = opened(tmp_path, [*ROWS[:30], ("Total", "", 9), *ROWS[30:], ("Total", "", SUM)])
    assert (
        "Warning: 2 rows have 'Total' in column 'shop': leave out what is a sum of other rows." in inner.notes
    )
    frame = pd.DataFrame([*ROWS, ("Total", None, SUM)], columns=["shop", "city", "n"])
    told = open_data(frame)
    assert len(told.raw.samples) == 61
    assert any(
        note.startswith("Warning: the last row is maybe a total of the others ('Total | ")
        for note in told.notes
    )
    methods = frame.assign(city=np.resize(["ensemble", "mean", "media"], 61)).head(60)
    assert not [note for note in open_data(methods).notes if "sum of other rows" in note]


CELLS = "".join(f"| {a} | {b} | {n} |\n" for a, b, n in ROWS)
LINES = [f"{a:<6} {b:<5} {n}\n" for a, b, n in [("shop", "city", "n"), *ROWS]]
SIMPLE = f"{LINES[0]}====== ===== ===\n{''.join(LINES[1:])}====== ===== ===\n"
SIMPLE = f"====== ===== ===\n{SIMPLE}"
DRAWN = {
    "Markdown": "| shop | city | n |\n|:-----|------|--:|\n" + CELLS,
    "without outer signs": "shop | city | n\n--- | --- | ---\n" + CELLS.replace(" |\n", "\n"),
    "under a title": "# Shops\n\n| shop | city | n |\n|---|---|---|\n" + CELLS,
    "PostgreSQL": " shop | city | n \n------+------+---\n" + CELLS.replace(" |\n", "\n") + "(60 rows)\n",
    "MySQL": f"+--+---+---+\n| shop | city | n |\n+--+---+---+\n{CELLS}+--+---+---+\n60 rows in set\n",
    "a box": f"┌───┬──┬─┐\n│ shop │ city │ n │\n├───┼──┼─┤\n{CELLS.replace('|', '│')}└───┴──┴─┘\n",
    "reStructuredText": SIMPLE,
    "below a heading": f"Shops\n*****\n\n{SIMPLE}\nA sentence, and more.\n",
    "SQLite": f"{LINES[0]}------ ----- ---\n{''.join(LINES[1:])}",
    "SQL*Plus": "\n".join(
        f"{LINES[0]}------ ----- ---\n{''.join(LINES[first : first + 20])}" for first in (1, 21, 41)
    )
    + "\n60 rows selected.\n",
    "sqlcmd": f"{LINES[0]}------ ----- ---\n{''.join(LINES[1:])}\n(60 rows affected)\n".replace("\n", "\r\n"),
    "SQL Server": "shop,city,n\n----,----,-\n" + "".join(f"{a},{b},{n}\n" for a, b, n in ROWS),
}


@pytest.mark.parametrize("way", DRAWN)
def test_lines_of_a_drawn_table_are_no_rows(way, tmp_path):
    (tmp_path / "t.csv").write_text(DRAWN[way])
    module = open_data(tmp_path / "t.csv")
    assert [column["name"] for column in module.raw.meta["columns"]] == ["shop", "city", "n"]
    assert module.raw.samples["n"].tolist() == [row[2] for row in ROWS]
    assert set(module.raw.samples["city"]) == {"Wien", "Graz", "Linz"}
    assert any("drawn table were left out" in note or "line of dashes" in note for note in module.notes)


def test_a_sign_in_a_cell_of_markdown_stays(tmp_path):
    (tmp_path / "t.csv").write_text(DRAWN["Markdown"].replace("Wien", r"Wi\|en"))
    assert set(open_data(tmp_path / "t.csv").raw.samples["city"]) == {"Wi|en", "Graz", "Linz"}


def test_a_row_without_a_first_cell_goes_on_with_the_one_before(tmp_path):
    rule = "====== ===== ===\n"
    (tmp_path / "t.csv").write_text(
        f"{rule}{LINES[0]}{rule}{LINES[1]}       West\n{''.join(LINES[2:])}{rule}"
    )
    rows = open_data(tmp_path / "t.csv").raw.samples
    assert len(rows) == 60
    assert rows["city"][0] == f"{ROWS[0][1]} West"


def test_lines_without_a_sign_between_cells_are_refused_with_what_to_do(tmp_path):
    (tmp_path / "t.csv").write_text("".join(LINES))
    with pytest.raises(DataError, match="one column alone.*--option delimiter="):
        open_data(tmp_path / "t.csv")
