"""Distributions of notes and pieces on the page."""

import numpy as np

from autogen.data.music.notes import TICKS, Piece
from autogen.data.music.preview import note_marginals
from autogen.report.contents import Marginal
from tests.data.music.makers import tunes


def found(real, fake):
    return {entry["name"]: Marginal(**entry) for entry in note_marginals(real, fake, None)}


def test_equal_pieces_have_equal_distributions():
    assert [entry.difference for entry in found(tunes(40), tunes(40)).values()] == [0] * 6


def test_pieces_of_few_long_notes_differ_in_their_sizes():
    two = [Piece.of(np.array([[0, 96, 60, 90], [96, 96, 64, 90]]))] * 40
    told = found(tunes(40), two)
    assert told["length of a piece in quarter notes"].difference > 0.99
    assert told["notes in a piece"].difference > 0.99
    assert told["notes that begin together"].difference > 0.9


def test_sizes_are_those_of_the_pieces():
    chord = Piece.of(np.array([[0, 24, 60, 90], [0, 24, 64, 90], [24, 72, 67, 90]]))
    told = found([chord] * 20, [chord] * 20)
    middles = {
        name: [place for place, share in zip(told[name].places, told[name].real, strict=True) if share]
        for name in ("length of a piece in quarter notes", "notes in a piece", "notes that begin together")
    }
    for (name, places), size in zip(middles.items(), (96 / TICKS, 3, 1.5), strict=True):
        assert len(places) == 1, name
        assert abs(places[0] - size) <= 1, name


def test_a_piece_without_notes_has_a_size():
    empty = Piece.of(np.zeros((0, 4), dtype=int))
    assert found(tunes(20), [empty, *tunes(19)])["notes in a piece"].difference > 0
