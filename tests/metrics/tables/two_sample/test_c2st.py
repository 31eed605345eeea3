import numpy as np
import pandas as pd
import pytest
from scipy import stats

from autogen.metrics.cross_fit import HeldOut
from autogen.metrics.tables.tstr import TrainOnSynthetic
from autogen.metrics.tables.two_sample.c2st import TwoSampleTest, chance, corrupted, recognized
from autogen.metrics.tables.two_sample.c2st_v1 import TwoSampleTestV1
from tests.metrics.makers import codec_of, people
from tests.metrics.tables.test_rules import customers

METRIC = TwoSampleTest()
TRAIN = customers(1500, 0)
REAL, FRESH = customers(300, 1), customers(300, 2)
CODEC = codec_of(TRAIN)
REFERENCE = METRIC.prepare_with(REAL, CODEC, TRAIN)


def wrong(column: str, share: float) -> pd.DataFrame:
    """Fresh rows with a column permuted in some of them."""
    rng = np.random.default_rng(4)
    rows = np.flatnonzero(rng.random(len(FRESH)) < share)
    cells = FRESH[column].to_numpy().copy()
    cells[rows] = cells[rng.permutation(rows)]
    return FRESH.assign(**{column: cells})


@pytest.mark.slow
def test_a_broken_pair_of_columns_is_seen_and_the_more_the_worse():
    scores = [METRIC.score(REFERENCE, wrong("city", share)) for share in (0, 0.15, 0.45, 1)]
    assert scores == sorted(scores)
    assert scores[1] > scores[0] + 0.2
    assert scores[2] > scores[0] + 0.5
    assert scores[3] > 0.95


@pytest.mark.slow
@pytest.mark.parametrize(
    "metric", [METRIC, TwoSampleTestV1(), TrainOnSynthetic("height")], ids=["c2st", "c2st_v1", "tstr"]
)
@pytest.mark.parametrize("filled", [0, 2])
def test_a_column_without_a_number_in_the_fitting_rows_is_no_failure(metric, filled):
    few = np.where(np.arange(90) < filled, 1.0, np.nan)
    real, fresh = people(90, 0).assign(more=few), people(90, 1).assign(more=few)
    made = metric.score(metric.prepare(real, codec_of(real)), fresh)
    plain = metric.score(metric.prepare(people(90, 0), codec_of(people(90, 0))), people(90, 1))
    assert abs(made - plain) < 0.2


@pytest.mark.slow
def test_zip_codes_that_are_read_as_numbers_are_names_too():
    train, real, fresh = (frame.assign(zip=frame["zip"].astype(int)) for frame in (TRAIN, REAL, FRESH))
    reference = METRIC.prepare_with(real, codec_of(train), train)
    broken = fresh.assign(city=wrong("city", 0.45)["city"])
    assert METRIC.score(reference, broken) > METRIC.score(reference, fresh) + 0.5


def test_version_1_does_not_see_it():
    old = TwoSampleTestV1()
    reference = old.prepare(REAL, CODEC)
    assert old.score(reference, wrong("city", 0.45)) < 0.15


@pytest.mark.slow
def test_a_broken_pair_is_seen_without_the_train_split_too():
    reference = METRIC.prepare(REAL, CODEC)
    assert METRIC.score(reference, wrong("city", 1)) > METRIC.score(reference, FRESH) + 0.3


@pytest.mark.slow
def test_a_column_that_only_several_others_determine_is_seen_where_it_is_broken():
    train, real, fresh = (sums(n, seed) for n, seed in ((1500, 0), (300, 1), (300, 2)))
    reference = METRIC.prepare_with(real, codec_of(train), train)
    broken = fresh.assign(total=fresh["total"].where(np.arange(300) % 3 > 0, fresh["total"].shift(3)))
    assert METRIC.score(reference, broken) > METRIC.score(reference, fresh) + 0.5


def sums(rows: int, seed: int) -> pd.DataFrame:
    """Rows whose total is the sum of four independent numbers, each of which tells little of it."""
    parts = np.random.default_rng(seed).normal(size=(rows, 4)).round(3)
    return pd.DataFrame(parts, columns=list("abcd")).assign(total=parts.sum(axis=1).round(3))


@pytest.mark.slow
def test_dates_in_the_wrong_order_are_seen():
    rows = np.arange(len(FRESH)) % 5 == 0
    early = FRESH["signup"] - pd.Timedelta(days=60)
    impossible = FRESH.assign(login=FRESH["login"].mask(rows, early))
    assert METRIC.score(REFERENCE, impossible) > METRIC.score(REFERENCE, FRESH) + 0.3


@pytest.mark.slow
def test_a_copy_of_train_is_no_easier_to_recognize_than_fresh_real_rows():
    found = []
    for seed in range(3):
        reference = METRIC.prepare_with(customers(300, 10 + seed), CODEC, TRAIN)
        copied, fresh = TRAIN[300 * seed : 300 * seed + 300], customers(300, 20 + seed)
        found.append(METRIC.score(reference, copied) - METRIC.score(reference, fresh))
    assert np.mean(found) < 0.15


def test_a_row_is_recognized_as_far_as_mean_probabilities_differ_inside_a_fold():
    folds = np.array([0, 0, 1, 1])
    real = HeldOut(np.arange(4), folds, np.array([0.2, 0.4, 0.7, 0.7]))
    made = HeldOut(np.arange(4), folds, np.array([0.6, 0.6, 0.8, 1.0]))
    assert recognized([(real, made)]) == pytest.approx((0.3 + 0.2) / 2)
    assert recognized([(real, made)], (4, 3)) == pytest.approx((0.3 * 1 + 0.1 * 0.5) / 1.5)


def test_the_score_is_the_chance_that_one_of_ten_rows_is_recognized():
    assert chance(0) == 0
    assert chance(1) == 1
    assert chance(0.1) == pytest.approx(1 - 0.9**10)
    assert chance(-0.01) < 0


def test_corrupted_rows_differ_from_real_ones_in_one_cell_of_the_named_columns():
    rows = np.arange(40.0).reshape(10, 4)
    found = corrupted(rows, [1, 3], rows, np.random.default_rng(0))
    changed = found != rows
    assert (changed.sum(axis=1) <= 1).all()
    assert changed.any()
    assert not changed[:, [0, 2]].any()
    assert set(found[:, 1]) <= set(rows[:, 1])


@pytest.mark.slow
def test_formatting_is_no_mark_of_generated_rows():
    real, other = people(200, 0), people(200, 1)
    reference = METRIC.prepare(real, codec_of(people(300, 1000)))
    rng = np.random.default_rng(0)
    unrounded = other.assign(
        age=other["age"] + rng.uniform(-0.4, 0.4, 200), height=other["height"] + rng.uniform(-0.04, 0.04, 200)
    )
    assert METRIC.score(reference, unrounded) == METRIC.score(reference, other)
    as_text = other.assign(town=other["town"].astype("category"), insured=other["insured"].astype("boolean"))
    assert METRIC.score(reference, as_text) == METRIC.score(reference, other)


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.assign(height=frame["height"].where(np.arange(200) % 2 == 0)),
        lambda frame: frame.assign(town=frame["town"].where(np.arange(200) % 2 == 0, "Lima")),
        lambda frame: frame.assign(age=frame["age"] + 12),
    ],
    ids=["missing cells", "unknown categories", "a shifted column"],
)
def test_a_column_that_is_wrong_by_itself_is_seen(change):
    train, real, other = people(600, 2), people(200, 0), people(200, 1)
    reference = METRIC.prepare_with(real, codec_of(train), train)
    assert METRIC.score(reference, change(other)) > METRIC.score(reference, other) + 0.4


@pytest.mark.slow
def test_a_replicate_leaves_out_the_predictions_of_a_group():
    score, found = METRIC.jackknife(REFERENCE, wrong("city", 0.45), 10)
    sides = METRIC._held_out(REFERENCE, wrong("city", 0.45))
    whole = recognized(sides)
    assert score == chance(whole)
    assert found[3] == chance(whole + 1.5 * (recognized(sides, (10, 3)) - whole))


@pytest.mark.slow
def test_scores_of_real_rows_lie_around_zero():
    found = []
    for seed in range(10):
        train, real, fresh = (customers(n, 3 * seed + place) for place, n in enumerate((600, 150, 150)))
        found.append(METRIC.score(METRIC.prepare_with(real, codec_of(train), train), fresh))
    assert min(found) < 0 < max(found)
    assert abs(np.mean(found)) < 3 * np.std(found) / 10**0.5


@pytest.mark.slow
def recorded_twice(rows: int, seed: int) -> pd.DataFrame:
    """Quantities of which x teaches y; two rows of five have an equal one."""
    draw = np.random.default_rng(seed)
    x, noise = draw.normal(size=(2, rows))
    table = pd.DataFrame({"x": x.round(3), "y": (x + noise).round(3)})
    table.iloc[rows - rows // 5 :] = table.iloc[: rows // 5].to_numpy()
    return table.sample(frac=1, random_state=seed, ignore_index=True)


def test_rows_that_were_recorded_twice_are_neither_recognized_nor_needed_to_teach():
    train = recorded_twice(600, 99)
    codec = codec_of(train)
    metric, taught = TwoSampleTest(), TrainOnSynthetic("y")
    scores, skills = [], []
    for seed in range(6):
        real, fresh = recorded_twice(300, 2 * seed), recorded_twice(300, 2 * seed + 1)
        scores.append(metric.score(metric.prepare_with(real, codec, train), fresh))
        skills.append(taught.score(taught.prepare_with(real, codec, train), fresh))
    assert abs(np.mean(scores)) < 0.1  # .24 where equal rows lie in any fold
    assert np.mean(skills) > 0.85


def test_intervals_from_replicates_cover_the_mean_score():
    """The truth is the mean over repetitions, fitting of the trees included."""
    found, errors, groups = [], [], 20
    train = people(600, 999)
    codec = codec_of(train)
    for seed in range(30):
        reference = METRIC.prepare_with(people(100, 2 * seed), codec, train)
        fake = people(100, 2 * seed + 1, tie=0.2)
        score, without = METRIC.jackknife(reference, fake, groups)
        found.append(score)
        errors.append((without.var() * (groups - 1)) ** 0.5)
    reach = stats.t.ppf(0.975, groups - 1)
    assert (np.abs(np.array(found) - np.mean(found)) <= reach * np.array(errors)).mean() >= 0.85
