"""``autogen inspect``: what data is taken for, before anything is trained."""

import json

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
