"""The Ray executor on a small cluster of this machine."""

import pytest

from autogen.errors import RunError
from autogen.executors.ray import RayExecutor
from autogen.testing.executors import ExecutorContract, collect
from autogen.trial import State
from tests.executors.clusters import cluster_of, does, running
from tests.executors.works import NeedsMissingModule

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def address():
    with cluster_of(1, num_cpus=4) as cluster:
        yield cluster.address


class TestRay(ExecutorContract):
    @pytest.fixture(autouse=True)
    def _at(self, address):
        self.address = address

    def executor(self):
        return RayExecutor(workers=2, address=self.address)


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
    executor = RayExecutor(address="127.0.0.1:1")
    try:
        with pytest.raises(RunError, match="ray start --head"):
            executor.start(NeedsMissingModule())
    finally:
        executor.close()
