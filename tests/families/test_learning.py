"""The shipped defaults truly learn: trials of seconds, far better than the trivial baselines."""

import numpy as np
import pytest

from autogen import registry
from autogen.data.open import open_data
from autogen.families.base import parse_config
from autogen.families.baselines.lookup import baselines_for
from autogen.hpo.space.search_space import SearchSpace
from autogen.metrics.lookup import default_metric
from autogen.training.solo import SoloProgram

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def digits():
    """The data, its metric with a reference, and the scores of the trivial baselines."""
    data = open_data("digits")
    metric = registry.get("metric", default_metric("image"))()
    reference = metric.prepare(data.split("tune"), data.codec)
    n = len(data.rows["tune"])
    trivial = []
    for kind in baselines_for("image").values():
        if kind.trivial:
            baseline = kind()
            baseline.fit(data.split("train"), data.codec)
            trivial.append(metric.score(reference, baseline.sample(n, np.random.default_rng(0))))
    return data, metric, reference, trivial


@pytest.mark.parametrize("family", ["autoregressive", "gan", "vae"])
def test_the_tiny_defaults_beat_every_trivial_baseline_on_digits(digits, family):
    data, metric, reference, trivial = digits
    config = SearchSpace.load("image_tiny").default(family)
    made = registry.get("family", family)()
    program = SoloProgram(made, parse_config(made, config), data.codec.spec, data.encoded("train"), seed=0)
    program.advance(int(config["training.steps"]))
    score = metric.score(reference, data.codec.decode(program.sample(len(data.rows["tune"]), seed=0)))
    assert score < 0.6 * min(trivial), (score, trivial)
