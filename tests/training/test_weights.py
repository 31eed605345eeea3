"""Rows are drawn as often as their weights say, by steps and by growth."""

import numpy as np
import pytest
import torch

from autogen.training.batches import Batches, copies, systematic
from autogen.training.noise import KeyedNoise

CPU = torch.device("cpu")


def seen(weights, epochs=200, size=5):
    """How often each row comes in an epoch, on average."""
    rows = {"x": np.arange(len(weights))}
    batches = Batches(rows, size, 3, CPU, np.asarray(weights, float))
    each = [batches[i]["x"] for i in range(epochs * (len(weights) // size))]
    return np.bincount(torch.cat(each).numpy(), minlength=len(weights)) / epochs


def test_a_row_comes_as_often_as_its_share_of_all_weights():
    weights = np.array([0, 1, 1, 1, 0.5, 0.25, 2, 1, 1, 2.25])
    assert seen(weights) == pytest.approx(weights * 10 / weights.sum(), abs=0.08)


def test_a_row_of_weight_zero_never_comes():
    assert seen([0, 0, 0, 1e-3, 1, 1, 1, 1, 1, 0])[[0, 1, 2, 9]].tolist() == [0, 0, 0, 0]


def test_equal_weights_give_the_batches_without_weights():
    rows = {"x": np.arange(12)}
    plain, weighted = Batches(rows, 4, 0, CPU), Batches(rows, 4, 0, CPU, np.full(12, 0.3))
    for index in range(6):
        assert torch.equal(plain[index]["x"], weighted[index]["x"])


def test_batches_of_weighted_rows_follow_from_seed_and_index_alone():
    rows, weights = {"x": np.arange(12)}, np.linspace(0.1, 1, 12)
    one, other = (Batches(rows, 4, 0, CPU, weights) for _ in range(2))
    _ = other[7]
    assert torch.equal(one[2]["x"], other[2]["x"])


@pytest.mark.parametrize("seed", range(5))
def test_weights_up_to_one_draw_no_row_twice(seed):
    drawn = systematic(
        torch.rand(50, generator=torch.Generator().manual_seed(seed)).double(), KeyedNoise(seed)
    )
    assert len(drawn) == len(drawn.unique())


def test_a_weight_above_one_draws_copies():
    drawn = systematic(torch.tensor([1.0, 0.0, 3.0, 2.0], dtype=torch.float64), KeyedNoise(0))
    assert drawn.tolist() == [0, 2, 2, 2, 3, 3]


def test_weights_of_another_scale_draw_no_more_rows_than_there_are():
    marks = torch.tensor([1.0, 0.0, 1.0, 0.5], dtype=torch.float64)
    assert copies(marks, KeyedNoise(0)).tolist() == systematic(marks, KeyedNoise(0)).tolist()
    assert copies(1e6 * torch.ones(4).double(), KeyedNoise(0)).tolist() == [0, 1, 2, 3]
    assert copies(torch.tensor([1e6, 1.0, 1.0, 0.0]).double(), KeyedNoise(0)).tolist() == [0, 0, 0, 0]
