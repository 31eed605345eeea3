"""The oversampler as a step of imbalanced-learn's own pipeline."""

import numpy as np
import pytest

import autogen
from autogen.api.oversampler import _wanted
from autogen.errors import SettingsError

SIZES = {"a": 12, "b": 40, "c": 100, "d": 9}
STRATEGIES = (
    *("auto", "minority", "not minority", "not majority", "all", {"a": 30}, {"b": 41, "d": 200}),
    lambda y: {"d": 20, "a": int(np.sum(np.asarray(y) == "b"))},
)


def theirs(strategy, y):
    over = pytest.importorskip("imblearn.over_sampling", reason="needs imbalanced-learn")
    made = over.RandomOverSampler(sampling_strategy=strategy, random_state=0)
    made.fit_resample(np.zeros((len(y), 1)), y)
    return {name: rows for name, rows in made.sampling_strategy_.items() if rows}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_strategy_asks_for_the_rows_that_imbalanced_learn_adds(strategy):
    y = np.repeat([*SIZES], [*SIZES.values()])
    assert _wanted(strategy, y, 100.0) == theirs(strategy, y)


@pytest.mark.parametrize("ratio", [0.5, 0.777, 1.0, 1])
def test_a_ratio_is_that_of_the_rare_class_to_the_other(ratio):
    y = np.repeat([1, 0], [30, 101])
    assert _wanted(ratio, y, 1.0) == theirs(ratio, y)  # given, so not limited to one for each real row


def test_words_are_limited_by_the_real_rows_and_numbers_are_not():
    y = np.repeat([*SIZES], [*SIZES.values()])
    assert _wanted("auto", y, 2.0) == {"a": 24, "b": 60, "d": 18}
    assert _wanted({"d": 90, "c": 100}, y, 2.0) == {"d": 81}


@pytest.mark.parametrize(
    ("strategy", "why"),
    [
        ("majority", "must be one of auto, minority, .* got 'majority'"),
        (["a"], "must be one of auto"),
        (True, "must be one of auto"),
        (float("nan"), "must be one of auto"),
        (1.5, "a ratio above 0 and up to 1"),
        (0.5, "if y has two classes; it has 4"),
        ({"e": 5}, "has class 'e', but y has 'a', 'b', 'c', 'd'"),
        ({"a": 5}, "class 'a' must be its number of rows afterwards.* at least the 12 that it has; got 5"),
        ({"a": 20.5}, "a whole number"),
        (lambda _: 5.0, "got 5.0"),
    ],
)
def test_a_strategy_that_cannot_be_kept_is_refused_before_any_search(strategy, why, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    y = np.repeat([*SIZES], [*SIZES.values()])
    sampler = autogen.GeneratorOverSampler(sampling_strategy=strategy)
    with pytest.raises(SettingsError, match=why):
        sampler.fit_resample(np.zeros((len(y), 2)), y)
    assert not any(tmp_path.iterdir())
    with pytest.raises(SettingsError, match="fewer rows than class 1 has: 30 for 40 of class 0, 0.75"):
        autogen.GeneratorOverSampler(sampling_strategy=0.5).fit_resample(
            np.zeros((70, 2)), np.repeat([1, 0], [30, 40])
        )


def boundary(model):
    """The place on the first column from which on a linear model says 1."""
    return float(-model.intercept_[0] / model.coef_[0, 0])


@pytest.mark.slow
def test_it_is_a_step_of_a_pipeline_and_resamples_when_it_is_fitted(tmp_path, monkeypatch):
    pipeline = pytest.importorskip("imblearn.pipeline", reason="needs imbalanced-learn")
    from sklearn.linear_model import LogisticRegression

    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    y = (rng.random(150) < 0.15).astype(int)
    X = np.column_stack([rng.normal(size=150) + 3 * y, rng.normal(size=150)])
    generator = autogen.Generator(
        "1trials", families="trees", objective="kd", executor="inprocess", random_state=0
    )
    sampler = autogen.GeneratorOverSampler(generator, sampling_strategy=0.9, random_state=0)
    made = pipeline.Pipeline([("more", sampler), ("classifier", LogisticRegression())]).fit(X, y)
    assert len(made.predict(X)) == 150  # predicting adds no rows
    assert made.score(X, y) > 0.8
    plain = LogisticRegression().fit(X, y)
    assert boundary(made.named_steps["classifier"]) < boundary(plain) - 0.3  # rare is no longer rare
    assert made.get_params()["more__generator__budget"] == "1trials"
    rare = int(y.sum())
    assert made.named_steps["more"].sampling_strategy_ == {1: int(0.9 * (150 - rare)) - rare}
