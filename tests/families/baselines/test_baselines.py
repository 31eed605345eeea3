import numpy as np
import pandas as pd
import pytest
from scipy import stats

from autogen.data.images.codec import ImageCodec
from autogen.data.module import DataModule
from autogen.data.open import open_data
from autogen.errors import UnknownNameError
from autogen.families.baselines.images import Components
from autogen.families.baselines.lookup import baselines_for
from autogen.families.baselines.tables import Smote
from tests.metrics.makers import codec_of, people

KINDS = {"image": "digits", "tabular": "breast_cancer"}
ALL = [(kind, name) for kind in KINDS for name in baselines_for(kind)]


@pytest.fixture(scope="module")
def sets() -> dict[str, DataModule]:
    return {kind: open_data(source) for kind, source in KINDS.items()}


def drawn(name: str, kind: str, train, codec, n: int, seed: int = 0):
    baseline = baselines_for(kind)[name]()
    baseline.fit(train, codec)
    return baseline.sample(n, np.random.default_rng(seed))


def smooth(n: int, seed: int, size: int = 8) -> np.ndarray:
    """Images with one Gaussian brightness each way: uint8 (n, size, size, 1)."""
    rng = np.random.default_rng(seed)
    across, down = np.linspace(-1, 1, size), np.linspace(-1, 1, size)[:, None]
    level, slope, tilt = rng.normal(size=(3, n, 1, 1))
    return (128 + 20 * level + 15 * slope * across + 10 * tilt * down).round().astype(np.uint8)[..., None]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "name"), ALL)
def test_samples_are_raw_samples_like_those_of_the_train_split(kind, name, sets):
    data = sets[kind]
    train = data.split("train")
    for n in (1, 50, len(train) + 20):
        found = drawn(name, kind, train, data.codec, n)
        assert len(found) == n
        if kind == "image":
            assert (found.shape[1:], found.dtype) == (train.shape[1:], np.uint8)
            assert found.max() <= train.max()
        else:
            pd.testing.assert_series_equal(found.dtypes, train.dtypes)
            assert list(found.index) == list(range(n))


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "name"), ALL)
def test_samples_follow_from_the_seed(kind, name, sets):
    data = sets[kind]
    first, again, other = (drawn(name, kind, data.split("train"), data.codec, 40, s) for s in (1, 1, 2))
    if kind == "tabular":
        first, again, other = (frame.to_numpy() for frame in (first, again, other))
    assert (first == again).all()
    assert (first != other).any()


def test_baselines_say_what_they_are_for():
    flags = {(kind, name): baselines_for(kind)[name] for kind, name in ALL}
    assert {key for key, baseline in flags.items() if baseline.control} == {
        ("image", "train_copy"),
        ("tabular", "train_copy"),
    }
    assert {key for key, baseline in flags.items() if baseline.trivial} == {
        ("image", "marginals"),
        ("image", "pca_gaussian"),
        ("tabular", "marginals"),
    }


def test_a_kind_without_baselines_is_refused():
    with pytest.raises(UnknownNameError, match="unknown data 'video'; there are image, music"):
        baselines_for("video")


def test_a_train_copy_repeats_nothing_before_everything_was_there():
    images = np.arange(10, dtype=np.uint8).reshape(10, 1, 1, 1).repeat(64, axis=1).reshape(10, 8, 8, 1)
    found = drawn("train_copy", "image", images, None, 25)[:, 0, 0, 0].tolist()
    assert sorted(found[:10]) == sorted(found[10:20]) == list(range(10))
    assert len(set(found[20:])) == 5


def test_independent_pixels_keep_each_pixel_and_untie_them():
    train = np.concatenate([np.zeros((50, 8, 8, 3), np.uint8), np.full((50, 8, 8, 3), [9, 5, 1], np.uint8)])
    found = drawn("marginals", "image", train, None, 2000)
    assert set(map(tuple, found.reshape(-1, 3))) == {(0, 0, 0), (9, 5, 1)}
    assert abs((found[..., 0] == 9).mean(axis=0) - 0.5).max() < 0.06
    ties = np.corrcoef(found[..., 0].reshape(2000, -1).T) - np.eye(64)
    assert abs(ties).max() < 0.12


def test_independent_columns_keep_each_column_and_untie_them():
    train = people(800, 0)
    found = drawn("marginals", "tabular", train, codec_of(train), 800)
    assert stats.ks_2samp(found["age"], train["age"]).pvalue > 0.001
    assert found["height"].isna().mean() == pytest.approx(train["height"].isna().mean(), abs=0.05)
    assert abs(found[["age", "height"]].corr().iloc[0, 1]) < 0.15 < train[["age", "height"]].corr().iloc[0, 1]


def test_the_gaussian_of_images_has_their_mean_and_covariance():
    train = smooth(2000, 0)
    found = drawn("pca_gaussian", "image", train, ImageCodec.fit(train), 4000).reshape(4000, -1).astype(float)
    expected = train.reshape(2000, -1).astype(float)
    np.testing.assert_allclose(found.mean(axis=0), expected.mean(axis=0), atol=3)
    np.testing.assert_allclose(np.cov(found.T), np.cov(expected.T), atol=60)
    assert np.cov(expected.T).max() > 400


def test_components_are_those_of_the_covariance_whichever_way_they_are_found():
    images = smooth(40, 0).transpose(0, 3, 1, 2)
    flat = images.reshape(40, -1).astype(float)
    components = Components(images)
    draws = components.draw(20_000, np.random.default_rng(0))
    np.testing.assert_allclose(np.cov(draws.T), np.cov(flat.T), atol=0.08 * np.cov(flat.T).max())
    np.testing.assert_allclose(components.places(images).var(axis=0, ddof=1), 1)


def test_large_images_are_no_burden():
    images = np.random.default_rng(0).integers(0, 256, size=(60, 64, 64, 3), dtype=np.uint8)
    codec = ImageCodec.fit(images)
    for name in ("pca_gaussian", "kde"):
        assert drawn(name, "image", images, codec, 5).shape == (5, 64, 64, 3)


def test_images_that_are_all_alike_come_back():
    images = np.full((30, 8, 8, 1), 77, dtype=np.uint8)
    for name in baselines_for("image"):
        assert (drawn(name, "image", images, ImageCodec.fit(images), 5) == 77).all()


def test_kernel_density_stays_near_well_parted_training_images():
    rng = np.random.default_rng(0)
    centres = rng.integers(60, 200, size=(5, 8, 8, 1))
    train = np.repeat(centres, 60, axis=0) + rng.integers(-3, 4, size=(300, 8, 8, 1))
    found = drawn("kde", "image", train.astype(np.uint8), ImageCodec.fit(train.astype(np.uint8)), 100)
    apart = np.abs(found[:, None].astype(float) - centres).mean(axis=(2, 3, 4)).min(axis=1)
    assert apart.max() < 20


def test_the_copula_keeps_columns_and_ties():
    train = people(2000, 0)
    found = drawn("gaussian_copula", "tabular", train, codec_of(train), 2000)
    assert stats.ks_2samp(found["age"], train["age"]).pvalue > 0.001
    assert found["height"].isna().mean() == pytest.approx(0.1, abs=0.03)
    assert found["town"].value_counts(normalize=True)["Oslo"] == pytest.approx(
        train["town"].value_counts(normalize=True)["Oslo"], abs=0.05
    )
    ties = [frame[["age", "height"]].corr("spearman").iloc[0, 1] for frame in (found, train)]
    assert ties[0] == pytest.approx(ties[1], abs=0.06)
    assert ties[1] > 0.7


def test_smote_lies_between_neighbors():
    rng = np.random.default_rng(0)
    at = np.repeat([0.0, 100.0], 200)
    train = pd.DataFrame(
        {"x": at + rng.random(400), "y": -at + rng.random(400), "side": np.where(at > 0, "b", "a")}
    )
    found = drawn("smote", "tabular", train, codec_of(train), 500)
    assert set(found["side"]) == {"a", "b"}
    assert ((found["x"] > 50) == (found["side"] == "b")).all()
    assert ((found["x"] > 50) == (found["y"] < -50)).all()
    assert found["x"].between(0, 101).all()
    assert not found["x"].between(1.01, 99.99).any()
    assert found["x"].nunique() > 400


def test_what_smote_draws_does_not_depend_on_earlier_draws():
    train = pd.DataFrame(np.random.default_rng(0).normal(size=(300, 3)), columns=list("abc"))
    codec = codec_of(train)
    alone, after = Smote(), Smote()
    alone.fit(train, codec)
    after.fit(train, codec)
    after.sample(40, np.random.default_rng(1))
    first, second = (one.sample(60, np.random.default_rng(2)) for one in (alone, after))
    pd.testing.assert_frame_equal(first, second)


def test_smote_copes_with_missing_cells_and_few_rows():
    train = people(30, 0)
    found = drawn("smote", "tabular", train, codec_of(train), 200)
    assert 0 < found["height"].isna().mean() < 0.4
    assert set(found["town"]) <= set(train["town"])
