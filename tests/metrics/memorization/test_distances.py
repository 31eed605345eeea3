import numpy as np
import pandas as pd
import pytest

from autogen.data.codec import Codec
from autogen.data.images.codec import ImageCodec
from autogen.errors import MetricError
from autogen.metrics.distance import Distance
from autogen.metrics.images import distance as image_distance
from autogen.metrics.images.distance import ImageDistance
from autogen.metrics.memorization.lookup import distance_to
from autogen.metrics.tables.distance import TableDistance
from autogen.metrics.texts import distance as text_distance
from tests.metrics.makers import codec_of


def all_of(distance, samples) -> np.ndarray:
    return np.concatenate(list(distance.strips(samples)))


def turned(image: np.ndarray) -> list[np.ndarray]:
    """The eight versions of a square image, the four of another one."""
    sides = [image, image.swapaxes(0, 1)] if image.shape[0] == image.shape[1] else [image]
    return [side[::down, ::right] for side in sides for down in (1, -1) for right in (1, -1)]


def at_best_brightness(x: np.ndarray, y: np.ndarray) -> float:
    """Least of |sqrt(g) x - y / sqrt(g)|^2 over many g from half to double."""
    factors = np.sqrt(np.append(np.geomspace(0.5, 2, 4001), 1.0))[:, None]
    return float(((factors * x.ravel() - y.ravel() / factors) ** 2).sum(axis=1).min())


@pytest.mark.parametrize("shape", [(5, 7, 2), (6, 6, 1)])
def test_images_lie_apart_by_the_least_of_their_versions(shape):
    rng = np.random.default_rng(0)
    pool, images = (rng.integers(0, top, size=(n, *shape), dtype=np.uint8) for n, top in ((6, 256), (4, 90)))
    moved = np.roll(pool[:3], (1, -2), axis=(1, 2)) // 2 + rng.integers(
        0, 5, size=(3, *shape), dtype=np.uint8
    )
    images = np.concatenate([images, 2 * moved])
    found = all_of(ImageDistance(pool), images)
    for i, j in np.ndindex(7, 6):
        image, other = images[i].astype(float), pool[j].astype(float)
        expected = [at_best_brightness(version, other) for version in turned(image)]
        for down in range(-2, 3):
            for right in range(-2, 3):
                h, w = shape[:2]
                mine = image[max(0, down) : h + min(0, down), max(0, right) : w + min(0, right)]
                real = other[max(0, -down) : h + min(0, -down), max(0, -right) : w + min(0, -right)]
                if down or right:
                    expected.append(((mine - real) ** 2).sum() * h * w / (mine.shape[0] * mine.shape[1]))
        assert found[i, j] == pytest.approx(min(expected), rel=1e-4)


@pytest.mark.parametrize("size", [8, 28, 32])
def test_a_turned_shifted_or_dimmed_image_is_at_no_distance(size):
    rng = np.random.default_rng(0)
    images = 2 * rng.integers(10, 120, size=(1, size, size, 3), dtype=np.uint8)
    distance = ImageDistance(images)
    moved = [np.roll(images, step, axis=(1, 2)) for step in [(1, 1), (-2, 0), (0, 2), (2, -1), (-2, -2)]]
    changed = [images.swapaxes(1, 2), np.rot90(images, 1, (1, 2)), images[:, ::-1], images // 2, *moved]
    for version in changed:
        assert all_of(distance, version)[0, 0] == pytest.approx(0, abs=1e-6 * float((images**2.0).sum()))


@pytest.mark.parametrize("shape", [(2, 8, 1), (8, 2, 1), (1, 1, 1)])
def test_narrow_images_are_not_shifted_out_of_the_picture(shape):
    images = np.random.default_rng(0).integers(0, 256, size=(5, *shape), dtype=np.uint8)
    found = all_of(ImageDistance(images), images)
    assert np.isfinite(found).all()
    assert not np.diag(found).any()


def test_a_black_image_is_not_near_to_all():
    images = np.full((2, 8, 8, 1), 100, dtype=np.uint8)
    images[0] = 0
    found = all_of(ImageDistance(images), images)
    assert found[0, 0] == found[1, 1] == 0
    assert found[0, 1] == found[1, 0] == 64 * 100**2 / 2


def test_large_images_are_compared_as_thumbnails():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, size=(3, 90, 66, 3), dtype=np.uint8)
    prepared = ImageDistance(images).prepare(images)
    assert prepared.shape == (3, 30, 22, 3)
    assert prepared[1, 0, 0, 2] == images[1, :3, :3, 2].sum(dtype=int)
    assert prepared[1, 29, 21, 2] == images[1, 87:, 63:, 2].sum(dtype=int)
    assert image_distance._flat(np.moveaxis(prepared, 0, -1)).shape == (15 * 11 * 3, 3)


def test_rows_lie_apart_by_ranks_categories_and_missing_cells():
    pool = pd.DataFrame(
        {
            "size": [1.5, 2.5, 40.5, np.nan] * 10,
            "town": ["Oslo", "Rome", None, "Oslo"] * 10,
        }
    )
    rows = pd.DataFrame({"size": [2.5, np.nan, 2.5], "town": ["Oslo", None, "Lima"]})
    found = all_of(TableDistance(pool, codec_of(pool)), rows)[:, :4]
    # Ranks of 1.5, 2.5 and 40.5 among the thirty numbers: 1/6, 1/2 and 5/6.
    expected = [
        [(1 / 3 + 0) / 2, (0 + 1) / 2, (1 / 3 + 1) / 2, (1 + 0) / 2],
        [(1 + 1) / 2, (1 + 1) / 2, (1 + 0) / 2, (0 + 1) / 2],
        [(1 / 3 + 1) / 2, (0 + 1) / 2, (1 / 3 + 1) / 2, (1 + 1) / 2],
    ]
    np.testing.assert_allclose(found, expected)


def test_rows_are_also_compared_without_the_cell_that_differs_most():
    rng = np.random.default_rng(0)
    pool = pd.DataFrame({name: rng.normal(size=40) for name in "abcd"} | {"town": rng.choice(["x", "y"], 40)})
    rows = pool.copy()
    rows["town"] = rows["town"].map({"x": "y", "y": "x"})
    distance = TableDistance(pool, codec_of(pool))
    ((whole, part),) = distance.strips_with_part(rows)
    assert np.diag(whole) == pytest.approx(np.full(40, 1 / 5))
    assert np.diag(part) == pytest.approx(np.zeros(40))
    cells = np.stack(
        [np.abs(pool[n].rank().to_numpy()[:, None] - pool[n].rank().to_numpy()) / 40 for n in "abcd"]
    )
    towns = (rows["town"].to_numpy()[:, None] != pool["town"].to_numpy())[None] * 1.0
    apart = np.concatenate([cells, towns])
    np.testing.assert_allclose(part, (apart.sum(axis=0) - apart.max(axis=0)) / 5, atol=1e-12)


def test_no_cell_of_a_narrow_table_is_left_out():
    pool = pd.DataFrame({name: np.arange(40.0) + 0.5 for name in "abc"})
    ((whole, part),) = TableDistance(pool, codec_of(pool)).strips_with_part(pool)
    assert part is None
    assert whole.shape == (40, 40)


def test_a_distance_says_by_what_factor_half_as_far_is_nearer():
    rng = np.random.default_rng(0)
    image, change = rng.integers(100, 150, (8, 8, 1)), rng.integers(-2, 3, (8, 8, 1))
    images = np.stack([image, image + change, image + 2 * change]).astype(np.uint8)
    table = pd.DataFrame({"x": np.arange(100) + 0.5})
    for distance, samples in (
        (ImageDistance(images), images),
        (TableDistance(table, codec_of(table)), table),
    ):
        found = all_of(distance, samples)[0]
        assert found[1] / found[2] == pytest.approx(type(distance).half, rel=0.05)


def test_strips_are_all_rows_in_order(monkeypatch):
    images = np.random.default_rng(0).integers(0, 256, size=(9, 4, 4, 1), dtype=np.uint8)
    whole = all_of(ImageDistance(images), images)
    monkeypatch.setattr("autogen.metrics.distance.PAIRS", 18)
    monkeypatch.setattr(ImageDistance, "rows", 1)
    strips = list(ImageDistance(images).strips(images))
    assert [len(strip) for strip in strips] == [2, 2, 2, 2, 1]
    np.testing.assert_array_equal(np.concatenate(strips), whole)
    assert not np.diag(whole).any()


def test_a_pool_of_more_rows_than_pairs_are_held_is_compared_sample_by_sample(monkeypatch):
    pool = pd.DataFrame({"x": np.arange(50) + 0.5})
    monkeypatch.setattr("autogen.metrics.distance.PAIRS", 49)
    strips = list(TableDistance(pool, codec_of(pool)).strips(pool.iloc[:3]))
    assert [strip.shape for strip in strips] == [(1, 50)] * 3


class Plain(Distance):
    """Distance of numbers, as a kind of data of one's own may have it."""

    def __init__(self, pool):
        self.size, self._pool = len(pool), pool

    def prepare(self, samples):
        return samples

    def strip(self, prepared):
        return np.abs(prepared[:, None] - self._pool)


def test_a_distance_of_one_s_own_is_plain_costs_one_a_pair_and_has_no_parts():
    distance = Plain(np.array([1.0, 4.0]))
    ((whole, part),) = distance.strips_with_part(np.array([2.0]))
    assert (whole.tolist(), part) == ([[1.0, 2.0]], None)
    assert (distance.half, distance.weight) == (0.5, 1)


def test_the_kind_of_data_chooses_the_distance():
    images = np.zeros((3, 4, 4, 1), dtype=np.uint8)
    frame = pd.DataFrame({"x": np.arange(50) / 4})
    assert isinstance(distance_to(images, ImageCodec.fit(images)), ImageDistance)
    assert isinstance(distance_to(frame, codec_of(frame)), TableDistance)


def test_data_without_a_distance_are_refused():
    class Sounds(Codec):
        kind = "sound"
        spec = None
        encode = decode = to_json = from_json = None

    with pytest.raises(MetricError, match="no distance between samples is known for sound data"):
        distance_to([], Sounds())


@pytest.mark.parametrize("lengths", [(2, 3, 5), (8, 16)])
def test_texts_have_the_same_stretches_together_as_alone(lengths):
    texts = ["", "a", "abc", "abcabcabc", "x" * 40, "abc"]
    together = text_distance._ngrams(texts, lengths)
    assert [one.tolist() for one in together] == [
        text_distance._ngrams([text], lengths)[0].tolist() for text in texts
    ]


def test_texts_in_other_letters_and_blanks_are_at_no_distance():
    distance = text_distance.TextDistance(["To be, or  not to be", "whether 'tis nobler"])
    (strip,) = distance.strips(["to BE, or not\nto be"])
    assert strip[0, 0] == pytest.approx(0)
    assert strip[0, 1] > 0.9
