import json
import uuid

import numpy as np
import pandas as pd
import pytest

from autogen.data.tables.made_up.identifiers import Identifiers
from autogen.data.tables.reading.column_types import ColumnType, recognize


def modeled(values, dtype):
    column = pd.Series(values, dtype=dtype, name="id")
    return Identifiers.fit(ColumnType("id", "identifier", dtype), column), column


def make(identifiers, n=500, seed=0):
    return identifiers.make(np.arange(n), n, seed)


def test_numbers_are_fresh_and_different():
    identifiers, column = modeled(range(1, 401), "int64")
    made = make(identifiers)
    assert made.is_unique
    assert not made.isin(column).any()
    assert made.dtype == column.dtype


@pytest.mark.parametrize(("top", "dtype"), [(126, "int8"), (2**62, "int64"), (2**63 - 2, "Int64")])
def test_numbers_stay_within_their_dtype(top, dtype):
    identifiers, column = modeled([top - 1, top], dtype)
    made = make(identifiers, 50)
    assert made.is_unique
    assert made.dtype == column.dtype
    assert (made >= 0).all()


def test_texts_have_the_form_of_the_training_ones():
    identifiers, column = modeled([f"AB-{i:04d}-x" for i in range(300)], "str")
    made = make(identifiers)
    assert made.is_unique
    assert made.str.fullmatch(r"AB-\d{4}-x").all()
    assert made.dtype == column.dtype


def test_missing_ones_are_made_at_their_rate():
    identifiers, _ = modeled([1, 2, 3, None] * 50, "Int64")
    made = make(identifiers, 4000)
    assert abs(made.isna().mean() - 0.25) < 0.03
    assert made.dtype == "Int64"


@pytest.mark.parametrize(
    "texts",
    [
        [f"u{i}@ex.com" for i in range(300)],
        ["a1", "a2", "a3"],
        [f"{i * 7919 % 997:03d}" for i in range(600)],
        [f"P-{i:05d}" for i in range(2000)],
    ],
    ids=lambda texts: texts[0],
)
def test_no_text_of_training_is_made_again(texts):
    identifiers, column = modeled(texts, "str")
    made = make(identifiers, 5000)
    assert made.is_unique
    assert not made.isin(column).any()


def test_no_identifier_of_training_is_stored():
    identifiers, _ = modeled([f"{i * 7919 % 9973:04d}" for i in range(300)], "str")
    record = json.loads(json.dumps(identifiers.to_json()))
    assert [pattern["places"] for pattern in record["patterns"]] == [["0123456789"] * 4]
    assert Identifiers.from_json(identifiers.form, record) == identifiers


@pytest.mark.parametrize("values", [range(1, 401), [f"AB-{i:04d}-x" for i in range(300)]])
def test_blocks_of_a_draw_have_no_identifier_in_common(values):
    identifiers, _ = modeled(values, "int64" if isinstance(values, range) else "str")
    blocks = [identifiers.make(np.arange(start, start + 300), 900, 3) for start in (0, 300, 600)]
    assert pd.concat(blocks).is_unique


def test_a_seed_makes_the_same_ones_again():
    identifiers, _ = modeled([f"{i:04d}" for i in range(300)], "str")
    assert make(identifiers, 9, seed=5).tolist() == make(identifiers, 9, seed=5).tolist()
    assert make(identifiers, 9, seed=5).tolist() != make(identifiers, 9, seed=6).tolist()


def test_uuids_stay_hexadecimal():
    known = pd.Series([str(uuid.UUID(int=17**25 * number)) for number in range(1, 60)], name="key")
    made = Identifiers.fit(recognize(known), known).make(np.arange(200), 200, seed=1)
    assert made.is_unique
    assert not made.isin(known).any()
    assert [str(uuid.UUID(text)) for text in made] == made.tolist()


def test_all_free_texts_of_a_form_are_made_before_longer_ones():
    seats = [f"{letter}{number:02d}" for letter in "ABCDEFGHIJ" for number in range(100)]
    known = np.random.default_rng(0).permutation(seats)[:400]
    identifiers, column = modeled(known, "str")
    made = make(identifiers, 2000)
    assert made.is_unique
    assert not made.isin(column).any()
    assert set(made[made.str.fullmatch(r"[A-J]\d\d")]) == set(seats) - set(known)
    assert make(identifiers, 600).str.fullmatch(r"[A-J]\d\d").all()


def test_characters_and_lengths_are_those_of_the_data():
    rng = np.random.default_rng(0)
    texts = [f"{'XY'[i % 2]}{rng.integers(2, 5)}-{i}" for i in range(300)]
    identifiers, column = modeled(texts, "str")
    made = make(identifiers, 300)
    assert made.str.fullmatch(r"[XY][234]-\d{1,3}").mean() > 0.9
    lengths = [made.str.len().value_counts(normalize=True).get(6, 0), column.str.len().eq(6).mean()]
    assert abs(lengths[0] - lengths[1]) < 0.15


def test_identifiers_are_none_of_all_rows_of_the_data():
    everything = pd.Series([f"K{i:03d}" for i in range(900)], name="id")
    identifiers = Identifiers.fit(ColumnType("id", "identifier", "str"), everything[::2], everything)
    made = identifiers.make(np.arange(3000), 3000, 0)
    assert made.is_unique
    assert not made.isin(everything).any()


def test_a_model_of_one_pattern_is_read_as_before():
    record = {"missing": 0.0, "top": 0, "pattern": ["K", "0123456789", "0123456789"], "first": 40}
    made = Identifiers.from_json(ColumnType("id", "identifier", "str"), record).make(np.arange(60), 60, 0)
    assert made.is_unique
    assert made.str.slice(1).astype(int).between(40, 99).all()


@pytest.mark.parametrize("texts", [["x"] * 30, [""] * 3 + ["ab"] * 9])
def test_any_texts_can_be_asked_to_be_identifiers(texts):
    identifiers, _ = modeled(texts, "str")
    assert make(identifiers, 50).is_unique
