"""A command ends alike however it is told to: with its workers, and a line that says how to go on."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autogen.cli.terminal.signals import Stopped, exit_code, like_ctrl_c
from autogen.engine.audit import audit
from autogen.executors.local.nursery import available

POSIX = pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="needs POSIX signals")


@pytest.fixture(autouse=True)
def not_ignored():
    """Tests that nohup started ignore SIGHUP, and so do their children."""
    if hasattr(signal, "SIGHUP"):
        before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
        yield
        signal.signal(signal.SIGHUP, before)
    else:
        yield


@POSIX
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_an_interruption_within_the_context_alone(sent):
    before = signal.getsignal(sent)
    with pytest.raises(Stopped) as raised, like_ctrl_c():
        signal.raise_signal(sent)
    assert exit_code(raised.value) == 128 + sent
    assert signal.getsignal(sent) is before


def test_ctrl_c_has_its_usual_exit_code():
    assert exit_code(KeyboardInterrupt()) == 130


@POSIX
def test_what_nohup_ignores_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with like_ctrl_c():
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.slow
@POSIX
@pytest.mark.parametrize(
    ("sent", "whom"),
    [(signal.SIGINT, "the command"), (signal.SIGTERM, "all its processes"), (signal.SIGHUP, "the command")],
)
def test_a_study_stops_with_its_workers_and_a_line_and_can_be_resumed(tmp_path, command_line, sent, whom):
    command = [sys.executable, "-m", "autogen", "run", "wine", "--budget", "1h", "--workers", "2"]
    process = subprocess.Popen(
        [*command, "--out", tmp_path / "run"],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    journal = tmp_path / "run/journal.jsonl"
    while process.poll() is None and not (journal.exists() and '"rung"' in journal.read_text()):
        time.sleep(0.05)
    workers = descendants(process.pid)
    assert len(workers) == 2 + available()  # the nursery of the workers, too
    for pid in [process.pid, *(workers if whom != "the command" else ())]:
        os.kill(pid, sent)
    err = process.communicate(timeout=60)[1]
    assert process.returncode == 128 + sent
    assert err.splitlines()[-1] == f"stopped; resume with: autogen resume {tmp_path / 'run'}"
    assert "Traceback" not in err
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)
    assert all(" has not ended" in finding for finding in audit(tmp_path / "run"))
    assert '"failed"' not in journal.read_text()
    code, told, _ = command_line("check", tmp_path / "run")
    assert code == 1
    assert told.splitlines()[-1] == (
        "the study was stopped before its result; nothing is lost, go on with it: "
        f"autogen resume {tmp_path / 'run'}"
    )


def descendants(pid):
    """Processes that a process started, and those that they did."""
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    found = [int(line) for line in listed.stdout.split()]
    return [*found, *(one for each in found for one in descendants(each))]
