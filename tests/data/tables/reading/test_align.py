import numpy as np
import pandas as pd
import pytest

import autogen
from autogen.data.open import open_data
from autogen.data.tables.conditions import incomplete_rows
from autogen.data.tables.kind import Tables
from autogen.errors import DataError


@pytest.fixture
def real() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "code": rng.integers(0, 3, 60).astype(str),
            "grade": pd.Categorical(rng.choice(["low", "high"], 60)),
            "alive": rng.random(60) < 0.5,
            "born": pd.date_range("2001-01-01", periods=60).strftime("%d/%m/%Y"),
            "seen": pd.date_range("2001-01-01", periods=60),
            "size": rng.normal(size=60).round(2),
            "count": rng.integers(0, 50, 60),
        }
    )


@pytest.fixture
def codec(real):
    kind = Tables()
    return kind.fit(kind.read(real, {}), np.arange(len(real)))


def features(source, codec) -> np.ndarray:
    return codec.features(Tables().read_like(source, codec, {}).samples)


def test_a_table_is_the_same_through_a_text_file(real, codec, tmp_path):
    real.to_csv(tmp_path / "real.csv", index=False)
    assert np.array_equal(features(tmp_path / "real.csv", codec), codec.features(real))


def test_a_column_whose_samples_look_otherwise_keeps_the_real_columns_meaning(real, codec, tmp_path):
    """A constant, floats for whole numbers, 1 for "1": what other tools write."""
    other = real.assign(count=real["count"].astype(float), code=real["code"].astype(int), size=1)
    other.to_csv(tmp_path / "other.csv", index=False)
    found = features(tmp_path / "other.csv", codec)
    kept = [0, 1, 2, 3, 4, 6]
    assert np.array_equal(found[:, kept], codec.features(real)[:, kept])
    assert (found[:, 5] == 1).all()


def test_categories_never_seen_are_one_more(real, codec):
    found = features(real.assign(grade="middling"), codec)
    assert (found[:, 1] == 2).all()


def test_columns_in_another_order_and_others_beside_them_do_not_matter(real, codec):
    other = real[real.columns[::-1]].assign(more=1)
    raw = Tables().read_like(other, codec, {})
    assert np.array_equal(codec.features(raw.samples), codec.features(real))
    assert raw.notes == ("Not compared, since the real data lacks them: more.",)


def test_a_text_is_said_to_be_no_table_with_the_columns(codec, tmp_path):
    (tmp_path / "names.txt").write_text("".join(f"emma{n}\n" for n in range(40)))
    words = "the real data is a table with the columns code, grade, .* has none of them and may be text"
    with pytest.raises(DataError, match=words):
        features(tmp_path / "names.txt", codec)


def test_each_column_that_is_not_compared_has_its_reason():
    draw = np.random.default_rng(0)
    real = pd.DataFrame(
        {
            "id": [f"K{number:05d}" for number in draw.permutation(90_000)[:200]],
            "size": draw.normal(size=200).round(2),
            "note": [" ".join(draw.choice(["so", "it", "is", "said"], 8)) + f" {i}" for i in range(200)],
        }
    )
    found = autogen.score(real.assign(more=1), against=real, metrics=["column_shapes"])
    about = [note for note in found.notes if "Not compared" in note]
    assert about == [
        "samples: Not compared, since values of identifiers and personal data are made up: id.",
        "samples: Not compared, since they are not modeled (group, time, free text, or left out): note.",
        "samples: Not compared, since the table given as against lacks them: more.",
    ]


@pytest.mark.parametrize("column", ["size", "born", "seen"])
def test_text_for_numbers_or_dates_is_refused(real, codec, column):
    with pytest.raises(DataError, match=f"column '{column}'.*'what'"):
        features(real.assign(**{column: "what"}), codec)


MOMENTS = pd.date_range("2020-03-20 10:15", periods=80, freq="7h")  # over the change to summer time
SPREAD = {
    "a zone": MOMENTS.tz_localize("Europe/Vienna", nonexistent="shift_forward"),
    "its end": pd.date_range("2020-10-20", periods=80, freq="7h", tz="America/New_York"),
    "an offset": MOMENTS.tz_localize("+05:30"),
    "fractions": MOMENTS.where(np.arange(80) % 2 == 0, MOMENTS + pd.Timedelta(microseconds=250_000)),
    "durations": MOMENTS - MOMENTS[0],
}


@pytest.mark.parametrize("way", SPREAD)
def test_the_own_csv_of_a_frame_with_moments_goes_round(way, tmp_path):
    frame = pd.DataFrame({"when": SPREAD[way], "y": np.arange(80) * 7 % 23})
    module = open_data(frame)
    module.codec.to_original_format(module.raw.samples).to_csv(tmp_path / "t.csv", index=False)
    again = module.kind.read_like(tmp_path / "t.csv", module.codec, {}).samples
    pd.testing.assert_series_equal(again["when"], module.raw.samples["when"])
    assert incomplete_rows(module.codec, pd.read_csv(tmp_path / "t.csv")).known.all()


@pytest.mark.parametrize("form", ["%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"])
def test_moments_without_an_offset_are_those_of_the_zone(form, tmp_path):
    frame = pd.DataFrame({"when": SPREAD["a zone"], "y": np.arange(80) * 7 % 23})
    module = open_data(frame)
    frame.assign(when=frame["when"].dt.strftime(form)).to_csv(tmp_path / "t.csv", index=False)
    again = module.kind.read_like(tmp_path / "t.csv", module.codec, {}).samples
    assert (again["when"] == module.raw.samples["when"]).all()
