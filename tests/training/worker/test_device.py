"""A trial's share of a card, on a card that is only pretended: no test here has a real one."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch

from autogen.hpo.executor import HasDevice
from autogen.hpo.trial import State, TrialBatch
from autogen.training.batches import Batches
from autogen.training.solo import precision
from tests.training.toys import toy_task, toy_work

pytestmark = pytest.mark.usefixtures("toys")


@dataclass(frozen=True)
class FakeCard:
    bytes_taken: int

    def total(self):
        return 8 * 10**9

    def forget_peak(self):
        pass

    def peak(self):
        return self.bytes_taken


def run(work):
    told = []
    return work(TrialBatch((toy_task(),)), lambda measured: told.extend(measured) or [True])[0], told


def test_a_trial_that_outgrows_its_share_is_refused_before_it_trains():
    ended, told = run(replace(toy_work(), card=FakeCard(3 * 10**9), share=0.25))
    assert (ended.state, ended.retry, told) == (State.FAILED, False, [])
    assert (
        ended.reason == "needs 3.00 GB of GPU memory, but its share of 0.25 is 2.00 GB; raise gpus_per_trial"
    )


def test_measuring_leaves_a_trials_numbers_as_they_are():
    ended, told = run(replace(toy_work(), card=FakeCard(10**9), share=0.25))
    assert ended.state is State.COMPLETE
    assert [m.score for m in told] == [m.score for m in run(toy_work())[1]]


def test_without_a_card_the_work_stays_where_it_is():
    work = toy_work()
    assert isinstance(work, HasDevice)
    if not torch.cuda.is_available():
        assert work.on("cuda:0", 0.5) is work


def test_losses_are_float32_on_a_processor():
    with precision(torch.device("cpu")):
        assert torch.ones(2, 2).matmul(torch.ones(2, 2)).dtype is torch.float32


def test_a_shared_array_that_cannot_be_written_is_not_copied():
    array = np.arange(12, dtype=np.float32).reshape(6, 2)
    array.setflags(write=False)
    batches = Batches({"x": array}, 2, 0, torch.device("cpu"))
    assert batches.tensors["x"].data_ptr() == array.ctypes.data
    assert batches[0]["x"].data_ptr() != array.ctypes.data
