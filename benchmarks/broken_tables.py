"""Real rows of public tables, broken on purpose: what the two-sample test of tables says of them.

``AUTOGEN_DATA=... python -m benchmarks.broken_tables [TABLE ...]``; about fifteen minutes on one core. Each
repetition deals a table's rows afresh: 58 % train, and 14 % each for the reference, fresh rows and the
ceiling. The floor are independent columns. Fresh rows are scored as they are, with one column of a strongly
dependent pair permuted in 5, 15, 45 and 100 % of the rows, and, in a made table of customers, with a date of
last login before the sign-up. Written are means and standard deviations of the normalized score
of the present test and of version 1.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.open import kind_of
from autogen.data.specs import Samples
from autogen.families.baselines.tables import ColumnMarginals
from autogen.metrics.base import Metric
from autogen.metrics.calibration import calibrated
from autogen.metrics.lookup import metric_for
from benchmarks.results import save

#: Table: columns of the pair, the first of which is permuted, and most rows that are used.
PAIRS = {
    "adult": ("education", "education.num", 4000),
    "titanic": ("class", "pclass", 6000),
    "california_housing": ("households", "total_bedrooms", 4000),
    "insurance": ("charges", "smoker", 6000),
    "wine_quality": ("density", "alcohol", 4000),
    "customers (made)": ("city", "zip", 3000),
}
SHARES = (0.05, 0.15, 0.45, 1.0)
METRICS = ("c2st", "c2st_v1")
REPETITIONS = 8

Change = Callable[[Any, np.random.Generator], Any]


def customers(rows: int = 3000) -> pd.DataFrame:
    """A made table: a zip code determines its city, nobody logs in before the sign-up."""
    rng = np.random.default_rng(0)
    zips, cities = rng.choice(90_000, 300, replace=False) + 10_000, rng.integers(40, size=300)
    place = rng.choice(300, rows, p=rng.dirichlet(np.full(300, 2.0)))
    signup = pd.Timestamp("2018-01-01") + pd.to_timedelta(rng.integers(0, 2000, rows), "D")
    login = signup + pd.to_timedelta(rng.exponential(200, rows).astype(int), "D")
    segment = rng.choice(["basic", "plus", "pro"], rows, p=[0.6, 0.3, 0.1])
    spend = np.exp(rng.normal(3, 0.7, rows) + 1.5 * (segment == "pro"))
    return pd.DataFrame(
        {
            "zip": [f"{zips[one]:05d}" for one in place],
            "city": [f"city {cities[one]}" for one in place],
            "signup": signup,
            "last_login": login,
            "segment": segment,
            "spend": np.round(spend, 2),
        }
    )


def permuted(column: str, share: float) -> Change:
    """Permute a column in some of the rows."""

    def change(frame: Any, rng: np.random.Generator) -> Any:
        chosen = rng.permutation(len(frame))[: round(share * len(frame))]
        order = np.arange(len(frame))
        order[chosen] = rng.permutation(chosen)
        return frame.assign(**{column: frame[column].take(order).reset_index(drop=True)})

    return change


def too_early(share: float) -> Change:
    """Let some customers log in last up to 300 days before they sign up."""

    def change(frame: Any, rng: np.random.Generator) -> Any:
        chosen = rng.permutation(len(frame)) < round(share * len(frame))
        before = frame["signup"] - pd.to_timedelta(rng.integers(1, 300, len(frame)), "D")
        return frame.assign(last_login=frame["last_login"].mask(chosen, before))

    return change


def trial(frame: pd.DataFrame, changes: dict[str, Change], seed: int) -> dict[str, dict[str, float]]:
    """Normalized scores of fresh rows and of broken ones, by metric."""
    kind = kind_of(frame, None)
    raw, rng = kind.read(frame, {}), np.random.default_rng(seed)
    part = round(0.14 * len(frame))
    order = rng.permutation(len(frame))
    codec = kind.fit(raw, order[3 * part :])
    real, fresh, ceiling, train = (
        kind.take(raw.samples, rows) for rows in np.split(order, [part, 2 * part, 3 * part])
    )
    floor = ColumnMarginals()
    floor.fit(train, codec)
    sets = {"fresh": fresh, "train copy": kind.take(train, np.arange(part))}
    sets |= {name: change(fresh, np.random.default_rng([seed, 1])) for name, change in changes.items()}
    ends = {"floor": floor.sample(part, rng), "ceiling": ceiling}
    return {name: placed(metric_for(name, "tabular"), real, codec, train, sets, ends) for name in METRICS}


def placed(
    metric: Metric, real: Samples, codec: Any, train: Samples, sets: dict[str, Any], ends: dict[str, Any]
) -> dict[str, float]:
    """Normalized score of each set."""
    reference = metric.prepare_with(real, codec, train)
    low, high = (metric.score(reference, ends[name]) for name in ("floor", "ceiling"))
    found = {}
    for name, samples in sets.items():
        place = calibrated(metric.score(reference, samples), low, high)
        found[name] = float("nan") if place is None else place
    return found


def table(name: str, folder: Path) -> tuple[pd.DataFrame, dict[str, Change]]:
    """A table and the ways it is broken."""
    column, _, most = PAIRS[name]
    if name.startswith("customers"):
        frame = customers(most)
    else:
        frame = pd.read_csv(folder / "tabular" / name / "data.csv.gz").drop(columns="split", errors="ignore")
        frame = frame.sample(min(most, len(frame)), random_state=0).reset_index(drop=True)
    changes = {f"{column} permuted in {share:.0%}": permuted(column, share) for share in SHARES}
    if name.startswith("customers"):
        changes |= {f"last login before sign-up in {s:.0%}": too_early(s) for s in SHARES[:3]}
    return frame, changes


def main() -> None:
    """Break each table and write down what the metrics say."""
    folder = Path(os.environ.get("AUTOGEN_DATA", "../shared/data"))
    told: dict[str, Any] = {}
    for name in sys.argv[1:] or PAIRS:
        frame, changes = table(name, folder)
        trials = [trial(frame, changes, seed) for seed in range(REPETITIONS)]
        told[name] = {"rows of a side": round(0.14 * len(frame)), "pair": list(PAIRS[name][:2])}
        for metric in METRICS:
            told[name][metric] = summary([one[metric] for one in trials])
            for damage, entry in told[name][metric].items():
                print(
                    f"{name:20s} {metric:8s} {damage:40s}",
                    *(f"{k} {v:.3f}" for k, v in entry.items()),
                    flush=True,
                )
    save("broken_tables", {"repetitions": REPETITIONS, "tables": told})


def summary(trials: list[dict[str, float]]) -> dict[str, dict[str, float]]:
    """Mean and standard deviation over repetitions, and by how much a damage lowers the score of its rows."""
    found = {}
    for damage in trials[0]:
        scores = np.array([one[damage] for one in trials])
        drops = np.array([one["fresh"] - one[damage] for one in trials])
        found[damage] = {
            "mean": round(float(np.nanmean(scores)), 4),
            "sd": round(float(np.nanstd(scores)), 4),
            "lowered by": round(float(np.nanmean(drops)), 4),
        }
    return found


if __name__ == "__main__":
    main()
