"""Links in folders of pictures and music: whoever made the folder may link any file of its reader."""

import numpy as np
import pytest
from PIL import Image

from autogen.data.open import open_data
from autogen.errors import DataError


def picture(path, number):
    Image.fromarray(np.full((8, 8), number, np.uint8)).save(path)


def test_links_to_pictures_elsewhere_are_left_out_and_said(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    picture(tmp_path / "private.png", 255)
    for number in range(30):
        picture(folder / f"{number:02d}.png", number)
    (folder / "99.png").symlink_to("../private.png")
    (folder / "again.png").symlink_to("00.png")
    module = open_data(folder)
    assert len(module.raw.samples) == 31
    assert module.raw.samples.max() < 255
    assert any("99.png was left out, since it is a link to another folder" in note for note in module.notes)


def test_a_folder_of_links_to_pictures_elsewhere_is_refused_in_true_words(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(20):
        picture(tmp_path / f"{number}.png", number)
        (folder / f"{number}.png").symlink_to(f"../{number}.png")
    with pytest.raises(DataError, match="links to files elsewhere, which are not read"):
        open_data(folder, kind="image")


@pytest.mark.parametrize(("kind", "suffix"), [("image", ".png"), ("music", ".mid")])
def test_a_link_to_itself_is_a_file_that_cannot_be_read(tmp_path, kind, suffix):
    (tmp_path / f"x{suffix}").symlink_to(f"x{suffix}")
    with pytest.raises(DataError, match="it is no regular file"):
        open_data(tmp_path, kind=kind)
