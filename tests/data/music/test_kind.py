import io
import os
import zipfile

import mido
import numpy as np
import pytest

from autogen.data.music.codecs import FrameCodec, Manner, NoteCodec
from autogen.data.music.kind import Music
from autogen.data.music.midi import read_midi, write_midi
from autogen.data.music.notes import LOWEST, Piece, excerpts, joined, on_keys, piece_of_roll, roll_of
from autogen.data.open import open_data
from autogen.errors import DataError
from tests.data.music.makers import chorales, midi_folder, midi_zip, rolls, tunes


def notes_by_mido(content: bytes) -> list[tuple[int, int, int]]:
    """Onset, duration in 24ths of a quarter, and pitch, as another library reads them."""
    file = mido.MidiFile(file=io.BytesIO(content))
    found, sounding, now = [], {}, 0
    for message in mido.merge_tracks(file.tracks):
        now += message.time
        if message.type == "note_on" and message.velocity:
            sounding[message.note] = now
        elif message.type in ("note_off", "note_on"):
            begin = sounding.pop(message.note)
            scale = 24 / file.ticks_per_beat
            found.append((round(begin * scale), round((now - begin) * scale), message.note))
    return sorted(found)


def by_mido(pieces: list[tuple[int, int, int]], resolution: int = 96) -> bytes:
    """A MIDI file that another library wrote: onset, duration (ticks of 96), pitch."""
    file, track = mido.MidiFile(ticks_per_beat=resolution), mido.MidiTrack()
    events = sorted([(o, 1, p) for o, _, p in pieces] + [(o + d, 0, p) for o, d, p in pieces])
    now = 0
    track.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(90)))
    track.append(mido.MetaMessage("time_signature", numerator=3, denominator=4))
    for time, on, pitch in events:
        track.append(mido.Message("note_on" if on else "note_off", note=pitch, velocity=80, time=time - now))
        now = time
    file.tracks.append(track)
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def test_what_another_library_wrote_is_read():
    piece, _ = read_midi(by_mido([(0, 96, 60), (48, 48, 64), (96, 192, 67)]))
    assert piece.notes[:, :3].tolist() == [[0, 24, 60], [12, 12, 64], [24, 48, 67]]
    assert (round(piece.tempo), piece.bar) == (90, 72)


def test_what_is_written_another_library_reads():
    for piece in tunes(5):
        assert notes_by_mido(write_midi(piece)) == sorted(map(tuple, piece.notes[:, :3].tolist()))


def test_reading_gives_back_what_was_written():
    for piece in tunes(5):
        again, counts = read_midi(write_midi(piece))
        assert np.array_equal(again.notes, piece.notes)
        assert counts["moved"] == counts["drums"] == counts["shifted"] == 0


def test_drums_are_left_out_and_counted():
    file = mido.MidiFile(ticks_per_beat=96)
    for channel, note in ((0, 60), (9, 36)):
        on = mido.Message("note_on", note=note, channel=channel)
        off = mido.Message("note_off", note=note, channel=channel, time=96)
        file.tracks.append(mido.MidiTrack([on, off]))
    buffer = io.BytesIO()
    file.save(file=buffer)
    piece, counts = read_midi(buffer.getvalue())
    assert piece.notes[:, 2].tolist() == [60]
    assert counts["drums"] == 1


def saved(*tracks: list, kind: int = 1) -> bytes:
    """A MIDI file of these tracks, 96 ticks a quarter."""
    file, buffer = mido.MidiFile(type=kind, ticks_per_beat=96), io.BytesIO()
    file.tracks.extend(map(mido.MidiTrack, tracks))
    file.save(file=buffer)
    return buffer.getvalue()


def note(pitch: int, channel: int = 0, rest: int = 0, duration: int = 96) -> list[mido.Message]:
    on = mido.Message("note_on", note=pitch, channel=channel, time=rest)
    return [on, mido.Message("note_off", note=pitch, channel=channel, time=duration)]


def test_a_pipe_among_the_files_is_left_out(tmp_path):
    midi_folder(tmp_path / "m", 30)
    os.mkfifo(tmp_path / "m" / "pipe.mid")
    module = open_data(tmp_path / "m")
    assert any("pipe.mid: it is no regular file" in note for note in module.notes)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no MIDI file"),
        (saved(), "holds no notes"),
        (saved(note(36, channel=9)), "only drum notes"),
        (saved(note(60), note(62), kind=2), "of type 2"),
        (saved(note(60))[:12] + b"\xe7\x28" + saved(note(60))[14:], "SMPTE frames of film"),
        (saved(note(60))[:12] + b"\0\0" + saved(note(60))[14:], "no ticks of a quarter note"),
        (saved(note(60))[:-12], "damaged"),
    ],
)
def test_a_file_that_is_no_piece_says_why(content, why):
    with pytest.raises(DataError, match=why):
        read_midi(content)


def test_one_track_and_many_are_the_same_piece():
    one = read_midi(saved([*note(60), *note(62)], kind=0))[0]
    many = read_midi(saved(note(60), note(62, rest=96)))[0]
    assert one.notes.tolist() == many.notes.tolist() == [[0, 24, 60, 64], [24, 24, 62, 64]]


def test_running_status_is_read():
    events = bytes([0, 0x90, 60, 64, 96, 60, 0, 0, 62, 64, 96, 62, 0, 0, 0xFF, 0x2F, 0])
    header = b"MThd" + bytes([0, 0, 0, 6, 0, 0, 0, 1, 0, 96])
    piece, _ = read_midi(header + b"MTrk" + bytes([0, 0, 0, len(events)]) + events)
    assert piece.notes[:, :3].tolist() == [[0, 24, 60], [24, 24, 62]]


def test_changes_of_tempo_and_metre_are_told_and_the_first_are_kept(tmp_path):
    folder = midi_folder(tmp_path / "all", n=25)
    tempi = [mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(tempo)) for tempo in (90, 150)]
    metres = [mido.MetaMessage("time_signature", numerator=n, denominator=4) for n in (3, 4)]
    content = saved([tempi[0], metres[0], *note(60), tempi[1], metres[1], *note(62)])
    (folder / "CHANGES.MID").write_bytes(content)
    piece, _ = read_midi(content)
    assert (round(piece.tempo), piece.bar) == (90, 72)
    notes = open_data(folder).notes
    assert any(told.startswith("1 file changes its tempo") for told in notes)
    assert any(told.startswith("1 file changes its metre") for told in notes)


def test_a_very_long_note_and_a_very_long_rest_become_excerpts():
    long = Piece.of(np.array([[0, 96_000, 60, 90], [96 * 300_000, 24, 62, 90]]))
    data = open_data([*tunes(40), long])
    mine = [data.raw.samples[i] for i in np.flatnonzero(data.raw.groups == 40)]
    assert sum(piece.notes[:, 1].sum() for piece in mine) == 96_024
    assert (data.codec.encode(mine)["tokens"] == data.codec.spec.end).sum() == len(mine)


def test_notes_beyond_the_piano_are_moved_by_octaves():
    notes, moved = on_keys(np.array([[0, 1, 3, 90], [0, 1, 60, 90], [0, 1, 120, 90]]))
    assert notes[:, 2].tolist() == [27, 60, 108]
    assert moved == 2


def test_a_note_ends_where_the_next_of_its_pitch_begins():
    piece = Piece.of(np.array([[0, 48, 60, 90], [24, 48, 60, 80], [0, 12, 60, 70]]))
    assert piece.notes.tolist() == [[0, 24, 60, 90], [24, 48, 60, 80]]


def test_a_roll_and_its_piece_are_the_same():
    roll = np.random.default_rng(0).random((40, 88)) < 0.1
    assert np.array_equal(roll_of(piece_of_roll(roll, 6), 6), roll)


def test_excerpts_hold_every_note_of_a_piece_and_are_short_enough():
    (piece,) = tunes(1, bars=12)
    cost = np.bincount(piece.notes[:, 0] // 96, minlength=12).astype(float)
    found = excerpts(piece, cost, 30)
    assert len(found) > 1
    assert sum(len(one) for one in found) == len(piece)
    assert all(len(one) <= 30 for one in found)
    assert sum(one.length for one in found) == piece.length


def test_the_roll_of_excerpts_is_the_roll_of_the_piece():
    (piece,) = tunes(1, bars=8)
    parts = [roll_of(one, 12) for one in excerpts(piece, np.full(8, 8.0), 20)]
    assert np.array_equal(np.concatenate(parts), roll_of(piece, 12))


def test_note_tokens_lose_nothing_but_velocities():
    pieces = tunes(40)
    codec = NoteCodec.fit(pieces, 256)
    for one, other in zip(pieces, codec.decode(codec.encode(pieces)), strict=True):
        assert np.array_equal(one.notes[:, :3], other.notes[:, :3])


def test_a_time_that_training_lacks_becomes_the_nearest():
    codec = NoteCodec((50, 70), [12, 24], [12, 48], [96], 32, Manner())
    piece = Piece.of(np.array([[0, 20, 60, 90], [40, 13, 62, 90]]))
    assert codec.decode(codec.encode([piece]))[0].notes[:, :3].tolist() == [[0, 24, 60], [48, 12, 62]]


def test_note_tokens_keep_the_metre_of_each_piece_and_rests_of_whole_bars():
    notes = np.array([[0, 24, 60, 90], [24, 24, 64, 90], [600, 24, 60, 90]])
    pieces = [Piece.of(notes, bar=bar) for bar in (48, 72, 96)]
    codec = NoteCodec.fit(pieces, 64)
    found = codec.decode(codec.encode(pieces))
    assert [piece.bar for piece in found] == [48, 72, 96]
    assert all(np.array_equal(piece.notes[:, :3], notes[:, :3]) for piece in found)


def test_a_metre_that_training_lacks_is_barred_anew_and_keeps_its_times():
    codec = NoteCodec.fit(tunes(40), 256)
    piece = Piece.of(np.array([[0, 24, 60, 90], [120, 24, 62, 90]]), bar=72)
    (again,) = codec.decode(codec.encode([piece]))
    assert (again.notes[:, :3].tolist(), again.bar) == ([[0, 24, 60], [120, 24, 62]], 96)


def test_tokens_in_any_order_decode_to_something():
    codec = NoteCodec.fit(tunes(40), 64)
    tokens = np.random.default_rng(0).integers(0, codec.spec.levels, (50, 64))
    for piece in codec.decode({"tokens": tokens}):
        assert notes_by_mido(write_midi(piece)) == sorted(map(tuple, piece.notes[:, :3].tolist()))


def test_frames_keep_length_and_keys():
    pieces = [piece_of_roll(roll_of(piece, 12), 12) for piece in tunes(20)]
    codec = FrameCodec.fit(pieces, 64, 12)
    for one, other in zip(pieces, codec.decode(codec.encode(pieces)), strict=True):
        assert np.array_equal(one.notes[:, :3], other.notes[:, :3])
        assert one.length == other.length


@pytest.mark.slow
def test_excerpts_of_a_piece_lie_in_one_part():
    data = open_data(tunes(40, bars=64))
    for part in ("train", "tune", "test"):
        others = [data.rows[name] for name in ("train", "tune", "test") if name != part]
        mine = set(data.raw.groups[data.rows[part]])
        assert not mine & set(data.raw.groups[np.concatenate(others)])


def test_an_official_split_is_kept(tmp_path):
    data = open_data(chorales(tmp_path / "all.json", {"train": 60, "valid": 30, "test": 25}))
    names = np.array(data.raw.parts)
    assert set(names[data.rows["train"]]) == {"train"}
    assert set(names[data.rows["tune"]]) == set(names[data.rows["select"]]) == {"tune"}
    assert set(names[data.rows["test"]]) == {"test"}
    assert "The official split of the data was kept: 60 train, 30 tune, 25 test." in data.notes


@pytest.mark.slow
def test_what_an_official_split_lacks_is_taken_from_train(tmp_path):
    data = open_data(chorales(tmp_path / "all.json", {"train": 600, "test": 40}))
    names = np.array(data.raw.parts)
    assert set(names[data.rows["test"]]) == {"test"}
    assert set(names[data.rows["tune"]]) == set(names[data.rows["select"]]) == {"train"}
    assert not set(data.rows["tune"]) & set(data.rows["select"])


def test_a_large_official_validation_set_is_halved(tmp_path):
    data = open_data(rolls(tmp_path / "all.mat", {"traindata": 60, "validdata": 210, "testdata": 30}))
    assert len(data.rows["tune"]) == len(data.rows["select"]) == 105
    assert any("105 tune, " in note and "105 select" in note for note in data.notes)
    assert not set(data.rows["tune"]) & set(data.rows["select"])


def test_piano_rolls_are_read_as_they_are(tmp_path):
    data = open_data(rolls(tmp_path / "all.mat", {"train": 30, "test": 25}))
    expected = [roll_of(piece, 12) for piece in tunes(30)]
    found = data.codec.encode(data.raw.samples[:30])["frames"]
    for roll, row in zip(expected, found, strict=True):
        assert np.array_equal(row[: len(roll), 1:] > 0, roll)
        assert row[:, 0].sum() == len(roll)


def test_corrupt_files_are_named_and_left_out(tmp_path):
    folder = midi_folder(tmp_path / "all", n=25)
    (folder / "broken.mid").write_bytes(b"MThd and no more")
    data = open_data(folder)
    assert any("1 of 26 music files cannot be used" in note and "broken.mid" in note for note in data.notes)
    assert len(data.raw.samples) == 25


def test_a_zip_and_a_folder_of_the_same_files_are_the_same_data(tmp_path):
    zipped, folder = midi_zip(tmp_path / "all.zip", 30), midi_folder(tmp_path / "all", 30)
    assert open_data(zipped).split_sha256 == open_data(folder).split_sha256


@pytest.mark.parametrize("option", [{"representation": "sound"}, {"length": 3}, {"grid": 5}])
def test_a_wrong_option_is_refused(option):
    with pytest.raises(DataError, match=next(iter(option))):
        open_data(tunes(30), options=option)


def test_samples_are_written_as_a_folder_a_zip_one_file_and_a_picture(tmp_path):
    pieces, kind = tunes(3), Music()
    for name in ("folder", "all.zip", "all.mid", "all.png"):
        kind.save(pieces, tmp_path / name)
    names = sorted(path.name for path in (tmp_path / "folder").iterdir())
    assert names == ["00000.mid", "00001.mid", "00002.mid"]
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert archive.read("00001.mid") == (tmp_path / "folder" / "00001.mid").read_bytes()
    assert len(notes_by_mido((tmp_path / "all.mid").read_bytes())) == sum(map(len, pieces))
    assert (tmp_path / "all.png").read_bytes().startswith(b"\x89PNG")


def test_music_is_not_written_over_a_folder_that_holds_something(tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(DataError, match="not empty"):
        Music().save(tunes(2), tmp_path)


def test_pieces_put_one_after_the_other_do_not_overlap():
    pieces = tunes(3)
    whole = joined(pieces)
    assert len(whole) == sum(map(len, pieces))
    assert whole.length == sum(piece.length for piece in pieces) + 2 * 24


def test_pitches_are_kept_within_the_tokens_when_beyond_training():
    codec = NoteCodec.fit(tunes(40), 64)
    high = Piece.of(np.array([[0, 24, LOWEST + 87, 90], [24, 24, 60, 90]]))
    (again,) = codec.decode(codec.encode([high]))
    assert again.notes[:, 2].tolist() == [60]


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "jsb_chorales/data.json.gz",
        "jsb_chorales_pianoroll/data.mat",
        "nottingham_midi/midi.zip",
        "nottingham_pianoroll/data.mat",
        pytest.param("nottingham_abc/data.abc.gz", marks=pytest.mark.slow),
    ],
)
def test_real_music_comes_back_and_plays(shared_data, name):
    data = open_data(shared_data / "music" / name)
    pieces = data.kind.take(data.raw.samples, data.rows["train"][:300])
    again = data.codec.decode(data.codec.encode(pieces))
    same = [
        np.array_equal(a.notes[:, :3], b.notes[:, :3]) and a.bar == b.bar
        for a, b in zip(pieces, again, strict=True)
    ]
    assert np.mean(same) > 0.99
    for piece in again[:20]:
        content = write_midi(piece)
        assert notes_by_mido(content) == sorted(map(tuple, piece.notes[:, :3].tolist()))
        file = mido.MidiFile(file=io.BytesIO(content))
        (tempo,) = [message.tempo for message in file.tracks[0] if message.type == "set_tempo"]
        assert file.ticks_per_beat == 480
        assert mido.tempo2bpm(tempo) == pytest.approx(piece.tempo, rel=1e-3)
        assert file.length == pytest.approx(
            60 / piece.tempo * np.sum(piece.notes[:, :2], 1).max() / 24, rel=1e-2
        )


def test_links_to_music_elsewhere_are_left_out_and_said(tmp_path):
    folder = midi_folder(tmp_path / "music", 30)
    names = sorted(path.name for path in folder.glob("*.mid"))
    (folder / names[0]).rename(tmp_path / "private.mid")
    (folder / names[0]).symlink_to("../private.mid")
    module = open_data(folder)
    assert module.kind.name == "music"
    assert any(f"{names[0]} was left out, since it is a link" in note for note in module.notes)
