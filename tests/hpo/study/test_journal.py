import errno
import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from autogen.errors import JournalError, RunError
from autogen.hpo.study.chain import VERSION, header
from autogen.hpo.study.events import Lost, Rung
from autogen.hpo.study.journal import Journal, in_use, read


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.jsonl"


def write(path, count):
    journal = Journal(path)
    for number in range(count):
        journal.append(Lost(number))
    journal.close()


def test_records_come_back_in_order(path):
    write(path, 3)
    assert [event.n for event in Journal(path).events] == [0, 1, 2]
    assert [event.n for event in read(path)] == [0, 1, 2]


@pytest.mark.parametrize("cut", [1, 5, 12])
def test_a_torn_last_line_is_cut_off_and_the_rest_kept(path, cut):
    write(path, 3)
    path.write_bytes(path.read_bytes()[:-cut])
    journal = Journal(path)
    assert [event.n for event in journal.events] == [0, 1]
    assert journal.repaired > 0
    journal.append(Lost(2))
    journal.close()
    assert [event.n for event in read(path)] == [0, 1, 2]


@pytest.mark.parametrize("length", [0, 1, 10])
def test_a_torn_header_is_written_anew(path, length):
    write(path, 0)
    path.write_bytes(path.read_bytes()[:length])
    assert Journal(path).events == []
    assert read(path) == []


def test_a_header_of_the_first_version_without_its_line_end_is_torn_too(path):
    path.write_bytes(header(1)[:-1])
    assert Journal(path).events == []
    assert path.read_bytes() == header()


def test_a_foreign_file_is_refused_and_left_as_it_is(path):
    path.write_text("dear diary\n")
    with pytest.raises(JournalError, match="not a journal"):
        Journal(path)
    assert path.read_text() == "dear diary\n"


def test_a_foreign_file_without_a_line_end_is_refused_and_left_as_it_is(path):
    path.write_text("dear diary")
    with pytest.raises(JournalError, match="not a journal"):
        Journal(path)
    assert path.read_text() == "dear diary"


@pytest.mark.parametrize("version", [VERSION + 1, 99])
def test_a_newer_journal_is_refused(path, version):
    path.write_text(json.dumps({"format": "autogen-journal", "version": version}) + "\n")
    with pytest.raises(JournalError, match=f"version {version}, this autogen reads up to {VERSION}"):
        Journal(path)


def test_the_disk_is_asked_to_keep_records_after_a_second_and_at_the_end(path, monkeypatch):
    kept, now = [], [0.0]
    journal = Journal(path, clock=lambda: now[0])
    monkeypatch.setattr(os, "fsync", lambda _file: kept.append((now[0], len(read(path)))))
    for second in (0.5, 1.0, 1.25, 2.0, 2.25, 2.5):
        now[0] = second
        journal.append(Lost(0))
    journal.close()
    assert kept == [(1.25, 3), (2.5, 6), (2.5, 6)]


def test_damage_before_the_last_line_is_named_by_its_line(path):
    write(path, 3)
    lines = path.read_text().splitlines()
    lines[2] = lines[2][:-3]
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(JournalError, match="line 3"):
        Journal(path)


def test_a_second_writer_is_refused(path):
    journal = Journal(path)
    with pytest.raises(RunError, match="another process"):
        Journal(path)
    journal.close()
    Journal(path).close()


def test_a_writer_that_was_killed_leaves_no_lock_and_every_record(path):
    script = (
        "import os, sys; from pathlib import Path\n"
        "from autogen.hpo.study.events import Lost; from autogen.hpo.study.journal import Journal\n"
        "journal = Journal(Path(sys.argv[1]))\n"
        "for n in range(50): journal.append(Lost(n))\n"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert len(Journal(path).events) == 50


def test_a_full_disk_is_one_line_and_leaves_no_half_record(path):
    script = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from autogen.errors import RunError\n"
        "from autogen.hpo.study.events import Lost; from autogen.hpo.study.journal import Journal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "journal = Journal(Path(sys.argv[1]))\n"
        "try:\n"
        "    while True: journal.append(Lost(0, 'x' * 60))\n"
        "except RunError as error: print(error)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(path)], check=True, capture_output=True, text=True
    )
    assert "cannot write" in ran.stdout
    assert "autogen resume" in ran.stdout
    assert ran.stdout.count("\n") == 1
    assert path.read_bytes().endswith(b"\n")
    assert len(read(path)) > 5


def test_nan_never_reaches_a_journal(path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        Journal(path).append(Rung(0, 1, float("nan"), True))


def test_a_header_without_a_version_is_refused(path):
    path.write_text('{"format":"autogen-journal"}\n')
    with pytest.raises(JournalError, match="its first line has no version"):
        read(path)


def test_a_file_system_without_locks_is_one_line(path, monkeypatch):
    def flock(file, how):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(RunError, match="its file system has no locks; choose another folder for the run"):
        Journal(path)


WITHOUT_POSIX = "import sys; sys.modules.update(dict.fromkeys(('fcntl', 'resource'))); "


@pytest.mark.slow
def test_a_search_on_a_system_without_posix_locks_is_refused_in_one_line():
    code = WITHOUT_POSIX + "from autogen.cli.app import main; sys.argv = ['autogen', 'run', 'digits']; main()"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr.count("\n")) == (2, 1)
    assert run.stderr.startswith("error: a search needs a POSIX system such as Linux")


@pytest.mark.slow
def test_models_load_on_a_system_without_posix_locks():
    code = WITHOUT_POSIX + "import autogen; print(autogen.load, autogen.GeneratedModel, autogen.SearchSpace)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.parametrize("how", ["removed", "replaced", "renamed folder", "cut", "appended"])
def test_a_journal_that_is_no_longer_at_its_place_takes_no_record(tmp_path, how):
    path = tmp_path / "run/journal.jsonl"
    path.parent.mkdir()
    journal = Journal(path)
    journal.append(Lost(0))
    sound = path.read_bytes()
    if how == "renamed folder":
        path.parent.rename(tmp_path / "elsewhere")
    elif how in ("removed", "replaced"):
        path.unlink()
    if how == "replaced":
        path.write_bytes(sound)
    elif how == "cut":
        os.truncate(path, 5)
    elif how == "appended":
        path.write_bytes(sound + sound)
    with pytest.raises(RunError, match="while the study ran, so the study stops") as raised:
        journal.append(Lost(1))
    assert "\n" not in str(raised.value)
    journal.close()


def test_a_journal_that_is_a_link_is_not_written(tmp_path, path):
    write(tmp_path / "elsewhere.jsonl", 1)
    path.symlink_to(tmp_path / "elsewhere.jsonl")
    sound = path.read_bytes()
    with pytest.raises(RunError, match="cannot write"):
        Journal(path)
    with pytest.raises(RunError, match="cannot read"):
        read(path)
    assert path.read_bytes() == sound


def test_a_journal_that_is_a_pipe_is_refused_and_not_waited_for(path):
    os.mkfifo(path)
    with pytest.raises(RunError, match="no regular file"):
        read(path)
    with pytest.raises(RunError, match="no regular file"):
        Journal(path)


def test_a_journal_is_its_owner_s_to_write_and_others_to_read(path):
    write(path, 1)
    mask = os.umask(0)
    os.umask(mask)
    assert path.stat().st_mode & 0o7777 == 0o644 & ~mask


def test_to_look_who_writes_a_journal_leaves_no_file_open(path):
    journal = Journal(path)
    known = len(list(Path("/proc/self/fd").iterdir()))
    assert [in_use(path) for _ in range(3)] == [True] * 3
    journal.close()
    assert not in_use(path)
    assert len(list(Path("/proc/self/fd").iterdir())) == known - 1
