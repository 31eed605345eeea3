"""Sets that break tools open and come back as they were, and their benchmark sees what is wrong."""

import numpy as np
import pandas as pd
import pytest

from autogen.data.open import open_data
from autogen.errors import DataError
from benchmarks.nasty import tables, written
from benchmarks.robustness import check_column


@pytest.fixture(scope="module")
def nasty(tmp_path_factory):
    return {path.name: path for path in written(tmp_path_factory.mktemp("all") / "nasty")}


@pytest.mark.parametrize("name", tables())
def test_a_nasty_table_comes_back_from_the_codec_and_its_file(name, nasty, tmp_path):
    path = nasty[f"{name}.csv"]
    module = open_data(path)
    codec, samples = module.codec, module.raw.samples
    back = codec.decode(codec.encode(samples))
    assert back.dtypes.to_dict() == samples.dtypes.to_dict()
    module.kind.save(back, tmp_path / "made.csv")
    real, made = pd.read_csv(path), pd.read_csv(tmp_path / "made.csv")
    assert list(made) == list(real)
    kinds = {column.form.name: column.form.kind for column in codec.columns}
    for column in real:
        fresh = kinds[column] == "identifier"
        check_column(column, real[column], made[column], fresh)
        assert not (fresh and set(real[column]) & set(made[column])), "identifiers are made afresh"


@pytest.mark.slow
def test_other_nasty_sets_open_or_are_refused_in_one_line(nasty):
    refused = []
    for name, path in nasty.items():
        try:
            module = open_data(path)
        except DataError as error:
            refused.append((name, str(error).count("\n")))
        else:
            raw = module.kind.take(module.raw.samples, np.arange(3))
            assert len(module.codec.decode(module.codec.encode(raw))) == 3
    assert refused == [("200_characters.txt", 0)]


@pytest.mark.parametrize(
    ("real", "made", "words"),
    [
        ([1, 2, 3, 4] * 50, [1.5, 2, 3, 4] * 50, "has fractions"),
        ([1.0, np.nan] * 100, [1.0, 2.0] * 100, "0% missing, not 50%"),
        ([1.25, 2.5] * 100, [1.25, 2.125] * 100, "more than 2 decimals"),
        (["a", "b"] * 100, ["a", "c"] * 100, "has no 'c'"),
    ],
)
def test_the_benchmark_sees_cells_that_the_data_does_not_have(real, made, words):
    with pytest.raises(AssertionError, match=words):
        check_column("x", pd.Series(real), pd.Series(made), fresh=False)
