"""Trials on two processes of this machine: the numbers of one, and lost whenever one of them is."""

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from autogen import registry
from autogen.data.open import open_data
from autogen.errors import SettingsError
from autogen.executors.inprocess import InProcessExecutor
from autogen.executors.local.executor import LocalExecutor
from autogen.executors.local.placement import LocalOptions
from autogen.executors.local.ranks import LocalRanks
from autogen.executors.shared_memory import write_spool
from autogen.hpo.executor import cores
from autogen.hpo.trial import State, Task, TrialBatch
from autogen.testing.executors import collect
from autogen.training import solo
from autogen.training.worker.work import GenerativeWork
from tests.executors.local.test_executor import wait_until

TWO = LocalOptions(device="cpu", replicas="2")
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def children(pid: int) -> list[int]:
    """Processes that a process started, the first one first."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sorted(int(one) for thread in threads for one in (thread / "children").read_text().split())


def rank_of(executor: LocalExecutor, rank: int) -> int:
    worker = executor._pool[0].process.pid
    return children(worker)[rank - 1] if rank else worker


def data_of_digits() -> GenerativeWork:
    data = open_data("digits")
    metric = registry.get("metric", "kd")()
    return GenerativeWork(
        data.encoded("train"), data.codec, "kd", metric.prepare(data.split("tune"), data.codec), rows=100
    )


@pytest.fixture(scope="module")
def work():
    return data_of_digits()


def task(number, **config):
    settings = {"family": "vae", "model.width": 16, "training.batch_size": 32, "training.dropout": 0.0}
    return Task(number, settings | config, seed=number, steps=30, rungs=(10, 20, 30))


def run(executor, work, batches, on_rung=None):
    scores = {}

    def decide(measured):
        scores[measured.number, measured.step] = measured.score
        if on_rung is not None:
            on_rung(measured)
        return True

    return scores, collect(executor, batches, decide, patience=300)


def straight(work, one=None):
    """The scores of a trial that one process trains."""
    alone = InProcessExecutor()
    alone.start(work)
    return run(alone, work, [TrialBatch((one or task(0),))])[0]


PARTS = {"family": "autoregressive", "model.patch": 2, "model.depth": 2}
TENSOR, SHARD, PIPELINE = (PARTS | {"training.parallel": name} for name in ("tensor", "shard", "pipeline"))
LOST = [(0, {}), (1, TENSOR), (0, SHARD), (1, SHARD), (0, PIPELINE), (1, PIPELINE)]


@linux
@pytest.mark.slow
@pytest.mark.parametrize(("rank", "config"), LOST, ids=lambda one: str(one).rpartition(":")[2])
def test_a_trial_that_loses_a_rank_is_lost_and_goes_on_from_its_checkpoint(work, rank, config, tmp_path):
    one = task(0, **config)
    expected = straight(work, one)
    executor = LocalExecutor(1, TWO)
    grown = Task(1, {"family": "mixture"}, seed=1, steps=3, rungs=(3,))  # by rank 0 alone
    more = [] if config else [(task(2, **{"training.batch_size": 1}),), (grown,), (task(3),)]

    def kill_once(measured):
        if measured.step == 20 and not killed:
            killed.extend([rank_of(executor, 0), rank_of(executor, 1)])
            os.kill(killed[rank], signal.SIGKILL)

    killed: list[int] = []
    try:
        executor.start(work)
        batch = TrialBatch((one,), str(tmp_path))
        _, (first,) = run(executor, work, [batch], kill_once)
        if config:  # its checkpoint is that of any number of ranks
            executor.close()
            executor = InProcessExecutor()
            executor.start(work)
        scores, (second, *others) = run(executor, work, [batch, *map(TrialBatch, more)])
        wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in killed), seconds=30)
    finally:
        executor.close()
    assert (first.state, first.retry) == (State.FAILED, True)
    assert "killed by signal 9" in first.reason
    assert ("rank 1 of 2" in first.reason) == (rank == 1)
    assert second.state is State.COMPLETE
    assert (0, 10) not in scores  # it went on from the checkpoint of the first rung
    assert {key: scores[key] for key in [(0, 20), (0, 30)]} == {
        key: pytest.approx(expected[key], abs=1e-3) for key in [(0, 20), (0, 30)]
    }
    if more:
        assert others[0].reason == (
            "SpaceError: a step trains on 1 row, fewer than the 2 replicas; raise training.batch_size or "
            "training.tokens in the search space, or lower --replicas"
        )
        assert [one.state for one in others[1:]] == [State.COMPLETE, State.COMPLETE]


@linux
@pytest.mark.slow
def test_a_rank_0_that_fails_alone_starts_the_others_anew(work, monkeypatch):
    def fail(*_):
        raise MemoryError

    place = {"memory_limit": 0, "device": "cpu", "index": 0, "workers": 1}
    before = children(os.getpid())
    with write_spool(work) as spool:
        ranks = LocalRanks(2, spool, place, "gloo")
        led = work.led(ranks)
        try:
            batch = TrialBatch((task(0, **{"training.ema": 0.9}),))
            with monkeypatch.context() as patch:
                patch.setattr(solo, "update_average", fail)
                (first,) = led(batch, lambda measured: [True] * len(measured))
            left = children(os.getpid())
            (late,) = led(replace(batch, deadline=0.0), lambda measured: [True] * len(measured))
            (second,) = led(batch, lambda measured: [True] * len(measured))
        finally:
            ranks.stop()
    assert (first.reason, first.retry) == ("out of memory", True)
    assert left == before  # the other rank waited for its gradients, and was ended
    assert late.reason == "ran past its deadline of 0 s"
    assert second.state is State.COMPLETE


def test_replicas_are_a_number_or_auto():
    with pytest.raises(SettingsError, match="replicas is a number from 1 on, or auto, not '0'"):
        LocalOptions(replicas="0")


def test_workers_are_as_many_as_groups_of_devices():
    options = LocalOptions(device="cpu", replicas=str(cores()))
    assert (options.worker_count(0), options.worker_count(3)) == (1, 3)
    assert LocalOptions(device="cpu").worker_count(0) == cores()


def test_more_replicas_than_devices_are_refused():
    with pytest.raises(SettingsError, match=f"replicas must be at most {cores()} here, one for each GPU or"):
        LocalOptions(device="cpu", replicas=str(cores() + 1)).worker_count(0)


def test_auto_gives_the_devices_without_a_trial_to_the_others():
    auto = LocalOptions(device="cpu", replicas="auto")
    assert auto.settled(0, 0).replicas == "1"
    assert auto.settled(1, 0).replicas == str(cores())
    assert auto.settled(0, 1).replicas == str(cores())
    assert auto.settled(10 * cores(), 1).replicas == "1"
    assert LocalOptions(replicas="3").settled(1, 1).replicas == "3"


def test_the_executor_of_one_process_refuses_replicas():
    with pytest.raises(SettingsError, match="replicas are processes of the executor local"):
        InProcessExecutor(1, TWO)
