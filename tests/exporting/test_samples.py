"""Samples as files of other tools, each read back by its own reader."""

import io
import json
import tarfile
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from autogen.data.music.abc import read_abc, tunes_of
from autogen.data.open import open_data
from autogen.errors import DataError, RunError
from autogen.exporting.samples import FORMATS, print_samples, save_samples
from tests.docs.sample_data import tunes

MLP = {"model.net": "mlp", "model.width": 16, "model.latent_dim": 4}
TEXTS = ["ada", "bob", "cyd", "dora", "eve", "fay"] * 10


@pytest.fixture(scope="session")
def rows(trained):
    return trained("wine", {"family": "vae", **MLP})


@pytest.fixture(scope="session")
def pictures(trained):
    return trained("digits", {"family": "vae", **MLP})


@pytest.fixture(scope="session")
def words(trained):
    return trained(TEXTS, {"family": "autoregressive", "model.width": 16})


def members(path):
    with tarfile.open(path) as archive:
        return {one.name: archive.extractfile(one).read() for one in archive.getmembers()}


@pytest.mark.slow
def test_rows_are_equal_in_every_format(rows, tmp_path):
    from pyarrow import ipc, parquet

    drawn = rows.sample(20, seed=2)
    for name in ("s.csv", "s.parquet", "s.arrow", "s.jsonl", "s.tar"):
        save_samples(rows, 20, tmp_path / name, seed=2)
    save_samples(rows, 20, tmp_path / "set", seed=2, form="datasets")
    with ipc.open_file(tmp_path / "s.arrow") as file:
        arrow = file.read_pandas()
    lines = [json.loads(line) for line in (tmp_path / "s.jsonl").read_text().splitlines()]
    packed = [json.loads(one) for one in members(tmp_path / "s.tar").values()]
    data_set = parquet.read_table(tmp_path / "set/data/train-00000-of-00001.parquet").to_pandas()
    for found in (pd.read_csv(tmp_path / "s.csv"), pd.read_parquet(tmp_path / "s.parquet"), arrow, data_set):
        pd.testing.assert_frame_equal(found, drawn, check_dtype=False)
    for found in (pd.DataFrame(lines), pd.DataFrame(packed)):
        pd.testing.assert_frame_equal(found, drawn, check_dtype=False, rtol=1e-6)
    assert open_data(str(tmp_path / "set/data/train-00000-of-00001.parquet")).kind.name == "tabular"


@pytest.mark.slow
def test_music_is_printed_as_the_notes_that_files_have(trained):
    model = trained(tunes(), {"family": "vae", **MLP})
    drawn = model.sample(8, seed=1)
    printed = tunes_of("\n".join(print_samples(model, 8, seed=1)))
    assert len(printed) == 8
    sounding = [(piece, tune) for piece, tune in zip(drawn, printed, strict=True) if len(piece)]
    assert sounding
    for piece, tune in sounding:  # a model of five steps draws some without notes, too
        assert read_abc(tune)[0].notes[:, :3].tolist() == piece.notes[:, :3].tolist()


@pytest.mark.slow
def test_pictures_are_members_of_a_web_dataset_and_files_of_a_data_set(pictures, tmp_path):
    drawn = pictures.sample(6, seed=1)
    save_samples(pictures, 6, tmp_path / "s.tar", seed=1, form="webdataset")
    save_samples(pictures, 6, tmp_path / "set", seed=1, form="datasets")
    found = members(tmp_path / "s.tar")
    assert list(found) == [f"{number:06d}.png" for number in range(6)]
    listed = [json.loads(line) for line in (tmp_path / "set/train/metadata.jsonl").read_text().splitlines()]
    assert [one["file_name"] for one in listed] == list(found)
    for place, content in enumerate(found.values()):
        seen = np.asarray(Image.open(io.BytesIO(content)).convert("L"), dtype=float) / 255 * 16
        assert np.abs(seen - drawn[place, ..., 0]).max() < 0.51
        assert (tmp_path / f"set/train/{place:06d}.png").read_bytes() == content
    save_samples(pictures, 6, tmp_path / "again.tar", seed=1)
    assert (tmp_path / "again.tar").read_bytes() == (tmp_path / "s.tar").read_bytes()


@pytest.mark.slow
def test_texts_are_members_and_rows(words, tmp_path):
    drawn = words.sample(5, seed=4)
    save_samples(words, 5, tmp_path / "s.tar", seed=4)
    assert [one.decode() for one in members(tmp_path / "s.tar").values()] == drawn
    save_samples(words, 5, tmp_path / "set", seed=4, form="datasets")
    parquet = tmp_path / "set/data/train-00000-of-00001.parquet"
    assert pd.read_parquet(parquet)["text"].tolist() == drawn


@pytest.mark.slow
def test_formats_of_text_are_printed_as_they_are_written_and_others_refused(rows, words, tmp_path):
    for form in ("csv", "tsv", "jsonl"):
        save_samples(rows, 3, tmp_path / f"s.{form}", seed=1)
        assert print_samples(rows, 3, 1, form=form) == (tmp_path / f"s.{form}").read_text().splitlines()
    assert print_samples(words, 3, 1, form="txt") == print_samples(words, 3, 1) == words.sample(3, seed=1)
    for form, why in (("jsno", "no format 'jsno'.*Did you mean 'jsonl'"), ("npz", "-o samples.npz")):
        with pytest.raises(DataError, match=why):
            print_samples(rows, 3, form=form)
    assert print_samples(words, 3, 1, form="csv")[0] == "text"
    with pytest.raises(DataError, match=r"got 'samples.tsv'"):
        print_samples(words, 3, form="tsv")


@pytest.mark.slow
def test_a_format_must_fit_the_name_and_the_data(rows, pictures, tmp_path):
    with pytest.raises(DataError, match="no format 'cvs'; there are csv"):
        save_samples(rows, 2, tmp_path / "s.csv", form="cvs")
    with pytest.raises(DataError, match=r"the format midi needs a file name with .mid; got 's.csv'"):
        save_samples(rows, 2, tmp_path / "s.csv", form="midi")
    with pytest.raises(DataError, match="images are no rows"):
        save_samples(pictures, 2, tmp_path / "s.arrow")
    (tmp_path / "set").mkdir()
    (tmp_path / "set/a").touch()
    with pytest.raises(RunError, match="is not empty"):
        save_samples(rows, 2, tmp_path / "set", form="datasets")
    assert list(tmp_path.iterdir()) == [tmp_path / "set"]
    assert {"webdataset", "datasets", "arrow", "jsonl", "midi", "png"} <= set(FORMATS)


#: Texts with what Unicode takes for the end of a line, and JSON does not.
ODD = ["a\u2028b", "c\u2029d", "e\x85f"]


@dataclass(frozen=True)
class Given:
    """A model that draws these parts."""

    codec: Any
    parts: tuple[pd.DataFrame, ...]
    family: str = "given"

    def stream(self, n, seed=0, chunk=None, condition=None):
        return iter(self.parts)


@pytest.fixture(scope="module")
def codec():
    return open_data("wine").codec


def test_a_row_is_one_member_and_one_line_whatever_its_cells_hold(codec, tmp_path):
    model = Given(codec, (pd.DataFrame({"note": ODD}), pd.DataFrame({"note": ["g\nh"]})))
    save_samples(model, 4, tmp_path / "s.tar")
    save_samples(model, 4, tmp_path / "s.jsonl")
    lines = (tmp_path / "s.jsonl").read_text().removesuffix("\n").split("\n")
    for found in (lines, members(tmp_path / "s.tar").values()):
        assert [json.loads(one)["note"] for one in found] == [*ODD, "g\nh"]


@pytest.mark.parametrize("later", ["x", True])
def test_a_column_may_be_missing_in_all_of_the_first_part(codec, tmp_path, later):
    from pyarrow import ipc, parquet

    parts = [pd.DataFrame({"note": pd.Series(cells, dtype=object)}) for cells in ([None] * 3, [later, None])]
    model = Given(codec, tuple(parts))
    save_samples(model, 5, tmp_path / "s.arrow")
    save_samples(model, 5, tmp_path / "set", form="datasets")
    with ipc.open_file(tmp_path / "s.arrow") as file:
        arrow = file.read_all()
    for found in (arrow, parquet.read_table(tmp_path / "set/data/train-00000-of-00001.parquet")):
        assert list(map(str, found["note"].to_pylist())) == ["None"] * 3 + [str(later), "None"]


@pytest.mark.slow
def test_a_suffix_that_nothing_writes_gets_the_list_of_those_that_are(rows, pictures, words, tmp_path):
    of_tables = ".csv, .csv.gz, .tsv, .tsv.gz, .parquet, .jsonl, .arrow, .tar (WebDataset)"
    said = {
        rows: f"rows are written to {of_tables}, or",
        pictures: "images are written to a folder, .npz, .png, .tar (WebDataset), or",
        words: "texts are written to .txt, .jsonl, .csv, .arrow, .tar (WebDataset), or",
    }
    for model, formats in said.items():
        with pytest.raises(DataError) as caught:
            save_samples(model, 3, tmp_path / "s.xyz")
        assert str(caught.value) == f"{formats} a folder with --format datasets; got 's.xyz'."
    assert list(tmp_path.iterdir()) == []
