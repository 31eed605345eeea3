"""What the whole verdict rests on: copies score well and are refused, real samples score well and pass."""

import numpy as np
import pytest

from autogen.data.open import open_data
from autogen.families.baselines.lookup import baselines_for
from autogen.metrics.calibration import calibrated, floor_of
from autogen.metrics.lookup import default_metric
from autogen.metrics.memorization.gate import memorisation
from autogen.registry import get


class Trial:
    """Baselines and a real sample of one data set, scored and judged on its test split."""

    def __init__(self, source: str) -> None:
        data = open_data(source)
        kind, train, test, other = data.kind, data.split("train"), data.split("test"), data.split("select")
        metric = get("metric", default_metric(kind.name))()
        reference = metric.prepare(test, data.codec)
        self.scores = {"hold_out": metric.score(reference, other)}
        self.verdicts = {"hold_out": memorisation(other, train, test, data.codec)}
        trivial = []
        for name, baseline in baselines_for(kind.name).items():
            model = baseline()
            model.fit(train, data.codec)
            samples = model.sample(len(test), np.random.default_rng(0))
            self.scores[name] = metric.score(reference, samples)
            self.verdicts[name] = memorisation(samples, train, kind.concatenate([test, other]), data.codec)
            trivial += [self.scores[name]] if baseline.trivial else []
        floor, ceiling = floor_of(trivial), self.scores["hold_out"]
        self.calibrated = {name: calibrated(score, floor, ceiling) for name, score in self.scores.items()}


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("breast_cancer", "wine")]


@pytest.fixture(scope="module", params=["digits", *SLOW])
def trial(request) -> Trial:
    return Trial(request.param)


@pytest.mark.slow
def test_a_copy_of_train_scores_like_real_samples_and_is_refused(trial):
    assert trial.calibrated["train_copy"] > 0.75
    assert not trial.verdicts["train_copy"].passed


def test_a_real_hold_out_sample_scores_well_and_passes(trial):
    assert trial.calibrated["hold_out"] == 1
    assert trial.verdicts["hold_out"].passed


def test_independent_marginals_lose_and_copy_nothing(trial):
    assert trial.calibrated["marginals"] <= 0
    assert trial.scores["marginals"] > trial.scores["hold_out"] + 0.1
    assert trial.verdicts["marginals"].passed
