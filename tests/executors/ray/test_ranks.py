"""Trials on two processes of a node of a cluster."""

import contextlib
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from autogen.errors import SettingsError
from autogen.executors.ray.options import RayOptions
from autogen.hpo.trial import State, Task, TrialBatch
from tests.executors.local.test_ranks import data_of_digits, linux, run, straight, task
from tests.executors.ray.clusters import running


def begun_here(pid: str) -> bool:
    """Whether a process was begun by this one, or by one that it began: other tests run beside this one."""
    while pid not in ("0", "1", str(os.getpid())):
        pid = (Path("/proc") / pid / "stat").read_text().rpartition(")")[2].split()[1]
    return pid == str(os.getpid())


def ranks() -> list[int]:
    """Processes of this test that are rank 1 of a worker on two."""
    found = []
    for one in Path("/proc").glob("[0-9]*"):
        try:
            line = (one / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        with contextlib.suppress(OSError):
            if b"autogen.executors.local.rank" in line and begun_here(one.name):
                found.append(int(one.name))
    return found


@linux
@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_trial_on_two_processes_of_a_node_is_lost_with_one_and_tried_again(address, tmp_path):
    work = data_of_digits()
    before, alone = set(ranks()), straight(work)

    def kill_once(measured):
        if measured.step == 20:
            (rank,) = set(ranks()) - before
            os.kill(rank, signal.SIGKILL)

    batch = TrialBatch((task(0),), str(tmp_path))
    with running(address, work, replicas="2") as executor:
        _, (first,) = run(executor, work, [batch], kill_once)
        scores, (second,) = run(executor, work, [batch])
    assert (first.state, first.retry) == (State.FAILED, True)
    assert first.reason.startswith("worker died")
    assert second.state is State.COMPLETE
    assert scores == {key: pytest.approx(alone[key], abs=1e-3) for key in scores}
    assert set(ranks()) <= before


def test_replicas_of_a_cluster_are_a_number():
    with pytest.raises(SettingsError, match="replicas is a number from 1 on where trials run on a cluster"):
        RayOptions(replicas="auto")
    assert RayOptions(replicas="4").about() == " of 4 replicas on Ray (auto)"


@linux
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_model_that_one_process_may_not_hold_trains_in_parts(address, tmp_path):
    """Parameters and their copies take 1.4 GB; 1 GB is allowed to a process."""
    work = replace(data_of_digits(), rows=16)
    shape = {"model.width": 960, "model.depth": 6, "model.patch": 2}
    config = {"family": "autoregressive", **shape, "training.batch_size": 4, "training.optimizer": "adamw"}

    def trained(number, replicas, **more):
        one = Task(number, config | more, seed=1, steps=2, rungs=(1, 2))
        memory = f"{replicas}GB"
        settings = {"replicas": str(replicas), "memory_per_trial": memory}
        with running(address, work, **settings) as executor:
            return run(executor, work, [TrialBatch((one,), str(tmp_path))])[1][0]

    alone = trained(0, 1)
    together = trained(1, 3, **{"training.parallel": "pipeline"})
    assert alone.state is State.FAILED
    assert "it needs about 1.4 GB of memory, but" in alone.reason
    assert "in the search space with --replicas 2 takes at least 0.8 GB" in alone.reason
    assert (together.state, together.reason) == (State.COMPLETE, "")
