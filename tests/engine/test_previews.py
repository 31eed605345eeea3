"""What the report shows of a model: computed from its samples and the data."""

import json

import numpy as np
import pandas as pd
import pytest

from autogen.data import marginals
from autogen.data.open import open_data
from autogen.data.tables import preview
from autogen.data.tables.reading.column_types import recognize
from autogen.engine import previews as exhibits
from autogen.engine.run_folder import RunFolder
from autogen.report.contents import Marginal


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
    entry = preview.column_marginal(recognize(real.rename("grade")), real, real)
    assert entry["places"] == ["1", "2", "3", "10", marginals.MISSING]
    assert entry["real"][-1] == pytest.approx(1 / 6, abs=1e-4)


def test_the_share_of_missing_quantities_is_kept():
    real = pd.Series([*np.linspace(0, 1, 30), *[np.nan] * 10])
    form = recognize(real.rename("height"))
    assert preview.column_marginal(form, real, real.dropna())["missing"] == [0.25, 0.0]
    assert "missing" not in preview.column_marginal(form, real.dropna(), real.dropna())


def test_dates_are_shown_over_time_and_identifiers_not_at_all(tmp_path):
    days = pd.date_range("2021-01-01", periods=300, freq="D").strftime("%d.%m.%Y")
    frame = pd.DataFrame({"id": range(300), "signup": days, "kind": ["a", "b", "c"] * 100})
    frame.loc[::10, "signup"] = None
    frame.to_csv(tmp_path / "people.csv", index=False)
    _, told = shown(tmp_path, tmp_path / "people.csv")
    signup, kind = told["marginals"]
    assert (signup["name"], kind["name"]) == ("signup", "kind")
    assert signup["scale"] == "date"
    moments = pd.to_datetime(signup["places"])
    assert moments.is_monotonic_increasing
    assert moments[0] < pd.Timestamp("2021-03-01")
    assert moments[-1] > pd.Timestamp("2021-08-01")
    assert max(signup["real"]) < 0.5
    assert max(signup["missing"]) > 0  # equal rows, so all in one split


def test_dates_of_a_frame_with_a_time_zone_are_shown_in_utc():
    moments = pd.Series(pd.date_range("2024-01-01", periods=48, freq="h", tz="Europe/Vienna"), name="at")
    entry = preview.column_marginal(recognize(moments), moments, moments)
    assert entry["places"][0] < "2024-01-01T12"
    assert entry["real"] == entry["fake"]


def test_spelt_numbers_are_shown_as_written_and_binned_as_numbers(tmp_path):
    numbers = np.random.default_rng(0).uniform(100, 5000, 200).round(2)
    frame = pd.DataFrame({"price": [f"${price:,.2f}" for price in numbers], "kind": ["a", "b"] * 100})
    frame.to_csv(tmp_path / "prices.csv", index=False)
    folder, told = shown(tmp_path, tmp_path / "prices.csv")
    assert len(told["marginals"][0]["places"]) > 5
    for name in (folder.best / "samples.csv", folder.exhibits / "real.csv", folder.exhibits / "pairs.csv"):
        assert set(pd.read_csv(name)["price"]) <= set(frame["price"]), name


@pytest.mark.parametrize(
    ("real", "fake", "difference"),
    [
        (np.full(200, 7.0), np.full(200, 900.0), 1.0),
        (np.full(200, 0.0), np.full(200, 0.5), 1.0),
        (np.full(200, 7.0), np.full(200, 7.0), 0.0),
        (np.r_[np.zeros(190), np.arange(10.0)], np.full(200, -50.0), 1.0),
        (np.arange(200.0), np.r_[np.arange(100.0), np.full(100, 1e9)], 0.5),
    ],
    ids=["constant", "constant zero", "the same", "below", "half above"],
)
def test_values_far_outside_the_real_ones_do_not_pass_for_those_at_the_end(real, fake, difference):
    entry = Marginal(**marginals.binned("x", real, fake))
    assert entry.difference == pytest.approx(difference, abs=0.03)
    assert len(entry.places) == len(entry.real) == len(entry.fake)
    assert sum(entry.real) == pytest.approx(1, abs=1e-3)
    assert sum(entry.fake) == pytest.approx(1, abs=1e-3)
    assert list(entry.places) == sorted(entry.places)
