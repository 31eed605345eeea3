"""The driver's own decisions, without a cluster."""

from unittest.mock import Mock

import pytest

pytest.importorskip("ray")

from autogen.executors.ray import driver as ray_driver
from autogen.executors.ray.capacity import Need
from autogen.executors.ray.failures import BLAMELESS
from autogen.executors.ray.worker import WorkerSettings


@pytest.fixture
def driver(monkeypatch):
    monkeypatch.setattr(ray_driver.ray, "kill", lambda _: None)
    return ray_driver.Driver(Mock(), memoryview(b""), 0, Need(1.0, 0.0, 0), Mock(WorkerSettings), local=False)


def die(driver, reason):
    worker = ray_driver.WorkerHandle(object())
    driver._pool.append(worker)
    driver._lose(worker, reason)


def test_workers_that_cannot_start_end_the_study_but_not_those_whose_nodes_die(driver):
    for reason in BLAMELESS * 5:
        die(driver, reason)
    die(driver, "no such module")
    die(driver, "no such module")
    with pytest.raises(ray_driver.ClusterError, match="workers cannot start: no such module"):
        die(driver, "no such module")


def test_an_abandoned_cohort_leaves_the_queue_or_its_worker(driver):
    from autogen.executors.cohorts import ABANDONED
    from autogen.hpo.trial import TrialBatch
    from autogen.testing.executors import task_of

    waiting, at_work = (TrialBatch((task_of(number),)) for number in range(2))
    driver._waiting.append((7, waiting))
    worker = ray_driver.WorkerHandle(object())
    worker.ready = True
    worker.take(8, at_work)
    driver._pool.append(worker)
    driver._jobs[8] = worker
    for job in (7, 8, 9, 7, 8):
        driver._abandon(job)
    told = [call.args[0] for call in driver._pipe.send.call_args_list]
    assert [(kind, job, [(f.number, f.reason) for f in ended]) for kind, job, _, ended, _ in told] == [
        ("end", 7, [(0, ABANDONED)]),
        ("end", 8, [(1, ABANDONED)]),
    ]
    assert not driver._waiting
    assert not driver._pool


def test_a_client_is_let_in_at_the_second_knock(monkeypatch):
    from autogen.executors.ray import cluster as ray_cluster

    asked = []

    def init(address, **_):
        asked.append(address)
        if len(asked) == 1:
            raise ConnectionAbortedError("Initialization failure from server:\nTraceback\nKeyError: 'x'")

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
