"""Workers that a nursery forks: they are what new interpreters would be, and none outlives it."""

import json
import os
import resource
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from autogen.engine.settings import _WORKER_MODULES
from autogen.executors.local.executor import LocalExecutor
from autogen.executors.local.nursery import Nursery, available
from autogen.executors.process import Companion, new_interpreter
from autogen.hpo.trial import State
from autogen.testing.executors import collect
from tests.executors.local.test_executor import alive, does, wait_until
from tests.executors.works import Misbehaving

pytestmark = pytest.mark.skipif(not available(), reason="forks workers on Linux 5.3 and later")

TOLD = "tests.executors.local.told"


@contextmanager
def nursery(*modules):
    made = Nursery(modules, {})
    try:
        yield made
    finally:
        made.stop()


@contextmanager
def companion(started, module=TOLD, **settings):
    made = Companion(module, settings, environment={"AUTOGEN_TOLD": "ä"}, started=started)
    try:
        yield made
    finally:
        made.stop()


def test_a_worker_finds_folder_environment_and_modules_of_the_controller(tmp_path, monkeypatch):
    with nursery() as forks:
        monkeypatch.chdir(tmp_path)  # after the start of the nursery
        monkeypatch.syspath_prepend(str(tmp_path / "more"))
        monkeypatch.setenv("AUTOGEN_LATER", "1")
        monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
        with companion(forks.fork, do="tell") as made:
            told = json.loads(made.connection.recv_bytes())
            assert told["pid"] == made.process.pid
    assert told["folder"] == str(tmp_path)
    assert told["path"] == sys.path
    assert (told["told"], told["later"], told["threads"]) == ("ä", "1", None)
    assert told["session"] == told["pid"]  # Ctrl-C reaches the controller alone


@pytest.mark.parametrize(
    ("do", "code", "words"),
    [
        ("raise", 1, "ValueError: about to raise"),
        ("exit", 4, "about to exit"),
        ("end", 0, "about to end"),
        ("segfault", -signal.SIGSEGV, "about to segfault"),
    ],
)
def test_the_end_of_a_worker_and_its_last_words_are_those_of_an_interpreter(do, code, words):
    with nursery() as forks, companion(forks.fork, do=do) as made:
        assert made.process.wait(60.0) == code
        assert made.process.poll() == code
        assert made.last_words() == words


def test_a_worker_that_lives_is_waited_for_as_long_as_is_said():
    with nursery() as forks, companion(forks.fork, do="sleep") as made:
        with pytest.raises(subprocess.TimeoutExpired):
            made.process.wait(0.05)
        assert made.process.poll() is None
        pid = made.process.pid
        made.process.kill()
        assert made.process.wait() == -signal.SIGKILL
        made.process.kill()  # nothing more
    assert not alive(pid)


def test_a_worker_starts_where_the_folder_was_deleted(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    monkeypatch.syspath_prepend("")
    with nursery() as forks, companion(forks.fork, do="end") as made:
        assert made.process.wait(60.0) == 0
    with companion(new_interpreter, do="end") as made:
        assert made.process.wait(60.0) == 0


def test_too_many_open_files_are_told_as_such():
    with nursery() as forks, companion(forks.fork, do="sleep") as made:
        least, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (4, most))
        try:
            with pytest.raises(OSError, match="Too many open files"):
                made.process.wait(60.0)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (least, most))


def test_the_end_of_a_worker_is_seen_though_the_nursery_is_stopped():
    with nursery() as forks, companion(forks.fork, do="sleep") as made:
        pid = made.process.pid
        os.kill(forks._companion.process.pid, signal.SIGSTOP)
        assert made.process.poll() is None
        os.kill(pid, signal.SIGKILL)
        assert made.process.wait(20.0) == -signal.SIGKILL
        assert made.process.poll() == -signal.SIGKILL


def stop(one):
    os.kill(one._companion.process.pid, signal.SIGSTOP)
    wait_until(lambda: one.stopped)


@pytest.mark.parametrize("asked", ["before", "after"])
def test_a_worker_that_a_stopped_nursery_owes_never_lives(tmp_path, asked):
    with nursery(TOLD + "_slowly") as forks:  # it imports for a second
        if asked == "after":
            stop(forks)
        with companion(forks.fork, do="touch", folder=str(tmp_path)) as made:
            if asked == "before":
                stop(forks)
            assert made.process.wait(20.0) == -signal.SIGSTOP
            with pytest.raises(ProcessLookupError):
                made.process.pid  # noqa: B018 - 0 would mean this process and its group
            assert made.death().startswith("killed by signal 19")
        os.kill(forks._companion.process.pid, signal.SIGCONT)
        with companion(forks.fork, do="end") as made:
            assert made.process.wait(60.0) == 0
    assert list(tmp_path.iterdir()) == []


def test_a_stopped_nursery_costs_no_trial_and_is_gone_at_the_end():
    executor = LocalExecutor(workers=2)
    try:
        executor.warm(("autogen.executors.run_batch",))
        executor.start(Misbehaving())
        assert all(one.state is State.COMPLETE for one in collect(executor, [does(0, "nothing")]))
        held = executor._nurseries[0]._companion.process.pid
        first, second = (worker.process.pid for worker in executor._pool)
        for _ in range(3):
            wait_until(lambda: collect(executor, [does(0, "nothing")]) and executor._pool[0].ready)
            stop(executor._nurseries[-1])
            os.kill(executor._pool[0].process.pid, signal.SIGKILL)
            wait_until(lambda: executor._pool[0].process.poll() is not None)
            ended = collect(executor, [does(number, "nothing") for number in (1, 2, 3)])
            assert [one.state for one in ended] == [State.COMPLETE] * 3
        assert executor._pool[1].process.pid == second  # it went on
        assert not alive(first)
        assert alive(held)
    finally:
        executor.close()
    assert not alive(held)
    assert not alive(second)


def test_a_nursery_that_is_stopped_as_it_starts_is_replaced():
    executor = LocalExecutor(workers=2)
    try:
        executor.warm(("autogen.executors.run_batch",))
        stop(executor._nurseries[0])
        executor.start(Misbehaving())
        ended = collect(executor, [does(number, "nothing") for number in (1, 2, 3)])
        assert [one.state for one in ended] == [State.COMPLETE] * 3
        assert len(executor._nurseries) == 2
    finally:
        executor.close()


def test_a_worker_that_is_killed_before_it_is_forked_never_lives(tmp_path):
    with nursery(TOLD + "_slowly") as forks:  # it imports for a second
        with companion(forks.fork, do="touch", folder=str(tmp_path)) as made:
            made.process.kill()
            assert made.process.poll() == -signal.SIGKILL
        with companion(forks.fork, do="end") as made:
            assert made.process.wait(60.0) == 0
    assert list(tmp_path.iterdir()) == []


def test_a_worker_holds_no_descriptor_of_another():
    with (
        nursery() as forks,
        companion(forks.fork, do="tell") as first,
        companion(forks.fork, do="tell") as second,
    ):
        held = []
        for one in (first, second):
            one.connection.recv_bytes()  # it has begun
            held.append(len(list(Path(f"/proc/{one.process.pid}/fd").iterdir())))
    assert held[0] == held[1]


def test_what_a_study_imports_starts_no_thread_and_no_card():
    with nursery(*_WORKER_MODULES) as forks, companion(forks.fork, do="tell") as made:
        told = json.loads(made.connection.recv_bytes())
        parent = Path(f"/proc/{made.process.pid}/stat").read_text().rpartition(")")[2].split()[1]
        assert len(list(Path(f"/proc/{parent}/task").iterdir())) == 1
        assert told["loaded"] == ["numpy", "torch"]
        assert told["cards"] is False


def test_a_nursery_that_is_killed_takes_its_workers_along_and_their_trials_are_tried_again():
    executor = LocalExecutor(workers=2)
    try:
        executor.warm(("autogen.executors.run_batch",))
        executor.start(Misbehaving())
        pids = []
        executor.submit(does(0, "sleep"))
        while not pids:
            list(executor.results(lambda m: not pids.append(int(m.score)), timeout=5.0))
        crew = [worker.process.pid for worker in executor._pool]
        os.kill(executor._nurseries[-1]._companion.process.pid, signal.SIGKILL)
        (lost,) = wait_until(lambda: list(executor.results(lambda _: True, timeout=5.0)))
        assert (lost.number, lost.state, lost.retry) == (0, State.FAILED, True)
        wait_until(lambda: not any(map(alive, crew)))
        ended = collect(executor, [does(number, "nothing") for number in (1, 2)])
        assert [one.state for one in ended] == [State.COMPLETE] * 2
    finally:
        executor.close()


def test_a_module_that_cannot_be_imported_is_left_to_the_workers():
    with nursery("no_such_module_anywhere") as forks:
        with companion(forks.fork, do="end") as made:
            assert made.process.wait(60.0) == 0
        with companion(forks.fork, module="no_such_module_anywhere") as made:
            assert made.process.wait(60.0) == 1
            assert made.last_words() == "ModuleNotFoundError: No module named 'no_such_module_anywhere'"
