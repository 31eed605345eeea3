import numpy as np
import pandas as pd
import pytest

from autogen.data.codec import Codec
from autogen.data.images.codec import ImageCodec
from autogen.errors import MetricError
from autogen.metrics.images.distance import ImageDistance
from autogen.metrics.memorization.lookup import distance_to
from autogen.metrics.tables.distance import TableDistance
from autogen.metrics.texts import distance as text_distance
from tests.metrics.makers import codec_of


def all_of(distance, samples) -> np.ndarray:
    return np.concatenate(list(distance.strips(samples)))


def test_images_lie_apart_by_the_least_of_their_versions():
    rng = np.random.default_rng(0)
    pool, images = (rng.integers(0, 256, size=(n, 5, 7, 2), dtype=np.uint8) for n in (6, 4))
    found = all_of(ImageDistance(pool), images)
    for i, j in np.ndindex(4, 6):
        image = images[i].astype(int)
        versions = [image, image[::-1], image[:, ::-1], image[::-1, ::-1]]
        versions += [np.vstack([image[1:], image[-1:]]), np.vstack([image[:1], image[:-1]])]
        versions += [np.hstack([image[:, 1:], image[:, -1:]]), np.hstack([image[:, :1], image[:, :-1]])]
        assert found[i, j] == min(int(((version - pool[j]) ** 2).sum()) for version in versions)


def test_large_images_are_compared_as_thumbnails():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, size=(3, 40, 33, 3), dtype=np.uint8)
    prepared = ImageDistance(images).prepare(images)
    assert prepared.shape == (3, 14, 11, 3)
    assert prepared[1, 0, 0, 2] == images[1, :3, :3, 2].sum(dtype=int)
    assert prepared[1, 13, 10, 2] == images[1, 39:, 30:, 2].sum(dtype=int)


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


def test_strips_are_all_rows_in_order(monkeypatch):
    images = np.random.default_rng(0).integers(0, 256, size=(9, 4, 4, 1), dtype=np.uint8)
    whole = all_of(ImageDistance(images), images)
    monkeypatch.setattr("autogen.metrics.distance._PAIRS", 18)
    strips = list(ImageDistance(images).strips(images))
    assert [len(strip) for strip in strips] == [2, 2, 2, 2, 1]
    np.testing.assert_array_equal(np.concatenate(strips), whole)
    assert not np.diag(whole).any()


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
    together = text_distance._stretches(texts, lengths)
    assert [one.tolist() for one in together] == [
        text_distance._stretches([text], lengths)[0].tolist() for text in texts
    ]
