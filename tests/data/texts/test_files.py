"""Texts from folders of files."""

import pytest

from autogen.data.open import open_data
from autogen.errors import DataError


def test_each_file_of_a_folder_is_a_text(tmp_path):
    for i in range(30):
        (tmp_path / f"{i:02d}.txt").write_text(f"Text {i}.\nIt has two lines.")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "x.TXT").write_text("one more")
    (tmp_path / ".hidden.txt").write_text("not this one")
    (tmp_path / "notes.md").write_text("nor this one")
    module = open_data(tmp_path)
    assert module.kind.name == "text"
    assert len(module.raw.samples) == 31
    assert "Text 3.\nIt has two lines." in module.raw.samples
    assert any("31 .txt files was read as a text" in note for note in module.notes)


def test_a_folder_with_few_texts_among_other_files_is_no_texts(tmp_path):
    for i in range(3):
        (tmp_path / f"{i}.csv").write_text("x,y\n1,2\n")
    (tmp_path / "readme.txt").write_text("about these tables")
    with pytest.raises(
        DataError, match=r"holds no file that autogen reads from a folder.*read alone: .*0.csv"
    ):
        open_data(tmp_path)
