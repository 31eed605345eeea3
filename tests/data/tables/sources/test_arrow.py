import contextlib
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import feather, parquet

from autogen.data.open import kind_of, open_data
from autogen.data.tables.sources.arrow import read_arrow, read_data_set
from autogen.errors import DataError
from tests.data.makers import picture, png


def saved(folder, table, parts=2):
    """A folder as ``Dataset.save_to_disk`` of Hugging Face writes it."""
    folder.mkdir(parents=True)
    each = -(-len(table) // parts)
    for i in range(parts):
        with pa.ipc.new_stream(folder / f"data-{i:05d}-of-{parts:05d}.arrow", table.schema) as writer:
            writer.write_table(table.slice(i * each, each))
    (folder / "dataset_info.json").write_text(json.dumps({"features": {}}))
    (folder / "state.json").write_text(json.dumps({"_data_files": [{"filename": "../../etc/passwd"}]}))
    return folder


def table(rows=40):
    return pa.table({"x": np.arange(rows) / 4, "label": ["a", "b"] * (rows // 2)})


def test_a_saved_table_is_read_from_all_of_its_files(tmp_path):
    module = open_data(saved(tmp_path / "d", table()))
    assert module.kind.name == "tabular"
    assert sorted(module.raw.samples["x"]) == [i / 4 for i in range(40)]


def test_of_several_splits_one_is_read_and_said(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    saved(tmp_path / "d" / "train", table(60))
    saved(tmp_path / "d" / "test", table(30))
    module = open_data(tmp_path / "d")
    assert len(module.raw.samples) == 60
    assert any("split 'train' was read, not 'test'" in note for note in module.notes)
    assert len(open_data(tmp_path / "d", options={"split": "test"}).raw.samples) == 30
    with pytest.raises(DataError, match="no split 'dev'; it has test, train"):
        open_data(tmp_path / "d", options={"split": "dev"})


def test_a_saved_data_set_with_a_field_text_is_texts(tmp_path):
    texts = [f"line {i} of a poem" for i in range(40)]
    folder = saved(tmp_path / "d", pa.table({"text": texts, "label": list(range(40))}))
    module = open_data(folder)
    assert (module.kind.name, sorted(module.raw.samples)) == ("text", sorted(texts))


def test_a_saved_data_set_of_pictures_is_images(tmp_path):
    cells = [{"bytes": png(picture(i, (8, 8))), "path": None} for i in range(24)]
    module = open_data(saved(tmp_path / "d", pa.table({"image": cells, "label": [i % 2 for i in range(24)]})))
    assert (module.kind.name, len(module.raw.samples)) == ("image", 24)
    assert module.labels("train") is not None


def test_a_damaged_file_is_refused_in_a_line(tmp_path):
    folder = saved(tmp_path / "d", table())
    for file in folder.glob("*.arrow"):
        file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(DataError, match="cannot be read as Arrow files"):
        read_data_set(folder)
    with pytest.raises(DataError):
        open_data(folder)


def test_an_arrow_file_may_be_a_stream_or_a_file(tmp_path):
    with pa.ipc.new_stream(tmp_path / "stream.arrow", table().schema) as writer:
        writer.write_table(table())
    feather.write_feather(table(), str(tmp_path / "file.arrow"))
    for name in ("stream.arrow", "file.arrow"):
        assert open_data(tmp_path / name).raw.samples.shape == (40, 2)


def test_a_folder_of_arrow_files_without_a_description_is_no_data_set(tmp_path):
    feather.write_feather(table(), str(tmp_path / "file.arrow"))
    with pytest.raises(DataError, match="holds no file that autogen reads"):
        kind_of(tmp_path)


@pytest.mark.parametrize("broken", [b"svr", b"]]]", b"i\xff8"])
def test_what_pandas_noted_in_a_damaged_file_is_refused_in_a_line(broken, tmp_path):
    table = pa.Table.from_pandas(pd.DataFrame({"x": np.arange(30), "c": list("abc") * 10}))
    notes = table.schema.metadata[b"pandas"].replace(b"int64", broken)
    table = table.replace_schema_metadata({b"pandas": notes})
    with (tmp_path / "t.arrow").open("wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table)
    parquet.write_table(table, tmp_path / "t.parquet")
    for name in ("t.arrow", "t.parquet"):
        with contextlib.suppress(DataError):
            assert len(open_data(tmp_path / name).raw.samples) == 30


def test_a_parquet_file_with_texts_that_are_no_utf8_is_refused_in_one_line(tmp_path):
    words = pa.array([b"one", b"\xff\xfe", b"three"] * 10, pa.binary())
    strings = pa.StringArray.from_buffers(len(words), *words.buffers()[1:])
    parquet.write_table(pa.table({"word": strings, "x": list(range(30))}), tmp_path / "t.parquet")
    with pytest.raises(DataError, match=r"t\.parquet cannot be read as parquet: .*UTF8"):
        read_arrow(tmp_path / "t.parquet")


def test_the_names_of_folders_above_a_parquet_file_are_no_columns(tmp_path):
    (tmp_path / "year=2020").mkdir()
    parquet.write_table(pa.table({"x": list(range(30))}), path := tmp_path / "year=2020" / "t.parquet")
    assert list(read_arrow(path).columns) == ["x"]
