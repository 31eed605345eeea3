"""What the verdict on music rests on: the metric sees damage, the gate sees copies, honest samples pass."""

import numpy as np
import pytest

from autogen.data.music.events import EVENTS
from autogen.data.music.notes import Piece
from autogen.data.open import open_data
from autogen.errors import MetricError
from autogen.families.baselines.lookup import baselines_for
from autogen.metrics.memorization.gate import memorisation
from autogen.metrics.music.reverse_notes import ReverseNotes
from tests.data.music.makers import tunes


@pytest.fixture(scope="module")
def data():
    return open_data(tunes(600))


def transposed(piece: Piece, steps: int) -> Piece:
    return Piece.of(piece.notes + np.array([0, 0, steps, 0]), piece.length, piece.tempo, piece.bar)


def slower(piece: Piece) -> Piece:
    return Piece.of(piece.notes, piece.length, piece.tempo / 2, piece.bar)


def test_events_give_a_piece_back_where_its_times_are_of_notation():
    pieces = tunes(20)
    tokens, lengths = EVENTS.flat(pieces)
    for piece, part in zip(pieces, np.split(tokens, np.cumsum(lengths)[:-1]), strict=True):
        assert np.array_equal(EVENTS.piece(part).notes[:, :3], piece.notes[:, :3])


@pytest.mark.slow
def test_real_pieces_score_alike_and_far_better_than_independent_notes(data):
    metric = ReverseNotes()
    reference = metric.prepare(data.split("test"), data.codec)
    real = [metric.score(reference, tunes(len(data.rows["test"]), seed)) for seed in range(1, 6)]
    model = baselines_for("music")["marginals"]()
    model.fit(data.split("train"), data.codec)
    apart = metric.score(reference, model.sample(len(data.rows["test"]), np.random.default_rng(0)))
    assert apart - np.mean(real) > 10 * np.std(real)


def test_a_model_of_all_events_comes_near_to_real_pieces(data):
    metric = ReverseNotes()
    reference = metric.prepare(data.split("test"), data.codec)
    scores = {"real": metric.score(reference, data.split("select"))}
    for name, baseline in baselines_for("music").items():
        model = baseline()
        model.fit(data.split("train"), data.codec)
        samples = model.sample(len(data.rows["test"]), np.random.default_rng(0))
        scores[name] = metric.score(reference, samples)
    assert scores["ngram"] < (scores["marginals"] + scores["real"]) / 2
    assert scores["train_copy"] < scores["ngram"] + 0.05


@pytest.mark.parametrize(
    "change", [lambda piece: piece, lambda piece: transposed(piece, 5), slower], ids=["as is", "key", "tempo"]
)
def test_a_copy_is_refused_in_any_key_and_tempo(data, change):
    copies = [change(piece) for piece in data.split("train")[:80]]
    found = memorisation(copies, data.split("train"), data.split("test") + data.split("select"), data.codec)
    assert found.share > 0.95
    assert not found.passed


@pytest.mark.slow
def test_pieces_that_were_never_trained_on_pass(data):
    unseen = data.split("test") + data.split("select")
    passed = [
        memorisation(tunes(80, seed), data.split("train"), unseen, data.codec).passed for seed in range(1, 21)
    ]
    assert sum(passed) >= 19


def test_what_is_no_music_is_refused(data):
    reference = ReverseNotes().prepare(data.split("test"), data.codec)
    with pytest.raises(MetricError, match="Piece"):
        ReverseNotes().score(reference, ["a tune"] * 20)


def test_texts_are_not_scored_as_music():
    texts = open_data(["some words", "and other words"] * 20, kind="text")
    with pytest.raises(MetricError, match="scores music"):
        ReverseNotes().prepare(texts.split("test"), texts.codec)
