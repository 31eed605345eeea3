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


def test_links_that_lead_out_of_a_folder_are_left_out_and_said(tmp_path):
    (tmp_path / "secret.txt").write_text("the private key")
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "diary.txt").write_text("dear diary")
    texts = tmp_path / "texts"
    texts.mkdir()
    for i in range(30):
        (texts / f"{i:02d}.txt").write_text(f"Text {i}.")
    (texts / "a.txt").symlink_to("../secret.txt")
    (texts / "b").symlink_to("../private")
    (texts / "again.txt").symlink_to("00.txt")
    module = open_data(texts)
    assert not {"the private key", "dear diary"} & set(module.raw.samples)
    assert len(module.raw.samples) == 31
    assert any("a.txt was left out, since it is a link" in note for note in module.notes)


def test_notes_on_the_files_of_a_folder_name_them(tmp_path):
    for i in range(30):
        content = f"Größe {i} über alles".encode("cp1252" if i < 5 else "utf-8")
        (tmp_path / f"{i:02d}.txt").write_bytes(content)
    named = "00.txt, 01.txt, 02.txt ... (5 files): The file is not UTF-8"
    assert any(note.startswith(named) for note in open_data(tmp_path).notes)


def test_a_file_of_a_folder_that_cannot_be_read_is_named(tmp_path):
    for i in range(30):
        (tmp_path / f"{i:02d}.txt").write_text(f"Text {i}.")
    (tmp_path / "bad.txt").write_bytes(b"\0\1" * 100)
    with pytest.raises(DataError, match=r"bad\.txt holds binary data"):
        open_data(tmp_path)
