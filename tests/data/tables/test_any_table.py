"""Tables of random columns, with whatever a column can hold, open and come back through the codec."""

import json

import numpy as np
import pandas as pd
import pytest

from autogen.data.open import codec_from_json, open_data

DAY = pd.Timestamp("2020-01-01")
COLUMNS = (
    lambda rng, n: rng.normal(size=n) * 10.0 ** rng.integers(-12, 12),
    lambda rng, n: np.round(rng.normal(size=n) * 100, rng.integers(0, 4)),
    lambda rng, n: rng.integers(-(2 ** rng.integers(1, 62)), 2 ** rng.integers(1, 62), n),
    lambda rng, n: rng.choice(["a", "", 'ü,"x"', "NA", " c"], n),
    lambda rng, n: rng.choice([True, False], n),
    lambda rng, n: np.datetime64("1600-01-01", "s") + rng.integers(0, 2**34, n).astype("timedelta64[s]"),
    lambda rng, n: [f"{i:06d}" for i in rng.permutation(n)],
    lambda rng, n: [" ".join(rng.choice(["x", "yy"], 9)) for _ in range(n)],
    lambda rng, n: np.full(n, rng.choice([0.0, 1.5, np.nan, np.inf])),
    lambda rng, n: rng.lognormal(0, 5, n),
    lambda rng, n: rng.choice([0, 99_999, *range(1, 51)], n, p=[0.5, 0.2, *[0.006] * 50]),
    lambda rng, n: pd.Categorical(rng.choice(["u", "v"], n), ["w", "v", "u"], ordered=True),
    lambda rng, n: pd.Series([(1, "1", 2.5, None, (1,))[i] for i in rng.integers(0, 5, n)], dtype=object),
    lambda rng, n: rng.choice([5e-324, 1e308, -1e308, 0.0], n),
    lambda rng, n: (DAY + pd.to_timedelta(rng.integers(0, 10**9, n), unit="us")).tz_localize("Asia/Tokyo"),
    lambda rng, n: (DAY + pd.to_timedelta(rng.integers(0, 500, n), unit="D")).strftime("%d/%m/%Y"),
    lambda rng, n: pd.to_timedelta(rng.integers(0, 10**6, n), unit="s"),
    lambda rng, n: pd.array(rng.normal(size=n), dtype="Float64"),
    lambda rng, n: rng.normal(size=n).astype("float32"),
    lambda _, n: np.arange(n),
)


def table(rng):
    n = int(rng.choice([40, 499, 700]))
    frame = pd.DataFrame({"first": rng.integers(0, 3, n)})
    for i in range(5):
        column = pd.Series(COLUMNS[rng.integers(len(COLUMNS))](rng, n))
        share = rng.choice([0.0, 0.05, 0.95])
        if column.dtype != bool and column.dtype.kind != "i":
            column = column.mask(rng.random(n) < share)
        frame[f"c{i}"] = column
    return frame


@pytest.mark.slow
@pytest.mark.parametrize("from_file", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_any_table_comes_back(seed, from_file, tmp_path):
    rng = np.random.default_rng(seed)
    source = table(rng)
    if from_file:
        source.to_csv(tmp_path / "t.csv", index=False)
        source = tmp_path / "t.csv"
    module = open_data(source)
    codec, samples = module.codec, module.raw.samples
    encoded = codec.encode(samples)
    back = codec.decode(encoded)
    assert back.dtypes.tolist() == samples.dtypes.tolist()
    np.testing.assert_array_equal(codec.encode(back)["codes"], encoded["codes"])
    levels = np.array([spec.levels for spec in codec.spec.columns])
    assert ((encoded["codes"] >= 0) & (encoded["codes"] < levels)).all()
    assert ((encoded["positions"] >= 0) & (encoded["positions"] < 1)).all()
    rebuilt = codec_from_json(json.loads(json.dumps(codec.to_json(), allow_nan=False)))
    assert rebuilt.decode(encoded).equals(back)
    codes = (rng.random((200, len(levels))) * levels).astype(int)
    made = codec.decode({"codes": codes, "positions": rng.random(codes.shape, dtype=np.float32)})
    assert (codec.encode(made)["codes"] == codes).mean() > 0.97
    module.kind.save(made, tmp_path / "made.csv")
    module.kind.save(made, tmp_path / "made.parquet")
