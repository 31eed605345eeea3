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


def test_held_out_splits_are_limited_evenly_and_train_is_left_alone():
    data = open_data(table(3000))
    limited = data.limited(100)
    assert limited.held_out == {"tune": 100, "select": 100, "test": 100}
    for name, rows in limited.held_out.items():
        places = np.flatnonzero(np.isin(data.rows[name], limited.rows[name]))
        assert len(places) == rows
        assert np.ptp(np.diff(places)) <= 1  # from the whole split, whatever its order means
        assert limited.split_sha256[name] != data.split_sha256[name]
    assert np.array_equal(limited.rows["train"], data.rows["train"])
    assert limited.split_sha256["train"] == data.split_sha256["train"]
    assert "Scores use 100 of 390 to 420 held-out samples a split, " in limited.notes[-1]
    assert data.limited(420) is data


def test_the_select_split_of_small_data_stays_its_tune_split_when_limited():
    data = open_data(table(200))
    assert data.small
    assert data.limited(20).small
