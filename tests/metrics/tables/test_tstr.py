import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import r2_score

from autogen.errors import MetricError
from autogen.metrics.tables.tstr import TrainOnSynthetic, Utility, utility
from tests.metrics.makers import codec_of, people


def rows(n: int, seed: int, noise: float = 0.3) -> pd.DataFrame:
    """A quantity that follows from two others, and a column that has nothing to do with it."""
    rng = np.random.default_rng(seed)
    a, b, c = rng.normal(size=(3, n))
    return pd.DataFrame({"a": a, "b": b, "c": c, "y": a + b * a + noise * rng.normal(size=n)})


def share(target: str, real: pd.DataFrame, fake: pd.DataFrame) -> float:
    metric = TrainOnSynthetic(target)
    return metric.score(metric.prepare(real, codec_of(real)), fake)


@pytest.mark.slow
def test_it_is_the_ratio_of_two_r2_of_the_fixed_evaluator():
    real, fake = rows(300, 0), rows(300, 1, noise=1.5)
    metric = TrainOnSynthetic("y")
    reference = metric.prepare(real, codec_of(real))
    by_real = np.empty(300)
    for fold in range(5):
        inside = reference.folds == fold
        model = HistGradientBoostingRegressor(
            learning_rate=0.1, max_iter=60, max_leaf_nodes=16, min_samples_leaf=6, random_state=0
        )
        model.fit(real[["a", "b", "c"]][~inside], real["y"][~inside])
        by_real[inside] = model.predict(real[["a", "b", "c"]][inside])
    assert reference.predicted == pytest.approx(by_real)
    ratio = r2_score(real["y"], metric.predictions(reference, fake)) / r2_score(real["y"], by_real)
    assert metric.score(reference, fake) == pytest.approx(ratio)


@pytest.mark.slow
def test_real_rows_teach_as_much_as_real_rows_and_untied_ones_nothing():
    real = rows(400, 0)
    shares = [share("y", real, rows(400, seed)) for seed in range(1, 6)]
    assert np.mean(shares) == pytest.approx(1, abs=3 * np.std(shares) / 5**0.5 + 0.01)
    untied = rows(400, 1)
    assert share("y", real, untied.assign(y=untied["y"].to_numpy()[::-1])) < 0.1


@pytest.mark.slow
def test_categories_are_predicted_too_also_by_rows_of_one_category():
    real = people(500, 0)
    assert share("insured", real, people(500, 1)) > 0.8
    assert 0 < share("insured", real, people(500, 1).assign(insured=True)) < 0.8


@pytest.mark.slow
def test_rows_that_teach_nothing_keep_no_skill_above_chance_though_their_f1_is_half_of_the_real_one():
    def signs(seed):
        found = rows(500, seed)
        return found.assign(y=np.where(found["y"] > 0, "high", "low"))

    real, honest = signs(0), signs(1)
    shuffled = honest.assign(y=np.random.default_rng(0).permutation(honest["y"]))
    found = utility(real, shuffled, codec_of(real), "y")
    assert found.chance == 0.5
    assert found.ratio > 0.5
    assert abs(found.above_chance) < 0.15
    assert utility(real, honest, codec_of(real), "y").above_chance > 0.8
    assert utility(rows(300, 0), rows(300, 1), codec_of(rows(300, 0)), "y").chance == 0


@pytest.mark.slow
def test_two_numbers_are_classes_and_generated_ones_count_as_the_nearer():
    real = rows(300, 0).assign(y=lambda frame: (frame["a"] + frame["b"] > 0).astype(int))
    found = utility(real, real.assign(y=real["y"] + 0.3), codec_of(real), "y")
    assert (found.measure, found.chance, found.leaked) == ("macro F1", 0.5, ())
    assert found.synthetic > 0.85
    assert "macro F1 for y" in str(found)
    leaked = real.assign(z=np.where(real["y"] == 1, "yes", "no"))
    found = utility(leaked, leaked, codec_of(leaked), "y")
    assert found.to_json()["leaked"] == ["z"]
    assert "--column z=drop" in str(found)


def test_where_real_rows_hardly_beat_chance_no_share_is_told():
    found = Utility("y", "macro F1", real=0.52, synthetic=0.51, chance=0.5)
    assert found.above_chance is None
    assert found.to_json()["above_chance"] is None
    assert "above chance" not in str(found)


@pytest.mark.slow
def test_intervals_hold_what_another_real_sample_gets():
    """Of 8 intervals half as wide as they should be, 7 hold it with a chance of 20 %."""
    metric, inside = TrainOnSynthetic("y"), 0
    for seed in range(8):
        real = rows(150, 100 + seed)
        reference = metric.prepare(real, codec_of(real))
        fake = rows(150, 200 + seed)
        score, without = metric.jackknife(reference, fake, 10)
        inside += abs(score - 1) <= 2.26 * (without.var() * 9) ** 0.5
    assert inside >= 7
    assert score == metric.score(reference, fake)
    assert np.array_equal(without, metric.replicates(reference, fake, 10))


def test_a_target_of_many_classes_is_predicted_well_by_few_trees_each():
    rng = np.random.default_rng(0)
    classes = rng.integers(0, 12, 400)
    frame = pd.DataFrame({"x": classes + rng.normal(0, 0.2, 400), "y": [f"class {one}" for one in classes]})
    found = utility(frame[:200], frame[200:], codec_of(frame), "y")
    assert min(found.real, found.synthetic) > 0.9


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("", "tstr predicts a column: name it with --target"),
        ("z", "tstr cannot predict 'z': it is not modeled; there are a, b, c, y"),
        ("c", "real rows do not predict 'c' from the other columns"),
    ],
)
def test_a_target_that_cannot_be_predicted_is_refused(target, message):
    real = rows(200, 0)
    with pytest.raises(MetricError, match=message):
        TrainOnSynthetic(target).prepare(real, codec_of(real))
