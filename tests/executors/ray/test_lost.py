"""What Ray itself may lose: an object, and a worker where memory runs out."""

from concurrent.futures import Future

import pytest

from autogen.errors import RunError
from autogen.hpo.trial import State
from autogen.testing.executors import collect
from tests.executors.ray.clusters import answered, cluster_of, does, driver_here, running

pytest.importorskip("ray")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def test_a_worker_that_finds_its_work_lost_says_so(monkeypatch):
    import ray

    from autogen.executors.ray.worker import Session, WorkerSettings

    def lost(reference):
        raise ray.exceptions.ObjectLostError("ab" * 28, None, "")

    monkeypatch.setattr(ray, "get", lost)
    kind, why = Session(None, WorkerSettings()).step(None)
    assert kind == "lost"
    assert "lost" in why


def test_work_that_is_lost_is_put_into_the_object_store_again(address):
    from autogen.executors.ray.actors import Actors

    shared, asked = [], []

    class Forgetful(Actors):
        """The first worker says that its work was lost."""

        def share_work(self):
            super().share_work()
            shared.append(self)

        def ask(self, actor, message):
            asked.append(actor)
            if len(asked) > 1:
                return super().ask(actor, message)
            answer = Future()
            answer.set_result(self.seal.pack(("lost", "gone with its node")))
            return answer

    with driver_here(address, Forgetful, pause=0.5) as pipe:
        pipe.send(("submit", 0, does(0, "nothing")))
        ended = answered(pipe)
    assert len(shared) == 2
    assert [(one.number, one.state) for one in ended] == [(0, State.COMPLETE)]


def test_a_node_whose_disk_fails_under_a_trials_files_says_so_and_goes_on(address, tmp_path):
    with driver_here(address) as pipe:
        pipe.send(("submit", 0, does(0, "unreadable", tmp_path / "elsewhere")))
        (failed,) = answered(pipe)
        pipe.send(("submit", 1, does(1, "nothing", tmp_path / "elsewhere")))
        (complete,) = answered(pipe)
    assert (failed.number, failed.state, failed.disk_error) == (0, State.FAILED, True)
    assert failed.reason.startswith("OSError: ")
    assert (complete.number, complete.state) == (1, State.COMPLETE)


@pytest.mark.timeout(480)
def test_a_worker_that_ray_kills_where_memory_runs_out_says_so(monkeypatch):
    reason = "worker killed by Ray: its node ran out of memory"
    monkeypatch.setenv("RAY_memory_usage_threshold", "0.0")  # it has run out at each look
    killed = None
    # A worker that is not ready at the first look cannot start; on a busy machine it takes longer.
    for seconds in (5, 20, 80):
        monkeypatch.setenv("RAY_memory_monitor_refresh_ms", str(1000 * seconds))
        with cluster_of(1) as cluster, running(cluster.address) as executor:
            try:
                (killed,) = collect(executor, [does(0, "sleep")])
            except RunError as error:
                said = str(error)
        if killed is not None:
            break
        assert reason in said
    assert killed is not None
    assert (killed.state, killed.retry, killed.reason) == (State.FAILED, True, reason)
