"""One odd cell of 400 changes neither the kind of a column nor what its samples look like."""

import numpy as np
import pandas as pd
import pytest

from autogen.data.open import open_data

N = 400
RNG = np.random.default_rng(0)
NUMBERS = np.round(RNG.lognormal(6, 1, N), 2)
DAYS = pd.Series(pd.date_range("2020-01-01", periods=N, freq="47h13min7s"))
COLUMNS = {
    "continuous": NUMBERS,
    "integer": RNG.integers(10, 9000, N),
    "count": RNG.permutation(N) + 1000,
    "key_id": RNG.permutation(5000)[:N] + 1000,
    "codes": [f"{i:05d}" for i in RNG.integers(0, 100_000, N)],
    "zip": [f"{i:05d}" for i in RNG.integers(1000, 1040, N)],
    "categorical": RNG.choice(["red", "green", "blue"], N),
    "ordinal": RNG.choice(["low", "medium", "high"], N),
    "ranges": RNG.choice(["18-24", "25-64", "65+"], N),
    "truth": RNG.choice(["TRUE", "FALSE"], N),
    "yes": RNG.choice(["yes", "no"], N),
    "dollars": [f"${x:,.2f}" for x in NUMBERS],
    "percent": [f"{x / 10:.1f}%" for x in NUMBERS],
    "comma": [f"{x:.2f}".replace(".", ",") for x in NUMBERS],
    "thousands": [f"{int(10 * x):,}" for x in NUMBERS],
    "day": DAYS.dt.strftime("%d.%m.%Y"),
    "moment": [moment.isoformat() for moment in DAYS.dt.tz_localize("UTC").dt.tz_convert("Europe/Vienna")],
    "digits": DAYS.dt.strftime("%Y%m%d"),
    "duration": [f"{int(x) // 60}:{int(x) % 60:02d}:{int(7 * x) % 60:02d}" for x in NUMBERS],
    "name": [f"P-{i:05d}" for i in RNG.permutation(N)],
    "prose": [f"this is remark {i} of many" for i in range(N)],
    "dna": ["".join(RNG.choice([*"ACGT"], 12)) for _ in range(N)],
}


def opened(frame, folder):
    frame.to_csv(folder / "t.csv", index=False)
    module = open_data(folder / "t.csv")
    kinds = {column.form.name: column.form.kind for column in module.codec.columns}
    made = module.codec.decode(module.codec.encode(module.split("train")))
    return kinds, module.codec.to_original_format(made)


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    return opened(pd.DataFrame(COLUMNS).astype(str), tmp_path_factory.mktemp("clean"))


def shape(cell):
    return "".join("0" if sign.isdigit() else "a" if sign.isalpha() else sign for sign in str(cell))


@pytest.mark.parametrize("odd", ["n/a?", "00", "-", "k.A.", "free"])
def test_one_odd_cell_changes_no_kind_and_no_samples(clean, odd, tmp_path):
    frame = pd.DataFrame(COLUMNS).astype(str)
    for place, name in enumerate(COLUMNS):
        frame.loc[17 * place + 3, name] = odd
    kinds, made = opened(frame, tmp_path)
    assert kinds == clean[0]
    for name in made:
        known = set(map(shape, clean[1][name])) | {shape(odd), "aaa"}
        assert pd.Series(made[name].dropna().map(shape)).isin(known).mean() > 0.9, name
