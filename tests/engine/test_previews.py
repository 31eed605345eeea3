"""What the report shows of a model: computed from its samples and the data."""

import json

import numpy as np
import pandas as pd
import pytest

from autogen.data import marginals
from autogen.data.open import open_data
from autogen.data.tables import preview
from autogen.engine import previews as exhibits
from autogen.engine.run_folder import RunFolder


class Copier:
    """A stand-in for a model: gives back the first training samples, over and over."""

    def __init__(self, data):
        self.data = data

    def sample(self, n, seed=0):
        rows = np.resize(self.data.rows["train"], n)
        return self.data.kind.take(self.data.raw.samples, rows)


def shown(tmp_path, source):
    data = open_data(source)
    folder = RunFolder.create(tmp_path / "run")
    exhibits.save_previews(folder, data, Copier(data), seed=0)
    return folder, json.loads((folder.exhibits / "exhibits.json").read_text())


def test_copies_lie_at_no_distance_and_stand_beside_their_originals(tmp_path):
    folder, told = shown(tmp_path, "wine")
    assert max(told["nearest"]["generated"]) == 0
    assert min(told["nearest"]["unseen"]) > 0
    pairs = pd.read_csv(folder.exhibits / "pairs.csv")
    assert len(pairs) == 2 * told["nearest"]["count"]
    assert pairs[::2].reset_index(drop=True).equals(pairs[1::2].reset_index(drop=True))


def test_shares_of_every_column_sum_to_one(tmp_path):
    _, told = shown(tmp_path, "wine")
    assert len(told["marginals"]) == 14
    for entry in told["marginals"]:
        assert sum(entry["real"]) == pytest.approx(1, abs=1e-4)
        assert sum(entry["fake"]) == pytest.approx(1, abs=1e-4)
        assert len(entry["places"]) == len(entry["real"]) == len(entry["fake"])


def test_a_table_leaves_its_pairs_of_columns_and_its_rules(tmp_path):
    _, told = shown(tmp_path, "wine")
    found = told["relations"]
    assert len(found["differences"]) == len(found["columns"]) == 14
    assert len(found["pairs"]) == 10
    assert found["utility"] is None


def test_images_leave_pairs_and_no_marginals(tmp_path):
    folder, told = shown(tmp_path, "digits")
    assert "relations" not in told
    assert (folder.exhibits / "pairs.png").exists()
    assert told["marginals"] == []


def test_texts_leave_pairs_of_texts_and_their_lengths(tmp_path):
    folder, told = shown(tmp_path, [f"{first}{last}" for first in "abcdefghij" * 3 for last in "klmnopqrst"])
    assert len((folder.exhibits / "pairs.txt").read_text().split()) == 10
    assert [entry["name"] for entry in told["marginals"]] == ["length in characters"]


def test_rare_categories_are_put_together():
    real = [str(i) for i in range(30) for _ in range(2)]
    entry = marginals.counted("city", real, ["0", "elsewhere"])
    assert entry["places"][-1] == "others"
    assert entry["fake"][-1] == 0.5


def test_missing_values_have_a_place_and_numbers_stand_in_their_order():
    real = pd.Series([3, None, 1, 3, 2, 10], dtype="Int64")
    entry = preview.column_marginal("grade", real, real)
    assert entry["places"] == ["1", "2", "3", "10", marginals.MISSING]
    assert entry["real"][-1] == pytest.approx(1 / 6, abs=1e-4)


def test_the_share_of_missing_quantities_is_kept():
    real = pd.Series([*np.linspace(0, 1, 30), *[np.nan] * 10])
    entry = preview.column_marginal("height", real, real.dropna())
    assert entry["missing"] == [0.25, 0.0]
    assert "missing" not in preview.column_marginal("height", real.dropna(), real.dropna())


def test_spelt_numbers_are_shown_as_written_and_binned_as_numbers(tmp_path):
    numbers = np.random.default_rng(0).uniform(100, 5000, 200).round(2)
    frame = pd.DataFrame({"price": [f"${price:,.2f}" for price in numbers], "kind": ["a", "b"] * 100})
    frame.to_csv(tmp_path / "prices.csv", index=False)
    folder, told = shown(tmp_path, tmp_path / "prices.csv")
    assert len(told["marginals"][0]["places"]) > 5
    for name in (folder.best / "samples.csv", folder.best / "real.csv", folder.exhibits / "pairs.csv"):
        assert set(pd.read_csv(name)["price"]) <= set(frame["price"]), name
