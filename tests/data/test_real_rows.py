"""Real rows that stand beside samples: never those that score them."""

import numpy as np
import pandas as pd
import pytest

from autogen.data.module import real_rows, unseen_rows
from autogen.data.open import open_data


def opened(rows, **more):
    """A table whose numbers tell their rows."""
    return open_data(pd.DataFrame({"row": np.arange(rows) + 0.5} | more))


def numbers(samples):
    return (samples["row"] - 0.5).astype(int).tolist()


@pytest.mark.parametrize(
    ("rows", "split", "source"),
    [
        (1000, "test", "tune"),
        (1000, "select", "tune"),
        (1000, "tune", "select"),
        (200, "test", "tune"),
        (200, "tune", "train"),  # select is tune
    ],
)
def test_as_many_real_rows_as_a_split_has_are_of_another_one_and_then_of_train(rows, split, source):
    data = opened(rows)
    found, wanted = numbers(real_rows(data, split)), len(data.rows[split])
    assert len(found) == wanted
    first = data.rows[source].tolist()[:wanted]
    assert found[: len(first)] == first
    assert set(found[len(first) :]) <= set(data.rows["train"].tolist())
    assert not set(found) & set(data.rows[split].tolist())


@pytest.mark.parametrize("rows", [1000, 200])
def test_unseen_are_the_rows_of_select_and_test_each_once(rows):
    data = opened(rows)
    assert numbers(unseen_rows(data)) == sorted({*data.rows["select"], *data.rows["test"]})


def test_real_rows_are_of_as_many_groups_as_samples_are():
    groups = np.arange(1000) // 10
    data = open_data(
        pd.DataFrame({"row": np.arange(1000) + 0.5, "patient": groups}), options={"group": "patient"}
    )
    found = numbers(real_rows(data, "tune"))
    assert len(set(groups[found])) > 40
