"""Random tables whose rows keep rules, with numbers, dates, categories and missing cells."""

import numpy as np
import pandas as pd

from autogen.data.tables.rules.check import broken, values_of_features

DAY = pd.Timestamp("2020-01-01")
#: Pairs of columns of which the first is never larger: of many decimals, few values, dates of all sorts.
ORDERED = (
    lambda rng, n: floats(rng, n, 2, 2),
    lambda rng, n: floats(rng, n, 1, 3),
    lambda rng, n: floats(rng, n, 12, 12),
    lambda rng, n: [column.astype("float32") for column in floats(rng, n, 9, 9)],
    lambda rng, n: counts(rng, n, 5, 3),
    lambda rng, n: counts(rng, n, 10_000, 500),
    lambda rng, n: [floats(rng, n, 2, 2)[0], floats(rng, n, 2, 2)[0] + 1e6],
    lambda rng, n: days(rng, n, "D", "D"),
    lambda rng, n: days(rng, n, "s", "ms"),
    lambda rng, n: [day.dt.strftime("%d/%m/%Y") for day in days(rng, n, "D", "D")],
    lambda rng, n: [day.dt.tz_localize("Asia/Tokyo") for day in days(rng, n, "min", "s")],
    lambda rng, n: [days(rng, n, "D", "D")[0], pd.Series(pd.Timestamp("2199-12-31"), range(n))],
    lambda rng, n: [day - DAY for day in days(rng, n, "s", "s")],
)


def floats(rng, n, places, more):
    low = pd.Series(np.round(rng.normal(size=n) * 10, places))
    high = pd.Series(np.round(low + rng.gamma(1, 5, n) * (rng.random(n) < 0.8), more))
    return [low, high.where(high >= low, low)]


def counts(rng, n, most, apart):
    low = pd.Series(rng.integers(0, most, n))
    return [low, low + rng.integers(0, apart, n)]


def days(rng, n, unit, finer):
    width = 10**9 // pd.Timedelta(1, unit).value if unit == "ns" else 500
    low = DAY + pd.to_timedelta(rng.integers(0, width, n), unit=unit)
    return [pd.Series(low), pd.Series(low + pd.to_timedelta(rng.integers(0, 300, n), unit=finer))]


def keyed(rng, n):
    """Zip codes (numbers), their cities, the states of the cities, and a tax by state and sort."""
    zips, cities = rng.choice(np.arange(1000, 9999), 40, replace=False), rng.integers(0, 12, 40)
    place = rng.integers(0, 40, n)
    sort = rng.choice(["b2b", "b2c"], n)
    state = cities[place] % 4
    return pd.DataFrame(
        {
            "zip": pd.array(zips[place], dtype="Int64"),
            "city": np.array([f"city {i}" for i in range(12)])[cities[place]],
            "state": np.array(list("abcd"))[state],
            "sort": sort,
            "tax": (state + 1) * 1.25 + (sort == "b2b"),
        }
    )


KEYED = ["zip -> city -> state", "zip -> state", "state, sort -> tax"]


def table(seed, n=700):
    """A random table and rules that all its rows keep."""
    rng = np.random.default_rng(seed)
    low, high = ORDERED[rng.integers(len(ORDERED))](rng, n)
    frame = keyed(rng, n).assign(low=low, high=high, middle=low, twin=rng.normal(size=n).round(2))
    frame["note"] = rng.choice(["x", "y", "z"], n)
    for name in ("zip", "city", "sort", "low", "high", "middle"):
        if rng.random() < 0.5 and frame[name].dtype.kind != "i":
            frame[name] = frame[name].mask(rng.random(n) < rng.choice([0.02, 0.3]))
    gone = rng.random(n) < 0.3
    frame["twin"], frame["note"] = frame["twin"].mask(gone), frame["note"].mask(gone)
    rules = [*KEYED, "low <= middle <= high", "twin missing <-> note missing"]
    return frame[list(rng.permutation(frame.columns))], rules


def shares(module, samples):
    """Share of the samples that break each rule; values that determine others answer as in all real rows."""
    codec = module.codec
    made, real = (
        values_of_features(codec.features(side), codec.encoders) for side in (samples, module.raw.samples)
    )
    return {rule.text: float(broken(rule, made, real).mean()) for rule in codec.derivation.rules}


def random_arrays(codec, n, rng):
    """Codes and positions of rows in which every modeled column is drawn by itself, all codes alike."""
    levels = np.array([column.levels for column in codec.spec.columns])
    codes = (rng.random((n, len(levels))) * levels).astype(int)
    return {"codes": codes, "positions": rng.random(codes.shape, dtype=np.float32)}
