"""The diversity test: repeated samples are refused, honest ones pass, whatever the data itself repeats."""

import numpy as np
import pandas as pd
import pytest

from autogen.data.images.codec import ImageCodec
from autogen.data.open import open_data
from autogen.errors import MetricError
from autogen.families.baselines.lookup import baselines_for
from autogen.metrics.memorization import diversity as diversity_module
from autogen.metrics.memorization.diversity import Diversity, diversity
from benchmarks.changes import JITTER
from benchmarks.gate import four_values
from tests.data.music.makers import tunes
from tests.metrics.makers import codec_of, people


@pytest.fixture(autouse=True)
def all_samples(monkeypatch):
    monkeypatch.setattr(diversity_module, "MOST", 1000)


def sentences(count: int) -> list[str]:
    """Different short texts."""
    rng = np.random.default_rng(0)
    words = ["".join(rng.choice(list("abcdefghijklmnop"), size=rng.integers(3, 7))) for _ in range(300)]
    return [" ".join(rng.choice(words, size=5)) for _ in range(count)]


SOURCES = {
    "digits": lambda: "digits",
    "table": lambda: "breast_cancer",
    "text": lambda: sentences(600),
    "music": lambda: tunes(400),
}


@pytest.fixture(scope="module", params=SOURCES)
def data(request):
    return open_data(SOURCES[request.param]())


def thirds(data, seed: int, most: int = 150):
    """A random third of the rows, at most so many, and twice as many others."""
    rows = np.random.default_rng(seed).permutation(len(data.raw.samples))
    size = min(most, len(rows) // 3)
    return [data.kind.take(data.raw.samples, part) for part in (rows[:size], rows[size : 3 * size])]


def judged(data, distinct: int, *, change: bool = False) -> Diversity:
    """So many real rows drawn over and over, against other real rows."""
    fake, real = thirds(data, 0)
    rng = np.random.default_rng(1)
    few = data.kind.take(fake, rng.integers(distinct, size=len(fake)))
    return diversity(JITTER[data.kind.name](few, rng) if change else few, real, data.codec)


@pytest.mark.parametrize("distinct", [10, 30, 100])
def test_a_few_rows_repeated_are_refused(data, distinct):
    found = judged(data, distinct)
    assert not found.passed, found
    assert found.near_duplicates >= found.samples - distinct
    assert found.near_duplicates > found.real_near_duplicates + 0.1 * found.samples
    assert found.p_value < 0.002


@pytest.mark.slow
@pytest.mark.parametrize("distinct", [10, 30, 100])
def test_a_few_rows_repeated_with_small_changes_are_refused(data, distinct):
    assert not judged(data, distinct, change=True).passed


def test_a_third_of_the_real_rows_passes(data):
    found = diversity(*thirds(data, 3), data.codec)
    assert found.passed, found


@pytest.mark.slow
def test_real_thirds_pass_at_least_99_times_of_100(data):
    assert sum(diversity(*thirds(data, seed, 80), data.codec, seed).passed for seed in range(100)) >= 99


def equal_rows() -> pd.DataFrame:
    """Half of the rows stand twice or more often, with a number that is another in each group."""
    frame = people(300, 0)
    return pd.concat([frame, frame.iloc[np.random.default_rng(1).integers(60, size=300)]], ignore_index=True)


@pytest.mark.slow
@pytest.mark.parametrize("make", [four_values, equal_rows])
def test_data_that_repeats_itself_passes_when_it_is_honest(make):
    frame = make()
    codec, rng, repeats = codec_of(frame), np.random.default_rng(0), []
    for seed in range(20):
        order = rng.permutation(len(frame))
        found = diversity(frame.iloc[order[:200]], frame.iloc[order[200:600]], codec, seed)
        assert found.passed, found
        repeats.append(found.near_duplicates / found.samples)
    assert np.mean(repeats) > 0.2


def test_a_few_rows_repeated_are_refused_where_the_data_repeats_itself_too():
    frame = four_values()
    fake = frame.iloc[np.random.default_rng(0).integers(30, size=200)]
    found = diversity(fake, frame.iloc[300:], codec_of(frame))
    assert found.real_near_duplicates > 20
    assert not found.passed


@pytest.mark.parametrize("name", ["marginals", "gaussian_copula"])
def test_baselines_of_tables_pass(name):
    data = open_data("breast_cancer")
    model = baselines_for("tabular")[name]()
    model.fit(data.split("train"), data.codec)
    assert diversity(model.sample(200, np.random.default_rng(0)), data.raw.samples, data.codec).passed


@pytest.mark.slow
@pytest.mark.parametrize("name", ["marginals", "pca_gaussian", "kde"])
def test_baselines_of_images_pass(name):
    data = open_data("digits")
    model = baselines_for("image")[name]()
    model.fit(data.split("train"), data.codec)
    assert diversity(model.sample(150, np.random.default_rng(0)), data.raw.samples, data.codec).passed


def test_rows_in_a_crowd_of_real_ones_are_no_repeats():
    """What is near goes by how near real rows lie to each other there."""
    rng = np.random.default_rng(0)
    crowd = np.concatenate([rng.normal(0, 1e-4, (300, 2)), rng.normal(0, 1, (300, 2))])
    frame = pd.DataFrame(crowd, columns=["x", "y"]).sample(frac=1, random_state=0)
    found = diversity(frame.iloc[:200], frame.iloc[200:], codec_of(frame))
    assert found.passed
    assert found.near_duplicates == pytest.approx(found.real_near_duplicates, abs=25)


def fields(n: int, seed: int) -> np.ndarray:
    """Smooth random images, all different: uint8 (n, 6, 6, 1)."""
    rng = np.random.default_rng(seed)
    return np.repeat(rng.integers(0, 256, size=(n, 6, 3, 1), dtype=np.uint8), 2, axis=2)


def repeated(images: np.ndarray, repeats: int) -> np.ndarray:
    """As many images, of which the last ones are the first ones again."""
    return np.concatenate([images[: len(images) - repeats], images[:repeats]])


def test_repeats_are_counted_exactly():
    images = fields(600, 0)
    found = diversity(repeated(images[:200], 37), images[200:], ImageCodec.fit(images))
    assert (found.near_duplicates, found.real_near_duplicates, found.samples) == (37, 0, 200)


def test_where_nothing_repeats_any_relabeling_is_as_good():
    images = fields(300, 0)
    found = diversity(images[:100], images[100:], ImageCodec.fit(images))
    assert (found.near_duplicates, found.p_value) == (0, 1.0)


def test_up_to_a_tenth_of_repeats_is_tolerated_and_more_is_not():
    images = fields(600, 0)
    codec = ImageCodec.fit(images)
    at, above = (diversity(repeated(images[:200], count), images[200:], codec) for count in (20, 21))
    assert at.p_value < 0.002
    assert at.passed
    assert not above.passed


def test_repeats_that_real_rows_have_too_are_no_sign_of_collapse():
    images = fields(600, 0)
    real = repeated(images[200:], 0)
    real[200:] = real[:200]
    order = np.random.default_rng(0).permutation(400)
    found = diversity(repeated(images[:200], 60), real[order], ImageCodec.fit(images))
    assert found.real_near_duplicates > 30
    assert found.passed


def test_what_chance_explains_is_not_refused():
    """Two repeats of twelve samples are above the tolerance, and no certain sign."""
    images = fields(60, 0)
    found = diversity(repeated(images[:12], 2), images[12:], ImageCodec.fit(images))
    assert found.near_duplicates - found.real_near_duplicates == 2 > 0.1 * found.samples
    assert found.p_value > 0.01
    assert found.passed


@pytest.mark.slow
def test_the_p_value_is_right_where_samples_and_real_rows_are_alike():
    frame = equal_rows()
    codec, rng = codec_of(frame), np.random.default_rng(0)
    p_values = []
    for seed in range(200):
        order = rng.permutation(len(frame))
        p_values.append(diversity(frame.iloc[order[:100]], frame.iloc[order[100:300]], codec, seed).p_value)
    below = [np.mean(np.array(p_values) <= level) for level in (0.05, 0.2, 0.5)]
    assert below[0] <= 0.09
    assert 0.1 <= below[1] <= 0.28
    assert 0.35 <= below[2] <= 0.6


@pytest.mark.slow
def test_the_number_of_different_samples_that_would_be_found_is_found():
    images = fields(1000, 0)
    codec = ImageCodec.fit(images)
    promised = diversity(images[:100], images[800:], codec).found_up_to
    assert 150 < promised < 700
    rates = {}
    for distinct in (promised, 3 * promised):
        rng = np.random.default_rng(distinct)
        pool = fields(distinct, 5)
        tried = [
            diversity(pool[rng.integers(distinct, size=100)], images[800:], codec, seed) for seed in range(30)
        ]
        rates[distinct] = np.mean([not found.passed for found in tried])
    assert rates[promised] >= 0.65
    assert rates[3 * promised] <= 0.2


def test_the_verdict_is_always_the_same():
    data = open_data("breast_cancer")
    parts = thirds(data, 0)
    assert diversity(*parts, data.codec) == diversity(*parts, data.codec)


@pytest.mark.parametrize(("fake", "real"), [(9, 100), (100, 19)])
def test_too_few_samples_are_refused(fake, real):
    frame = people(200, 0)
    with pytest.raises(
        MetricError, match=f"at least 10 generated samples and 20 real ones; got {fake} and {real}"
    ):
        diversity(frame.iloc[:fake], frame.iloc[-real:], codec_of(frame))
    least = diversity(frame.iloc[:10], frame.iloc[-20:], codec_of(frame))
    assert least.samples == 10


def test_the_repeats_of_either_side_are_those_of_its_own_rows():
    images = np.zeros((60, 8, 8, 1), np.uint8)
    found = diversity(images[:20], images[20:], ImageCodec.fit(images))
    assert (found.near_duplicates, found.real_near_duplicates, found.samples) == (19, 19, 20)
