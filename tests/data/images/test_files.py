import io
import os
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from autogen.data.images.files import read_images, target_size
from autogen.data.images.folder import class_folders
from autogen.data.open import open_data
from autogen.errors import DataError
from tests.data.makers import image_folder, picture, png


def read(folder, size=None):
    return read_images(folder, size)


def save(folder, name, image, form="PNG"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png(image, form))


@pytest.mark.parametrize("form", ["PNG", "BMP", "GIF", "WEBP", "JPEG"])
def test_common_formats_are_read(tmp_path, form):
    save(tmp_path, f"a.{form.lower()}", picture(0), form)
    images, names, _ = read(tmp_path)
    assert images.shape == (1, 16, 16, 3)
    assert names == [f"a.{form.lower()}"]


def test_lossless_formats_give_the_pixels(tmp_path):
    for form in ("png", "bmp"):
        save(tmp_path, f"a.{form}", picture(0), form.upper())
    images, _, _ = read(tmp_path)
    np.testing.assert_array_equal(images[0], np.asarray(picture(0)))
    np.testing.assert_array_equal(images[1], np.asarray(picture(0)))


@pytest.mark.parametrize(
    ("modes", "channels"),
    [
        (["L"], 1),
        (["1", "L"], 1),
        (["LA"], 1),
        (["RGB", "L"], 3),
        (["P"], 3),
        (["RGBA"], 3),
        (["CMYK"], 3),
    ],
)
def test_channels_that_say_nothing_are_left_out(tmp_path, modes, channels):
    for mode in modes:
        suffix, form = ("jpg", "JPEG") if mode == "CMYK" else ("png", "PNG")
        save(tmp_path, f"{mode}.{suffix}", picture(0, mode=mode), form)
    assert read(tmp_path)[0].shape[-1] == channels


def test_gray_pixels_in_color_files_are_gray(tmp_path):
    save(tmp_path, "a.png", picture(0, mode="L").convert("RGB"))
    assert read(tmp_path)[0].shape[-1] == 1


def test_any_transparency_gives_four_channels_without_hidden_colors(tmp_path):
    image = np.asarray(picture(0, mode="RGBA")).copy()
    image[:4, :, 3] = 0
    save(tmp_path, "a.png", Image.fromarray(image))
    save(tmp_path, "b.png", picture(1, mode="L"))
    images, _, notes = read(tmp_path)
    assert images.shape == (2, 16, 16, 4)
    assert (images[0, :4] == 0).all()
    np.testing.assert_array_equal(images[0, 4:], image[4:])
    assert notes == ["The colors of fully transparent pixels (12.5% of all pixels) were set to black."]


def test_16_bits_become_8(tmp_path):
    ramp = np.linspace(0, 65535, 64).astype(np.uint16).reshape(8, 8)
    save(tmp_path, "a.png", Image.fromarray(ramp))
    np.testing.assert_array_equal(read(tmp_path)[0][0, :, :, 0], np.rint(ramp / 257.0))


@pytest.mark.parametrize(
    ("sizes", "wanted", "target"),
    [
        ({(16, 16): 10}, None, (16, 16)),
        ({(20, 12): 6, (30, 30): 5}, None, (20, 12)),
        ({(20, 12): 4, (30, 30): 5, (50, 40): 4}, None, (30, 30)),
        ({(480, 640): 10}, None, (64, 64)),
        ({(4, 4): 10}, None, (8, 8)),
        ({(480, 640): 10}, 32, (32, 32)),
    ],
)
def test_all_images_get_the_size_that_the_rule_says(sizes, wanted, target):
    assert target_size(Counter(sizes), wanted) == target


def test_images_of_other_sizes_are_cropped_and_resized_with_a_note(tmp_path):
    image_folder(tmp_path, 5)
    wide = np.zeros((20, 60, 3), np.uint8)
    wide[:, 20:40] = 200
    save(tmp_path, "z.png", Image.fromarray(wide))
    images, _, notes = read(tmp_path)
    assert images.shape == (6, 16, 16, 3)
    assert abs(images[-1].astype(int) - 200).max() < 10
    assert notes == [
        "1 of 6 images had another size than 16 x 16 (height x width) and were cropped and resized to it."
    ]


def test_reduced_images_are_antialiased(tmp_path):
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 255
    save(tmp_path, "a.png", Image.fromarray(stripes))
    reduced = read(tmp_path, 16)[0][0, 2:-2, 2:-2]
    assert abs(reduced.astype(int) - 127).max() < 20


def test_corrupt_files_are_skipped_counted_and_named(tmp_path):
    image_folder(tmp_path, 30)
    whole = png(picture(0, (60, 60)))
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "fake.jpg").write_bytes(b"no image at all")
    (tmp_path / "empty.gif").write_bytes(b"")
    module = open_data(tmp_path)
    assert len(module.raw.samples) == 30
    assert module.notes[0].startswith("3 of 33 image files cannot be read and were skipped:")
    assert all(name in module.notes[0] for name in ("cut.png", "fake.jpg (no image)", "empty.gif"))


def test_mostly_corrupt_folders_are_refused_by_name(tmp_path):
    image_folder(tmp_path, 3)
    for i in range(4):
        (tmp_path / f"bad{i}.png").write_bytes(b"no image at all")
    with pytest.raises(
        DataError, match=r"4 of 7 image files cannot be read, for example bad0.png \(no image\)"
    ):
        open_data(tmp_path)


def test_a_decompression_bomb_counts_as_corrupt(tmp_path, monkeypatch):
    image_folder(tmp_path, 5)
    save(tmp_path, "bomb.png", picture(0, (200, 200)))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    images, names, notes = read(tmp_path)
    assert len(images) == 5
    assert "bomb.png" not in names
    assert "bomb.png" in notes[0]


def test_hidden_and_other_files_are_no_images(tmp_path):
    image_folder(tmp_path, 3)
    save(tmp_path, ".hidden.png", picture(0))
    save(tmp_path, "__MACOSX/._000.png", picture(0))
    (tmp_path / "readme.txt").write_text("hello")
    assert len(read(tmp_path)[0]) == 3


@pytest.mark.parametrize(
    ("names", "classes"),
    [
        (["a/1.png", "a/2.png", "b/1.png", "b/2.png"], ["a", "a", "b", "b"]),
        (["set/a/1.png", "set/a/2.png", "set/b/x/1.png", "set/b/2.png"], ["a", "a", "b", "b"]),
        (["train/a/1.png", "test/a/2.png", "train/b/1.png", "test/b/2.png"], ["a", "a", "b", "b"]),
        (["1.png", "2.png"], None),
        (["set/1.png", "set/2.png"], None),
        (["train/1.png", "test/2.png"], None),
        (["a/1.png", "b/1.png", "c/1.png"], None),
        (["a/1.png", "a/2.png", "3.png", "b/4.png"], None),
        ([], None),
    ],
)
def test_folders_are_classes_where_they_can_be(names, classes):
    assert class_folders(names) == classes


def test_pictures_of_a_camera_on_its_side_are_stood_up_whole(tmp_path):
    pixels = np.arange(16 * 24 * 3, dtype=np.uint8).reshape(16, 24, 3)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(pixels).save(tmp_path / "a.png", exif=exif)
    images, _, notes = read(tmp_path)
    np.testing.assert_array_equal(images[0], np.rot90(pixels, -1))
    assert not any("another size" in note for note in notes)


@pytest.mark.parametrize(
    ("peak", "white"), [(200, 255), (1000, 1023), (4000, 4095), (16000, 16383), (60000, 65535)]
)
def test_all_images_of_more_than_8_bits_have_one_scale(tmp_path, peak, white):
    bright, dark = np.full((8, 8), peak, np.uint16), np.full((8, 8), peak // 20, np.uint16)
    save(tmp_path, "a.png", Image.fromarray(bright))
    save(tmp_path, "b.png", Image.fromarray(dark))
    images, _, notes = read(tmp_path)
    assert images[0, 0, 0, 0] == round(peak * 255 / white)
    assert images[1, 0, 0, 0] == round(peak // 20 * 255 / white)
    assert notes == (
        [f"Pixels of more than 8 bits were scaled: {white} is white in all images."] if peak > 255 else []
    )


@pytest.mark.parametrize(
    "content", [b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 16 16\n%%EndComments\nshowpage\n", None]
)
def test_files_of_other_formats_are_no_images_whatever_their_names(tmp_path, content):
    image_folder(tmp_path, 5)
    other = io.BytesIO()
    picture(0).save(other, format="PPM")
    (tmp_path / "x.png").write_bytes(content or other.getvalue())
    images, _, notes = read(tmp_path)
    assert len(images) == 5
    assert f"x.png ({'PostScript' if content else 'a portable pixmap (PNM)'})" in notes[0]


def test_a_pipe_among_the_images_is_left_out(tmp_path):
    image_folder(tmp_path, 5)
    os.mkfifo(tmp_path / "pipe.png")
    images, _, notes = read(tmp_path)
    assert len(images) == 5
    assert "pipe.png (it is no regular file)" in notes[0]


@pytest.mark.parametrize(
    ("mode", "form", "channels"), [("CMYK", "JPEG", 3), ("LA", "PNG", 4), ("P", "GIF", 3), ("RGB", "WEBP", 3)]
)
def test_pictures_of_other_color_models_are_read(tmp_path, mode, form, channels):
    image = picture(0).convert("L") if mode == "LA" else picture(0)
    image = image.convert(mode)
    if mode == "LA":
        image.putalpha(128)
    (tmp_path / f"a.{form.lower()}").write_bytes(png(image, form))
    images, _, _ = read(tmp_path)
    assert images.shape == (1, 16, 16, channels)


def test_a_picture_is_turned_upright_and_an_animation_gives_its_first_frame(tmp_path):
    turned = picture(0, (24, 16))
    exif = Image.Exif()
    exif[0x0112] = 6
    turned.save(tmp_path / "a.jpg", exif=exif)
    assert read(tmp_path)[0].shape == (1, 24, 16, 3)
    (tmp_path / "a.jpg").unlink()
    frames = [Image.new("RGB", (16, 16), color) for color in ("red", "blue")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert read(tmp_path)[0][0, 0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("suffix", ["gif", "png", "webp", "tif"])
def test_frames_that_are_not_read_are_told(tmp_path, suffix):
    image_folder(tmp_path, 5)
    frames = [Image.new("RGB", (16, 16), color) for color in ("red", "blue")]
    frames[0].save(tmp_path / f"a.{suffix}", save_all=True, append_images=frames[1:])
    notes = read(tmp_path)[2]
    assert "1 image file has several frames or pages, of which the first was read." in notes


@pytest.mark.parametrize("packed", [None, "tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_tiff_files_packed_without_loss_are_read(tmp_path, packed):
    for i in range(3):
        picture(i).save(tmp_path / f"{i}.tif", compression=packed)
    images, names, notes = read(tmp_path)
    assert (len(images), names, notes) == (3, ["0.tif", "1.tif", "2.tif"], [])
    assert np.array_equal(images[0], np.asarray(picture(0)))


def test_other_tiff_files_are_left_out_with_the_reason(tmp_path):
    image_folder(tmp_path, 3)
    picture(0).save(tmp_path / "z.tif", compression="jpeg")
    images, _, notes = read(tmp_path)
    assert len(images) == 3
    assert "z.tif (a TIFF compressed by jpeg, which is not read; save it as PNG)" in notes[0]


def test_fractions_of_a_tiff_keep_their_range(tmp_path):
    for i in range(4):
        Image.fromarray(np.full((8, 8), i / 3, np.float32)).save(tmp_path / f"{i}.tif")
    images, _, notes = read(tmp_path)
    assert images[:, 0, 0, 0].tolist() == [0, 85, 170, 255]
    assert "Pixels in [0, 1]" in notes[0]


def test_a_tiff_with_negative_pixels_is_left_out_with_the_reason(tmp_path):
    image_folder(tmp_path, 5)
    Image.fromarray(np.full((8, 8), -1, np.float32)).save(tmp_path / "x.tif")
    assert "x.tif (it has pixels below 0" in read(tmp_path)[2][0]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (bytes(4) + b"ftypheic", "HEIC"),
        (bytes(4) + b"ftypavif", "AVIF"),
        (b"<svg>", "SVG"),
        (bytes(3) + b"\x0cjP  \r\n", "JPEG 2000"),
        (bytes(3) + b"\x0cJXL \r\n", "JPEG XL"),
        (b"\0\0\1\0\1\0\x10\x10", "an icon"),
        (b"P6\n16 16\n255\n" + bytes(768), "PNM"),
        (bytes(128) + b"DICM", "medicine"),
        (b"%PDF-1.7", "PDF"),
        (b"", "empty"),
    ],
)
def test_a_picture_that_is_not_read_is_called_what_it_is(tmp_path, content, what):
    image_folder(tmp_path, 5)
    (tmp_path / "x.png").write_bytes(content)
    assert what in read(tmp_path)[2][0]
