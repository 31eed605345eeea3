"""Piano rolls as notes and back."""

import numpy as np
import torch

from autogen.data.specs import FrameSpec, SequenceSpec
from autogen.families.markov.alphabet import END, Notes, Tokens
from autogen.testing.families import SPECS, samples_of

SPEC = FrameSpec(keys=24, length=10, voices=4)


def padded(tokens, lengths):
    rows = np.zeros((len(lengths), lengths.max()), dtype=np.int64)
    rows[np.arange(lengths.max()) < lengths[:, None]] = tokens
    return rows


def test_a_piano_roll_comes_back_as_it_was():
    frames = samples_of(SPECS["frames"])["frames"]
    frames[3, :, 1:] = 0  # a rest
    frames[4] = 0  # no frame at all, of which the shortest piece is made
    frames[4, 0, 0] = 1
    alphabet = Notes(SPECS["frames"])
    tokens, lengths = alphabet.tokens({"frames": torch.from_numpy(frames)})
    assert np.array_equal(alphabet.encoded(padded(tokens, lengths))["frames"], frames)
    assert tokens[np.cumsum(lengths) - 1].tolist() == [END] * len(frames)


def test_any_row_of_tokens_is_a_piano_roll():
    alphabet = Notes(SPEC)
    rng = np.random.default_rng(0)
    chords = np.stack([rng.choice(alphabet.drawable, (200, 15)), rng.integers(4, 28, (200, 15))], axis=2)
    chords[:, :, 0] = np.where(
        rng.random((200, 15)) < 0.8, 28 + rng.integers(3, 10, (200, 15)), chords[:, :, 0]
    )
    rows = chords.reshape(200, 30)
    frames = alphabet.encoded(rows)["frames"]
    assert frames.dtype == np.uint8
    assert frames.shape == (200, 10, 25)
    assert frames[..., 1:].sum(axis=2).max() == SPEC.voices
    ended = np.diff(frames[..., 0].astype(int), axis=1)
    assert np.all(ended <= 0)
    assert not np.any(frames[..., 1:].any(axis=2) & (frames[..., 0] == 0))


def test_of_too_many_keys_the_highest_sound():
    alphabet = Notes(FrameSpec(keys=6, length=4, voices=2))
    time, step = 4 + 6, 5
    row = [part for key in (0, 2, 5) for part in (time + 3, 4 + key)] + [time + 3 * step, END]
    frames = alphabet.encoded(np.array([row]))["frames"][0]
    assert np.flatnonzero(frames[0, 1:]).tolist() == [2, 5]
    assert frames[:, 0].tolist() == [1, 1, 1, 0]


def test_tokens_of_a_stream_have_no_end():
    assert END in Tokens(SequenceSpec(10, 5)).drawable
    assert END not in Tokens(SequenceSpec(10, 5, stream=True)).drawable
