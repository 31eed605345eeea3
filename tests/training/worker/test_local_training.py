"""Real training on local workers: the numbers of a trial are its own, wherever and however it runs."""

import os
import re
import signal
import sys

import pytest

from autogen import registry
from autogen.data.open import open_data
from autogen.executors.inprocess import InProcessExecutor
from autogen.executors.local.executor import LocalExecutor
from autogen.hpo.trial import State, Task, TrialBatch
from autogen.testing.executors import collect
from autogen.training.worker.work import GenerativeWork

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def work():
    data = open_data("digits")
    metric = registry.get("metric", "kd")()
    return GenerativeWork(
        data.encoded("train"), data.codec, "kd", metric.prepare(data.split("tune"), data.codec), rows=100
    )


def task(number, **config):
    settings = {"family": "vae", "model.width": 16, "training.batch_size": 32, "training.ema": 0.9} | config
    return Task(number, settings, seed=number, steps=30, rungs=(10, 20, 30))


def scores(executor, work, trial_batches):
    told = {}

    def decide(measured):
        told[measured.number, measured.step] = measured.score
        return True

    try:
        executor.start(work)
        return told, collect(executor, trial_batches, decide, patience=100)
    finally:
        executor.close()


def test_a_trial_has_the_same_numbers_on_every_executor(work):
    trial_batches = [TrialBatch((task(number),)) for number in range(3)]
    here, _ = scores(InProcessExecutor(), work, trial_batches)
    there, _ = scores(LocalExecutor(workers=2), work, trial_batches[::-1])
    assert here == there
    assert len(here) == 9


def test_a_trial_whose_worker_is_killed_continues_to_the_same_numbers(work, tmp_path):
    straight, _ = scores(InProcessExecutor(), work, [TrialBatch((task(0),))])
    trial_batch = TrialBatch((task(0),), str(tmp_path))
    executor = LocalExecutor(workers=1)
    steps, told = [], {}

    def decide(measured):
        steps.append(measured.step)
        told[measured.number, measured.step] = measured.score
        if steps == [10, 20]:
            os.kill(executor._pool[0].process.pid, signal.SIGKILL)
        return True

    try:
        executor.start(work)
        (first,) = collect(executor, [trial_batch], decide)
        assert first.retry
        (second,) = collect(executor, [trial_batch], decide)
    finally:
        executor.close()
    assert second.state is State.COMPLETE
    assert steps == [10, 20, 20, 30]  # the checkpoint of the second rung was not written yet
    assert told == straight


@pytest.mark.skipif(sys.platform != "linux", reason="memory limits need Linux")
def test_a_model_that_does_not_fit_is_refused_and_the_next_trial_runs(work):
    huge = TrialBatch((task(0, **{"model.width": 60_000}),))
    _, ended = scores(LocalExecutor(1, memory_limit=3 * 2**30), work, [huge, TrialBatch((task(1),))])
    assert ended[0].state is State.FAILED
    assert re.fullmatch(r"it needs about 14\d\.\d GB of memory, but \d\.\d GB are free; .*", ended[0].reason)
    assert ended[1].state is State.COMPLETE
