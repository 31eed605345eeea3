"""Files are written whole, never through a link, and read only where they are files."""

import errno
import os

import pytest

from autogen.errors import RunError, WriteError
from autogen.files import append, full_disk, is_disk_error, neighbors, read_file, short_path, write


@pytest.fixture
def victim(tmp_path):
    """A file that nothing may change, and a link to it."""
    path = tmp_path / "victim"
    path.write_text("years of work")
    (tmp_path / "link").symlink_to(path)
    yield path
    assert path.read_text() == "years of work"


def test_a_path_below_the_working_directory_is_short_and_another_stays_whole(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert short_path(tmp_path / "runs" / "a") == f"runs{os.sep}a"
    assert short_path(tmp_path.parent / "b") == str(tmp_path.parent / "b")


def test_a_link_is_replaced_and_not_written_through(victim):
    write(victim.parent / "link", "new")
    assert not (victim.parent / "link").is_symlink()
    assert (victim.parent / "link").read_text() == "new"


def test_nothing_is_appended_through_a_link(victim):
    with pytest.raises(WriteError, match="cannot write .*link"):
        append(victim.parent / "link", "more")


def test_text_is_appended(tmp_path):
    append(tmp_path / "curve", "a\n")
    append(tmp_path / "curve", "b\n")
    assert (tmp_path / "curve").read_text() == "a\nb\n"


def test_a_link_is_read_only_if_the_caller_says_so(victim):
    assert read_file(victim.parent / "link", links=True) == b"years of work"
    with pytest.raises(OSError, match="symbolic link"):
        read_file(victim.parent / "link")


@pytest.mark.parametrize("links", [False, True])
def test_a_device_and_a_pipe_are_not_read(tmp_path, links):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(OSError, match="no regular file"):
            read_file(path, links=links)


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    with (tmp_path / "large").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(OSError, match="larger than 1,000 bytes"):
        read_file(tmp_path / "large", 1000)


def test_a_full_disk_is_one_line_and_other_errors_pass(tmp_path):
    with pytest.raises(WriteError, match="cannot write .*a: No space left"), full_disk(tmp_path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(tmp_path / "a"))
    with pytest.raises(FileNotFoundError), full_disk(tmp_path):
        raise FileNotFoundError(errno.ENOENT, "gone")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EFBIG])
def test_a_disk_error_is_known_by_its_cause(code):
    error = RunError("the model cannot be saved")
    error.__cause__ = OSError(code, "the disk fails")
    assert is_disk_error(error)
    assert not is_disk_error(RunError("another"))
    assert not is_disk_error(OSError(errno.ENOENT, "another"))


def test_files_beside_a_missing_one_begin_with_those_of_its_suffix(tmp_path):
    for name in ("a.png", "b.png", "c.png", "d.png", "e.png", "people.csv"):
        (tmp_path / name).touch()
    assert neighbors(tmp_path / "nope.csv", most=2) == f"{tmp_path} holds people.csv, a.png and 4 more"
