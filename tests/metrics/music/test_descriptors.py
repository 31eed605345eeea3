import numpy as np
import pytest
from scipy.stats import gaussian_kde

from autogen.data.music.notes import Piece
from autogen.data.open import open_data
from autogen.errors import MetricError
from autogen.metrics.lookup import metric_for, metric_names
from autogen.metrics.music import descriptors as features
from autogen.metrics.music.features import MusicalFeatures
from autogen.metrics.music.overlap import overlap_areas
from autogen.testing.ladders import MUSIC_CORRUPTIONS, ladder
from tests.data.music.makers import tunes


def piece(*notes: tuple[int, int, int], length: int = 0, bar: int = 96) -> Piece:
    """A piece of (onset, duration, pitch)."""
    return Piece.of(np.array([[o, d, p, 90] for o, d, p in notes]).reshape(-1, 4), length, bar=bar)


SCALE = piece(*[(24 * i, 24, 60 + step) for i, step in enumerate((0, 2, 4, 5, 7, 9, 11, 12))])


def test_pitch_classes_are_counted_by_note():
    shares = features.pitch_classes(SCALE)
    assert shares[0] == 2 / 8
    assert shares[[2, 4, 5, 7, 9, 11]].tolist() == [1 / 8] * 6
    assert features.pitch_class_entropy(SCALE) == pytest.approx(
        -(0.25 * np.log2(0.25) + 6 / 8 * np.log2(1 / 8))
    )


def test_intervals_are_those_of_the_highest_notes():
    chords = piece((0, 24, 60), (0, 24, 72), (24, 24, 62), (24, 24, 67), (48, 24, 79))
    shares = features.intervals(chords)
    assert shares[12 - 5] == shares[12 + 12] == 0.5


def test_the_range_and_the_mean_of_pitches_are_in_semitones():
    assert features.pitch_range(SCALE) == 12
    assert features.mean_pitch(piece((0, 1, 60), (1, 1, 63))) == 61.5


def test_density_is_in_notes_a_quarter():
    assert features.density(SCALE) == 1
    assert features.density(piece((0, 12, 60), length=96)) == 0.25


def test_polyphony_is_over_the_time_when_anything_sounds():
    found = piece((0, 24, 60), (0, 24, 64), (48, 24, 67), length=240)
    assert features.polyphony(found) == 1.5


def test_empty_beats_are_quarters_of_silence():
    assert features.empty_beats(piece((0, 30, 60), (72, 24, 60))) == 0.25


def test_a_scale_is_consistent_and_a_chromatic_run_is_not():
    chromatic = piece(*[(24 * i, 24, 60 + i) for i in range(12)])
    assert features.scale_consistency(SCALE) == 1
    assert features.scale_consistency(chromatic) == pytest.approx(7 / 12)


def test_groove_is_one_where_all_bars_have_the_same_rhythm():
    steady = piece(*[(96 * bar + beat, 12, 60) for bar in range(4) for beat in (0, 36, 48)])
    assert features.groove_consistency(steady) == 1
    odd = piece((0, 12, 60), (108, 12, 60), length=192)
    assert features.groove_consistency(odd) == pytest.approx(1 - 2 / 96)


def test_durations_and_gaps_are_counted_by_class():
    found = piece((0, 12, 60), (12, 24, 62), (36, 48, 64))
    assert (
        np.flatnonzero(features.durations(found)).tolist()
        == np.searchsorted(features.EDGES, [12, 24, 48]).tolist()
    )
    assert np.flatnonzero(features.gaps(found)).tolist() == np.searchsorted(features.EDGES, [12, 24]).tolist()


def test_silence_has_features_too():
    for values in features.described([piece(length=96), piece()]).values():
        assert np.isfinite(values).all()


def test_pieces_of_one_kind_overlap_and_damaged_ones_less_and_less():
    real, unseen = tunes(60, 0), tunes(60, 1)
    alike = overlap_areas(real, unseen)
    assert min(alike.values()) > 0.75
    assert np.mean(list(alike.values())) > 0.9
    worse = [overlap_areas(real, some)["intervals"] for some in ladder(unseen, MUSIC_CORRUPTIONS["untuned"])]
    assert alike["intervals"] > worse[0] > worse[1] > worse[2]


def test_an_overlap_area_is_that_of_two_kernel_densities():
    real, fake = tunes(40, 0), ladder(tunes(40, 1), MUSIC_CORRUPTIONS["untuned"])[1]
    ours, theirs = (np.array([features.mean_pitch(piece) for piece in side]) for side in (real, fake))
    within = np.abs(ours[:, None] - ours)[np.triu_indices(40, 1)]
    across = np.abs(ours[:, None] - theirs).ravel()
    grid = np.linspace(-20, 40, 6000)
    least = np.minimum(*(gaussian_kde(distances)(grid) for distances in (within, across)))
    assert overlap_areas(real, fake)["mean pitch"] == pytest.approx(np.trapezoid(least, grid), abs=0.003)


def test_a_constant_feature_overlaps_with_itself_alone():
    same, lower = [SCALE] * 5, [piece(*[(24 * i, 24, 48 + i % 2) for i in range(8)])] * 5
    assert set(overlap_areas(same, same).values()) == {1.0}
    assert overlap_areas(same, lower)["mean pitch"] == 0


def test_too_few_pieces_are_refused():
    with pytest.raises(MetricError, match="at least 3"):
        overlap_areas(tunes(2), tunes(5))


@pytest.mark.slow
def test_features_of_music_are_on_the_scale_of_the_real_pieces():
    data = open_data(tunes(300))
    space = MusicalFeatures()
    known, real = space.prepare(data.split("train"), data.codec)
    assert real.shape == (len(data.rows["train"]), 67)
    assert np.abs(real.mean(axis=0)).max() < 1e-9
    assert real[:, :12].var(axis=0).sum() == pytest.approx(1)  # pitch classes, together
    assert real[:, 60].var() == pytest.approx(1)  # mean pitch
    slower = ladder(data.split("test"), MUSIC_CORRUPTIONS["stretched"])[2]
    assert (
        np.linalg.norm(space.features(known, slower), axis=1).mean()
        > 1.2 * np.linalg.norm(real, axis=1).mean()
    )


def test_metrics_in_a_feature_space_take_music_and_say_so_in_their_name():
    assert metric_for("kd", "music").objective.name == "kd[music-v1]"
    assert {"kd", "fd", "coverage", "overlap_area"} < set(metric_names("music"))
    texts = open_data(["some words", "and other words"] * 20, kind="text")
    with pytest.raises(MetricError, match="describe music, but the data is text"):
        MusicalFeatures().prepare(texts.split("test"), texts.codec)
    with pytest.raises(MetricError, match="list of autogen.data.music.notes.Piece"):
        MusicalFeatures().features(None, ["a tune"] * 20)
