"""Data that is read for a start from an earlier model: the same codes, and its training rows in train."""

import numpy as np
import pytest

from autogen.data.images.codec import ImageCodec
from autogen.data.module import Earlier
from autogen.data.music.notes import Piece
from autogen.data.open import open_data
from autogen.data.split import kept_in_train
from autogen.errors import DataError
from tests.data.texts.makers import words


def test_symbols_of_both_texts_are_tokens():
    earlier = open_data(["abc", "cab", "bca", *words(40)]).codec
    data = open_data([f"{word}ß" for word in words(40, seed=1)], earlier=Earlier(earlier))
    assert {*earlier.symbols, "ß"} <= {*data.codec.symbols}
    (_, names), (_, before) = data.codec.code_names()[0], earlier.code_names()[0]
    assert {*before} < {*names}
    assert len(names) == data.codec.spec.levels


def test_byte_pairs_are_the_earlier_ones():
    pytest.importorskip("tokenizers")
    earlier = open_data(words(300), options={"tokens": "bpe"}).codec
    data = open_data([f"{word} {word}" for word in words(200, seed=1)], earlier=Earlier(earlier))
    assert data.codec.pairs.pairs == earlier.pairs.pairs
    assert data.codec.decode(data.codec.encode(data.raw.samples)) == data.raw.samples


def test_values_of_both_sets_of_images_are_levels():
    draw = np.random.default_rng(0)
    dark, light = (draw.choice([0, 100, value], (40, 8, 8)).astype(np.uint8) for value in (150, 255))
    data = open_data(light, earlier=Earlier(open_data(dark).codec))
    assert data.codec.values.tolist() == [0, 100, 150, 255]
    with pytest.raises(DataError, match="images of 1 channel, but these have 3"):
        ImageCodec.extending(data.codec, draw.integers(0, 255, (4, 8, 8, 3)).astype(np.uint8), ())


def pieces(pitch, ticks):
    def piece(n):
        onsets = np.arange(16) * ticks
        pitches = pitch + (np.arange(16) * n) % 11
        return Piece.of(np.column_stack([onsets, np.full(16, ticks), pitches, np.full(16, 80)]))

    return [piece(n) for n in range(30)]


def test_pitches_and_times_of_both_sets_of_pieces_are_tokens():
    earlier = open_data(pieces(60, 12)).codec
    codec = open_data(pieces(72, 24), earlier=Earlier(earlier)).codec
    assert codec.low == earlier.low
    assert codec.high > earlier.high
    assert codec.durations.tolist() == [12, 24]
    assert {*earlier.code_names()[0][1]} < {*codec.code_names()[0][1]}


def test_frames_of_another_length_are_refused():
    earlier = open_data(pieces(60, 12), options={"representation": "frames", "grid": 2}).codec
    with pytest.raises(DataError, match="set the option grid to 2"):
        open_data(pieces(60, 12), earlier=Earlier(earlier))
    data = open_data(pieces(60, 12), options={"grid": 2}, earlier=Earlier(earlier))
    assert data.codec.representation == "frames"


def known(data):
    """Digests of the training rows."""
    digests = data.kind.known_digests(data.raw)
    return frozenset(digests[row] for row in data.rows["train"])


def test_samples_of_another_size_get_a_note():
    draw = np.random.default_rng(0)
    images = draw.choice([0, 255], (40, 8, 8)).astype(np.uint8)
    earlier = Earlier(open_data(images).codec)
    assert "cannot be known" not in " ".join(open_data(images, earlier=earlier).notes)
    larger = open_data(images.repeat(2, 1).repeat(2, 2), earlier=earlier)
    assert "images of 16 x 16 pixels, not 8 x 8 as for the earlier model" in larger.notes[-1]


def test_excerpts_of_another_length_get_a_note():
    text = [" ".join(words(400))]
    earlier = Earlier(open_data(text, options={"documents": "blocks", "length": 32}).codec)
    data = open_data(text, options={"documents": "blocks", "length": 48}, earlier=earlier)
    assert "blocks of 48 tokens, not 32" in data.notes[-1]
    music = Earlier(open_data(pieces(60, 12), options={"length": 64}).codec)
    assert "not 64" in open_data(pieces(60, 12), options={"length": 48}, earlier=music).notes[-1]


def test_moved_rows_keep_the_order_of_their_content():
    rows = {"train": np.arange(0, 20), "tune": np.arange(20, 30)[::-1], "test": np.arange(30, 40)}
    kept = kept_in_train(rows | {"select": rows["tune"]}, np.arange(40), np.isin(np.arange(40), [21, 25, 33]))
    assert kept["train"][20:].tolist() == [25, 21, 33]


def test_rows_that_the_model_was_trained_on_and_their_group_stay_in_train():
    rows = {"train": np.arange(0, 20), "tune": np.arange(20, 30), "test": np.arange(30, 40)}
    owner = np.arange(40)
    owner[31] = 35
    known = np.isin(np.arange(40), [3, 22, 35])
    kept = kept_in_train(rows, owner, known)
    assert {*kept["train"].tolist()} == {*range(20), 22, 31, 35}
    assert sorted(np.concatenate(list(kept.values())).tolist()) == list(range(40))


def test_too_few_new_rows_are_refused():
    rows = {"train": np.arange(0, 20), "test": np.arange(20, 30)}
    with pytest.raises(DataError, match="3 are left for the test split"):
        kept_in_train(rows, np.arange(30), np.arange(30) >= 23)


def test_a_study_of_grown_data_moves_what_the_earlier_model_has_seen():
    texts = words(300)
    first = open_data(texts[:200], seed=1)
    seen = known(first)
    data = open_data(texts, seed=5, earlier=Earlier(first.codec, seen))
    for part in ("tune", "select", "test"):
        assert not seen & {*data.kind.digests(data.split(part))}
    assert "that the earlier model was trained on" in data.notes[-1]


def test_data_without_a_column_of_the_earlier_one_is_refused_with_the_reason(tmp_path):
    for name, column in (("old", "b"), ("new", "c")):
        rows = "\n".join(f"{n},{'xy'[n % 2]}" for n in range(40))
        (tmp_path / f"{name}.csv").write_text(f"a,{column}\n{rows}\n")
    earlier = Earlier(open_data(tmp_path / "old.csv").codec)
    with pytest.raises(
        DataError, match=r"no column 'b'; it has a, c\. It is read as the data of the earlier"
    ):
        open_data(tmp_path / "new.csv", earlier=earlier)
