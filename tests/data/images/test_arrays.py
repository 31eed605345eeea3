import zipfile

import numpy as np
import pytest
import torch

from autogen.data.images.arrays import eight_bit
from autogen.data.open import open_data
from autogen.errors import DataError

RNG = np.random.default_rng(0)


def noise(n=30, *rest, high=256):
    return RNG.integers(0, high, (n, *(rest or (8, 8))), dtype=np.uint8)


def save(folder, **arrays):
    np.savez(folder / "set.npz", **arrays)
    return folder / "set.npz"


@pytest.mark.parametrize("name", ["x", "X", "images", "data", "arr_0", "whatever"])
def test_the_only_array_of_images_is_taken(tmp_path, name):
    images = noise()
    module = open_data(save(tmp_path, **{name: images, "other": np.zeros(3)}))
    np.testing.assert_array_equal(module.raw.samples[..., 0], images)


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (("x_train", "x_test"), ("y_train", "y_test")),
        (("train_images", "test_images"), ("train_labels", "test_labels")),
    ],
)
def test_official_parts_are_put_together_with_a_note(tmp_path, names, labels):
    parts = [noise(30), noise(12)]
    classes = [RNG.integers(0, 3, 30), RNG.integers(0, 3, (12, 1))]
    module = open_data(save(tmp_path, **dict(zip(names + labels, parts + classes, strict=True))))
    np.testing.assert_array_equal(module.raw.samples[..., 0], np.concatenate(parts))
    np.testing.assert_array_equal(module.raw.labels, np.concatenate([c.ravel() for c in classes]))
    assert f"The arrays {names[0]} (30) and {names[1]} (12) were put together" in module.notes[0]


def test_one_of_several_arrays_can_be_named(tmp_path):
    path = save(tmp_path, x_train=noise(30), x_test=noise(40))
    assert len(open_data(path, options={"arrays": "x_test"}).raw.samples) == 40


def test_arrays_that_cannot_be_told_apart_are_listed(tmp_path):
    path = save(tmp_path, left=noise(30), right=noise(30))
    with pytest.raises(DataError, match=r"left uint8 \(30, 8, 8\), right uint8 \(30, 8, 8\)"):
        open_data(path)


def test_arrays_of_different_shapes_are_refused(tmp_path):
    with pytest.raises(DataError, match="images of different shapes"):
        open_data(save(tmp_path, x_train=noise(30), x_test=noise(30, 9, 9)))


def test_an_array_that_is_absent_is_refused(tmp_path):
    with pytest.raises(DataError, match="it holds x uint8"):
        open_data(save(tmp_path, x=noise()), options={"arrays": "z"})


def test_labels_may_be_texts_or_have_names(tmp_path):
    texts = open_data(save(tmp_path, x=noise(), y=np.array(["cat", "dog", "ape"] * 10)))
    assert texts.raw.label_names == ("ape", "cat", "dog")
    assert texts.raw.labels[:3].tolist() == [1, 2, 0]
    named = open_data(save(tmp_path, x=noise(), y=np.array([2, 0] * 15), classes=np.array(["a", "b", "c"])))
    assert named.raw.label_names == ("a", "b", "c")
    assert named.raw.labels[:2].tolist() == [2, 0]


def test_labels_with_hardly_two_images_each_are_ignored(tmp_path):
    module = open_data(save(tmp_path, x=noise(), y=np.arange(30)))
    assert module.raw.labels is None
    assert "The labels have 30 different values for 30 images, so they are ignored." in module.notes


def test_labels_of_another_length_are_ignored(tmp_path):
    assert open_data(save(tmp_path, x=noise(), y=np.zeros(7, int))).raw.labels is None


@pytest.mark.parametrize(
    ("images", "low", "high"),
    [
        (RNG.random((5, 8, 8)), 0, 255),
        (RNG.random((5, 8, 8)) * 2 - 1, 0, 255),
        (np.tile([0.0, 16.0], (5, 8, 4)), 0, 16),
        (np.tile([0, 255], (5, 8, 4)).astype(np.int64), 0, 255),
        (np.tile([True, False], (5, 8, 4)), 0, 1),
        (np.tile([0.0, 1.0], (5, 8, 4)), 0, 1),
    ],
)
def test_other_numbers_become_eight_bits(images, low, high):
    found, _ = eight_bit(images, "x")
    assert found.dtype == np.uint8
    assert found.shape == (5, 8, 8, 1)
    assert found.min() - low <= 3
    assert high - found.max() <= 3


def test_channels_that_come_first_are_moved_last():
    images = noise(5, 3, 8, 9)
    found, notes = eight_bit(images, "x")
    np.testing.assert_array_equal(found, images.transpose(0, 2, 3, 1))
    assert notes == ["The images have their channels first; the channels were moved last."]


@pytest.mark.parametrize(
    "images",
    [
        np.full((5, 8, 8), np.nan),
        np.full((5, 8, 8), 300),
        np.full((5, 8, 8), -3),
        np.full((5, 8, 8), 1.5) * 200,
        np.zeros((5, 8, 8, 2), np.uint8),
    ],
)
def test_numbers_that_are_no_pixels_are_refused(images):
    with pytest.raises(DataError):
        eight_bit(images, "x")


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_pixels_that_are_no_numbers_are_called_so(odd):
    images = np.linspace(0, 1, 320).reshape(5, 8, 8)
    images[3, 2, 1] = odd
    with pytest.raises(DataError, match="holds pixels that are no finite numbers"):
        eight_bit(images, "x")


def test_a_single_array_file_is_read(tmp_path):
    images = noise()
    np.save(tmp_path / "set.npy", images)
    np.testing.assert_array_equal(open_data(tmp_path / "set.npy").raw.samples[..., 0], images)


def test_arrays_of_twelve_bits_are_scaled_by_one_factor():
    images = np.zeros((20, 8, 8), np.uint16)
    images[0], images[1] = 4095, 100
    found, notes = eight_bit(images, "x")
    assert (found[0, 0, 0, 0], found[1, 0, 0, 0]) == (255, 6)
    assert notes == ["Pixels of more than 8 bits were scaled: 4095 is white in all images."]


@pytest.mark.parametrize("labels", [np.eye(3)[np.arange(30) % 3], (np.arange(30) % 3)[:, None]])
def test_labels_may_be_one_hot_or_a_column(tmp_path, labels):
    np.savez(tmp_path / "t.npz", x=np.zeros((30, 8, 8), np.uint8), y=labels)
    module = open_data(tmp_path / "t.npz")
    assert module.raw.labels.tolist() == (np.arange(30) % 3).tolist()


def npy(header: bytes, body: bytes = b"") -> bytes:
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + body


@pytest.mark.parametrize(
    "header",
    [
        b"{'descr': '|u1', 'fortran_order': False, 'shape': (999999999, 8, 8)}\n",
        b"{'descr': '|u1', 'fortran_order': False, 'shape': (-5, 8, 8)}\n",
        b"{'descr': '|O', 'fortran_order': False, 'shape': (5, 8, 8)}\n",
        b"{'descr': [('a',, 'shape': (5,)}\n",
        b"{'descr': '|u1', 'shape': 5}\n",
        b"\xff" * 60,
        b"(" * 3000,
    ],
)
@pytest.mark.parametrize("suffix", [".npy", ".npz"])
def test_damaged_arrays_are_refused_in_one_line(tmp_path, header, suffix):
    path = tmp_path / f"t{suffix}"
    if suffix == ".npz":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("x.npy", npy(header, b"\0" * 100))
    else:
        path.write_bytes(npy(header, b"\0" * 100))
    with pytest.raises(DataError) as caught:
        open_data(path)
    assert "\n" not in str(caught.value)


def test_members_of_an_archive_that_are_no_arrays_are_left_out(tmp_path):
    np.savez(tmp_path / "t.npz", x=np.zeros((30, 8, 8), np.uint8))
    with zipfile.ZipFile(tmp_path / "t.npz", "a") as archive:
        archive.writestr("readme.txt", "hello")
    assert len(open_data(tmp_path / "t.npz").raw.samples) == 30


def test_labels_that_do_not_fit_are_ignored_with_a_warning(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (40, 8, 8), dtype=np.uint8)
    np.savez(tmp_path / "t.npz", x=images, y=np.arange(30) % 4)
    module = open_data(tmp_path / "t.npz")
    assert module.raw.labels is None
    assert any("'y' (30,) has no class for each image" in note for note in module.notes)


def test_tensors_of_types_that_numpy_lacks_are_read():
    tensor = torch.rand(40, 1, 8, 8)
    for found in (tensor.bfloat16(), tensor.to_sparse(), tensor.requires_grad_()):
        assert len(open_data(found).raw.samples) == 40
    with pytest.raises(DataError, match="cannot be read"):
        open_data(torch.rand(40, 1, 8, 8, device="meta"))
