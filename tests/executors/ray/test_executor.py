"""The Ray executor on a small cluster of this machine."""

import socket
import time
from collections import Counter
from contextlib import closing, contextmanager, suppress

import pytest

from autogen import registry
from autogen.errors import RunError
from autogen.executors.inprocess import InProcessExecutor
from autogen.executors.ray.executor import RayExecutor
from autogen.executors.ray.options import RayOptions
from autogen.hpo.budget import Budget
from autogen.hpo.objective import Objective
from autogen.hpo.pruners.halving import HalvingPruner
from autogen.hpo.study.events import Ask, Lost, Rung, WorkerStatus
from autogen.hpo.study.journal import Journal, read
from autogen.hpo.study.log import StudyLog
from autogen.hpo.study.study import Limits, Strategy, Study
from autogen.hpo.trial import State, TrialBatch
from autogen.testing.executors import CountingWork, ExecutorContract, collect, task_of
from tests.executors.ray.clusters import cluster_of, does, running
from tests.executors.works import DiesAfterItsLastRung, NeedsMissingModule, Poisoned, Together
from tests.hpo.trivial import TrivialWork, space

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


class TestRay(ExecutorContract):
    @pytest.fixture(autouse=True)
    def _at(self, address):
        self.address = address

    def executor(self):
        return RayExecutor(2, RayOptions(self.address))


@pytest.mark.parametrize("do", ["kill", "leave"])
def test_a_worker_that_dies_fails_its_trial_for_a_retry_and_is_replaced(address, do):
    with running(address) as executor:
        first, second = collect(executor, [does(0, do), does(1, "nothing")])
    assert (first.number, first.state, first.retry) == (0, State.FAILED, True)
    assert first.reason.startswith("worker died: ")
    assert "\n" not in first.reason
    assert (second.number, second.state) == (1, State.COMPLETE)
    assert second.node


def test_a_worker_that_hangs_is_killed_at_its_deadline(address):
    with running(address) as executor:
        late, fine = collect(executor, [does(0, "sleep", deadline=0.3), does(1, "nothing", deadline=60.0)])
    assert (late.state, late.reason, late.retry) == (State.FAILED, "ran past its deadline of 0.3 s", True)
    assert fine.state is State.COMPLETE


def test_workers_that_cannot_start_are_one_clear_error(address):
    with running(address, NeedsMissingModule()) as executor, pytest.raises(RunError) as caught:
        collect(executor, [does(0, "nothing")])
    assert "workers cannot start: ModuleNotFoundError: No module named 'no_such_module" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_where_no_cluster_answers_the_error_says_what_to_do():
    executor = RayExecutor(options=RayOptions("127.0.0.1:1"))
    try:
        with pytest.raises(RunError, match="ray start --head"):
            executor.start(NeedsMissingModule())
    finally:
        executor.close()


def test_measurements_come_in_the_order_in_which_they_were_made(address):
    """A last rung needs no answer and waits for the next message."""

    def seen(executor):
        made = []
        with closing(executor):
            executor.start(CountingWork())
            trial_batch = TrialBatch(tuple(task_of(number) for number in range(3)))
            ended = collect(executor, [trial_batch], lambda one: made.append(one) or one.number != 1)
        return made, [(one.number, one.state) for one in ended]

    assert seen(RayExecutor(1, RayOptions(address))) == seen(InProcessExecutor())


def test_a_worker_that_dies_after_a_last_rung_loses_and_doubles_nothing(address, tmp_path):
    with study(tmp_path, RayExecutor(2, RayOptions(address)), trials=4, sampler="random") as made:
        state = made.run(DiesAfterItsLastRung(str(tmp_path)))
    events = read(tmp_path / "journal.jsonl")
    rungs = [(event.n, event.step) for event in events if isinstance(event, Rung)]
    assert state.ended[State.COMPLETE] == 4
    assert len(rungs) == len(set(rungs)) == sum(len(trial.task.rungs) for trial in state.trials)
    assert sorted(event.n for event in events if isinstance(event, Lost)) == [0, 1, 2, 3]


def test_a_worker_that_outgrows_its_memory_fails_its_trial_and_lives_on(address):
    with running(address, memory_per_trial="300MiB") as executor:
        large, fine = collect(executor, [does(0, "hog"), does(1, "nothing")])
    assert (large.state, large.retry) == (State.FAILED, True)
    assert large.reason.startswith("out of memory: ")
    assert (fine.state, fine.node) == (State.COMPLETE, large.node)


@contextmanager
def study(folder, executor, trials=8, sampler="bayesian"):
    with closing(Journal(folder / "journal.jsonl")) as journal, closing(executor):
        strategy = Strategy(registry.get("sampler", sampler)(space(), 0), HalvingPruner())
        made = Study(strategy, executor, StudyLog(journal, Objective("loss")), Limits(Budget(trials=trials)))
        yield made
        journal.sync()


def asked(folder):
    return [event.config for event in read(folder / "journal.jsonl") if isinstance(event, Ask)]


def test_one_worker_gets_the_same_configs_in_this_process_and_on_a_cluster(address, tmp_path):
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    executors = {"here": InProcessExecutor(), "there": RayExecutor(1, RayOptions(address))}
    for name, executor in executors.items():
        with study(tmp_path / name, executor) as made:
            made.run(TrivialWork())
    assert asked(tmp_path / "here") == asked(tmp_path / "there")
    assert len(asked(tmp_path / "there")) == 8


def test_a_config_that_kills_its_worker_fails_after_one_retry_and_the_study_goes_on(address, tmp_path):
    with study(tmp_path, RayExecutor(2, RayOptions(address)), trials=6, sampler="random") as made:
        state = made.run(Poisoned(number=2))
    failed = [trial for trial in state.trials if trial.state is State.FAILED]
    assert [(trial.task.number, trial.lost) for trial in failed] == [(2, 1)]
    assert failed[0].reason.startswith("worker died: ")
    assert sum(state.ended.values()) == 6
    crews = [event for event in read(tmp_path / "journal.jsonl") if isinstance(event, WorkerStatus)]
    assert [crew.nodes for crew in crews[:1]] == [2]


def test_a_storage_that_cannot_be_written_ends_the_study_with_its_reason(address, tmp_path):
    (tmp_path / "file").touch()
    with running(address, storage=f"{tmp_path}/file/below") as executor, pytest.raises(RunError) as caught:
        collect(executor, [does(0, "nothing")])
    assert "cannot be written" in str(caught.value)


def test_a_worker_bigger_than_any_node_is_asked_for_visibly(address):
    with running(address, gpus_per_trial=2.0) as executor:
        executor.submit(does(0, "nothing"))
        list(executor.results(lambda _: True, timeout=3.0))
        assert executor.status.note == "no node has 1 CPU and 2 GPU for a worker"


def test_shares_of_a_gpu_are_packed_as_they_fit(address):
    with running(address, workers=0, gpus_per_trial=0.5) as executor:
        assert executor.workers == 2
        assert collect(executor, [does(0, "nothing")])[0].state is State.COMPLETE


def test_all_of_unlike_nodes_are_used(address, tmp_path):
    with running(address, Together(str(tmp_path), 4), workers=0) as executor:
        while executor.workers < 4:
            list(executor.results(lambda _: True, timeout=0.1))
        ended = collect(executor, [TrialBatch((task_of(number),)) for number in range(4)])
    assert {one.state for one in ended} == {State.COMPLETE}
    assert sorted(Counter(one.node for one in ended).values()) == [1, 3]


@pytest.mark.filterwarnings("ignore")  # logs that Ray leaves open
def test_a_cluster_is_reached_from_outside_by_the_port_of_its_client_server():
    pytest.importorskip("grpc", reason="ray:// needs grpcio: pip install 'ray[client]'")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with cluster_of(1, num_cpus=2, ray_client_server_port=port):
        knock(port)
        with running(f"ray://127.0.0.1:{port}") as executor:
            first, second = collect(executor, [does(0, "kill"), does(1, "nothing")])
    assert (first.number, first.state, first.retry) == (0, State.FAILED, True)
    assert first.reason.startswith("worker died: ")
    assert (second.number, second.state) == (1, State.COMPLETE)


def knock(port):
    """Wait until somebody listens."""
    for _ in range(100):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.2)
