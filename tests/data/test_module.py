"""Rows of a table that an earlier model was trained on are known again, and stay in the train split."""

import numpy as np
import pandas as pd
import pytest

from autogen.data.module import Earlier
from autogen.data.open import open_data

pytestmark = pytest.mark.slow


def known(data):
    """Digests of the training rows."""
    digests = data.kind.known_digests(data.raw)
    return frozenset(digests[row] for row in data.rows["train"])


def table(rows, seed=0):
    draw = np.random.default_rng(seed)
    return pd.DataFrame({"height": draw.normal(size=rows).round(3), "age": draw.integers(0, 10**6, rows)})


def renumbered(frame):
    return frame.assign(id=np.arange(len(frame))[::-1] + 7000)


def with_a_missing_cell(frame):
    return frame.assign(age=frame.age.astype(float).mask(frame.index == 3))


def with_two_numbers(frame):
    return frame.assign(id=np.arange(len(frame)), row_id=np.arange(len(frame)) * 3 + 1)


@pytest.mark.parametrize("written", [renumbered, with_a_missing_cell, with_two_numbers])
def test_rows_are_known_again_however_the_table_is_written(written):
    before = table(200)
    first = open_data(before.assign(id=np.arange(200)))
    grown = pd.concat([before, table(200, seed=1)], ignore_index=True)
    data = open_data(written(grown), seed=5, earlier=Earlier(first.codec, known(first)))
    trained = set(first.rows["train"].tolist()) - {3}
    for part in ("tune", "select", "test"):
        assert not trained & {*data.rows[part].tolist()}


def test_equal_rows_that_are_values_are_held_out_with_a_note():
    draw = np.random.default_rng(0)
    few = pd.DataFrame({name: draw.choice([*"abc"], 600) for name in "xyz"})
    first = open_data(few[:300])
    data = open_data(few[300:].reset_index(drop=True), earlier=Earlier(first.codec, known(first)))
    assert data.sizes == open_data(few[300:].reset_index(drop=True)).sizes
    assert (
        f"{len(data.rows['tune']) + len(data.rows['test'])} held-out samples are equal to" in data.notes[-1]
    )
