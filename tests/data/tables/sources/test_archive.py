"""Zips and packed files of tables, of texts and of arrays, and what stands beside them."""

import bz2
import gzip
import io
import json
import lzma
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from autogen.data.open import open_data
from autogen.errors import DataError

FRAME = pd.DataFrame({"x": np.arange(60) / 4, "n": np.arange(60) * 7 % 13, "c": list("abc") * 20})
CSV = FRAME.to_csv(index=False).encode()
LINES = FRAME.to_json(orient="records", lines=True).encode()
RECORDS = FRAME.to_json(orient="records").encode()


def buffer(write):
    stream = io.BytesIO()
    write(stream)
    return stream.getvalue()


PARQUET = buffer(FRAME.to_parquet)


def zipped(folder, files):
    with zipfile.ZipFile(folder / "t.zip", "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return folder / "t.zip"


TABLES = {
    "with what macOS adds": {"data/t.csv": CSV, "__MACOSX/._t.csv": b"\0", "data/.DS_Store": b"\0"},
    "with a text beside it": {"t.csv": CSV, "readme.txt": b"x", "LICENSE": b"y"},
    "with a description": {"t.csv": CSV, "datapackage.json": b"{}"},
    "parquet": {"t.parquet": PARQUET, "README": b"x"},
    "lines": {"t.jsonl": LINES},
    "records": {"t.json": RECORDS},
    "packed twice": {"t.csv.gz": gzip.compress(CSV)},
    "workbook": {"t.xlsx": buffer(lambda stream: FRAME.to_excel(stream, index=False))},
    "outside of the folder": {"../../t.csv": CSV},
}


@pytest.mark.parametrize("way", TABLES)
def test_the_only_table_of_a_zip_is_read_and_others_are_named(way, tmp_path):
    module = open_data(zipped(tmp_path, TABLES[way]))
    pd.testing.assert_frame_equal(module.raw.samples, FRAME, check_dtype=False)
    beside = [name for name in TABLES[way] if not name.rpartition("/")[2].startswith((".", "t."))]
    beside = [name for name in beside if "MACOSX" not in name]
    told = [note for note in module.notes if note.startswith("Of t.zip t.")]
    assert bool(told) == bool(beside)
    assert all(name in told[0] for name in beside)
    assert module.source == str(tmp_path / "t.zip")


PACKED = {
    "t.csv.bz2": bz2.compress(CSV),
    "t.csv.xz": lzma.compress(CSV),
    "t.csv.zst": pa.compress(CSV, "zstd", asbytes=True),
    "t.csv": lzma.compress(CSV),
    "t.tsv.gz": gzip.compress(FRAME.to_csv(index=False, sep="\t").encode()),
    "t.jsonl.bz2": bz2.compress(LINES),
    "t.json.xz": lzma.compress(RECORDS),
    "t.parquet.gz": gzip.compress(PARQUET),
}


@pytest.mark.parametrize("name", PACKED)
def test_packed_tables_are_read(name, tmp_path):
    (tmp_path / name).write_bytes(PACKED[name])
    pd.testing.assert_frame_equal(open_data(tmp_path / name).raw.samples, FRAME, check_dtype=False)


@pytest.mark.parametrize("name", ["t.csv.bz2", "t.csv.xz", "t.csv.zst", "t.parquet.gz"])
def test_packed_tables_that_are_cut_are_refused_in_one_line(name, tmp_path):
    (tmp_path / name).write_bytes(PACKED[name][:90])
    with pytest.raises(DataError, match=rf"{name} cannot be (unpacked|read)") as refused:
        open_data(tmp_path / name)
    assert "/tmp/tmp" not in str(refused.value)


def test_a_small_file_does_not_fill_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("autogen.data.decoding.MOST_UNPACKED", 2**16)
    (tmp_path / "t.csv.bz2").write_bytes(bz2.compress(bytes(2**20)))
    with pytest.raises(DataError, match="unpacks to more than 65,536 bytes"):
        open_data(tmp_path / "t.csv.bz2")


TEXTS = {
    "one a file": ({f"docs/{i}.txt": f"text number {i} of all" for i in range(40)}, 40),
    "lines of one": ({"t.txt": "\n".join(f"line {i}" for i in range(60))}, 60),
    "lines of JSON": ({"t.jsonl": "\n".join(json.dumps({"text": f"hi {i}"}) for i in range(60))}, 60),
    "strings": ({"t.json": json.dumps([f"hi {i}" for i in range(60)])}, 60),
}


@pytest.mark.parametrize("way", TEXTS)
def test_texts_of_a_zip_are_read(way, tmp_path):
    files, count = TEXTS[way]
    module = open_data(zipped(tmp_path, files))
    assert (module.kind.name, len(module.raw.samples)) == ("text", count)


REFUSED = {
    "two tables": ({"a.csv": CSV, "b.csv": CSV}, r"zip with 2 files \(a.csv, b.csv\); a zip is read if"),
    "no rows": ({"data/t.csv": b"a,b\n"}, r"t.zip: data/t.csv has a header but no rows"),
    "a zip": ({"t.zip": CSV}, "zip with 1 file"),
}


@pytest.mark.parametrize("way", REFUSED)
def test_other_zips_are_refused_as_what_they_are(way, tmp_path):
    files, why = REFUSED[way]
    with pytest.raises(DataError, match=why) as refused:
        open_data(zipped(tmp_path, files))
    assert str(refused.value).count(str(tmp_path)) == 1


def test_arrays_of_rows_and_columns_are_tables_and_those_of_images_are_not(tmp_path):
    np.save(tmp_path / "m.npy", np.random.default_rng(0).random((50, 4)))
    assert list(open_data(tmp_path / "m.npy").raw.samples) == ["x0", "x1", "x2", "x3"]
    np.savez(tmp_path / "m.npz", X=np.arange(100).reshape(50, 2) / 7, y=np.arange(50) % 3, z=np.arange(9))
    module = open_data(tmp_path / "m.npz")
    assert list(module.raw.samples) == ["x0", "x1", "y"]
    assert "Arrays of other sizes were left out: z." in module.notes
    np.save(tmp_path / "i.npy", np.arange(50 * 64, dtype=np.uint8).reshape(50, 8, 8))
    assert open_data(tmp_path / "i.npy").kind.name == "image"
    np.save(tmp_path / "v.npy", np.arange(50))
    with pytest.raises(
        DataError, match=r"or one of a table, \(N, D\), in .*v.npy; it holds images int64 \(50,\)"
    ):
        open_data(tmp_path / "v.npy")


JSON = {
    "columns": FRAME.to_dict("list"),
    "an answer of a service": {"count": 60, "next": None, "results": FRAME.to_dict("records")},
}


@pytest.mark.parametrize("way", JSON)
def test_more_shapes_of_json_are_tables(way, tmp_path):
    (tmp_path / "t.json").write_text(json.dumps(JSON[way]))
    pd.testing.assert_frame_equal(open_data(tmp_path / "t.json").raw.samples, FRAME, check_dtype=False)


@pytest.mark.parametrize(("name", "content"), [("t.json", LINES), ("t.jsonl", RECORDS)])
def test_lines_and_lists_under_the_name_of_the_other_are_tables(name, content, tmp_path):
    (tmp_path / name).write_bytes(content)
    pd.testing.assert_frame_equal(open_data(tmp_path / name).raw.samples, FRAME, check_dtype=False)


@pytest.mark.parametrize("shape", ["Point", "Polygon"])
def test_geojson_is_a_table_of_properties_and_points(shape, tmp_path):
    features = [
        {
            "type": "Feature",
            "properties": {"x": i / 4, "c": "abc"[i % 3]},
            "geometry": {"type": shape, "coordinates": [16 + i, 48 - i] if shape == "Point" else [[[0, 0]]]},
        }
        for i in range(60)
    ]
    record = {"type": "FeatureCollection", "features": features}
    (tmp_path / "t.geojson").write_text(json.dumps(record))
    module = open_data(tmp_path / "t.geojson")
    point = shape == "Point"
    assert list(module.raw.samples) == ["x", "c", *(["longitude", "latitude"] if point else [])]
    assert any(
        ("longitude and latitude" if point else "(Polygon) are no values") in one for one in module.notes
    )
