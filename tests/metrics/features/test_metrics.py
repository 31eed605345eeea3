"""Each metric in a feature space against an independent computation, and real against real."""

import numpy as np
import pytest
from scipy import linalg, stats

from autogen.data.declaration import declared
from autogen.metrics.features.alpha_beta import AlphaPrecision, BetaRecall
from autogen.metrics.features.frechet import EndlessFrechetDistance, FrechetDistance
from autogen.metrics.features.kernel_distance import KernelDistance
from autogen.metrics.features.linear_c2st import LinearTwoSampleTest
from autogen.metrics.features.metric import FeatureMetric
from autogen.metrics.features.prdc import Coverage, Density, NearestRatio, Precision, Recall
from autogen.registry import BUILT_IN, get, names

PRDC = {"precision": Precision, "recall": Recall, "density": Density, "coverage": Coverage}
ALL = (KernelDistance, FrechetDistance, EndlessFrechetDistance, LinearTwoSampleTest, NearestRatio)
ALL += (*PRDC.values(), AlphaPrecision, BetaRecall)


def between(metric: type[FeatureMetric], real: np.ndarray, made: np.ndarray) -> float:
    return metric().compare(real, made, metric().of_real(real))


@pytest.fixture
def sides() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(80, 6)), rng.normal(0.3, 1.2, size=(70, 6)) @ rng.normal(size=(6, 6)) / 2


def test_every_metric_in_a_feature_space_is_tried_here():
    found = {get("metric", name) for name in names("metric")}
    assert {metric for metric in found if issubclass(metric, FeatureMetric)} == set(ALL)


def test_the_frechet_distance_is_that_of_the_roots(sides):
    real, made = sides
    covariances = [np.cov(side, rowvar=False) for side in sides]
    root = linalg.sqrtm(covariances[0] @ covariances[1]).real
    expected = ((real.mean(axis=0) - made.mean(axis=0)) ** 2).sum() + np.trace(sum(covariances) - 2 * root)
    assert between(FrechetDistance, real, made) == pytest.approx(expected, rel=1e-9)


def test_the_frechet_distance_of_fewer_samples_than_features_is_that_of_their_covariances():
    rng = np.random.default_rng(1)
    real, made = rng.normal(size=(12, 30)), rng.normal(size=(14, 30)) + 1
    one, two = (np.cov(side, rowvar=False) for side in (real, made))
    root = np.sqrt(np.maximum(np.linalg.eigvals(one @ two).real, 0)).sum()
    expected = ((real.mean(axis=0) - made.mean(axis=0)) ** 2).sum() + np.trace(one + two) - 2 * root
    assert between(FrechetDistance, real, made) == pytest.approx(expected, rel=1e-5)


def test_frechet_and_kernel_distance_are_those_of_torchmetrics(sides):
    torch = pytest.importorskip("torch")
    fid = pytest.importorskip("torchmetrics.image.fid")
    kid = pytest.importorskip("torchmetrics.image.kid")
    real, made = (torch.from_numpy(side) for side in sides)
    moments = [part for side in (real, made) for part in (side.mean(dim=0), torch.cov(side.T))]
    assert between(FrechetDistance, *sides) == pytest.approx(float(fid._compute_fid(*moments)), rel=1e-6)
    real, made = real[:70], made[:70]
    expected = float(kid.poly_mmd(real, made, degree=3, gamma=None, coef=1.0))
    assert between(KernelDistance, real.numpy(), made.numpy()) == pytest.approx(expected, rel=1e-6)


def test_precision_and_its_kin_are_those_of_prdc(sides):
    prdc = pytest.importorskip("prdc")
    expected = prdc.compute_prdc(*sides, nearest_k=5)
    for name, metric in PRDC.items():
        assert between(metric, *sides) == pytest.approx(expected[name])


def test_precision_and_its_kin_are_what_loops_over_pairs_find():
    rng = np.random.default_rng(0)
    real, fake, k = rng.normal(size=(25, 3)), rng.normal(0.5, 1.2, size=(30, 3)), 5

    def reach(rows, i):
        return sorted(np.linalg.norm(rows[i] - row) for row in rows)[k]

    inside = np.array([[np.linalg.norm(r - f) <= reach(real, i) for f in fake] for i, r in enumerate(real)])
    around = np.array([[np.linalg.norm(r - f) <= reach(fake, j) for j, f in enumerate(fake)] for r in real])
    expected = {
        "precision": np.mean(inside.any(axis=0)),
        "recall": np.mean(around.any(axis=1)),
        "density": inside.sum() / (30 * k),
        "coverage": np.mean(inside.any(axis=1)),
    }
    for name, metric in PRDC.items():
        assert between(metric, real, fake) == pytest.approx(expected[name])


def test_alpha_precision_and_beta_recall_are_their_definitions(sides):
    real, made = sides
    levels, centre = np.linspace(0, 1, 31), real.mean(axis=0)
    radii = np.quantile([np.linalg.norm(row - centre) for row in real], levels)
    shares = [np.mean([np.linalg.norm(row - centre) <= radius for row in made]) for radius in radii]
    expected = 1 - 2 * np.mean([abs(share - level) for share, level in zip(shares, levels, strict=True)])
    assert between(AlphaPrecision, real, made) == pytest.approx(expected)
    assert between(AlphaPrecision, real, real) == pytest.approx(1, abs=0.03)
    assert between(BetaRecall, real, real + 100) == pytest.approx(1 - 2 * levels.mean())


def test_the_nearest_ratio_is_that_of_the_medians(sides):
    real, made = sides
    to_real = [min(np.linalg.norm(row - other) for other in real) for row in made]
    own = [min(np.linalg.norm(real[i] - real[j]) for j in range(80) if j != i) for i in range(80)]
    assert between(NearestRatio, real, made) == pytest.approx(np.median(to_real) / np.median(own))
    assert between(NearestRatio, real, real[:40]) == 0


def test_the_linear_test_finds_the_area_that_two_shifted_gaussians_have():
    rng = np.random.default_rng(0)
    real, made = rng.normal(size=(3000, 5)), rng.normal([1, 0, 0, 0, 0], 1, size=(3000, 5))
    auc = stats.norm.cdf(1 / 2**0.5)
    assert between(LinearTwoSampleTest, real, made) == pytest.approx(2 * auc - 1, abs=0.03)


def test_endless_samples_bring_no_bias():
    """With 16 features and 300 samples a side, real samples are 0.5 apart; extrapolated, nearly 0."""
    rng = np.random.default_rng(0)
    pairs = [rng.normal(size=(2, 300, 16)) for _ in range(40)]
    plain = np.mean([between(FrechetDistance, *pair) for pair in pairs])
    endless = np.mean([between(EndlessFrechetDistance, *pair) for pair in pairs])
    assert plain > 0.4
    assert abs(endless) < 0.1 * plain


@pytest.mark.slow
@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.label)
def test_two_real_samples_are_told_apart_no_oftener_than_promised(metric):
    """False alarms of the paired comparison that a verdict makes, at 5 %."""
    rng, groups, repeats = np.random.default_rng(3), 10, 60
    reach, alarms = stats.t.ppf(0.975, groups - 1), 0
    for _ in range(repeats):
        real, one, two = rng.normal(size=(3, 100, 3))
        apart = between(metric, real, one) - between(metric, real, two)
        moved = metric().left_out(real, one, groups) - metric().left_out(real, two, groups)
        alarms += abs(apart) > reach * (moved.var() * (groups - 1)) ** 0.5
    assert alarms <= stats.binom.ppf(0.999, repeats, 0.05)


def test_each_kind_of_data_has_a_feature_space():
    assert {declared(kind).features for kind in BUILT_IN["data"]} <= set(names("features"))
