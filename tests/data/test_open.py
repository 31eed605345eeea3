import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
from PIL import Image
from sklearn.datasets import load_digits, load_iris

from autogen.data.open import describe, open_data, queried
from autogen.errors import DataError, UnknownNameError
from tests.data.makers import people, write_csv


@pytest.mark.parametrize(("name", "shape"), [("breast_cancer", (569, 31)), ("wine", (178, 14))])
def test_built_in_tables_can_be_opened(name, shape):
    module = open_data(name)
    assert module.raw.samples.shape == shape
    assert module.raw.meta["target"] == module.raw.samples.columns[-1]
    assert module.small == (name == "wine")


def test_a_small_set_says_that_select_is_tune():
    module = open_data("wine")
    assert any("178 rows are fewer than 500" in note for note in module.notes)
    assert module.split_sha256["select"] == module.split_sha256["tune"]


def test_a_misspelled_name_gets_the_nearest_one():
    with pytest.raises(
        DataError,
        match="no file or built-in data set 'digts'; did you mean 'digits'. Built-in data sets: digits",
    ):
        open_data("digts")


def test_a_misspelled_file_gets_the_nearest_one(tmp_path):
    write_csv(tmp_path, people())
    with pytest.raises(DataError, match=r"did you mean '.*people\.csv'"):
        open_data(tmp_path / "peple.csv")


def test_a_wrong_path_names_what_there_is_instead(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    write_csv(tmp_path / "data", people())
    monkeypatch.chdir(tmp_path)
    for wrong, said in {
        "dat/people.csv": "; did you mean 'data/people.csv'?",
        "data/peeple.cvs": "; did you mean 'data/people.csv'?",
        "data/x.csv": "; data holds people.csv.",
        "elsewhere/x.csv": ": there is no folder 'elsewhere'.",
    }.items():
        with pytest.raises(DataError) as caught:
            open_data(wrong)
        assert f"{wrong!r}{said} Built-in data sets: digits, breast_cancer, wine." in str(caught.value)


@pytest.mark.parametrize("name", ["", "  ", "x" * 5000, "no/such/folder/file.csv", "a\0b"])
def test_a_name_that_is_no_file_is_refused(name):
    with pytest.raises(DataError, match="no file or built-in data set"):
        open_data(name)


def test_an_unknown_suffix_is_refused_with_what_is_read(tmp_path):
    path = tmp_path / "people.ods"
    path.write_bytes(b"x")
    with pytest.raises(DataError, match=r"suffix '.ods', but autogen reads .*\.csv.* image or music or tab"):
        open_data(path)


def test_a_kind_can_be_forced(tmp_path):
    path = write_csv(tmp_path, people(), "people.dat")
    assert open_data(path, kind="tabular").kind.name == "tabular"


def test_an_unknown_kind_gets_the_nearest_one():
    with pytest.raises(UnknownNameError, match="Did you mean 'tabular'"):
        open_data("wine", kind="tablular")


def test_a_folder_without_data_is_refused(tmp_path):
    with pytest.raises(DataError, match="holds no file that autogen reads"):
        open_data(tmp_path)


@pytest.mark.parametrize("thing", [3, None, [1, 2], np.zeros(40), {"a": [1]}])
def test_an_object_that_is_no_data_is_refused(thing):
    with pytest.raises(DataError, match="data must be a path, a built-in name, a DataFrame"):
        open_data(thing)


@pytest.mark.parametrize(
    ("thing", "why"),
    [
        ((np.zeros((40, 3)), np.zeros(40)), r"a pair of samples and labels; give one table, .*X.assign"),
        ((people(), people()["age"]), "a pair of samples and labels; give one table"),
        ([np.zeros((40, 3)), [0] * 40], "a pair of samples and labels; give one table"),
        ((torch.zeros(40, 3), torch.zeros(40)), "a pair of samples and labels; give one table"),
        ((np.zeros((40, 8, 8)), np.zeros(40)), "a pair of samples and labels; give the samples alone"),
        ([np.zeros((8, 8), np.uint8)] * 40, r"a list of 40 arrays, the first of shape \(8, 8\); .*np.stack"),
        ((people(), people()[:20]), "a list of 2 arrays, the first of shape"),
    ],
)
def test_samples_with_labels_and_loose_arrays_are_answered_with_what_to_give(thing, why):
    with pytest.raises(DataError, match=why):
        open_data(thing)


def test_a_column_that_is_absent_gets_the_nearest_one():
    for options in ({"target": "statuss"}, {"columns": {"statuss": "drop"}}):
        with pytest.raises(DataError, match="has no column 'statuss'.*Did you mean 'status'"):
            open_data(people(), options=options)


def test_a_kind_of_column_that_is_unknown_is_refused():
    with pytest.raises(DataError, match="column 'age' cannot have the kind 'number'; choose continuous"):
        open_data(people(), options={"columns": {"age": "number"}})


def test_an_option_that_is_not_set_is_no_option():
    assert open_data(people(), options={"target": None}).raw.meta["target"] is None


def test_the_split_is_hashed_by_content():
    frame = people()
    shuffled = open_data(frame.sample(frac=1, random_state=1))
    module = open_data(frame)
    assert module.sha256 == shuffled.sha256
    assert module.split_sha256 == shuffled.split_sha256
    assert module.codec.to_json() == shuffled.codec.to_json()


def test_the_codec_sees_the_train_rows_alone():
    frame = people()
    module = open_data(frame)
    frame.loc[module.rows["test"], "income"] *= 1000
    changed = module.kind.fit(type(module.raw)(frame, meta=module.raw.meta), module.rows["train"])
    assert changed.to_json() == module.codec.to_json()


def test_the_frame_of_the_user_is_left_as_it_is():
    frame = people()
    before = frame.copy(deep=True)
    open_data(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_sources_are_described_by_name_or_shape():
    assert describe(Path("a/b.csv")) == "a/b.csv"
    assert describe(np.zeros((3, 8, 8))) == "ndarray 3 x 8 x 8"
    assert describe(people()) == "DataFrame 600 x 12"


def test_tables_and_tensors_of_other_libraries_are_read():
    table = pa.table({"a": list(range(0, 120, 2)), "b": ["x", "y"] * 30})
    assert list(open_data(table).raw.samples) == ["a", "b"]
    assert open_data(torch.zeros((30, 3, 8, 8), dtype=torch.uint8)).raw.samples.shape == (30, 8, 8, 3)
    assert open_data(load_iris(as_frame=True)).raw.samples.shape == (150, 5)


WORDS = [f"{first} {second}" for first in "abcdefgh" for second in ("is here", "has gone", "comes", "waits")]


@pytest.mark.parametrize(
    "of", [pd.Series, pd.Index, np.array, pa.array, lambda texts: pa.chunked_array([texts])]
)
def test_a_column_of_texts_is_texts(of):
    module = open_data(of(WORDS))
    assert module.kind.name == "text"
    assert list(module.raw.samples) == WORDS
    with pytest.raises(DataError, match="1 of 3 texts is missing; .*dropna"):
        open_data(pd.Series(["a", None, "b"]))
    with pytest.raises(DataError, match="data must be a path, a built-in name, a DataFrame"):
        open_data(pd.Series(range(40)))


def test_an_array_of_records_is_a_table():
    times = pd.date_range("2024-01-01", periods=40).astype("datetime64[s]")
    frame = pd.DataFrame({"a": np.arange(40) * 1.5, "born": times})
    for records in (frame.to_records(index=False), np.asarray(frame.to_records(index=False))):
        assert open_data(records).raw.samples.equals(frame)
    dates = np.stack([times, times[::-1]], axis=1)
    assert open_data(dates).raw.samples["x1"].tolist() == times[::-1].tolist()


@pytest.mark.parametrize("library", ["polars", "datasets"])
def test_tables_of_libraries_that_may_be_missing_are_read(library):
    module = pytest.importorskip(library, reason=f"needs {library}")
    frame = pd.DataFrame({"a": np.arange(40) * 1.5, "b": ["x", "y"] * 20})
    table = module.from_pandas(frame) if library == "polars" else module.Dataset.from_pandas(frame)
    assert open_data(table).raw.samples.astype(frame.dtypes).equals(frame)
    if library == "datasets":
        kind = module.Features({"image": module.Image()})
        pictures = module.Dataset.from_dict({"image": [Image.new("L", (8, 8))] * 40}, features=kind)
        with pytest.raises(DataError, match="column 'image' .* holds images; save_to_disk"):
            open_data(pictures)


@pytest.mark.parametrize("of", [np.asarray, torch.from_numpy, np.ndarray.tolist])
def test_rows_and_columns_without_names_are_a_table(of):
    cells = np.random.default_rng(0).normal(size=(60, 2))
    module = open_data(of(cells))
    assert module.kind.name == "tabular"
    assert list(module.raw.samples) == ["x0", "x1"]
    assert np.array_equal(module.raw.samples, cells)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (np.zeros((40, 0)), "0 feature"),
        (np.zeros((40, 2), complex), "complex numbers"),
        ([[1, 2], [3]], "all of the same length"),
        ([[[1], [2]], [[3], [4]]], "lists of cells"),
    ],
)
def test_rows_that_are_no_table_are_refused(rows, why):
    with pytest.raises(DataError, match=why):
        open_data(rows)


@pytest.mark.parametrize("suffix", [".feather", ".arrow"])
def test_arrow_files_are_tables(tmp_path, suffix):
    frame = pd.DataFrame({"a": range(0, 120, 2), "b": ["x", "y"] * 30})
    frame.to_feather(tmp_path / f"t{suffix}")
    assert open_data(tmp_path / f"t{suffix}").raw.samples.equals(frame)
    (tmp_path / f"bad{suffix}").write_bytes(b"no arrow at all")
    with pytest.raises(DataError, match="cannot be read as an Arrow file"):
        open_data(tmp_path / f"bad{suffix}")


def test_a_zip_with_one_table_is_that_table(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("inner/t.csv", "a,b\n" + "1,x\n3,y\n" * 30)
        archive.writestr("__MACOSX/._t.csv", b"\0")
    module = open_data(tmp_path / "t.zip")
    assert module.kind.name == "tabular"
    assert module.raw.samples.shape == (60, 2)


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (np.zeros((30, 8, 8), np.uint8), "tabular"),
        (["a b"] * 30, "tabular"),
        (pd.DataFrame({"x": range(30)}), "image"),
        (np.zeros((30, 8, 8), np.uint8), "text"),
    ],
)
def test_a_kind_that_objects_in_memory_are_not_is_refused(source, kind):
    with pytest.raises(DataError, match=f"looks like .* data, not like {kind} data.*Leave out the kind"):
        open_data(source, kind=kind)


@pytest.mark.parametrize(
    ("name", "kind"), [("t.npy", "tabular"), ("t.npy", "text"), ("t.csv", "image"), ("t.csv", "music")]
)
def test_a_kind_that_a_file_is_not_is_refused_with_what_it_is_read_from(tmp_path, name, kind):
    np.save(tmp_path / "t.npy", np.zeros((30, 8, 8), np.uint8))
    write_csv(tmp_path, people(30), "t.csv")
    with pytest.raises(DataError, match=f"not like {kind} data, which is read from \\."):
        open_data(tmp_path / name, kind=kind)


def test_a_bunch_is_a_table_or_images():
    flowers = open_data(load_iris())
    assert list(flowers.raw.samples)[-2:] == ["petal width (cm)", "target"]
    assert set(flowers.raw.samples["target"]) == {"setosa", "versicolor", "virginica"}
    assert open_data(load_iris(as_frame=True)).raw.samples.shape == (150, 5)
    assert open_data(load_digits()).kind.name == "image"


def test_a_zip_of_several_tables_is_refused_as_such(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("a.csv", "x\n1\n")
        archive.writestr("b.csv", "x\n1\n")
    with pytest.raises(DataError, match=r"is a zip with 2 files \(a.csv, b.csv\)"):
        open_data(tmp_path / "t.zip")


@pytest.mark.parametrize("url", ["http://example.org/a.csv", "s3://bucket/a.csv", "file:///a.csv"])
def test_a_file_elsewhere_is_no_database(url):
    with pytest.raises(DataError, match="is no database; download the file"):
        queried(url, {})


def test_a_link_to_nothing_is_called_so(tmp_path):
    (tmp_path / "a.csv").symlink_to(tmp_path / "gone.csv")
    with pytest.raises(DataError, match="a link to a file that is not there"):
        open_data(tmp_path / "a.csv")


def test_a_table_without_any_value_is_refused_as_such(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n" + ",\n" * 30)
    with pytest.raises(DataError, match="all of its 30 rows are empty"):
        open_data(tmp_path / "a.csv")
