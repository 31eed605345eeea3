"""Masked diffusion: which places are hidden and revealed, lengths, given tokens, and the bound."""

from itertools import product

import pytest
import torch

from autogen.data.specs import FrameSpec, SequenceSpec
from autogen.families.base import parse_config
from autogen.families.flow.flow import Flow
from autogen.families.flow.masked import Lengths, hidden_places, rounds
from autogen.training.lookup import program_for
from autogen.training.noise import KeyedNoise

WORDS = SequenceSpec(levels=7, length=5)


def made(spec, arrays, steps=0, **settings):
    config = {"family": "flow", "training.steps": max(1, steps), "training.batch_size": 32}
    config |= {"model.width": 32, "model.depth": 1, "model.heads": 2, "training.lr": 5e-3}
    config |= {f"model.{name}": value for name, value in settings.items()}
    program = program_for(Flow(), parse_config(Flow(), config), spec, arrays, seed=0)
    program.advance(steps)
    program.weights()
    return program


def words():
    """All words of one to three of the symbols 4 and 5 that have no two different ones side by side."""
    rows = [[s] * n + [2] + [0] * (4 - n) for s in (4, 5) for n in (1, 2, 3)]
    return {"tokens": torch.tensor(rows * 16).numpy()}


def test_any_number_of_open_places_is_hidden_alike():
    open_yet = torch.zeros(4000, 6, dtype=torch.bool)
    open_yet[:, 1:5] = True
    hidden, weight = hidden_places(open_yet, KeyedNoise(0))
    assert not (hidden & ~open_yet).any()
    counts = hidden.sum(1)
    assert torch.equal(counts.unique(), torch.tensor([1, 2, 3, 4]))
    assert torch.bincount(counts)[1:].float().div(1000).sub(1).abs().max() < 0.02
    assert torch.allclose(weight * counts, torch.full_like(weight, 4.0))


def test_rows_without_an_open_place_hide_none_and_weigh_nothing():
    hidden, weight = hidden_places(torch.zeros(3, 4, dtype=torch.bool), KeyedNoise(0))
    assert not hidden.any()
    assert torch.equal(weight, torch.zeros(3))


def test_each_hidden_place_is_revealed_once_and_rounds_are_about_even():
    hidden = torch.arange(10) < torch.tensor([[10], [7], [0]])
    split = rounds(hidden, 4, KeyedNoise(0))
    assert torch.equal(torch.stack(split).sum(0), hidden.long())
    assert [int(now[0].sum()) for now in split] in ([3, 2, 3, 2], [3, 3, 2, 2], [2, 3, 2, 3])
    assert len(rounds(hidden, 64, KeyedNoise(0))) == 10


def test_lengths_are_drawn_by_their_frequency_and_never_below_what_is_given():
    lengths = Lengths(4)
    lengths.fit(torch.tensor([1] * 30 + [3] * 10))
    drawn = lengths.draw(torch.zeros(2000, dtype=torch.int64), KeyedNoise(0))
    assert float((drawn == 1).float().mean()) == pytest.approx(0.75, abs=0.03)
    assert (lengths.draw(torch.full((50,), 2), KeyedNoise(0)) >= 2).all()


def test_no_length_is_drawn_that_never_occurred_unless_no_other_is_long_enough():
    lengths = Lengths(512)
    lengths.fit(torch.full((300,), 7))
    assert (lengths.draw(torch.zeros(2000, dtype=torch.int64), KeyedNoise(0)) == 7).all()
    longer = lengths.draw(torch.full((200,), 500), KeyedNoise(0))
    assert (longer >= 500).all()
    assert len(longer.unique()) > 5
    assert lengths.nats(torch.tensor([7, 9])).isfinite().all()


@pytest.mark.slow
def test_what_it_draws_has_the_structure_of_its_training_rows():
    program = made(WORDS, words(), steps=150)
    drawn = program.sample(200, 0)["tokens"]
    known = {tuple(row) for row in words()["tokens"]}
    assert sum(tuple(row) in known for row in drawn) > 180


@pytest.mark.slow
def test_openings_and_known_tokens_at_any_place_are_kept():
    program = made(WORDS, words(), steps=150)
    opening = torch.tensor([[5, 0, 0, 0, 0]] * 40)
    rows = Flow().complete(program.average, {"tokens": opening}, KeyedNoise(1))["tokens"]
    assert (rows[:, 0] == 5).all()
    assert ((rows == 4).sum() == 0) or float((rows == 4).float().mean()) < 0.05
    gaps = torch.tensor([[3, 4, 3, 2, 0]] * 40)
    known = torch.tensor([[False, True, False, True, True]] * 40)
    rows = Flow().complete(program.average, {"tokens": gaps, "known": known}, KeyedNoise(1))["tokens"]
    assert torch.equal(rows[:, [1, 3, 4]], gaps[:, [1, 3, 4]])
    assert float((rows[:, [0, 2]] == 4).float().mean()) > 0.9


def test_barred_tokens_are_not_drawn_at_their_places_and_known_ones_stay():
    program = made(WORDS, words())
    given = torch.tensor([[4, 3, 3, 3, 2]] * 200)
    known = given != 3
    barred = torch.zeros(200, 5, 7, dtype=torch.bool)
    barred[:100, :2, [4, 6]] = True
    batch = {"tokens": given, "known": known, "barred": barred}
    rows = program.family.complete(program.average, batch, KeyedNoise(0))["tokens"]
    assert {*rows[:100, 1].tolist()} == {5}
    assert {*rows[:100, 2:4].flatten().tolist()} == {*rows[100:, 1:4].flatten().tolist()} == {4, 5, 6}
    assert (rows[known] == given[known]).all()


def test_the_bound_of_all_rows_together_is_a_probability():
    spec = SequenceSpec(levels=6, length=4)
    program = made(spec, {"tokens": torch.tensor([[4, 4, 2, 0], [5, 4, 4, 2]] * 16).numpy()}, steps=5)
    rows = [[*word, 2, *[0] * (3 - n)] for n in range(4) for word in product((4, 5, 3), repeat=n)]
    batch = {"tokens": torch.tensor(rows).repeat(24, 1)}
    with torch.no_grad():
        nats = Flow().log_likelihood(program.average, batch, KeyedNoise(0)).view(24, -1)
    total = float(nats.mean(0).exp().sum())
    assert 0.3 < total < 1.02


@pytest.mark.slow
def test_pieces_have_lengths_of_training_and_no_end_on_the_way():
    frames = torch.zeros(32, 6, 13, dtype=torch.uint8)
    frames[:, :4, 0] = 1
    frames[:, :4, 3] = 1
    program = made(FrameSpec(keys=12, length=6, voices=2), {"frames": frames.numpy()}, steps=60)
    drawn = torch.from_numpy(program.sample(40, 0)["frames"]).float()
    assert float((drawn[..., 0].sum(1) == 4).float().mean()) > 0.9
    assert float(drawn[:, :4, 3].mean()) > 0.9


def test_known_frames_are_kept_at_any_place_and_openings_go_on():
    spec = FrameSpec(keys=12, length=6, voices=2)
    frames = torch.zeros(20, 6, 13, dtype=torch.uint8)
    frames[:, :5, 0] = 1
    frames[:, :2, 4] = 1
    frames[:, 4, 9] = 1
    model = made(spec, {"frames": frames.numpy()}).average
    known = torch.tensor([[True, True, False, False, True, False]] * 20)
    drawn = Flow().complete(model, {"frames": frames, "known": known}, KeyedNoise(1))["frames"]
    assert torch.equal(drawn[known], frames[known])
    assert torch.equal(drawn[..., 0], frames[..., 0])
    assert drawn[:, 2:4, 1:].any()
    opening = frames * (torch.arange(6) < 2)[:, None]
    drawn = Flow().complete(model, {"frames": opening}, KeyedNoise(1))["frames"]
    assert torch.equal(drawn[:, :2], opening[:, :2])
    assert (drawn[..., 0].sum(1) == 5).all()


def test_a_gap_is_opened_where_it_is_and_as_long_as_the_length_allows():
    model = made(WORDS, words()).average
    model.lengths.fit(torch.full((9,), 4))
    given = torch.tensor([[4, 5, 2, 0, 0], [4, 5, 5, 5, 2]])
    known = torch.ones(2, 5, dtype=torch.bool)
    rows, kept = model.widened(given, known, torch.tensor([1, -1]), KeyedNoise(0))
    assert rows.tolist() == [[4, 3, 3, 5, 2], [4, 5, 5, 5, 2]]
    assert kept.tolist() == [[True, False, False, True, True], [True] * 5]
    tokens = {"tokens": given, "known": known, "gap": torch.tensor([1, -1])}
    drawn = Flow().complete(model, tokens, KeyedNoise(0))["tokens"]
    assert torch.equal(drawn[kept], rows[kept])
    assert (drawn[~kept] > 3).all()
