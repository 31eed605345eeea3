import datetime
import decimal
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from autogen.data.open import codec_from_json, open_data
from autogen.data.tables.kind import Tables
from autogen.data.tables.sources import arrow
from autogen.errors import DataError
from tests.data.makers import people, write_csv

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    return open_data(write_csv(tmp_path_factory.mktemp("people"), people()))


def kinds(module):
    return {column.form.name: column.form.kind for column in module.codec.columns}


def test_columns_of_a_file_are_recognized(module):
    assert kinds(module) == {
        "name": "identifier",
        "age": "integer",
        "children": "integer",
        "income": "continuous",
        "bonus": "continuous",
        "weight": "continuous",
        "zip": "categorical",
        "city": "categorical",
        "member": "boolean",
        "since": "datetime",
        "status": "categorical",
        "always": "categorical",
    }


def test_identifiers_are_no_column_of_the_spec(module):
    assert [column.name for column in module.codec.spec.columns] == list(people().columns[1:])


def test_rows_come_back_but_for_identifiers_and_extremes(module):
    train = module.split("train")
    back = module.codec.decode(module.codec.encode(train))
    assert back.columns.tolist() == train.columns.tolist()
    assert back.dtypes.tolist() == train.dtypes.tolist()
    for name in train.columns.drop("name"):
        same = (back[name] == train[name]) | (back[name].isna() & train[name].isna())
        assert (~same).sum() <= (6 if name in ("income", "bonus", "weight", "since", "age") else 0), name


def test_pandas_reads_generated_rows_as_it_reads_the_data(module, tmp_path):
    made = module.codec.decode(module.codec.encode(module.split("train")))
    module.kind.save(made, tmp_path / "made.csv")
    real = pd.read_csv(write_csv(tmp_path, people()))
    fake = pd.read_csv(tmp_path / "made.csv")
    assert fake.dtypes.to_dict() == real.dtypes.to_dict()
    assert fake["since"].str.fullmatch(r"\d\d\.\d\d\.\d{4}").all()
    assert set(fake["city"]) <= set(real["city"])


def test_generated_codes_keep_their_leading_zeros(module, tmp_path):
    made = module.codec.decode(module.codec.encode(module.split("train")))
    module.kind.save(made, tmp_path / "made.csv")
    assert open_data(tmp_path / "made.csv").raw.samples["zip"].str.startswith("01").all()


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet"])
def test_rows_are_written_and_read_again(module, tmp_path, suffix):
    part = module.split("train")
    module.kind.save(part, tmp_path / f"rows{suffix}")
    again = open_data(tmp_path / f"rows{suffix}").raw.samples
    pd.testing.assert_frame_equal(again, part)


def test_missing_cells_are_generated_at_their_rate(module):
    codes = module.codec.encode(module.split("train"))["codes"]
    column = [spec.name for spec in module.codec.spec.columns].index("weight")
    share = module.split("train")["weight"].isna().mean()
    assert (codes[:, column] == 0).mean() == share > 0


def test_rows_are_encoded_in_any_column_order(module):
    part = module.split("tune")
    other = module.codec.encode(part[part.columns[::-1]])
    np.testing.assert_array_equal(other["codes"], module.codec.encode(part)["codes"])


def test_a_table_without_a_column_of_training_is_refused(module):
    with pytest.raises(DataError, match="'age' is missing"):
        module.codec.encode(module.split("tune").drop(columns="age"))


def test_features_are_quantities_and_indices(module):
    part = module.split("train")
    features = module.codec.features(part)
    names = [spec.name for spec in module.codec.spec.columns]
    assert features.shape == (len(part), len(names))
    np.testing.assert_array_equal(features[:, names.index("income")], part["income"])
    assert set(features[:, names.index("status")]) == {0.0, 1.0}
    assert np.isnan(features[:, names.index("weight")]).sum() == part["weight"].isna().sum()
    assert [name for name, flag in zip(names, module.codec.categorical, strict=True) if flag] == [
        *("zip", "city", "member", "status", "always")
    ]


def test_a_codec_holds_no_row(module):
    stored = json.dumps(module.codec.to_json())
    top = module.split("train")["income"].nlargest(1).iloc[0]
    assert str(top) not in stored
    assert not any(name in stored for name in module.raw.samples["name"])


def test_a_codec_is_rebuilt_by_its_kind(module):
    rebuilt = codec_from_json(json.loads(json.dumps(module.codec.to_json())))
    assert rebuilt.spec == module.codec.spec


def test_notes_tell_what_was_decided(module):
    told = " ".join(module.notes)
    assert "'name' holds identifiers" in told
    assert "'zip' has whole numbers with leading zeros" in told
    assert "1 column is constant: always." in told


def test_the_kind_of_a_column_can_be_said():
    module = open_data(people(), options={"columns": {"name": "drop", "age": "categorical"}})
    assert "name" not in module.raw.samples
    assert kinds(module)["age"] == "categorical"
    assert module.raw.samples["age"].dtype == "int64"


def test_a_target_is_written_down():
    data = open_data(people(), options={"target": "status"})
    assert data.raw.meta["target"] == "status"
    spec = data.codec.spec
    assert spec.columns[spec.target].name == "status"
    assert codec_from_json(json.loads(json.dumps(data.codec.to_json()))).spec == spec
    assert open_data(people()).codec.spec.target is None


def test_free_text_is_left_out():
    frame = people()
    frame["remark"] = [f"row number {i} says hello" for i in range(len(frame))]
    module = open_data(frame)
    assert "remark" not in module.raw.samples
    assert any("'remark' holds free text (600 different)" in note for note in module.notes)


def test_an_index_written_by_pandas_is_left_out(tmp_path):
    people().to_csv(tmp_path / "t.csv")
    assert open_data(tmp_path / "t.csv").raw.samples.columns.tolist() == people().columns.tolist()


def test_rows_without_any_cell_are_left_out(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1,x\n2,y\n,\n" * 20)
    module = open_data(path)
    assert len(module.raw.samples) == 40
    assert "20 rows with all cells missing were left out." in module.notes


def test_a_table_of_constants_can_be_opened():
    module = open_data(pd.DataFrame({"a": [1] * 30, "b": ["x"] * 30, "c": [None] * 30}))
    assert [spec.levels for spec in module.codec.spec.columns] == [1, 1, 1]
    assert len(module.codec.decode(module.codec.encode(module.split("test")))) == 6


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"id": range(50)}),
        pd.DataFrame({"note": [f"this is text {i}" for i in range(50)]}),
        pd.DataFrame(index=range(50)),
        pd.DataFrame({"a": []}),
        pd.DataFrame({"a": [1]}),
    ],
)
def test_a_table_with_nothing_to_learn_is_refused(frame):
    with pytest.raises(DataError):
        open_data(frame)


def test_loose_objects_of_a_frame_become_columns():
    n = 60
    frame = pd.DataFrame(
        {
            "whole": pd.Series(RNG.integers(0, 5, n), dtype=object),
            "maybe": pd.Series([1, None, 3] * 20, dtype=object),
            "truth": pd.Series([True, None, False] * 20, dtype=object),
            "price": pd.Series([decimal.Decimal("1.25"), decimal.Decimal("2.5")] * 30, dtype=object),
            "day": pd.Series([datetime.date(2020, 1, 1 + i % 9) for i in range(n)], dtype=object),
            "mixed": pd.Series([1, "a", (2, 3)] * 20, dtype=object),
            "bins": pd.cut(RNG.normal(size=n), [-9, 0, 9]),
            "far": np.where(RNG.random(n) < 0.1, np.inf, RNG.integers(0, 9, n)),
        }
    )
    module = open_data(frame)
    assert module.raw.samples.dtypes.map(str).str.partition("[")[0].tolist() == [
        *("int64", "Int64", "boolean", "float64", "datetime64"),
        *(str(pd.Series([""], dtype=str).dtype), "category", "float64"),
    ]
    assert set(module.raw.samples["mixed"]) == {"1", "a", "(2, 3)"}
    back = module.codec.decode(module.codec.encode(module.raw.samples))
    pd.testing.assert_frame_equal(back, module.raw.samples)


def test_names_of_a_frame_become_texts_that_differ():
    frame = pd.DataFrame(RNG.integers(0, 3, (30, 4)), columns=[0, None, "x", "x"])
    assert open_data(frame).raw.samples.columns.tolist() == ["0", "Unnamed: 1", "x", "x.1"]


def test_a_category_that_only_unseen_rows_have_is_no_code():
    frame = pd.DataFrame({"c": ["a", "b"] * 300, "x": RNG.normal(size=600)})
    rows = open_data(frame).rows
    frame.loc[rows["test"][0], "c"] = "only here"
    module = open_data(frame)
    again = [name for name, part in module.rows.items() if "only here" in set(module.split(name)["c"])]
    codes = module.codec.encode(module.raw.samples)["codes"]
    assert codes[:, 0].max() < module.codec.spec.columns[0].levels == (3 if "train" in again else 2)


def test_many_rows_are_decoded_at_once_with_identifiers_that_differ(module):
    encoded = module.codec.encode(module.split("train"))
    rows = np.random.default_rng(0).integers(0, len(encoded["codes"]), 100_000)
    chunk = {key: array[rows] for key, array in encoded.items()}
    made = module.codec.decode(chunk)
    assert len(made) == 100_000
    assert made["name"].nunique() > 60_000


def test_parquet_says_what_it_needs(monkeypatch, tmp_path):
    monkeypatch.setattr(arrow, "find_spec", lambda _: None)
    (tmp_path / "t.parquet").write_bytes(b"PAR1")
    with pytest.raises(DataError, match=r"pip install pyarrow"):
        open_data(tmp_path / "t.parquet")


def test_a_folder_that_is_absent_is_an_error_of_one_line(module, tmp_path):
    with pytest.raises(DataError, match="cannot be written"):
        Tables().save(module.split("tune"), tmp_path / "absent" / "t.csv")


@pytest.mark.slow
def test_images_need_no_pandas():
    code = (
        "import sys; sys.modules['pandas'] = None; sys.modules['PIL'] = None\n"
        "from autogen.data.open import open_data; import numpy as np\n"
        "assert open_data('digits').codec.spec.levels == 17\n"
        "assert open_data(np.zeros((30, 8, 8), 'uint8')).codec.spec.channels == 1\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_tables_say_that_they_need_pandas():
    code = (
        "import importlib.util, sys\n"
        "import autogen.data.tables.kind as tabular\n"
        "tabular.find_spec = lambda name: None\n"
        "from autogen.data.open import open_data\n"
        "try: open_data('wine')\n"
        "except Exception as error: print(error)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.stdout.strip() == "tables need pandas; install it with: pip install pandas"


def messages(n=60):
    return pd.DataFrame(
        {"kind": ["ham", "spam"] * (n // 2), "said": [f"message {i} says hello" for i in range(n)]}
    )


def test_a_table_of_texts_and_a_label_is_a_table_and_the_user_is_warned(tmp_path):
    messages().to_csv(tmp_path / "t.csv", index=False, sep=";")
    for source in (tmp_path / "t.csv", messages()):
        module = open_data(source)
        assert module.kind.name == "tabular"
        assert module.raw.samples.columns.tolist() == ["kind"]
        assert any(
            note.startswith("Warning: column 'said' holds free text") and "--option field=said" in note
            for note in module.notes
        )


def test_a_table_of_texts_alone_is_refused_in_one_line_that_says_how_to_learn_them():
    with pytest.raises(DataError, match="--kind text"):
        open_data(messages()[["said"]])
