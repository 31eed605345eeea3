"""Gaps of notes: each bar keeps its token, and what fills them lands at its time."""

from itertools import pairwise

import numpy as np
import pytest

from autogen.data.music.codecs import NoteCodec
from autogen.data.music.notes import Piece, excerpt
from autogen.data.music.openings import with_gaps
from autogen.errors import DataError

BAR = 96


def regular(bars, step=24, bar=BAR):
    """A piece with a note every so many ticks."""
    onset = np.arange(0, bars * bar, step)
    pitch = 60 + np.arange(len(onset)) % 7
    return Piece.of(
        np.column_stack([onset, np.full(len(onset), step), pitch, np.full(len(onset), 90)]), 0, 90.0, bar
    )


WHOLE = regular(6)
CODEC = NoteCodec.fit([WHOLE, regular(2, 12), regular(2, 24, 72)], 120)
ROW = CODEC.encode([WHOLE])["tokens"][0]


def cut(piece, *ticks):
    """Parts of a piece of which every second stretch is a gap."""
    places = [0, *ticks, piece.length]
    pairs = enumerate(pairwise(places))
    return [last - first if number % 2 else excerpt(piece, first, last) for number, (first, last) in pairs]


def nothing():
    raise AssertionError("a bar is known")


def rows(piece):
    return {tuple(note) for note in piece.notes.tolist()}


@pytest.mark.parametrize(
    "ticks",
    [(192, 384), (96, 576), (216, 264), (120, 312), (96, 120, 360, 408)],
    ids=["bars", "to the end", "in a bar", "across a bar", "two gaps"],
)
def test_real_tokens_in_gaps_give_the_real_piece_back(ticks):
    parts = cut(WHOLE, *ticks)
    known = with_gaps(CODEC, [parts], 0, nothing)
    tokens, open_yet = known.arrays["tokens"][0], ~known.arrays["known"][0]
    assert (tokens[~open_yet] == ROW[~open_yet]).all()
    (found,) = known.completed(CODEC, {"tokens": np.where(open_yet, ROW, tokens)[None]}, slice(0, 1))
    assert rows(found) == rows(WHOLE)
    assert (found.length, found.tempo, found.bar) == (WHOLE.length, 90.0, BAR)


def test_a_tick_in_a_note_leaves_both_its_halves():
    known = with_gaps(CODEC, [cut(WHOLE, 200, 201)], 0, nothing)
    (found,) = known.completed(CODEC, {"tokens": known.arrays["tokens"]}, slice(0, 1))
    assert {(192, 8, 61, 90), (201, 15, 61, 90)} <= rows(found)
    assert len(rows(found) & rows(WHOLE)) == len(WHOLE) - 1


def test_a_gap_has_as_many_tokens_as_known_bars_and_of_the_same_sorts():
    one, two = regular(2), regular(2, 48)
    counts = {
        int((~with_gaps(CODEC, [[one, 2 * BAR, two]], seed, nothing).known).sum()) for seed in range(30)
    }
    assert counts == {2 * 5, 5 + 11, 2 * 11}  # two notes and a shift, or four and three
    known = with_gaps(CODEC, [[one, BAR]], 0, nothing)
    allowed = ~known.arrays["barred"][0][~known.known[0]]
    names = CODEC.code_names()[0][1]
    sorts = [{names[token][0] for token in np.flatnonzero(place)} for place in allowed]
    notes = [{"pitch"}, {"duration"}]
    assert sorts == notes + 3 * [{"shift"}, *notes]


def test_where_no_bar_is_known_bars_of_other_pieces_tell_how_many_tokens_it_has():
    short = excerpt(WHOLE, 0, 48)
    for parts in ([2 * BAR], [short, BAR - 48, BAR]):
        known = with_gaps(CODEC, [parts], 0, lambda: [regular(1, 48), regular(1, 36, 72)])
        assert 5 <= (~known.known).sum() <= 2 * 5
    silent = Piece.of(np.zeros((0, 4)), 0)
    assert with_gaps(CODEC, [[BAR]], 0, lambda: [silent]).known.all()


def test_what_is_drawn_outside_of_a_gap_is_left_out_and_what_is_too_long_cut():
    known = with_gaps(CODEC, [[excerpt(WHOLE, 0, 192), 24, excerpt(WHOLE, 216, 576)]], 0, nothing)
    names = CODEC.code_names()[0][1]
    pitch, long, shift = (names.index(one) for one in (("pitch", 64), ("duration", 24), ("shift", 24)))
    for drawn, expected in (([pitch, long], {(192, 24, 64, 90)}), ([shift, pitch], set())):
        tokens = known.arrays["tokens"][0].copy()
        tokens[np.flatnonzero(~known.known[0])[: len(drawn)]] = drawn
        (found,) = known.completed(CODEC, {"tokens": tokens[None]}, slice(0, 1))
        assert rows(found) - rows(WHOLE) | (rows(found) & expected) == {(*note[:3], 90) for note in expected}


def test_another_metre_than_that_of_training_moves_no_known_note():
    odd = regular(4, 30, 120)
    parts = [excerpt(odd, 0, 240), 60, excerpt(odd, 300, 480)]
    known = with_gaps(CODEC, [parts], 0, nothing)
    (found,) = known.completed(CODEC, {"tokens": known.arrays["tokens"]}, slice(0, 1))
    assert rows(found) == {note for note in rows(odd) if not 240 <= note[0] < 300}
    assert found.bar == 120


def test_full_gaps_that_do_not_fit_give_way_to_emptier_ones_and_then_are_refused():
    dense, sparse = regular(4, 12), regular(1, 96)  # 23 tokens and a bar, 2 and a bar
    known = with_gaps(CODEC, [[dense, BAR, sparse]], 0, nothing)
    assert (~known.known).sum() == 2
    for parts in ([dense, BAR, BAR], [WHOLE, 10**15]):
        with pytest.raises(DataError, match=r"piece 1 takes .* tokens or more; .* at most 120"):
            with_gaps(CODEC, [parts], 0, nothing)
