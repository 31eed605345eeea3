import numpy as np
import pytest
from scipy import stats
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

from autogen.metrics.tables.two_sample.c2st_v1 import TwoSampleTestV1
from autogen.metrics.tables.two_sample.rows import decimals_of, round_like
from tests.metrics.makers import codec_of, people

METRIC = TwoSampleTestV1()
CODEC = codec_of(people(300, 1000))


def by_hand(real: np.ndarray, fake: np.ndarray, without: tuple[int, int] = (1, 1)) -> float:
    """Cross-fitted AUC: scikit-learn's of each fold, weighted by its pairs."""
    size, (groups, group) = len(real), without
    folds = [np.random.default_rng(seed).permutation(np.arange(size) % 5) for seed in (1, 2)]
    kept = np.arange(size) % groups != group
    areas, weights = [], []
    for fold in range(5):
        x = np.concatenate([real[folds[0] != fold], fake[folds[1] != fold]])
        y = np.r_[np.zeros((folds[0] != fold).sum()), np.ones((folds[1] != fold).sum())]
        model = HistGradientBoostingClassifier(
            learning_rate=0.2,
            max_iter=50,
            max_leaf_nodes=16,
            min_samples_leaf=min(20, max(3, len(y) // 20)),
            early_stopping=False,
        )
        model.fit(x, y)
        sides = [part[(own == fold) & kept] for part, own in zip((real, fake), folds, strict=True)]
        truth = np.repeat([0, 1], [len(side) for side in sides])
        areas.append(roc_auc_score(truth, model.predict_proba(np.concatenate(sides))[:, 1]))
        weights.append(len(sides[0]) * len(sides[1]))
    return float(np.average(areas, weights=weights))


@pytest.mark.slow
def test_the_score_is_what_scikit_learn_says_of_each_fold():
    real, fake = people(90, 0), people(90, 1, tie=0.0)
    reference = METRIC.prepare(real, CODEC)
    expected = by_hand(CODEC.features(real), CODEC.features(fake))
    assert METRIC.score(reference, fake) == pytest.approx(2 * expected - 1, abs=1e-12)
    assert METRIC.signed(reference, fake) == pytest.approx(2 * expected - 1, abs=1e-12)
    assert expected > 0.55


@pytest.mark.slow
def test_a_score_below_chance_counts_as_chance():
    real, fake = people(60, 10), people(60, 11)
    reference = METRIC.prepare(real, CODEC)
    assert METRIC.signed(reference, fake) < 0
    assert METRIC.score(reference, fake) == 0
    assert METRIC.replicates(reference, fake, 10).std() > 0.02


@pytest.mark.slow
def test_a_glance_fits_fewer_classifiers_and_is_no_worse_in_the_mean(monkeypatch):
    real = people(120, 0)
    reference, scores, glances = METRIC.prepare(real, CODEC), [], []
    for seed in range(1, 9):
        fake = people(120, seed, tie=0.0)
        scores.append(METRIC.score(reference, fake))
        glances.append(METRIC.early_score(reference, fake))
    assert np.mean(glances) == pytest.approx(np.mean(scores), abs=0.06)
    fitted = []
    fit = HistGradientBoostingClassifier.fit

    def counted(model, *rows):
        fitted.append(model)
        return fit(model, *rows)

    monkeypatch.setattr(HistGradientBoostingClassifier, "fit", counted)
    METRIC.early_score(reference, people(120, 1))
    assert len(fitted) == 2


@pytest.mark.slow
def test_a_replicate_leaves_out_a_group_and_counts_the_choice_of_fitting_rows():
    real, fake = people(90, 0), people(90, 1, tie=0.0)
    found = METRIC.replicates(METRIC.prepare(real, CODEC), fake, 9)
    features = CODEC.features(real), CODEC.features(fake)
    whole = by_hand(*features)
    for group in (0, 8):
        expected = whole + 1.5 * (by_hand(*features, (9, group)) - whole)
        assert found[group] == pytest.approx(2 * expected - 1, abs=1e-12)


@pytest.mark.slow
def test_of_more_rows_as_many_are_used_as_of_fewer():
    reference = METRIC.prepare(people(60, 0), CODEC)
    many = people(180, 1, tie=0.0)
    used = np.sort(np.random.default_rng(0).permutation(180)[:60])
    assert METRIC.score(reference, many) == METRIC.score(reference, many.iloc[used])
    assert METRIC.replicates(reference, many, 5).shape == (5,)


@pytest.mark.slow
def test_formatting_is_no_mark_of_generated_rows():
    real, other = people(200, 0), people(200, 1)
    reference = METRIC.prepare(real, CODEC)
    rng = np.random.default_rng(0)
    unrounded = other.assign(
        age=other["age"] + rng.uniform(-0.4, 0.4, 200), height=other["height"] + rng.uniform(-0.04, 0.04, 200)
    )
    assert METRIC.score(reference, unrounded) == METRIC.score(reference, other)
    as_text = other.assign(town=other["town"].astype("category"), insured=other["insured"].astype("boolean"))
    assert METRIC.score(reference, as_text) == METRIC.score(reference, other)


def test_cells_that_are_missing_too_often_are_noticed():
    real, other = people(200, 0), people(200, 1)
    reference = METRIC.prepare(real, CODEC)
    blank = other.assign(height=np.where(np.arange(200) % 2 == 0, np.nan, other["height"]))
    assert METRIC.score(reference, blank) > METRIC.score(reference, other) + 0.2


@pytest.mark.slow
def test_categories_that_no_real_row_has_are_noticed():
    real, other = people(200, 0), people(200, 1)
    reference = METRIC.prepare(real, CODEC)
    abroad = other.assign(town=np.where(np.arange(200) % 2 == 0, "Lima", other["town"]))
    assert METRIC.score(reference, abroad) > METRIC.score(reference, other) + 0.3


def test_decimals_are_those_of_the_real_columns():
    columns = np.array([[1.0, 0.25, 1 / 3, 2.0], [np.nan, 7.5, 2 / 3, 0.0]])
    assert decimals_of(columns, (False, False, False, True)) == (0, 2, -1, -1)
    found = round_like(np.array([[0.6, 0.777, 0.123456789, 1.4]]), (0, 2, -1, -1))
    np.testing.assert_array_equal(found, [[1.0, 0.78, 0.123456789, 1.4]])


@pytest.mark.slow
def test_real_rows_are_told_apart_as_well_as_by_guessing():
    signed = [
        METRIC.signed(METRIC.prepare(people(60, 2 * s), CODEC), people(60, 2 * s + 1)) for s in range(20)
    ]
    assert abs(np.mean(signed)) < 3 * np.std(signed) / 20**0.5
    assert np.std(signed) < 0.2


@pytest.mark.slow
def test_intervals_from_replicates_cover_the_mean_score():
    """The truth is the mean over repetitions: d at this number of rows, fitting of the trees included.

    Of 20 intervals half as wide as they should be, which cover 67 %, 18 hold it with a chance of 2 %.
    """
    found, errors, groups = [], [], 20
    for seed in range(20):
        reference = METRIC.prepare(people(100, 2 * seed), CODEC)
        fake = people(100, 2 * seed + 1, tie=-0.4)
        score, without = METRIC.jackknife(reference, fake, groups)
        found.append(score)
        errors.append((without.var() * (groups - 1)) ** 0.5)
    reach = stats.t.ppf(0.975, groups - 1)
    covered = np.abs(np.array(found) - np.mean(found)) <= reach * np.array(errors)
    assert covered.mean() >= 0.9
