"""Codes with leading zeros that hardly repeat: what is said of them, and how they are learned."""

import numpy as np
import pandas as pd
import pytest

from autogen.data.open import open_data


def codes(pool: int) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    known = np.unique(rng.integers(501, 99951, pool))
    chosen = rng.choice(known, 300)
    return pd.DataFrame({"zip": [f"{code:05d}" for code in chosen], "age": rng.integers(18, 90, 300)})


def written(frame: pd.DataFrame, folder) -> str:
    frame.to_csv(folder / "people.csv", index=False)
    return str(folder / "people.csv")


def test_codes_that_are_left_out_name_the_option_that_keeps_their_zeros(tmp_path):
    notes = open_data(written(codes(350), tmp_path)).notes
    (note,) = [note for note in notes if "left out" in note]
    assert (
        "--column zip=integer learns them as numbers and keeps leading zeros, --column zip=categorical"
        in note
    )


def test_codes_that_are_taken_for_identifiers_name_it_too(tmp_path):
    notes = open_data(written(codes(90_000), tmp_path)).notes
    (note,) = [note for note in notes if "holds identifiers" in note]
    assert note.endswith(
        "If they are no identifiers: --column zip=integer learns them as numbers and keeps leading zeros."
    )
    names = codes(350).assign(zip=lambda frame: "ab-" + frame["zip"])
    assert not any("zip=integer" in note for note in open_data(written(names, tmp_path)).notes)


@pytest.mark.parametrize("as_file", [True, False])
def test_as_whole_numbers_they_come_back_with_their_zeros(tmp_path, as_file):
    frame = codes(350)
    data = open_data(written(frame, tmp_path) if as_file else frame, options={"columns": {"zip": "integer"}})
    train = data.split("train")
    back = data.codec.to_original_format(data.codec.decode(data.codec.encode(train)))
    assert back["zip"].str.fullmatch(r"\d{5}").all()
    assert back["zip"].str.startswith("0").any()
    shown = data.codec.to_original_format(train)["zip"]
    assert set(shown) <= set(frame["zip"])
    assert (data.codec.from_original_format(pd.DataFrame({"zip": ["00501"]}))["zip"] == 501).all()
