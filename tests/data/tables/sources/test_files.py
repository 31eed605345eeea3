"""Tables go to disk in pieces, and the file does not tell in which."""

import numpy as np
import pandas as pd
import pytest

from autogen.data.tables.sources import files as table_files
from autogen.data.tables.sources.files import write_frames
from autogen.errors import DataError

FRAME = pd.DataFrame(
    {
        "n": np.arange(50),
        "x": np.linspace(0, 1, 50),
        "text": [None] * 20 + ["a,b", 'say "hi"', "é\n2"] * 10,
        "maybe": pd.array([None] * 20 + [1] * 30, dtype="Int64"),
        "kind": pd.Categorical(["u", "v"] * 25, categories=["u", "v", "w"]),
    }
)


def parts(size):
    return (FRAME.iloc[start : start + size] for start in range(0, len(FRAME), size))


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr(table_files, "PIECE_ROWS", 16)


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".tsv", ".parquet"])
def test_a_file_is_the_same_however_its_rows_came(tmp_path, suffix):
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")
    first, second = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    write_frames(parts(7), first)
    write_frames(parts(50), second)
    assert first.read_bytes() == second.read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {first.name, second.name}


def test_a_parquet_file_gives_rows_and_dtypes_back(tmp_path):
    pytest.importorskip("pyarrow")
    write_frames(parts(7), tmp_path / "a.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "a.parquet"), FRAME)


def test_a_csv_file_gives_rows_back(tmp_path):
    write_frames(parts(7), tmp_path / "a.csv")
    found = pd.read_csv(tmp_path / "a.csv").astype(FRAME.dtypes)
    pd.testing.assert_frame_equal(found, FRAME)


def test_a_column_of_texts_may_have_none_in_the_first_piece(tmp_path):
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame({"text": pd.Series([None] * 20 + ["a"] * 20, dtype=object)})
    write_frames([frame], tmp_path / "a.parquet")
    assert pd.read_parquet(tmp_path / "a.parquet")["text"].tolist()[-1] == "a"


def test_rows_that_fail_to_come_leave_no_file(tmp_path):
    def failing():
        yield FRAME
        raise DataError("no more")

    with pytest.raises(DataError, match="no more"):
        write_frames(failing(), tmp_path / "a.csv")
    assert list(tmp_path.iterdir()) == []


def test_another_suffix_is_refused_before_a_row_is_drawn(tmp_path):
    with pytest.raises(DataError, match=r"\.csv"):
        write_frames(iter(()), tmp_path / "a.xlsx")
