"""Local workers: they die, hang and run out of memory, and nothing is lost by it."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from autogen.errors import RunError, SettingsError
from autogen.executors.local import executor as local
from autogen.executors.local.executor import LocalExecutor
from autogen.hpo.trial import State, TrialBatch
from autogen.testing.executors import CountingWork, collect, task_of
from tests.executors.works import DiesOnArrival, Misbehaving, NeedsMissingModule

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


#: Modules that workers import first: with some they are forked by a nursery, with none they are interpreters.
NURSED = {"interpreter": (), "nursery": ("autogen.executors.run_batch",)}
modules = NURSED["interpreter"]


@pytest.fixture(params=NURSED, autouse=True)
def ways_to_start(request, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "modules", NURSED[request.param])


@contextmanager
def running(work=None, **settings):
    executor = LocalExecutor(**{"workers": 1} | settings)
    try:
        executor.warm(modules)
        executor.start(work or Misbehaving())
        yield executor
    finally:
        executor.close()


def does(number, do, folder="", deadline=None):
    return TrialBatch((task_of(number, do=do),), str(folder), deadline)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(condition, seconds=120.0):
    until = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.01)
    return value


@pytest.mark.parametrize(
    ("do", "reason"),
    [
        ("kill", "worker killed by signal 9 (Killed)"),
        ("crash", "worker killed by signal 11 (Segmentation fault): about to touch address zero"),
        ("leave", "worker ended with exit code 3"),
    ],
)
def test_a_worker_that_dies_fails_its_trial_for_a_retry_and_is_replaced(do, reason):
    with running() as executor:
        first, second = collect(executor, [does(0, do), does(1, "nothing")])
    assert (first.number, first.state, first.retry) == (0, State.FAILED, True)
    assert first.reason.startswith(reason)
    assert (second.number, second.state) == (1, State.COMPLETE)


def test_all_tasks_of_a_lost_trial_batch_are_lost():
    with running() as executor:
        trial_batch = TrialBatch((task_of(0, do="kill"), task_of(1), task_of(2)))
        ended = collect(executor, [trial_batch])
    assert [(f.number, f.retry) for f in ended] == [(0, True), (1, True), (2, True)]


def test_a_worker_killed_from_outside_in_the_middle_of_a_trial():
    with running(workers=2) as executor:
        pids = []
        executor.submit(does(0, "sleep"))
        while not pids:
            list(executor.results(lambda m: not pids.append(int(m.score)), timeout=5.0))
        os.kill(pids[0], signal.SIGKILL)
        (ended,) = wait_until(lambda: list(executor.results(lambda _: True, timeout=5.0)))
        assert (ended.number, ended.retry) == (0, True)
        assert collect(executor, [does(1, "nothing")])[0].state is State.COMPLETE


def test_an_idle_worker_that_died_costs_no_trial():
    with running() as executor:
        pids = []
        collect(executor, [does(0, "nothing")], lambda m: not pids.append(int(m.score)))
        os.kill(pids[0], signal.SIGKILL)
        wait_until(lambda: executor._pool[0].process.poll() is not None)
        assert collect(executor, [does(1, "nothing")])[0].state is State.COMPLETE


@pytest.mark.slow
def test_a_worker_that_hangs_is_killed_at_its_deadline():
    with running() as executor:
        late, fine = collect(executor, [does(0, "sleep", deadline=0.3), does(1, "nothing", deadline=60.0)])
    assert (late.state, late.reason, late.retry) == (State.FAILED, "ran past its deadline of 0.3 s", True)
    assert fine.state is State.COMPLETE


class Ahead:
    """A clock that can be put forward."""

    seconds = 0.0

    def monotonic(self):
        return time.monotonic() + self.seconds


def test_time_in_which_the_controller_is_busy_counts_for_nobody(monkeypatch):
    clock = Ahead()
    monkeypatch.setattr(local, "time", clock)

    def slow(measured):
        clock.seconds += 1000.0
        return True

    with running() as executor:
        ended = collect(executor, [does(0, "nothing", deadline=60.0)], slow)
    assert ended[0].state is State.COMPLETE


@LINUX
def test_a_memory_limit_fails_the_trial_and_keeps_the_worker():
    with running(memory_limit=2**30) as executor:
        pids = []
        ended = collect(
            executor, [does(0, "hog"), does(1, "nothing")], lambda m: not pids.append(int(m.score))
        )
    assert (ended[0].state, ended[0].retry) == (State.FAILED, True)
    assert ended[0].reason.startswith("out of memory: Unable to allocate 16.0 GiB")
    assert ended[1].state is State.COMPLETE
    assert pids[0] == pids[1]


@pytest.mark.slow
@LINUX
def test_workers_share_the_works_arrays(tmp_path):
    megabytes = 128
    with running(Misbehaving(np.ones(megabytes * 2**17)), workers=2) as executor:
        executor.submit(does(0, "touch", tmp_path))
        executor.submit(does(1, "touch", tmp_path))
        pids: list[str] = []
        while len(pids) < 2:
            list(executor.results(lambda _: True, timeout=0.2))
            pids = [
                pid for path in tmp_path.iterdir() if (pid := path.read_text())
            ]  # a file may be empty yet
        shared, own = zip(*map(memory, pids), strict=True)
    assert min(shared) > megabytes  # each has all of it in its resident set ...
    assert max(own) < megabytes / 2  # ... and none of it for itself


def memory(pid):
    """Megabytes of a process: shared with others, and its own."""
    fields = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, value = line.split(":")
        fields[name] = int(value.split()[0]) / 1024
    shared = fields["Shared_Clean"] + fields["Shared_Dirty"]
    return shared, fields["Private_Clean"] + fields["Private_Dirty"]


def test_what_a_worker_writes_to_an_array_no_other_sees(tmp_path):
    array = np.zeros(100_000)
    with running(Misbehaving(array)) as executor:
        collect(executor, [does(0, "write", tmp_path)])
        collect(executor, [does(9, "kill")])
        collect(executor, [does(1, "write", tmp_path)])
    assert (tmp_path / "0").read_text() == (tmp_path / "1").read_text() == "0.0"
    assert array[0] == 0


def test_a_worker_has_one_blas_thread_unless_told_otherwise(tmp_path):
    for number, settings in enumerate(({}, {"threads": 3})):
        with running(**settings) as executor:
            collect(executor, [does(number, "threads", tmp_path)])
    assert [(tmp_path / name).read_text() for name in "01"] == ["1", "3"]


def test_a_worker_that_cannot_import_the_work_is_one_clear_error():
    with running(NeedsMissingModule()) as executor, pytest.raises(RunError) as caught:
        collect(executor, [does(0, "nothing")])
    assert str(caught.value) == (
        "worker processes cannot start: ModuleNotFoundError: No module named 'no_such_module_anywhere'"
    )


def test_workers_that_die_at_their_start_are_no_endless_loop():
    with running(DiesOnArrival()) as executor, pytest.raises(RunError, match=r"cannot start: .*exit code 7"):
        collect(executor, [does(0, "nothing")])


def test_a_work_that_cannot_be_pickled_is_refused():
    with pytest.raises(RunError, match="cannot be sent to worker processes"), running(lambda *_: []):
        pass


@pytest.mark.parametrize("settings", [{"workers": 0}, {"threads": 0}])
def test_less_than_one_worker_or_thread_is_refused(settings):
    with pytest.raises(SettingsError, match="must be at least 1"):
        LocalExecutor(**settings)


@LINUX
def test_closing_in_the_middle_of_work_leaves_no_process():
    with running(workers=2) as executor:
        executor.submit(does(0, "sleep"))
        pids = []
        while not pids:
            list(executor.results(lambda m: not pids.append(int(m.score)), timeout=5.0))
        crew = [worker.process.pid for worker in executor._pool]
        executor.close()  # the work would sleep for ten minutes
    assert pids[0] in crew
    assert [pid for pid in crew if alive(pid)] == []


SCRIPT = """
    import os, sys
    sys.stdout.reconfigure(line_buffering=True)
    from autogen.executors.local.executor import LocalExecutor
    from autogen.testing.executors import collect, task_of
    from autogen.hpo.trial import TrialBatch
    from tests.executors.works import Misbehaving

    print("script runs")
    executor = LocalExecutor(workers=2)
    executor.warm({modules})
    executor.start(Misbehaving())
    trial_batches = [TrialBatch((task_of(number, do="{do}"),)) for number in range(2)]
    ended = collect(executor, trial_batches, lambda m: print(int(m.score)) or True)
    executor.close()
    print([finished.state.value for finished in ended])
"""


@contextmanager
def script(tmp_path, do):
    path = tmp_path / "script.py"
    path.write_text(textwrap.dedent(SCRIPT.format(do=do, modules=modules)))
    root = str(Path(__file__).parents[3])
    process = subprocess.Popen(
        [sys.executable, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell has what it starts in the background ignore ^C, and so the tests' own children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        env=os.environ | {"PYTHONPATH": root},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_script_needs_no_main_guard_and_is_run_once(tmp_path):
    with script(tmp_path, "nothing") as process:
        out, err = process.communicate(timeout=60)
    lines = out.splitlines()
    assert err == ""
    assert lines[0] == "script runs"
    assert lines.count("script runs") == 1
    assert lines[-1] == "['complete', 'complete']"


@pytest.mark.slow
@LINUX
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_no_worker_outlives_its_controller(tmp_path, sent):
    with script(tmp_path, "sleep") as process:
        assert process.stdout.readline().strip() == "script runs"
        pids = [int(process.stdout.readline()) for _ in range(2)]
        assert all(alive(pid) for pid in pids)
        process.send_signal(sent)
        wait_until(lambda: not any(alive(pid) for pid in pids))


@pytest.mark.slow
@LINUX
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_all_processes_is_left_to_the_controller(tmp_path, sent):
    with script(tmp_path, "sleep") as process:
        process.stdout.readline()
        pids = [int(process.stdout.readline()) for _ in range(2)]
        assert all(os.getpgid(pid) != os.getpgid(process.pid) for pid in pids)
        os.kill(pids[0], sent)
        time.sleep(0.3)
        assert alive(pids[0])


def test_numbers_are_the_same_with_one_worker_and_with_three():
    trial_batches = [TrialBatch((task_of(number),)) for number in range(12)]
    told = []
    for workers in (1, 3):
        seen = {}
        with running(CountingWork(), workers=workers) as executor:
            collect(
                executor, trial_batches, lambda m, seen=seen: not seen.update({(m.number, m.step): m.score})
            )
        told.append(seen)
    assert told[0] == told[1]


def test_workers_that_start_before_their_work_is_made_take_it_when_it_is():
    executor = LocalExecutor(workers=2)
    try:
        executor.warm((*modules, "colorsys"))
        pids = [worker.process.pid for worker in executor._pool]
        executor.start(Misbehaving())
        ended = collect(executor, [does(number, "nothing") for number in range(4)])
        assert [worker.process.pid for worker in executor._pool] == pids
    finally:
        executor.close()
    assert sorted(one.number for one in ended) == [0, 1, 2, 3]
    assert all(one.state is State.COMPLETE for one in ended)


def test_workers_that_were_killed_before_the_work_was_made_are_replaced():
    executor = LocalExecutor(workers=3)
    try:
        executor.warm(modules)
        for worker in executor._pool:
            worker.process.kill()
            worker.process.wait()
        executor.start(Misbehaving())
        assert collect(executor, [does(0, "nothing")])[0].state is State.COMPLETE
    finally:
        executor.close()


def test_workers_that_never_get_work_end_with_the_executor():
    executor = LocalExecutor(workers=2)
    executor.warm(modules)
    pids = [worker.process.pid for worker in executor._pool]
    assert all(map(alive, pids))
    executor.close()
    assert not any(map(alive, pids))


def test_a_module_that_workers_cannot_load_ends_the_study_with_its_reason():
    executor = LocalExecutor(workers=1)
    try:
        executor.warm(("no_such_module_of_anyone",))
        executor.start(Misbehaving())
        with pytest.raises(RunError, match="No module named 'no_such_module_of_anyone'"):
            collect(executor, [does(0, "nothing")])
    finally:
        executor.close()
