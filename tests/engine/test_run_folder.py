import os
import subprocess
import sys
from pathlib import Path

import pytest

from autogen.engine.engine import resume
from autogen.engine.run_folder import RunFolder
from autogen.errors import RunError
from autogen.files import write


def test_a_new_run_gets_its_folders(tmp_path):
    folder = RunFolder.create(tmp_path / "a/b")
    assert folder.trials.is_dir()
    assert folder.finalists.is_dir()


def test_a_folder_that_holds_something_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(RunError, match="not empty; choose another with --out"):
        RunFolder.create(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_folder_that_holds_a_run_says_how_to_go_on_with_it(tmp_path):
    (tmp_path / "study.toml").touch()
    with pytest.raises(RunError, match="autogen resume"):
        RunFolder.create(tmp_path)


def test_a_place_that_cannot_be_written_is_one_line():
    with pytest.raises(RunError, match="cannot create the output folder /proc/nowhere"):
        RunFolder.create(Path("/proc/nowhere"))


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(RunError, match="not the folder of a run"):
        RunFolder.open(tmp_path)
    (tmp_path / "titanic-1").mkdir()
    with pytest.raises(RunError, match="lacks study.toml; did you mean '.*/titanic-1'"):
        RunFolder.open(tmp_path / "titanik-1")


def test_a_run_without_a_result_says_how_to_finish_it(tmp_path):
    with pytest.raises(RunError, match="autogen resume"):
        RunFolder(tmp_path).read_result()


def test_a_damaged_result_is_one_line(tmp_path):
    (tmp_path / "result.json").write_text("{")
    with pytest.raises(RunError, match="damaged"):
        RunFolder(tmp_path).read_result()


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    script = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from autogen.errors import RunError; from autogen.files import write\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); path = Path(sys.argv[1]) / 'result.json'\n"
        "write(path, 'old')\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: write(path, 'x' * 2000)\n"
        "except RunError as error: print(error)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], check=True, capture_output=True, text=True
    )
    assert "cannot write" in ran.stdout
    assert (tmp_path / "result.json").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_written_file_can_be_read_by_others(tmp_path):
    write(tmp_path / "result.json", "{}")
    assert (tmp_path / "result.json").stat().st_mode & 0o044 == 0o044


@pytest.mark.parametrize(
    "place", ["journal.jsonl", "best/config.toml", "finalists/0003", "trials", "best/a.png"]
)
def test_a_folder_that_holds_a_link_is_refused_and_named(tmp_path, place):
    outside, run = tmp_path / "outside", tmp_path / "run"
    outside.mkdir()
    run.mkdir()
    (run / "study.toml").touch()
    (run / place).parent.mkdir(parents=True, exist_ok=True)
    (run / place).symlink_to(outside)
    with pytest.raises(RunError, match=f"{place} is a link"):
        RunFolder.open(run)
    with pytest.raises(RunError, match=f"{place} is a link"):
        resume(run)
    assert list(outside.iterdir()) == []


def test_a_folder_that_holds_a_pipe_is_refused(tmp_path):
    (tmp_path / "study.toml").touch()
    os.mkfifo(tmp_path / "result.json")
    with pytest.raises(RunError, match="result.json is a link, or no file"):
        RunFolder.open(tmp_path)


def test_a_link_to_a_run_is_opened(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run/study.toml").touch()
    (tmp_path / "latest").symlink_to(tmp_path / "run")
    assert RunFolder.open(tmp_path / "latest").path == tmp_path / "latest"
