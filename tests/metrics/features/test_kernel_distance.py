import numpy as np
import pytest
from scipy import stats

from autogen.data.images.codec import ImageCodec
from autogen.data.open import open_data
from autogen.errors import MetricError
from autogen.metrics.features.kernel_distance import KernelDistance
from autogen.metrics.features.metric import FeatureReference
from autogen.metrics.images.random_conv import random_conv

METRIC = KernelDistance()


def blots(n: int, seed: int, width: float = 2.0) -> np.ndarray:
    """Images of one soft blot at a random place: uint8 (n, 8, 8, 1)."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:8, :8]
    at = rng.normal(3.5, 1.2, size=(2, n, 1, 1))
    light = np.exp(-((y - at[0]) ** 2 + (x - at[1]) ** 2) / width**2)
    return (light * 255 + rng.normal(size=light.shape) * 8).clip(0, 255).astype(np.uint8)[..., None]


@pytest.fixture(scope="module")
def reference() -> FeatureReference:
    real = blots(60, 0)
    return METRIC.prepare(real, ImageCodec.fit(real))


def by_hand(reference: FeatureReference, fake: np.ndarray, real_rows, fake_rows) -> float:
    """Mean of (k(x, x') + k(y, y') - k(x, y') - k(x', y)) by its definition, pair by pair."""
    x = reference.features[real_rows]
    raw = random_conv(fake.transpose(0, 3, 1, 2), 256)
    y = ((raw - reference.known.mean) / reference.known.scale)[fake_rows]

    def kernel(a, b):
        return (float(np.dot(a, b)) / len(a) + 1) ** 3

    def mean(pairs):
        return float(np.mean([kernel(a, b) for a, b in pairs]))

    def different(rows):
        return ((a, b) for i, a in enumerate(rows) for j, b in enumerate(rows) if i != j)

    return mean(different(x)) + mean(different(y)) - 2 * mean((a, b) for a in x for b in y)


def test_the_score_is_the_mean_over_pairs(reference):
    fake = blots(45, 1, width=2.5)
    expected = by_hand(reference, fake, slice(None), slice(None))
    assert METRIC.score(reference, fake) == pytest.approx(expected, rel=1e-6)


def test_a_replicate_is_the_score_without_a_group(reference):
    fake = blots(45, 1, width=2.5)
    found = METRIC.replicates(reference, fake, 7)
    for group in (0, 3, 6):
        rows = [np.flatnonzero(np.arange(size) % 7 != group) for size in (60, 45)]
        assert found[group] == pytest.approx(by_hand(reference, fake, *rows), rel=1e-6)


def test_strips_of_the_kernel_matrix_add_up(reference, monkeypatch):
    fake = blots(45, 1)
    whole = METRIC.score(reference, fake)
    monkeypatch.setattr("autogen.metrics.features.kernel_distance.ROWS", 7)
    assert METRIC.score(reference, fake) == pytest.approx(whole, rel=1e-12)


@pytest.mark.slow
def test_real_images_score_zero_in_the_mean():
    data = open_data("digits")
    images, rng = data.raw.samples, np.random.default_rng(0)
    scores = []
    for _ in range(60):
        rows = rng.permutation(len(images))[:480]
        scores.append(METRIC.score(METRIC.prepare(images[rows[:240]], data.codec), images[rows[240:]]))
    spread = float(np.std(scores))
    # Three standard errors, and a tenth of the spread for the scaling by the reference's own rows.
    assert abs(np.mean(scores)) < spread * (3 / 60**0.5 + 0.1)


@pytest.mark.slow
def test_intervals_from_replicates_cover_the_true_distance():
    codec = ImageCodec.fit(blots(200, 99))
    many = METRIC.prepare(blots(3000, 100), codec)
    truth = METRIC.score(many, blots(3000, 101, width=2.2))
    reach, covered, groups = stats.t.ppf(0.975, 19), 0, 20
    for seed in range(100):
        reference = METRIC.prepare(blots(200, 2 * seed), codec)
        fake = blots(200, 2 * seed + 1, width=2.2)
        error = (METRIC.replicates(reference, fake, groups).var() * (groups - 1)) ** 0.5
        covered += abs(METRIC.score(reference, fake) - truth) <= reach * error
    assert covered >= 88


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (
            blots(20, 0)[:, :, :7],
            r"expected images uint8 \(N, 8, 8, 1\), like the real ones; got uint8 \(20, 8, 7, 1\)",
        ),
        (blots(20, 0) / 255, r"got float64"),
        ([1, 2] * 10, r"got list"),
        (blots(9, 0), r"at least 10 samples of each side; got 9"),
    ],
)
def test_what_cannot_be_scored_is_refused(reference, images, message):
    with pytest.raises(MetricError, match=message):
        METRIC.score(reference, images)


def test_more_groups_than_pairs_of_images_are_refused(reference):
    with pytest.raises(
        MetricError, match="31 groups need at least 62 real and generated samples each; got 60 and 80"
    ):
        METRIC.replicates(reference, blots(80, 0), 31)


def test_data_other_than_images_are_refused():
    data = open_data("wine")
    with pytest.raises(MetricError, match="scores image data, but the data is tabular"):
        METRIC.prepare(data.split("test"), data.codec)
