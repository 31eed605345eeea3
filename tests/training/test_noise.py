"""Keyed noise is a function of its key and of nothing else."""

import pytest
import torch

from autogen.training.noise import SAMPLING, TRAINING, KeyedNoise, key_of
from tests.lines import lines_of


def test_equal_keys_give_equal_draws():
    a, b = KeyedNoise(3, TRAINING, 7), KeyedNoise(3).at(TRAINING, 7)
    assert torch.equal(a.normal(5, 2), b.normal(5, 2))
    assert torch.equal(a.integers(9, 40), b.integers(9, 40))


@pytest.mark.parametrize("other", [(4, TRAINING, 7), (3, TRAINING, 8), (3, SAMPLING, 7), (3, TRAINING, 7, 0)])
def test_every_element_of_a_key_counts(other):
    assert not torch.equal(KeyedNoise(3, TRAINING, 7).normal(5), KeyedNoise(*other).normal(5))


def test_order_of_a_place_counts():
    assert key_of(0, 1, 2) != key_of(0, 2, 1)


def test_successive_draws_differ():
    noise = KeyedNoise(0)
    assert not torch.equal(noise.uniform(8), noise.uniform(8))


def test_a_draw_hangs_on_its_index_not_on_the_size_of_those_before():
    a, b = KeyedNoise(0, 1), KeyedNoise(0, 1)
    a.normal(1000)
    b.permutation(3)
    assert torch.equal(a.uniform(4), b.uniform(4))


def test_going_to_a_place_again_repeats_its_draws():
    noise = KeyedNoise(0)
    first = noise.at(5).normal(3)
    noise.at(6).normal(3)
    assert torch.equal(noise.at(5).normal(3), first)


def test_torchs_own_generator_neither_matters_nor_moves():
    before = torch.get_rng_state()
    a = KeyedNoise(0).normal(4)
    torch.manual_seed(99)
    b = KeyedNoise(0).normal(4)
    assert torch.equal(a, b)
    torch.set_rng_state(before)
    KeyedNoise(0).normal(4)
    assert torch.equal(torch.get_rng_state(), before)


def test_draws_have_their_distributions():
    noise = KeyedNoise(12)
    normal, uniform = noise.normal(20000), noise.uniform(20000)
    assert abs(float(normal.mean())) < 0.03
    assert abs(float(normal.std()) - 1) < 0.03
    assert abs(float(uniform.mean()) - 0.5) < 0.01
    assert noise.integers(5, 1000).bincount().tolist() == pytest.approx([200] * 5, abs=60)
    assert sorted(noise.permutation(50).tolist()) == list(range(50))


def test_neighbouring_keys_are_not_correlated():
    draws = torch.stack([KeyedNoise(seed, step).normal(200) for seed in range(8) for step in range(8)])
    correlations = torch.corrcoef(draws) - torch.eye(64)
    assert float(correlations.abs().max()) < 0.35


def test_a_draw_takes_a_few_lines_of_python_however_many_went_before():
    noise = KeyedNoise(0)
    noise.normal(8, 2)
    first = lines_of(lambda: noise.normal(8, 2))
    assert first < 20
    for _ in range(1000):
        noise.normal(8, 2)
    assert lines_of(lambda: noise.normal(8, 2)) == first
