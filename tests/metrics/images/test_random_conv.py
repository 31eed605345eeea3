import numpy as np
import pytest

from autogen.metrics.features.space import scale_of, standardize
from autogen.metrics.images.random_conv import FEATURE_SPACE, _filters, random_conv


def waves(n: int, channels: int, height: int, width: int) -> np.ndarray:
    """Images that need no random numbers."""
    grid = np.arange(n * channels * height * width).reshape(n, channels, height, width)
    return ((np.sin(grid * 0.7) + 1) * 127).astype(np.uint8)


def by_hand(image: np.ndarray, levels: int) -> list[float]:
    """Features of one image (C, H, W), written with loops alone."""
    maps = image / (levels - 1) * 2.0 - 1.0
    found = []
    for weights in _filters(image.shape[0]):
        padded = np.pad(maps, ((0, 0), (1, 1), (1, 1)))
        height, width = maps.shape[1:]
        filtered = np.empty((len(weights), height, width))
        for f, i, j in np.ndindex(*filtered.shape):
            filtered[f, i, j] = max(0.0, float((padded[:, i : i + 3, j : j + 3] * weights[f].numpy()).sum()))
        quarters = [
            filtered[:, a : a + height // 2, b : b + width // 2]
            for a in (0, height // 2)
            for b in (0, width // 2)
        ]
        means = np.array([quarter.mean(axis=(1, 2)) for quarter in quarters])
        spreads = np.array([np.sqrt(quarter.var(axis=(1, 2)) + 1e-4) for quarter in quarters])
        found += [*means.T.ravel(), *spreads.T.ravel()]
        if min(height, width) < 4:
            break
        maps = filtered.reshape(len(weights), height // 2, 2, width // 2, 2).mean(axis=(2, 4))
    return found


def test_features_are_what_loops_over_pixels_find():
    images = waves(2, 1, 8, 8)
    expected = [by_hand(image, 256) for image in images]
    np.testing.assert_allclose(random_conv(images, 256), expected, atol=2e-5)


def test_the_filters_are_frozen():
    assert FEATURE_SPACE == "random_conv-v1"
    first, second = _filters(1)[0], _filters(3)[1]
    np.testing.assert_allclose(first[0, 0, 0], [0.3509967, 0.4394595, -0.2695397], atol=1e-6)
    np.testing.assert_allclose(second[5, 2, 1], [-0.1792776, -0.0713032, -0.0759358], atol=1e-6)


@pytest.mark.parametrize(
    ("channels", "height", "width", "expected"),
    [(1, 8, 8, 384), (3, 16, 16, 512), (4, 64, 64, 512), (1, 9, 31, 384), (3, 28, 20, 512), (1, 1, 1, 128)],
)
def test_any_small_image_has_features(channels, height, width, expected):
    found = random_conv(waves(3, channels, height, width), 256)
    assert found.shape == (3, expected)
    assert np.isfinite(found).all()


def test_an_image_has_the_same_features_in_any_company():
    images = waves(300, 3, 12, 12)
    np.testing.assert_allclose(
        random_conv(images, 256)[270:280], random_conv(images[270:280], 256), atol=1e-5
    )


def test_colour_beneath_full_transparency_is_not_seen():
    images = waves(4, 4, 16, 16)
    images[:, 3, :8] = 0
    other = images.copy()
    other[:, :3, :8] = 255 - other[:, :3, :8]
    np.testing.assert_array_equal(random_conv(images, 256), random_conv(other, 256))
    assert not np.array_equal(random_conv(images, 256), random_conv(waves(4, 4, 16, 16), 256))


def test_levels_are_spread_over_one_range():
    binary = (waves(4, 1, 8, 8) > 127).astype(np.uint8)
    np.testing.assert_allclose(random_conv(binary, 2), random_conv(binary * 255, 256), atol=1e-6)


def test_a_feature_that_hardly_varies_does_not_outweigh_the_others():
    features = np.random.default_rng(0).normal(size=(50, 5)) * [1, 1, 1, 1, 1e-9]
    mean, scale = scale_of(features)
    found = standardize(features, mean, scale)
    np.testing.assert_allclose(found[:, :4].std(axis=0), 1)
    assert found[:, 4].std() < 1e-7
