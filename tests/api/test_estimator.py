"""The estimator and the oversampler, as users of scikit-learn and imbalanced-learn call them."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import autogen
from autogen.errors import DataError, SettingsError

QUICK = {"families": "trees", "objective": "kd", "n_jobs": 1, "random_state": 3}


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    y = rng.random(240) < 0.15
    return np.column_stack([rng.normal(size=240) + 4 * y, rng.normal(size=240) - 2 * y]), y.astype(int)


@pytest.fixture(scope="module")
def fitted(rows, tmp_path_factory):
    made = autogen.Generator("1trials", models_only=True, out=tmp_path_factory.mktemp("api") / "run", **QUICK)
    assert made.fit(*rows) is made
    return made


def test_parameters_are_read_set_and_cloned():
    made = autogen.Generator(60, families="vae", random_state=1)
    assert made.get_params()["families"] == "vae"
    copy = clone(made.set_params(families=["trees"]))
    assert copy.get_params() == made.get_params() == {**made.get_params(), "families": ["trees"]}
    assert copy is not made


def test_who_is_not_fitted_draws_nothing():
    with pytest.raises(NotFittedError):
        autogen.Generator().sample(3)


@pytest.mark.slow
def test_an_array_comes_back_as_an_array_with_its_target(fitted):
    drawn = fitted.sample(50)
    assert isinstance(drawn, np.ndarray)
    assert drawn.shape == (50, 3)
    assert np.array_equal(drawn, fitted.sample(50, random_state=3))
    assert not np.array_equal(drawn, fitted.sample(50, random_state=4))
    assert set(np.unique(drawn[:, 2])) <= {0.0, 1.0}
    assert fitted.n_features_in_ == 2
    assert fitted.result_.verdict in ("winner", "unrivaled", "tie", "baseline")


@pytest.mark.slow
def test_rows_are_scored_with_their_target_or_as_they_are_drawn(fitted, rows):
    X, y = rows
    nats = fitted.score_samples(X, y)
    assert np.isfinite(nats).all()
    assert np.array_equal(nats, fitted.score_samples(np.column_stack([X, y])))
    assert np.array_equal(nats, fitted.score_samples(pd.DataFrame(X, columns=["a", "b"]), pd.Series(y)))
    assert fitted.score(X, y) == pytest.approx(nats.mean())
    assert fitted.score(X, 1 - y) < fitted.score(X, y)
    assert len(fitted.score_samples(fitted.sample(7))) == 7
    with pytest.raises(DataError, match="was fitted with y: give y too"):
        fitted.score(X)
    with pytest.raises(DataError, match="X has 1 features, but Generator is expecting 2 features"):
        fitted.score(X[:, :1], y)


@pytest.mark.slow
def test_gray_images_come_back_without_an_axis_of_channels(tmp_path):
    images = np.random.default_rng(0).integers(0, 17, (60, 8, 8), dtype=np.uint8)
    space, out = tmp_path / "space.toml", tmp_path / "run"
    space.write_text("[vae.model]\nwidth = 16\ndepth = 1\nlatent_dim = 4\n[vae.training]\nsteps = 20\n")
    made = autogen.Generator("1trials", families="vae", space=str(space), executor="inprocess", out=out)
    assert made.fit(images).sample(3).shape == (3, 8, 8)


@pytest.mark.slow
def test_what_no_draw_can_be_is_said_in_a_line(fitted):
    for wrong in ({"n": 2.5}, {"n": "x"}, {"n": 0}, {"random_state": "x"}, {"random_state": -1}):
        with pytest.raises(SettingsError, match="must be a whole number"):
            fitted.sample(**wrong)
    for wrong in (5, "x", [("target", 1)], {5: 1}):
        with pytest.raises(SettingsError, match="condition must be a dictionary"):
            fitted.sample(3, condition=wrong)


@pytest.mark.slow
def test_rows_of_a_class_are_drawn_on_condition(fitted):
    drawn = fitted.sample(80, condition={"target": 1})
    assert set(drawn[:, 2]) == {1.0}
    assert drawn[:, 0].mean() > 2


@pytest.mark.slow
def test_a_result_speaks_for_itself(fitted):
    result = fitted.result_
    assert result.summary().startswith(f"verdict: {result.verdict}\n")
    assert str(result.folder.report) in result._repr_html_()
    assert result.best_params == result.best.config
    assert len(result.trials_dataframe()) == 1
    assert result.sample(4).shape == (4, 3)
    assert result.model is result.model


@pytest.mark.slow
def test_a_data_frame_comes_back_as_one(tmp_path):
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"age": rng.integers(20, 60, 200), "city": rng.choice(["Ulm", "Bonn"], 200)})
    made = autogen.Generator("1trials", out=tmp_path / "run", **QUICK).fit(table)
    drawn = made.sample(30)
    assert list(drawn) == list(made.feature_names_in_) == ["age", "city"]
    assert drawn.dtypes.tolist() == table.dtypes.tolist()
    assert np.isfinite(made.score_samples(table)).all()
    assert made.score(table) == pytest.approx(made.score_samples(table).mean())
    with pytest.raises(DataError, match="X has 3 samples"):
        made.fit(np.zeros((3, 2)))
    assert not hasattr(made, "feature_names_in_")
    with pytest.raises(NotFittedError):
        made.sample()


@pytest.mark.slow
def test_labels_keep_their_dtype_and_their_container(rows, tmp_path):
    X, y = rows
    names = pd.Categorical(np.where(y, "rare", "usual"), categories=["usual", "rare", "never"])
    generator = autogen.Generator("1trials", executor="inprocess", out=tmp_path / "run", **QUICK)
    _, labels = autogen.GeneratorOverSampler(generator).fit_resample(X, pd.Series(names, name="how"))
    assert isinstance(labels, pd.Series)
    assert labels.dtype == names.dtype
    assert labels.name == "how"


def test_what_cannot_become_a_table_with_a_target_is_refused(tmp_path):
    table = pd.DataFrame({"target": [1, 2, 3]})
    made = autogen.Generator("1trials", out=tmp_path / "run")
    with pytest.raises(DataError, match="has a column 'target' already"):
        made.fit(table, [1, 2, 3])
    other = table.rename(columns={"target": "a"})
    for y in ([1, 2], np.zeros((3, 1)), pd.DataFrame({"b": [1, 2, 3]}).to_numpy()):
        with pytest.raises(DataError, match="a value for each of the 3 rows"):
            made.fit(other, y)
    for y in (5, {1, 2, 3}, pd.DataFrame({"b": [1, 2, 3]}), {"b": 1}):
        with pytest.raises(DataError, match="y must be a list, an array or a Series"):
            made.fit(other, y)
    with pytest.raises(DataError, match="no missing value; 1 of 3"):
        made.fit(other, [1.0, np.nan, 2.0])
    with pytest.raises(DataError, match="y must be left out"):
        made.fit(["a", "b"], [1, 2])
    sampler = autogen.GeneratorOverSampler()
    with pytest.raises(DataError, match="at least two classes"):
        sampler.fit_resample(np.zeros((3, 2)), [1, 1, 1])
    with pytest.raises(DataError, match="values of one type"):
        sampler.fit_resample(np.zeros((3, 2)), pd.Series(["a", 1, 2], dtype=object))
    for rows in (None, "abc", np.zeros(3), np.zeros((3, 2, 2)), pd.Series([1, 2, 3])):
        with pytest.raises(DataError, match="X must be a DataFrame or an array"):
            sampler.fit_resample(rows, [1, 1, 2])
    for wrong, why in ({"most": "x"}, "most"), ({"most": -1}, "most"), ({"generator": 5}, "generator"):
        with pytest.raises(SettingsError, match=f"{why} must be"):
            autogen.GeneratorOverSampler(**wrong).fit_resample(np.zeros((3, 2)), [1, 1, 2])
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_rare_classes_are_filled_up_and_the_seed_is_that_of_the_default_generator_too(
    rows, tmp_path, monkeypatch
):
    X, y = rows
    monkeypatch.chdir(tmp_path)
    fit = autogen.Generator.fit
    quickly = {"families": "trees", "objective": "kd", "executor": "inprocess"}
    monkeypatch.setattr(autogen.Generator, "fit", lambda one, X, y: fit(one.set_params(**quickly), X, y))
    made = autogen.GeneratorOverSampler(budget="1trials", random_state=5)
    more, labels = made.fit_resample(X, y)
    assert np.array_equal(more[:240], X)
    assert np.array_equal(labels[:240], y)
    assert labels.dtype == y.dtype
    assert (labels == 1).sum() == (labels == 0).sum() == (y == 0).sum()
    assert more[240:, 0].mean() > 2
    assert made.generator_.random_state == 5
    assert made.generator_.models_only
