"""Pieces written as ABC notation are read again as the same notes."""

import numpy as np
import pytest

from autogen.data.music.abc import read_abc, tunes_of
from autogen.data.music.abc_notation import abc_lines
from autogen.data.music.notes import TICKS, Piece


def piece(*notes, length=0, bar=4 * TICKS, tempo=100.0):
    return Piece.of(np.array([(*note, 90) for note in notes]).reshape(-1, 4), length, tempo, bar)


def again(*pieces):
    text = "\n".join(abc_lines(pieces))
    return [read_abc(tune)[0] for tune in tunes_of(text)]


def test_a_scale_looks_as_musicians_write_it():
    notes = [(12 * i, 12, pitch) for i, pitch in enumerate([60, 62, 64, 65, 67, 69, 71, 72])]
    assert abc_lines([piece(*notes, length=96)]) == [
        "X:1",
        "T:Sample 1",
        "M:4/4",
        "L:1/8",
        "Q:1/4=100",
        "K:C",
        "C D E F G A B c |]",
    ]


def test_a_sign_holds_in_its_bar_and_is_taken_back_there():
    lines = abc_lines(
        [piece((0, 24, 66), (24, 24, 66), (48, 24, 65), (72, 24, 77), (96, 24, 66), length=192)]
    )
    assert lines[-1] == "^F2 F2 =F2 =f2 | ^F2 z6 |]" or lines[-1] == "^F2 F2 =F2 f2 | ^F2 z6 |]"


@pytest.mark.parametrize("seed", range(8))
def test_any_piece_is_read_again_note_by_note(seed):
    rng = np.random.default_rng(seed)
    bar = int(rng.choice([36, 48, 72, 96]))
    notes = [
        (int(on), int(rng.integers(1, 150)), int(rng.integers(21, 109))) for on in rng.integers(0, 400, 60)
    ]
    made = piece(*notes, bar=bar)
    (read,) = again(made)
    assert read.notes[:, :3].tolist() == made.notes[:, :3].tolist()
    assert (read.bar, read.tempo) == (bar, 100.0)


def test_tunes_follow_one_another_and_an_empty_piece_is_a_rest():
    lines = abc_lines([piece((0, 96, 60)), piece(length=96)])
    assert lines.index("X:2") == 8
    assert lines[-1] == "z8 |]"
    assert abc_lines([]) == []
