"""``autogen inspect``: what data is taken for, before anything is trained."""

import json
import sqlite3
from contextlib import closing

import numpy as np
import pandas as pd


def table(folder):
    frame = pd.DataFrame(
        {
            "price": [f"${i / 4:.2f}" for i in range(60)],
            "key": [f"K{i:03d}" for i in range(60)],
            "said": [f"remark {i} of it" for i in range(60)],
            "paid": ["TRUE", "FALSE"] * 30,
        }
    )
    frame.to_csv(folder / "t.csv", index=False)
    return str(folder / "t.csv")


def test_each_column_is_listed_with_its_cells_and_warnings_come_first(command_line, tmp_path):
    code, out, _ = command_line("inspect", table(tmp_path))
    assert code == 0
    assert "price: continuous, written like $1234.50; learned" in out
    assert "key: identifier; made up" in out
    assert "said: text; left out" in out
    assert "paid: boolean, written like TRUE/FALSE; learned" in out
    notes = [line for line in out.splitlines() if line.startswith("- ")]
    assert notes[0].startswith("- Warning: column 'said' holds free text")


def test_the_listing_is_there_as_json(command_line, tmp_path):
    code, out, _ = command_line("inspect", table(tmp_path), "--json", "--column", "key=drop")
    record = json.loads(out)
    assert code == 0
    assert (record["kind"], sum(record["splits"][name] for name in ("train", "tune", "test"))) == (
        "tabular",
        60,
    )
    assert {one["name"]: one["fate"] for one in record["columns"]} == {
        "price": "learned",
        "paid": "learned",
        "key": "left out",
        "said": "left out",
    }


def test_data_without_columns_is_said_to_be_what_it_is(command_line, tmp_path):
    np.save(tmp_path / "t.npy", np.zeros((30, 8, 8), np.uint8))
    assert "30 images, read as image data" in command_line("inspect", str(tmp_path / "t.npy"))[1]


def test_bad_data_is_one_line(command_line, tmp_path):
    code, _, err = command_line("inspect", str(tmp_path / "none.csv"))
    assert (code, err.count("\n")) == (2, 1)


def test_cells_are_different_and_odd_ones_are_among_them(command_line, tmp_path):
    prices = ["$1.00"] * 300 + [f"${i / 4:.2f}" for i in range(300)]
    codes = [f"A-{i % 40}" for i in range(599)] + ["?? 77"]
    frame = pd.DataFrame({"price": prices, "code": codes, "day": [None, "2024-01-01", "2024-02-03"] * 200})
    frame.to_csv(tmp_path / "t.csv", index=False)
    record = json.loads(command_line("inspect", "t.csv", "--json")[1])
    columns = {one["name"]: one for one in record["columns"]}
    assert all(len(set(one["read"])) == len(one["read"]) for one in columns.values())
    assert columns["price"]["distinct"] == 300
    assert columns["day"]["missing"] == 1 / 3


def test_rules_are_offered_as_options(command_line, tmp_path):
    low = [i % 97 / 4 for i in range(600)]
    frame = pd.DataFrame(
        {"low": low, "high": [one + i % 11 for i, one in enumerate(low)], "c": ["a", "b"] * 300}
    )
    frame.to_csv(tmp_path / "t.csv", index=False)
    assert '  --rule "low <= high"\n' in command_line("inspect", "t.csv")[1]
    assert json.loads(command_line("inspect", "t.csv", "--json")[1])["rules"] == ["low <= high"]


def test_a_database_is_read_by_a_query(command_line, tmp_path):
    with closing(sqlite3.connect(tmp_path / "t.db")) as connection:
        pd.DataFrame({"x": [i / 4 for i in range(40)], "y": ["a", "b"] * 20}).to_sql(
            "t", connection, index=False
        )
    code, out, _ = command_line("inspect", f"sqlite:///{tmp_path}/t.db", "--option", "query=select x from t")
    assert (code, "x: continuous" in out) == (0, True)
    assert "y:" not in out
