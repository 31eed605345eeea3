"""Rows that depend on each other: kept in one part, split by time, or suspected aloud."""

import numpy as np
import pandas as pd
import pytest

from autogen.data.open import open_data
from autogen.errors import DataError


def visits(patients=60, each=10):
    rng = np.random.default_rng(0)
    n = patients * each
    return pd.DataFrame(
        {
            "patient": rng.permutation(np.repeat([f"p{i}" for i in range(patients)], each)),
            "day": pd.to_datetime("2024-01-01") + pd.to_timedelta(rng.permutation(n), unit="D"),
            "pulse": rng.normal(70, 10, n).round(1),
            "smoker": rng.choice(["yes", "no"], n),
        }
    )


MODELED = {"columns": {"patient": "categorical", "day": "datetime"}}


def cells(module, part, name):
    return module.raw.samples[name].iloc[module.rows[part]]


def test_rows_of_a_patient_stay_in_one_part():
    module = open_data(visits(), options={"group": "patient"} | MODELED)
    parts = [set(cells(module, part, "patient")) for part in ("train", "tune", "select", "test")]
    assert sum(map(len, parts)) == 60
    assert any("60 groups" in note for note in module.notes)


def test_a_group_is_not_modeled_unless_asked_since_held_out_ones_are_new():
    frame = visits()
    owner = frame["patient"].to_numpy()
    module = open_data(frame, options={"group": "patient"})
    assert "patient" not in module.raw.samples
    assert any("--column patient=categorical models it" in note for note in module.notes)
    assert "patient" in open_data(frame, options={"group": "patient"} | MODELED).raw.samples
    assert sum(len(set(owner[module.rows[part]])) for part in module.rows) == 60


def test_a_missing_group_is_one_of_its_own():
    frame = visits()
    frame.loc[:49, "patient"] = None
    module = open_data(frame, options={"group": "patient"})
    held = [part for part in module.rows if (module.rows[part] < 50).any()]
    assert len(held) > 1


def test_too_few_groups_are_refused_in_one_line():
    with pytest.raises(DataError, match="2 groups by column 'smoker'; at least 20"):
        open_data(visits(), options={"group": "smoker"})


def test_the_latest_dates_are_tested_on():
    module = open_data(visits(), options={"time": "day"} | MODELED)
    assert cells(module, "train", "day").max() < cells(module, "tune", "day").min()
    assert cells(module, "select", "day").max() < cells(module, "test", "day").min()


def test_a_time_is_not_modeled_unless_asked_since_held_out_rows_are_later():
    frame = visits()
    module = open_data(frame, options={"time": "day"})
    assert "day" not in module.raw.samples
    assert any("--column day=datetime" in note for note in module.notes)
    assert frame["day"].iloc[module.rows["train"]].max() < frame["day"].iloc[module.rows["test"]].min()
    for more in ({"target": "day"}, {"columns": {"day": "datetime"}}):
        assert "day" in open_data(frame, options={"time": "day"} | more).raw.samples


def test_dates_of_a_text_file_order_rows_too(tmp_path):
    frame = visits()
    frame["day"] = frame["day"].dt.strftime("%d.%m.%Y")
    frame.to_csv(tmp_path / "visits.csv", index=False)
    module = open_data(tmp_path / "visits.csv", options={"time": "day"} | MODELED)
    latest = pd.to_datetime(cells(module, "test", "day"), format="%d.%m.%Y")
    assert latest.min() > pd.to_datetime(cells(module, "train", "day"), format="%d.%m.%Y").max()


def test_groups_are_tested_on_by_their_latest_row():
    module = open_data(visits(), options={"group": "patient", "time": "day"} | MODELED)
    parts = [set(cells(module, part, "patient")) for part in ("train", "tune", "select", "test")]
    assert sum(map(len, parts)) == 60
    assert cells(module, "test", "day").max() == pd.Timestamp("2024-01-01") + pd.Timedelta(days=599)


def test_a_target_cannot_be_the_group():
    with pytest.raises(DataError, match="'patient' cannot be both target and group"):
        open_data(visits(), options={"group": "patient", "target": "patient"})


@pytest.mark.parametrize("name", ["patient", "smoker"])
def test_a_column_that_is_no_time_is_refused_in_one_line(name):
    with pytest.raises(DataError, match=f"column '{name}' .* gives rows no order in time"):
        open_data(visits(), options={"time": name})


def test_an_unknown_column_is_named_with_the_nearest():
    with pytest.raises(DataError, match=r"no column 'patiens'.* Did you mean 'patient'"):
        open_data(visits(), options={"group": "patiens"})


def warnings_of(frame, **options):
    return [note for note in open_data(frame, options=options).notes if note.startswith("Warning")]


def test_a_column_that_looks_like_a_group_is_warned_of():
    assert any("--group patient" in note for note in warnings_of(visits()))
    assert not warnings_of(visits(), group="patient")


def test_rows_in_the_order_of_a_date_are_warned_of():
    assert any("--time day" in note for note in warnings_of(visits().sort_values("day")))
    assert not any("--time" in note for note in warnings_of(visits()))


def test_counts_and_different_ids_are_no_groups():
    frame = visits().rename(columns={"patient": "households"})
    frame["customer_id"] = np.arange(len(frame))
    assert not warnings_of(frame)


def test_rows_equal_but_for_an_identifier_lie_in_one_part():
    frame = pd.concat([visits()] * 2, ignore_index=True)
    frame.insert(0, "id", np.arange(len(frame)))
    module = open_data(frame)
    rows = [set(part % 600) for part in module.rows.values()]
    assert sum(map(len, rows)) == 600
