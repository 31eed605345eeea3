import gzip
import re

import pytest
import symusic

from autogen.data.music.abc import read_abc, signature, tunes_of
from autogen.data.music.chords import chord_pitches
from autogen.data.music.notes import TICKS
from autogen.errors import DataError

CHORD = "[" + "".join("CDEFGAB"[place % 7] + "'" * (place // 7) for place in range(40)) + "]"
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


def test_accidentals_hold_in_all_octaves_of_the_bar():
    assert pitches("^C c =c C|c") == [61, 73, 72, 60, 72]


def test_a_line_may_begin_with_a_note_before_a_repeat():
    assert pitches("C E\nd:|") == [60, 64, 74] * 2


def test_an_upbeat_stands_at_the_end_of_a_bar_of_its_own():
    assert [onset for onset, _, _ in melody("G2|C4 C4|D4 D2|")] == [6, 8, 12, 16, 20]
    assert [onset for onset, _, _ in melody("|:G2|C4 C4|D4 D2:|")][:3] == [6, 8, 12]
    assert [onset for onset, _, _ in melody("C4 C4|D4 D4|")] == [0, 4, 8, 12]
    assert melody("C2|")[0][0] == 0


def test_rests_take_time():
    assert melody("C z2 D") == [(0, 1, 60), (3, 1, 62)]


def test_ties_join_notes_across_a_bar():
    assert melody("C4-|C2 D") == [(0, 6, 60), (6, 1, 62)]


def test_a_tie_lengthens_the_note_before_it_and_no_earlier_one_of_its_pitch():
    assert melody("C C C-|C D") == [(0, 1, 60), (1, 1, 60), (2, 2, 60), (4, 1, 62)]


def test_a_tie_may_stand_before_the_next_note():
    assert melody("C3 -C2 D") == [(0, 5, 60), (5, 1, 62)]


def test_a_tie_to_another_pitch_joins_nothing():
    assert melody("C-D C") == [(0, 1, 60), (1, 1, 62), (2, 1, 60)]


def test_notes_of_a_chord_are_tied_one_by_one():
    assert melody("[C-E][CE]") == [(0, 2, 60), (0, 1, 64), (1, 1, 64)]
    assert melody("[CE]-[CE]") == [(0, 2, 60), (0, 2, 64)]


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


def test_a_chord_is_as_long_as_its_first_note_times_what_stands_behind_it():
    assert melody("[C2E2]A") == [(0, 2, 60), (0, 2, 64), (2, 1, 69)]
    assert melody("[C2E]3A")[-1] == (6, 1, 69)


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


@pytest.mark.parametrize(
    ("music", "message"),
    [
        ("C99999999999999999999|", "at most 999 are allowed"),
        ("C/1000", "at most 999 are allowed"),
        ("C" + "9" * 5000, "at most 999 are allowed"),
        ("[C1000E]", "at most 999 are allowed"),
        ("[L:99/1]" + "C999" * 100, "longer than 100000 quarter notes"),
        (CHORD * 2501, "more than 100000 notes"),
        ("|1C:|" * 9 + "|2" + CHORD * 2490, "with its repeats it holds more than 400000 notes"),
    ],
)
def test_a_tune_longer_than_any_is_refused(music, message):
    with pytest.raises(DataError, match=message):
        read_abc(HEAD + "C\n" + music)


@pytest.mark.parametrize(
    "head",
    ["M:0/0", "M:4/0", "M:" + "9" * 5000 + "/1", "Q:" + "9" * 5000, "K:?"],
)
def test_a_field_that_makes_no_sense_is_passed_over(head):
    piece, _ = read_abc(f"X:1\n{head}\nK:C\nC D|\n")
    assert piece.notes[:, 2].tolist() == [60, 62]
    assert TICKS <= piece.bar <= 16 * TICKS
    assert 20 <= piece.tempo <= 300


# Read in seconds where time grows as the text does; in hours or not at all where it grows as its square.
@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ["[A", "_", "[K:", "{", '"', "(3:", ":", "|", "[^", "C,", "<", "|1", "-", "[1", " \t"]
)
def test_no_text_takes_more_than_time_in_proportion_to_its_length(text):
    try:
        piece, _ = read_abc(HEAD + "C\nC" + text * (100_000 // len(text)))
    except DataError:
        return
    assert len(piece)


@pytest.mark.slow
def test_nottingham_has_the_notes_that_another_reader_finds(shared_data, capfd):
    text = gzip.decompress((shared_data / "music/nottingham_abc/data.abc.gz").read_bytes()).decode()
    tunes = tunes_of(text)
    assert len(tunes) == 1034
    tunes = [_bare(tune) for tune in tunes[::4]]
    same = sum(_near(read_abc(tune)[0].notes[:, :3].tolist(), _of_abc2midi(tune)) for tune in tunes)
    # 1006 of all: 7 give an order of parts, which is not played; 21 can be read in more than one way
    assert (same, len(tunes)) == (252, 259)


def _bare(tune: str) -> str:
    """A tune without chord symbols, grace notes, ornaments and rhythm, which the other reader plays."""
    lines = re.sub(r"(?m)^R:.*\n", "", re.sub(r'"[^"]*"', "", tune)).split("\n")
    ornaments = r"\{[^}]*\}|[~.TuvHLMOP](?=[_^=A-Ga-g])"
    return "\n".join(line if line[1:2] == ":" else re.sub(ornaments, "", line) for line in lines)


def _of_abc2midi(tune: str) -> list[list[float]]:
    """Onset, duration in ticks and pitch of each note, by symusic, which asks abc2midi."""
    score = symusic.Score.from_abc(tune)
    notes = [track.notes.numpy() for track in score.tracks]
    times = [
        [note[name] * (TICKS / score.ticks_per_quarter) for name in ("time", "duration")] for note in notes
    ]
    return [
        list(row)
        for (on, last), note in zip(times, notes, strict=True)
        for row in zip(on, last, note["pitch"], strict=True)
    ]


def _near(ours: list[list[int]], theirs: list[list[float]]) -> bool:
    """Whether notes agree to a tick, by which abc2midi breaks its chords, once both begin together."""
    shift = min(ours)[0] - min(theirs)[0]
    rows = [
        sorted(rows, key=lambda row: (round(row[0] / 3), row[2]))
        for rows in (ours, [[o + shift, d, p] for o, d, p in theirs])
    ]
    ends = [[(row[0], row[0] + row[1]) for row in part] for part in rows]
    return len(ours) == len(theirs) and all(
        a[2] == b[2] and max(abs(x - y) for x, y in zip(u, v, strict=True)) < 1.2
        for a, b, u, v in zip(*rows, *ends, strict=True)
    )


def test_many_signs_of_broken_rhythm_count_once():
    """Each would multiply the length of the note before, which took time and memory without end."""
    assert melody("C2" + ">" * 30_000 + "D2") == melody("C2>>>D2")
