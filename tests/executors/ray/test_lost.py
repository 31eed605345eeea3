"""What Ray itself may lose: an object, and a worker where memory runs out."""

import pickle
from concurrent.futures import Future

import pytest

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


def test_work_that_is_lost_is_put_into_the_object_store_again():
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
            answer.set_result(pickle.dumps(("lost", "gone with its node")))
            return answer

    with cluster_of(1) as cluster, driver_here(cluster.address, Forgetful, pause=0.5) as pipe:
        pipe.send(("submit", 0, does(0, "nothing")))
        ended = answered(pipe)
    assert len(shared) == 2
    assert [(one.number, one.state) for one in ended] == [(0, State.COMPLETE)]


def test_a_worker_that_ray_kills_where_memory_runs_out_says_so(monkeypatch):
    monkeypatch.setenv("RAY_memory_usage_threshold", "0.0")  # it has run out at each look
    monkeypatch.setenv("RAY_memory_monitor_refresh_ms", "5000")  # time to get ready between two
    with cluster_of(1) as cluster, running(cluster.address) as executor:
        (killed,) = collect(executor, [does(0, "sleep")])
    assert (killed.state, killed.retry) == (State.FAILED, True)
    assert killed.reason == "worker killed by Ray: its node ran out of memory"
