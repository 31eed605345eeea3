"""The driver's own decisions, without a cluster."""

import multiprocessing
import socket
import threading
from collections import deque
from concurrent.futures import Future

import pytest

pytest.importorskip("ray")

from ray.exceptions import ActorUnavailableError, NodeDiedError

from autogen import __version__
from autogen.executors.ray.capacity import Need
from autogen.executors.ray.driver import ClusterError, Driver, Patience
from autogen.executors.run_batch import CANCELED
from autogen.executors.seal import Seal
from autogen.hpo.trial import TrialBatch
from autogen.testing.executors import task_of


class Numbers:
    """Worker actors that are numbers, on a node with one core.

    Args:
        failures: With which the first ones end; those after them get ready, and answer nothing more.
    """

    home = "here"
    seal = Seal(b"the study's")

    def __init__(self, failures=()):
        self.failures, self.started, self.killed = deque(failures), 0, []
        self.at_work = threading.Event()

    def share_work(self):
        pass

    def nodes(self):
        return [{"NodeID": self.home, "Alive": True, "Resources": {"CPU": 1.0}}]

    def start(self):
        self.started += 1
        return self.started

    def ask(self, actor, message):
        answer = Future()
        if self.failures:
            answer.set_exception(self.failures.popleft())
        elif message is None:
            answer.set_result(self.seal.pack(("ready", __version__, "node")))
        else:
            self.at_work.set()
        return answer

    def kill(self, actor):
        self.killed.append(actor)


def driver(actors):
    """A driver with one worker at a time, and the controller's end of its pipe."""
    ours, theirs = multiprocessing.Pipe()
    return ours, Driver(theirs, actors, 1, Need(), local=True, patience=Patience(pause=0.0))


def test_workers_that_cannot_start_end_the_study_but_not_those_whose_nodes_die():
    gone = [NodeDiedError("its node has died"), ActorUnavailableError("out of reach", b"0" * 16)]
    actors = Numbers([*gone * 5, *[ImportError("no such module")] * 3, *gone])
    pipe, made = driver(actors)
    pipe.send(("submit", 0, TrialBatch((task_of(0),))))
    with pytest.raises(ClusterError, match="workers cannot start: worker died: ImportError: no such module"):
        made.run()
    assert len(actors.failures) == len(gone)
    assert actors.killed == list(range(1, 14))


def killed(times):
    """Errors of Ray for workers that were killed while they started."""
    return [
        RuntimeError("Worker exit detail: Worker unexpectedly exits with a connection error. End")
    ] * times


def test_workers_that_are_killed_while_they_start_are_started_again():
    actors = Numbers(killed(5))
    pipe, made = driver(actors)
    serving = threading.Thread(target=made.run)
    serving.start()
    pipe.send(("submit", 0, TrialBatch((task_of(0),))))
    assert actors.at_work.wait(30.0)
    pipe.send(("close",))
    serving.join(30.0)
    assert actors.killed == [1, 2, 3, 4, 5]


def test_workers_that_are_killed_again_and_again_end_the_study():
    pipe, made = driver(Numbers(killed(50)))
    pipe.send(("submit", 0, TrialBatch((task_of(0),))))
    with pytest.raises(ClusterError, match="workers cannot start: worker died: Worker unexpectedly exits"):
        made.run()


def test_an_canceled_trial_batch_leaves_the_queue_or_its_worker():
    actors = Numbers()
    pipe, made = driver(actors)
    serving = threading.Thread(target=made.run)
    serving.start()
    for job in (8, 7):
        pipe.send(("submit", job, TrialBatch((task_of(job),))))
        assert actors.at_work.wait(30.0)
    for job in (7, 8, 9, 7, 8):
        pipe.send(("cancel", job))
    pipe.send(("close",))
    serving.join(30.0)
    told = []
    while pipe.poll():
        told.append(pipe.recv())
    ended = [(message[1], finished) for message in told if message[0] == "end" for finished in message[3]]
    assert [(job, one.number, one.reason) for job, one in ended] == [(7, 7, CANCELED), (8, 8, CANCELED)]
    assert actors.killed == [1]


def test_a_cluster_that_is_gone_is_said_at_once_though_ray_remembers_its_address(monkeypatch, tmp_path):
    from autogen.executors.ray.cluster import join

    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    (tmp_path / "ray").mkdir()
    (tmp_path / "ray" / "ray_current_cluster").write_text(f"127.0.0.1:{port}")
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    with pytest.raises(ConnectionRefusedError):
        join("auto", None)


def test_a_client_is_let_in_at_the_second_knock(monkeypatch, tmp_path):
    from autogen.executors.ray import cluster as ray_cluster

    asked = []

    def init(address, **_):
        asked.append(address)
        if len(asked) == 1:
            raise ConnectionAbortedError("Initialization failure from server:\nTraceback\nKeyError: 'x'")

    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))  # no cluster of this machine
    monkeypatch.setattr(ray_cluster.ray, "init", init)
    monkeypatch.setattr(ray_cluster.time, "sleep", lambda _: None)
    ray_cluster.join("auto", None)
    assert asked == ["auto"] * 2


def test_an_error_of_a_server_is_told_in_one_line():
    from autogen.executors.ray.cluster import line_of

    error = ConnectionAbortedError("Initialization failure from server:\nTraceback\n  KeyError: 'x'\n")
    assert line_of(error) == "ConnectionAbortedError: Initialization failure from server: KeyError: 'x'"
    assert line_of(ConnectionError("no cluster")) == "ConnectionError: no cluster"
    assert line_of(ValueError()) == "ValueError: "
