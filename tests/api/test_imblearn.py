"""The oversampler as a step of imbalanced-learn's own pipeline."""

import numpy as np
import pytest

import autogen

pytestmark = pytest.mark.slow


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
    sampler = autogen.GeneratorOverSampler(generator, random_state=0)
    made = pipeline.Pipeline([("more", sampler), ("classifier", LogisticRegression())]).fit(X, y)
    assert len(made.predict(X)) == 150  # predicting adds no rows
    assert made.score(X, y) > 0.8
    plain = LogisticRegression().fit(X, y)
    assert made.named_steps["classifier"].intercept_ > plain.intercept_ + 0.5  # rare is no longer rare
    assert made.get_params()["more__generator__budget"] == "1trials"
