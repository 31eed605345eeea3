import json
import tracemalloc

import numpy as np
import pytest
from PIL import Image

from autogen.data.images.codec import ImageCodec
from autogen.data.images.kind import Images
from autogen.data.open import codec_from_json, open_data
from autogen.errors import DataError
from tests.data.makers import image_folder, picture, png, zipped

RNG = np.random.default_rng(0)


def noise(*shape, high=256):
    return RNG.integers(0, high, shape, dtype=np.uint8)


@pytest.fixture(scope="module")
def digits():
    return open_data("digits")


def test_digits_have_17_levels_and_10_classes(digits):
    spec = digits.codec.spec
    assert (spec.channels, spec.height, spec.width, spec.levels, spec.labels) == (1, 8, 8, 17, 10)
    assert digits.raw.samples.shape == (1797, 8, 8, 1)
    assert {name: len(rows) for name, rows in digits.rows.items()} == {
        "train": 1077,
        "tune": 234,
        "select": 234,
        "test": 252,
    }


def test_encoded_digits_are_codes_with_labels(digits):
    encoded = digits.encoded("train")
    assert encoded["pixels"].dtype == np.uint8
    assert encoded["pixels"].shape == (1077, 1, 8, 8)
    assert encoded["pixels"].max() == 16
    assert encoded["label"].dtype == np.int64
    assert sorted(set(encoded["label"])) == list(range(10))


def test_images_come_back_exactly(digits):
    np.testing.assert_array_equal(
        digits.codec.decode(digits.codec.encode(digits.raw.samples)), digits.raw.samples
    )


def test_channels_come_first_in_codes():
    images = noise(30, 9, 11, 3)
    codec = ImageCodec.fit(images)
    np.testing.assert_array_equal(codec.encode(images)["pixels"][4, 2], images[4, :, :, 2])
    np.testing.assert_array_equal(codec.decode(codec.encode(images)), images)


@pytest.mark.parametrize(
    ("values", "levels"),
    [([0, 255], 2), (range(17), 17), ([0, 3, 16], 17), (range(0, 256, 8), 32), (range(0, 256, 7), 256)],
)
def test_few_values_have_a_level_each(values, levels):
    images = RNG.choice(np.array(list(values), np.uint8), (400, 8, 8, 1))
    codec = ImageCodec.fit(images)
    assert codec.spec.levels == levels
    np.testing.assert_array_equal(codec.decode(codec.encode(images)), images)


def test_an_unseen_value_takes_the_nearest_level():
    codec = ImageCodec.fit(np.array([0, 100, 255], np.uint8).reshape(1, 1, 3, 1))
    unseen = np.array([40, 60, 200], np.uint8).reshape(1, 1, 3, 1)
    assert codec.decode(codec.encode(unseen)).ravel().tolist() == [0, 100, 255]


def test_other_shapes_are_refused(digits):
    with pytest.raises(DataError, match=r"must be uint8 \(N, 8, 8, 1\)"):
        digits.codec.encode(np.zeros((3, 8, 9, 1), np.uint8))


def test_a_codec_is_rebuilt_by_its_kind(digits):
    rebuilt = codec_from_json(json.loads(json.dumps(digits.codec.to_json())))
    assert rebuilt.spec == digits.codec.spec
    assert rebuilt.label_names == digits.codec.label_names


@pytest.mark.parametrize("shape", [(40, 12, 10), (40, 12, 10, 1), (40, 12, 10, 3), (40, 12, 10, 4)])
def test_arrays_in_memory_can_be_opened(shape):
    module = open_data(noise(*shape))
    assert module.raw.samples.shape == (*shape[:3], shape[3] if len(shape) == 4 else 1)


@pytest.mark.parametrize("value", [0, 255])
def test_constant_images_can_be_opened(value):
    module = open_data(np.full((40, 8, 8), value, np.uint8))
    np.testing.assert_array_equal(module.codec.decode(module.encoded("test")), module.split("test"))


def test_large_arrays_are_reduced_with_a_note():
    module = open_data(noise(30, 70, 100, 3))
    assert module.raw.samples.shape == (30, 64, 64, 3)
    assert "All images were cropped and resized from 70 x 100 to 64 x 64." in module.notes


def test_the_user_can_say_the_size():
    assert open_data(noise(30, 70, 70), options={"size": 16}).raw.samples.shape == (30, 16, 16, 1)
    assert open_data(noise(30, 70, 70), options={"size": 70}).raw.samples.shape == (30, 70, 70, 1)
    assert open_data(noise(30, 4, 4), options={"size": 8}).raw.samples.shape == (30, 8, 8, 1)


@pytest.mark.parametrize("size", [4, 1000, "big", 8.5])
def test_a_size_that_cannot_be_is_refused(size):
    with pytest.raises(DataError, match="size must be a whole number"):
        open_data(noise(30, 16, 16), options={"size": size})


def test_images_that_are_too_small_are_refused():
    with pytest.raises(DataError, match="at least 8 x 8 pixels; got 4 x 9"):
        open_data(noise(30, 4, 9))


def test_copies_are_kept_and_told():
    images = noise(40, 8, 8)
    images[7] = images[3]
    module = open_data(images)
    assert len(module.raw.samples) == 40
    assert any(note.startswith("1 of 40 images (2.5%) is an exact copy") for note in module.notes)


def test_a_zip_reads_as_the_folder_it_was_made_of(tmp_path):
    for name in ("cat", "dog"):
        image_folder(tmp_path / "set" / name, 15, size=(10, 10))
    (tmp_path / "set" / "notes.txt").write_text("no image")
    folder = open_data(tmp_path / "set")
    archive = open_data(zipped(tmp_path / "set", tmp_path / "set.zip"))
    assert archive.sha256 == folder.sha256
    assert archive.codec.spec == folder.codec.spec
    assert folder.raw.label_names == ("cat", "dog")
    assert np.bincount(folder.raw.labels).tolist() == [15, 15]


def test_an_npz_holds_raw_values_again(digits, tmp_path):
    part = digits.split("test")
    digits.kind.save(part, tmp_path / "made.npz", digits.codec)
    with np.load(tmp_path / "made.npz") as found:
        assert found["images"].shape == (252, 8, 8)
    np.testing.assert_array_equal(open_data(tmp_path / "made.npz").raw.samples, part)


def test_a_grid_shows_every_image_bright(digits, tmp_path):
    digits.kind.save(digits.split("test")[:10], tmp_path / "made.png", digits.codec)
    with Image.open(tmp_path / "made.png") as grid:
        shown = np.asarray(grid)
    tile, gutter = 48, 4
    step = tile + gutter
    assert shown.shape == (3 * step + gutter, 4 * step + gutter)
    assert (shown[:gutter] == 128).all()
    assert shown.max() == 255
    expected = np.rint(digits.split("test")[5, :, :, 0].astype(float) * 255 / 16)
    top = step + gutter
    np.testing.assert_array_equal(shown[top : top + tile : 6, top : top + tile : 6], expected)


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB"), (4, "RGBA")])
def test_a_folder_of_pngs_holds_every_image(tmp_path, channels, mode):
    images = noise(25, 9, 8, channels)
    Images().save(images, tmp_path / "made")
    names = sorted(entry.name for entry in (tmp_path / "made").iterdir())
    assert names == [f"{i:05d}.png" for i in range(25)]
    with Image.open(tmp_path / "made" / "00007.png") as image:
        assert image.mode == mode
        np.testing.assert_array_equal(np.asarray(image).reshape(9, 8, channels), images[7])


def test_brightness_without_a_codec_goes_by_the_brightest_pixel(tmp_path):
    Images().save(np.full((1, 32, 32, 1), 1, np.uint8), tmp_path / "made.png")
    with Image.open(tmp_path / "made.png") as grid:
        assert np.asarray(grid).max() == 255


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path):
    (tmp_path / "keep.txt").write_text("mine")
    with pytest.raises(DataError, match="is not empty"):
        Images().save(noise(3, 8, 8, 1), tmp_path)


@pytest.mark.parametrize("name", ["made.png", "made.npz", "made"])
def test_a_place_that_cannot_be_written_is_an_error_of_one_line(tmp_path, name):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(DataError, match="cannot be written"):
        Images().save(noise(3, 8, 8, 1), tmp_path / "file" / name)


@pytest.mark.parametrize("n", [0, 10_001])
def test_a_grid_of_none_or_too_many_is_refused(tmp_path, n):
    with pytest.raises(DataError, match="shows 1 to 10000 images"):
        Images().save(np.zeros((n, 8, 8, 1), np.uint8), tmp_path / "made.png")


def test_one_image_file_is_too_few(tmp_path):
    (tmp_path / "one.png").write_bytes(png(picture(0)))
    with pytest.raises(DataError, match="has 1 image; at least 20"):
        open_data(tmp_path / "one.png")


def test_fitting_takes_little_memory_beside_the_images():
    images = np.random.default_rng(0).integers(0, 256, (2000, 32, 32, 3), dtype=np.uint8)
    tracemalloc.start()
    ImageCodec.fit(images)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < images.nbytes
