"""Music as tokens of bars, shifts, pitches and durations, read as notes and written back."""

import numpy as np
import pytest
import torch

from autogen.data.music.codecs import NoteCodec
from autogen.data.music.notes import Piece
from autogen.data.specs import SequenceSpec
from autogen.families.base import parse_config
from autogen.families.markov.alphabet import END, Tokens
from autogen.families.markov.markov import Markov
from autogen.families.markov.timed_notes import MOST_GAP, TimedNotes, alphabet_of
from autogen.testing.families import SPECS, samples_of
from autogen.training.grown import GrownProgram

BARS = (96, 72)


def pieces(n=60, seed=0, most_gap=48):
    """Pieces of chords and rests in two metres, some with a rest first."""
    rng, made = np.random.default_rng(seed), []
    for index in range(n):
        size = rng.integers(1, 40)
        gaps = rng.choice(np.arange(0, most_gap + 1, 6), size)
        onset = np.cumsum(gaps)
        duration, pitch = rng.choice([6, 12, 24, 36, 48], size), rng.integers(50, 70, size)
        notes = np.column_stack([onset, duration, pitch, np.full(size, 90)])
        notes = notes[np.unique(notes[:, [0, 2]], axis=0, return_index=True)[1]]
        made.append(Piece.of(notes[np.lexsort((notes[:, 2], notes[:, 0]))], 0, 120.0, BARS[index % 2]))
    return made


def padded(tokens, lengths):
    rows = np.zeros((len(lengths), lengths.max()), dtype=np.int64)
    rows[np.arange(lengths.max()) < lengths[:, None]] = tokens
    return rows


@pytest.mark.parametrize("length", [256, 40])  # 40: most pieces are cut off after a note
def test_music_comes_back_as_it_was(length):
    codec = NoteCodec.fit(pieces(), length)
    rows = codec.encode(pieces())["tokens"]
    alphabet = alphabet_of(codec.spec, "notes")
    assert isinstance(alphabet, TimedNotes)
    tokens, lengths = alphabet.tokens({"tokens": torch.from_numpy(rows)})
    assert np.array_equal(alphabet.encoded(padded(tokens, lengths))["tokens"], rows)
    assert tokens[np.cumsum(lengths) - 1].tolist() == [END] * len(rows)
    notes = [len(piece.notes) for piece in codec.decode({"tokens": rows})]
    assert lengths.tolist() == [2 + 2 * count for count in notes]


def test_the_same_step_is_the_same_token_wherever_its_bar_begins():
    steps = np.array([[0, 24, 60], [24, 24, 62], [84, 24, 60], [108, 24, 62]])  # a step of 24, twice
    piece = Piece.of(np.column_stack([steps, np.full(4, 90)]), 0, 120.0, 96)
    codec = NoteCodec.fit([piece], 64)
    tokens, _ = TimedNotes(codec.spec).tokens({"tokens": torch.from_numpy(codec.encode([piece])["tokens"])})
    assert tokens[3] == tokens[7]  # in the tokens of the codec one of them is a bar and a shift


def test_gaps_beyond_the_longest_are_that_long():
    notes = np.array([[0, 24, 60, 90], [1000, 24, 62, 90]])
    codec = NoteCodec.fit([Piece.of(notes, 0, 120.0, 96), *pieces()], 64)
    alphabet = TimedNotes(codec.spec)
    tokens, lengths = alphabet.tokens(
        {"tokens": torch.from_numpy(codec.encode([Piece.of(notes, 0, 120.0, 96)])["tokens"])}
    )
    (back,) = codec.decode(alphabet.encoded(padded(tokens, lengths)))
    assert back.notes[:, 0].tolist() == [0, MOST_GAP]


def test_any_row_is_music_that_the_codec_takes():
    codec = NoteCodec.fit(pieces(), 50)
    alphabet, rng = TimedNotes(codec.spec), np.random.default_rng(0)
    rows = rng.integers(0, alphabet.levels, (300, 40))
    rows[:, 1::2] = rng.integers(0, codec.spec.pitches[1] + 50, (300, 20))
    found = alphabet.encoded(rows)["tokens"]
    assert found.shape == (300, 50)
    assert found.min() == 0
    assert found.max() < codec.spec.levels
    assert ((found == END).sum(axis=1) == 1).all()
    again = codec.encode(codec.decode({"tokens": found}))["tokens"]
    assert np.mean([(a == b).all() for a, b in zip(again, found, strict=True)]) > 0.9  # but for doubled notes
    assert sum(len(piece.notes) for piece in codec.decode({"tokens": found})) > 300


def test_other_sequences_and_piano_rolls_are_read_as_before():
    assert isinstance(alphabet_of(SequenceSpec(9, 12), "notes"), Tokens)
    assert isinstance(alphabet_of(SPECS["notes"], "notes"), Tokens)
    assert not isinstance(alphabet_of(SPECS["frames"], "notes"), TimedNotes | Tokens)


def test_drawn_pieces_have_the_steps_lengths_and_metres_of_training():
    scale = np.array([60, 62, 64, 65, 67])
    tunes = []
    for index in range(200):
        size = 12 if index % 2 else 20
        pitch = scale[(np.arange(size) + index) % 5]
        notes = np.column_stack([24 * np.arange(size), np.full(size, 24), pitch, np.full(size, 90)])
        tunes.append(Piece.of(notes, 0, 120.0, BARS[index % 2]))
    codec, family = NoteCodec.fit(tunes, 128), Markov()
    rows = codec.encode(tunes)
    config = {"family": "markov", "training.steps": 1, "model.units": "notes", "model.ends": "length"}
    made = GrownProgram(family, parse_config(family, config | {"model.order": 5}), codec.spec, rows, 0)
    made.advance(1)
    drawn = codec.decode(made.sample(200, 1))
    sizes = np.array([len(piece.notes) for piece in drawn])
    assert np.mean(np.isin(sizes, (12, 20))) > 0.9
    assert np.mean(sizes == 12) == pytest.approx(0.5, abs=0.12)
    assert {piece.bar for piece in drawn} == set(BARS)
    steps = np.concatenate([np.diff(np.searchsorted(scale, piece.notes[:, 2])) % 5 for piece in drawn])
    assert np.mean(steps == 1) > 0.95
    assert not family.supports_completion(made.average)


def test_a_model_without_the_setting_reads_tokens():
    family = Markov()
    config = parse_config(family, {"family": "markov", "training.steps": 1})
    assert isinstance(family.build(config, SPECS["notes"]).alphabet, Tokens)
    rows = samples_of(SPECS["notes"])
    made = GrownProgram(family, config, SPECS["notes"], rows, 0)
    made.advance(1)
    assert family.supports_completion(made.average)
