"""Pieces played at half and at double speed keep every note, or stay as they are."""

import numpy as np
import pytest
import torch

from autogen.data.music.codecs import NoteCodec
from autogen.data.music.notes import Piece
from autogen.families.nets.augmentation.tempo import time_stretched
from autogen.training.noise import KeyedNoise

PAIRS = torch.tensor([[1, 1, 0, 0, 1, 1, 0, 0, 0, 0]])  # a key's frames: lossless at double speed
LONE = torch.tensor([[1, 0, 0, 0, 1, 1, 0, 0, 0, 0]])  # its first note would be half a frame long


def frames(keys: torch.Tensor, lasts: int = 6) -> torch.Tensor:
    """One piece with one key, (1, 10, 2)."""
    goes_on = torch.arange(10)[None] < lasts
    return torch.stack([goes_on.long(), keys], dim=2).to(torch.uint8)


def outcomes(batch, name, share):
    found = [time_stretched(batch, KeyedNoise(seed), share)[name] for seed in range(60)]
    return {tuple(row.flatten().tolist()) for row in found}


def test_frames_are_repeated_and_cut_or_halved():
    given = frames(PAIRS)
    slow = given.repeat_interleave(2, dim=1)[:, :10]
    fast = torch.cat([given[:, ::2], torch.zeros(1, 5, 2, dtype=torch.uint8)], dim=1)
    expected = {tuple(row.flatten().tolist()) for row in (slow, fast)}
    assert outcomes({"frames": given}, "frames", 1.0) == expected
    assert len(outcomes({"frames": given}, "frames", 0.5)) == 3


def test_frames_that_would_lose_a_note_are_not_played_faster():
    given = frames(LONE)
    slow = given.repeat_interleave(2, dim=1)[:, :10]
    expected = {tuple(row.flatten().tolist()) for row in (slow, given)}
    assert outcomes({"frames": given}, "frames", 1.0) == expected


def test_tokens_at_half_and_double_speed_are_the_same_notes():
    notes = np.array([[0, 24, 60, 90], [24, 24, 64, 90], [48, 48, 67, 90], [96, 12, 60, 90]])
    pieces = [Piece.of(notes * [scale, scale, 1, 1], bar=96) for scale in (1, 2, 4)]
    codec = NoteCodec.fit(pieces, 64)
    found = codec.augmentation_views(pieces[1:2])
    for name, scale in (("slow", 4), ("fast", 1)):
        (piece,) = codec.decode({"tokens": found[name]})
        assert piece.notes[:, :3].tolist() == (notes * [scale, scale, 1, 1])[:, :3].tolist()


def test_tokens_without_a_name_for_a_time_stay_as_they_are():
    piece = Piece.of(np.array([[0, 24, 60, 90], [24, 9, 64, 90]]))
    codec = NoteCodec.fit([piece], 64)
    tokens = codec.encode([piece])["tokens"]
    assert all(np.array_equal(rows, tokens) for rows in codec.augmentation_views([piece]).values())


@pytest.mark.parametrize("batch", [{"tokens": torch.ones(3, 4)}, {"pixels": torch.ones(3, 1, 2, 2)}])
def test_other_data_stays_as_it_is(batch):
    assert time_stretched(batch, KeyedNoise(0), 0.5) is batch


def test_a_share_of_none_draws_nothing():
    batch = {"frames": frames(PAIRS)}
    assert time_stretched(batch, KeyedNoise(0), 0.0) is batch
