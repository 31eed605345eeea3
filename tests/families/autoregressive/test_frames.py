"""Frames of a piano roll: exact probabilities, transposition, samples that a drawn distribution made."""

from itertools import combinations

import numpy as np
import pytest
import torch

from autogen.data.specs import FrameSpec, SequenceSpec
from autogen.families.autoregressive.autoregressive import Autoregressive
from autogen.families.base import parse_config
from autogen.families.nets.augmentation.transposition import transposed
from autogen.families.nets.dropout import Dropout
from autogen.families.nets.io.keys import AutoregressiveKeys
from autogen.training.noise import KeyedNoise

SPEC = FrameSpec(keys=5, length=3, voices=5)


def chain(seed: int = 0) -> AutoregressiveKeys:
    torch.manual_seed(seed)
    made = AutoregressiveKeys(SPEC, 4, 8)
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    return made.eval()


def every_frame() -> torch.Tensor:
    """All sets of five keys, and the end: (33, 1, 6)."""
    rows = [torch.zeros(6, dtype=torch.int64)]
    for size in range(6):
        for keys in combinations(range(5), size):
            row = torch.zeros(6, dtype=torch.int64)
            row[0] = 1
            row[[1 + key for key in keys]] = 1
            rows.append(row)
    return torch.stack(rows)[:, None]


@torch.no_grad()
def test_the_probabilities_of_all_frames_add_up_to_one():
    features = torch.randn(1, 1, 4).expand(33, -1, -1)
    nats = chain().log_prob(features, every_frame(), Dropout())
    assert nats.exp().sum().item() == pytest.approx(1, abs=1e-5)


@torch.no_grad()
def test_they_add_up_without_the_end_where_a_piece_goes_on():
    features = torch.randn(1, 1, 4).expand(32, -1, -1)
    nats = chain().log_prob(features, every_frame()[1:], Dropout(), ends=False)
    assert nats.exp().sum().item() == pytest.approx(1, abs=1e-5)


@torch.no_grad()
def test_frames_are_drawn_as_often_as_they_are_probable():
    made, n = chain(), 20_000
    features = torch.randn(1, 4).expand(n, -1)
    drawn = made.draw(features, KeyedNoise(0, 0), 1.0, 1.0).long()
    frames = every_frame()
    expected = made.log_prob(features[:33, None], frames, Dropout())[:, 0].exp()
    weights = 2 ** torch.arange(6)
    shares = torch.bincount((drawn * weights).sum(1), minlength=64)[(frames[:, 0] * weights).sum(1)] / n
    assert (shares - expected).abs().max() < 0.02


@torch.no_grad()
def test_frames_after_the_end_cost_nothing():
    frames = torch.zeros(1, 3, 6, dtype=torch.int64)
    frames[0, 0, [0, 2]] = 1
    nats = chain().log_prob(torch.randn(1, 3, 4), frames, Dropout())
    assert (nats[0, :2] < 0).all()
    assert nats[0, 2] == 0


def test_transposing_frames_moves_all_keys_alike_and_none_off_the_piano():
    spec = FrameSpec(keys=12, length=6, voices=4)
    frames = torch.zeros(200, 6, 13, dtype=torch.uint8)
    frames[:, :, [0, 3, 7]] = 1
    moved = transposed({"frames": frames}, spec, KeyedNoise(0, 0), 6.0)["frames"]
    keys = [np.flatnonzero(row[0, 1:]).tolist() for row in moved.numpy()]
    assert {tuple(pair) for pair in keys} == {(low, low + 4) for low in range(8)}
    assert (moved == moved[:, :1]).all()
    assert (moved[..., 0] == 1).all()


def test_transposing_tokens_moves_pitches_alone():
    spec = SequenceSpec(20, 6, pitches=(4, 14))
    tokens = torch.tensor([[15, 6, 9, 16, 2, 0]]).repeat(200, 1)
    moved = transposed({"tokens": tokens}, spec, KeyedNoise(0, 0), 3.0)["tokens"]
    assert {tuple(row) for row in moved[:, 1:3].tolist()} == {(6 + s, 9 + s) for s in range(-2, 4)}
    assert (moved[:, [0, 3, 4, 5]] == tokens[:, [0, 3, 4, 5]]).all()


def test_no_reach_moves_nothing_and_draws_nothing():
    batch = {"tokens": torch.tensor([[4, 5, 2]])}
    spec = SequenceSpec(20, 3, pitches=(4, 14))
    assert transposed(batch, spec, KeyedNoise(0, 0), 0.0) is batch


@torch.no_grad()
def test_going_on_with_what_was_drawn_draws_the_rest_again():
    spec = FrameSpec(keys=12, length=8, voices=3)
    config = {"family": "autoregressive", "model.net": "gru", "model.width": 8, "model.depth": 1}
    family = Autoregressive()
    model = family.build(parse_config(family, config), spec).eval()
    drawn = family.sample(model, 40, KeyedNoise(0))["frames"]
    known = torch.arange(8) < (torch.arange(40) % 5)[:, None]
    opening = drawn * known[..., None]
    known &= drawn[..., 0] > 0
    assert torch.equal(family.complete(model, {"frames": opening}, KeyedNoise(0))["frames"], drawn)
    other = family.complete(model, {"frames": opening}, KeyedNoise(1))["frames"]
    assert torch.equal(other[known], drawn[known])
    assert not torch.equal(other, drawn)
