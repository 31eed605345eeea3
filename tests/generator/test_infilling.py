"""Gaps of texts and music are filled, and music goes on from an opening; what is known stays."""

import numpy as np
import pytest

from autogen.data.music.codecs import FrameCodec, NoteCodec
from autogen.data.music.notes import Piece, excerpt
from autogen.data.texts.codec import TextCodec
from autogen.errors import DataError, SettingsError
from autogen.families.base import parse_config
from autogen.generator.generator import GeneratedModel
from autogen.registry import get
from autogen.training.checkpoint import write_tensors
from autogen.training.solo import build_model
from tests.data.music.makers import tunes
from tests.generator.text_models import SETTINGS, text_model

TUNES = tunes(6)
FRAMES, NOTES = FrameCodec.fit(TUNES, 80, 6), NoteCodec.fit(TUNES, 160)
GAPPED = [["abc", 3, "dd", 1], [2, "j? "], ["a", None, "bc", 2], [None]]


def music_model(folder, codec, family="flow", **settings):
    config = {"family": family, **SETTINGS[family], **settings}
    chosen = get("family", family)()
    model = build_model(chosen, parse_config(chosen, config), codec.spec, seed=0)
    write_tensors(folder / "model.safetensors", model.state_dict(), {})
    return GeneratedModel(config, codec, folder / "model.safetensors")


def rows(piece):
    return {tuple(note) for note in piece.notes.tolist()}


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    return text_model(
        tmp_path_factory.mktemp("texts") / "flow", "flow", TextCodec(" .?abcdefghij", 40, False)
    )


def test_gaps_are_filled_by_as_many_letters_and_the_rest_stays(texts):
    found = texts.infill(GAPPED, seed=1)
    first, second, third, fourth = found
    assert (first[:3], first[6:8], len(first)) == ("abc", "dd", 9)
    assert (second[2:], len(second)) == ("j? ", 5)
    assert (third[0], third[-4:-2]) == ("a", "bc")
    assert 6 <= len(third) <= 39
    assert 1 <= len(fourth) <= 39
    assert {*"".join(found)} <= {*" .?abcdefghij"}


def test_equal_seeds_fill_alike_and_others_otherwise(texts):
    assert texts.infill(GAPPED, seed=1) == texts.infill(GAPPED, seed=1)
    assert texts.infill(GAPPED, seed=1) != texts.infill(GAPPED, seed=2)
    assert texts.infill([]) == []


def test_a_gap_of_any_length_has_lengths_of_training(texts):
    found = texts.infill([["a", None, "b"]] * 200)
    assert {len(text) for text in found} <= {*range(3, 40)}
    assert len({len(text) for text in found}) > 20


@pytest.mark.parametrize("seed", [-1, "x", 1.5, None, True])
def test_a_seed_is_a_whole_number_in_every_method(texts, tmp_path, seed):
    music = music_model(tmp_path, NOTES)
    calls = [
        lambda: texts.infill([["a", 3]], seed=seed),
        lambda: music.infill([[TUNES[0], 24]], seed=seed),
        lambda: texts.complete(["a"], seed=seed),
        lambda: texts.impute([], seed=seed),
        lambda: next(texts.stream(1, seed=seed)),
    ]
    for call in calls:
        with pytest.raises(SettingsError, match="seed must be a whole number, at least 0; got"):
            call()


def test_a_seed_may_be_a_number_of_numpy(texts):
    assert texts.infill([["a", 3]], seed=np.int64(5)) == texts.infill([["a", 3]], seed=5)
    assert texts.complete(["a"], seed=np.int64(5)) == texts.complete(["a"], seed=5)


def test_prompts_of_any_iterable_are_completed_and_anything_else_is_refused(texts):
    assert (
        texts.complete(iter(["a", "b"])) == texts.complete(np.array(["a", "b"])) == texts.complete(["a", "b"])
    )
    for given in (5, None, "abc", [None], iter([1])):
        with pytest.raises(DataError, match="prompts must be a list of texts; got"):
            texts.complete(given)


@pytest.mark.parametrize("codec", [FRAMES, NOTES], ids=["frames", "notes"])
@pytest.mark.parametrize("pitch", [0, 20, 109, 127])
def test_pitches_that_no_piano_has_are_refused(tmp_path, codec, pitch):
    model, piece = music_model(tmp_path, codec), Piece.of(np.array([[0, 24, pitch, 90]]))
    for call in (lambda: model.complete([piece]), lambda: model.infill([[piece, 24]])):
        with pytest.raises(DataError, match=f"1 has the pitch {pitch}; .* Transpose it"):
            call()


def test_a_gap_may_be_a_number_of_numpy(texts, tmp_path):
    assert texts.infill([["a", np.int64(3)]]) == texts.infill([["a", 3]])
    model = music_model(tmp_path, NOTES)
    assert rows(model.infill([[TUNES[0], np.int32(96)]])[0]) == rows(model.infill([[TUNES[0], 96]])[0])


def test_blocks_of_a_long_text_are_filled_at_their_length(tmp_path):
    model = text_model(tmp_path / "model", "flow", TextCodec("abc", 20, True))
    (found,) = model.infill([["ab", 4, "c"]])
    assert (found[:2], found[6:], len(found)) == ("ab", "c", 7)
    with pytest.raises(DataError, match="blocks of one long text, all of the same length; give its number"):
        model.infill([["ab", None]])


def test_bytes_and_accents_of_known_parts_come_back(tmp_path):
    model = text_model(tmp_path / "model", "flow", TextCodec(None, 40, False))
    (found,) = model.infill([["Žofie\r\n", 2, "é"]])
    assert (found[:7], found[-1]) == ("Žofie\r\n", "é")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([["a" * 38, 2]], "text 1 has 40 characters, gaps included; texts of this model have at most 39"),
        ([["aa", 1000]], "text 1 has 1,002 characters, gaps included; texts of this model have at most 39"),
        ([["a" * 39, None]], "at most 39"),
        ([[10**12]], "at most 39"),
        ([["a", 1], ["xa", 1]], "text 2 has 'x', which no training text"),
        ([["a", None, "b", None]], "several gaps of None"),
        ([["abc"]], "with a gap among them"),
        (["a_c"], "must be a list of its parts"),
        ([["a", 0]], "must be a list of its parts"),
        ([["a", True]], "must be a list of its parts"),
        ("a_c", "a list of samples"),
    ],
)
def test_what_is_no_text_with_gaps_is_refused_in_one_line(texts, given, told):
    with pytest.raises(DataError, match=told) as caught:
        texts.infill(given)
    assert "\n" not in str(caught.value)


def test_other_families_fill_no_gaps_and_say_which_do(tmp_path):
    with pytest.raises(DataError, match="cannot fill gaps; search with --families flow"):
        text_model(tmp_path / "model").infill(GAPPED)


@pytest.mark.parametrize("codec", [FRAMES, NOTES], ids=["frames", "notes"])
@pytest.mark.parametrize("family", ["flow", "autoregressive"])
def test_music_begins_with_its_opening_and_goes_on(tmp_path, codec, family):
    openings = [excerpt(piece, 0, 96) for piece in TUNES]
    model = music_model(tmp_path, codec, family)
    found = model.complete(openings, seed=1)
    for opening, whole in zip(openings, found, strict=True):
        assert rows(opening) <= rows(whole)
    assert sum(len(whole) for whole in found) > sum(len(opening) for opening in openings)
    if codec is FRAMES:  # of notes, the next one may also begin with the last one
        assert all((w.notes[len(o) :, 0] >= 96).all() for o, w in zip(openings, found, strict=True))
    again = model.complete(openings, seed=1)
    assert [rows(piece) for piece in again] == [rows(piece) for piece in found]
    assert [rows(piece) for piece in model.complete(openings, seed=2)] != [rows(piece) for piece in found]


def test_a_gap_of_a_piano_roll_is_filled_at_its_time(tmp_path):
    model = music_model(tmp_path, FRAMES)
    first, last = excerpt(TUNES[0], 0, 96), excerpt(TUNES[1], 96, 192)
    (found,) = model.infill([[first, 48, last, 24]])
    later = last.notes + np.array([144, 0, 0, 0])
    known = rows(first) | {tuple(note) for note in later.tolist()}
    assert known <= rows(found)
    new = np.array(sorted(rows(found) - known))
    inside = ((new[:, 0] >= 96) & (new[:, 0] + new[:, 1] <= 144)) | (new[:, 0] >= 240)
    assert len(new)
    assert inside.all()
    assert found.length == 264


FIRST, LAST = excerpt(TUNES[0], 0, 96), excerpt(TUNES[1], 96, 192)


@pytest.mark.parametrize(
    "parts",
    [[FIRST, 48, LAST, 24], [96, FIRST], [FIRST, 10, LAST, 10, FIRST], [FIRST, 200], [300], [1, LAST, 1]],
    ids=["two", "first", "short", "last", "all", "a tick"],
)
def test_a_gap_of_notes_is_filled_at_its_time(tmp_path, parts):
    model = music_model(tmp_path, NOTES)
    sizes = [part if isinstance(part, int) else part.length for part in parts]
    ends = np.cumsum(sizes)
    known = {
        (note[0] + end - part.length, *note[1:])
        for part, end in zip(parts, ends.tolist(), strict=True)
        if isinstance(part, Piece)
        for note in part.notes.tolist()
    }
    gaps = [
        (end - part, end) for part, end in zip(parts, ends.tolist(), strict=True) if isinstance(part, int)
    ]
    found = model.infill([parts] * 20, seed=1)
    new = [note for piece in found for note in rows(piece) - known]
    assert all(known <= rows(piece) and piece.length == ends[-1] for piece in found)
    assert all(any(a <= note[0] and note[0] + note[1] <= b for a, b in gaps) for note in new)
    assert new
    assert [rows(piece) for piece in model.infill([parts] * 20, seed=1)] == [rows(piece) for piece in found]
    assert [rows(piece) for piece in model.infill([parts] * 20, seed=2)] != [rows(piece) for piece in found]


def test_a_drawn_note_cuts_no_known_one_short(tmp_path):
    model = music_model(tmp_path, NOTES)
    long = Piece.of(np.array([[0, 96, pitch, 80] for pitch in range(60, 72)]))
    for seed in range(5):
        assert rows(long) <= rows(model.complete([long], seed=seed)[0])


def test_music_that_cannot_go_on_is_refused_in_one_line(tmp_path):
    frames, notes = music_model(tmp_path, FRAMES), music_model(tmp_path, NOTES)
    whole = tunes(1, bars=30)[0]
    calls = [
        (lambda: frames.complete([whole]), "prompt 1 takes 480 frames or more; .* at most 80"),
        (lambda: notes.complete([whole]), "prompt 1 takes 160 tokens or more; .* may take 157"),
        (lambda: notes.complete([Piece.of(np.array([[0, 24, 21, 90]]))]), "pitch 21; .* Transpose it"),
        (lambda: notes.complete(["C E G"]), "must be a list of pieces"),
        (lambda: frames.infill([[TUNES[0], 24 * 40]]), "piece 1 takes"),
        (lambda: frames.infill([[TUNES[0], None]]), "in ticks"),
        (lambda: notes.infill([[TUNES[0], 24 * 4000]]), "piece 1 takes 1,004 tokens or more; .* at most 160"),
        (lambda: notes.infill([[TUNES[0], 0]]), "in ticks"),
        (lambda: notes.infill([[Piece.of(np.array([[0, 24, 21, 90]])), 24]]), "piece 1 has the pitch 21"),
        (
            lambda: music_model(tmp_path, NOTES, "vae").complete([TUNES[0]]),
            "continue music; search with --families autoregressive,flow",
        ),
    ]
    for call, told in calls:
        with pytest.raises(DataError, match=told) as caught:
            call()
        assert "\n" not in str(caught.value)
