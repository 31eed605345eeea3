import pytest

from autogen.data.music.abc import read_abc, signature, tunes_of
from autogen.data.music.chords import chord_pitches
from autogen.errors import DataError

HEAD = "X:1\nT:A tune\nM:4/4\nL:1/8\nK:"


def melody(music: str, key: str = "C") -> list[tuple[int, int, int]]:
    """Onset, duration in eighths of a quarter's half (12 ticks), and pitch of each note."""
    piece, _ = read_abc(HEAD + key + "\n" + music)
    return [(int(o) // 12, int(d) // 12, int(p)) for o, d, p, _ in piece.notes]


def pitches(music: str, key: str = "C") -> list[int]:
    return [pitch for _, _, pitch in melody(music, key)]


def test_notes_have_their_pitches_octaves_and_lengths():
    assert melody("C D2 E3 c c' C,|") == [
        (0, 1, 60),
        (1, 2, 62),
        (3, 3, 64),
        (6, 1, 72),
        (7, 1, 84),
        (8, 1, 48),
    ]


def test_halves_and_fractions_of_the_unit_are_read():
    piece, _ = read_abc(HEAD + "C\nC/ D// E3/2 F/4|")
    assert piece.notes[:, 1].tolist() == [6, 3, 18, 3]


def test_the_key_signs_hold_and_accidentals_last_until_the_bar():
    assert pitches("F ^C C =F|C F", "D") == [66, 61, 61, 65, 61, 66]


def test_an_upbeat_stands_at_the_end_of_a_bar_of_its_own():
    assert [onset for onset, _, _ in melody("G2|C4 C4|D4 D2|")] == [6, 8, 12, 16, 20]
    assert [onset for onset, _, _ in melody("|:G2|C4 C4|D4 D2:|")][:3] == [6, 8, 12]
    assert [onset for onset, _, _ in melody("C4 C4|D4 D4|")] == [0, 4, 8, 12]
    assert melody("C2|")[0][0] == 0


def test_rests_take_time():
    assert melody("C z2 D") == [(0, 1, 60), (3, 1, 62)]


def test_ties_join_notes_across_a_bar():
    assert melody("C4-|C2 D") == [(0, 6, 60), (6, 1, 62)]


def test_broken_rhythm_lends_half_of_a_note_to_the_other():
    piece, _ = read_abc(HEAD + "C\nC2>D2 E2<F2|")
    assert piece.notes[:, 1].tolist() == [36, 12, 12, 36]


def test_triplets_take_the_time_of_two():
    piece, _ = read_abc(HEAD + "C\n(3CDE F|")
    assert piece.notes[:, 0].tolist() == [0, 8, 16, 24]


def test_repeats_are_played_with_their_endings():
    assert pitches("|:C D|1 E:|2 F|G||") == [60, 62, 64, 60, 62, 65, 67]
    assert pitches("C D:|E F:|") == [60, 62, 60, 62, 64, 65, 64, 65]
    assert pitches("|:C::D:|") == [60, 60, 62, 62]


def test_chords_of_notes_begin_together():
    assert melody("[CEG]2 A") == [(0, 2, 60), (0, 2, 64), (0, 2, 67), (2, 1, 69)]


def test_a_chord_symbol_lasts_until_the_next():
    piece, _ = read_abc(HEAD + 'C\n"C"c4"G"c4|')
    chords = [(o, d, p) for o, d, p, v in piece.notes.tolist() if v < 90]
    assert chords == [(0, 48, p) for p in (48, 52, 55)] + [(48, 48, p) for p in (55, 59, 62)]


def test_a_change_of_key_or_metre_inside_of_a_tune_is_read():
    assert pitches("F|\nK:G\nF|[K:C]F|") == [65, 66, 65]


def test_six_eight_has_bars_of_three_quarters():
    piece, _ = read_abc("X:1\nM:6/8\nK:C\nC6|")
    assert piece.bar == 72
    assert piece.notes[0, 1] == 72


def test_ornaments_grace_notes_and_comments_are_passed_over():
    assert pitches("~C {d}D (E F) % A B\n") == [60, 62, 64, 65]


@pytest.mark.parametrize(
    ("key", "signs"),
    [
        ("C", {}),
        ("G", {"F": 1}),
        ("Bb", {"B": -1, "E": -1}),
        ("Am", {}),
        ("F#m", {"F": 1, "C": 1, "G": 1}),
        ("Ddor", {}),
        ("AMix", {"F": 1, "C": 1}),
        ("E minor", {"F": 1}),
    ],
)
def test_keys_and_modes_have_their_signs(key, signs):
    assert signature(key) == signs


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        ("C", (48, 52, 55)),
        ("Am", (57, 60, 64)),
        ("G7", (55, 59, 62, 65)),
        ("D/f+", (42, 50, 57)),
        ("Bb", (58, 62, 65)),
        ("C#d", (49, 52, 55)),
        ("slowly", ()),
        ("", ()),
    ],
)
def test_chord_symbols_are_spelled(symbol, expected):
    assert chord_pitches(symbol) == expected


def test_tunes_of_a_file_are_parted():
    text = "% a file\nX:1\nK:C\nCDE\n\nX:2\nK:G\nGAB\n"
    assert len(tunes_of(text)) == 2


def test_a_tune_without_notes_is_refused():
    with pytest.raises(DataError, match="no notes"):
        read_abc(HEAD + "C\nz4|")
