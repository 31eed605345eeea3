"""A2: how well boosted trees tell generated rows of Adult from the official test rows.

The classifier two-sample test (scikit-learn's HistGradientBoosting, cross-fitted, precision harmonised:
``autogen.metrics.tables.two_sample.c2st_v1``) compares 16,281 generated rows with the 16,281 test rows; AUC
.5 is perfect. Beside it stands the share of generated rows that are nearer to a train row than to one of as
many test rows; a copy of the train rows gets the best AUC and the worst share. Targets: an AUC of at most .75
at a share of at most .55, within 17 CPU minutes.

    python -m benchmarks.anchors.a2 [FOLDER]
"""

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from autogen.metrics.memorization.gate import memorisation
from autogen.metrics.tables.two_sample.c2st_v1 import TwoSampleTestV1
from autogen.metrics.tables.two_sample.rows import RealRows
from autogen.verdict.statistics import interval
from benchmarks.anchors import adult
from benchmarks.results import save

GROUPS, GATE_ROWS, GATES = 20, 250, 8
TARGET_AREA, TARGET_SHARE, TARGET_SECONDS = 0.75, 0.55, 17 * 60


def areas(reference: RealRows, draws: list[pd.DataFrame]) -> dict[str, Any]:
    """AUC of each draw, their mean, and its interval over draws and test rows."""
    test, rows = TwoSampleTestV1(), len(reference.features)
    signed = np.array([test.signed(reference, draw[:rows]) for draw in draws])
    replicates = np.stack([test.replicates(reference, draw[:rows], GROUPS) for draw in draws])
    found = interval(signed, replicates)
    mean, low, high = ((1 + value) / 2 for value in (found.mean, found.low, found.high))
    return {"mean": mean, "low": low, "high": high, "each": ((1 + signed) / 2).tolist()}


def share(table: adult.Table, draw: pd.DataFrame) -> dict[str, float]:
    """Share of generated rows nearer to train than to unseen rows, over several hundred rows each."""
    parts = [draw[start : start + GATE_ROWS] for start in range(0, GATES * GATE_ROWS, GATE_ROWS)]
    gates = [memorisation(part, table.train, table.test, table.codec) for part in parts]
    shares = np.array([gate.share for gate in gates])
    error = float(shares.std(ddof=1) / len(shares) ** 0.5)
    return {
        "mean": float(shares.mean()),
        "standard_error": error,
        "copied": float(np.mean([gate.copied for gate in gates])),
        "rows": GATES * GATE_ROWS,
    }


def figures(folder: Path) -> dict[str, Any]:
    """All figures; the test rows are read here and once."""
    table = adult.prepare(folder)
    reference = TwoSampleTestV1().prepare(table.test, table.codec)
    draws = {"autogen": [adult.ours(table, folder, seed)[0] for seed in adult.SEEDS]}
    draws |= {name: [adult.baseline(table, name, seed) for seed in adult.SEEDS] for name in adult.BASELINES}
    copies = [table.train.sample(len(table.test), random_state=seed) for seed in adult.SEEDS]
    found = {}
    for name, made in (draws | {"train_copy": [copy.reset_index(drop=True) for copy in copies]}).items():
        clock = time.perf_counter()
        found[name] = {"auc": areas(reference, made), "nearer_to_train": share(table, made[0])}
        found[name]["judging_seconds"] = round(time.perf_counter() - clock, 1)
    return {"protocol": adult.protocol(table, folder), "models": found} | verdict(
        found["autogen"], table, folder
    )


def verdict(ours: dict[str, Any], table: adult.Table, folder: Path) -> dict[str, Any]:
    """The targets, and whether they are met."""
    cost = adult.protocol(table, folder)["cost"]
    seconds = cost["search"]["cpu_seconds"] + max(each["cpu_seconds"] for each in cost["trainings"])
    met = {
        "auc": ours["auc"]["high"] <= TARGET_AREA,
        "nearer_to_train": ours["nearer_to_train"]["mean"] <= TARGET_SHARE,
        "cpu_seconds": seconds <= TARGET_SECONDS,
    }
    return {
        "targets": {"auc": TARGET_AREA, "nearer_to_train": TARGET_SHARE, "cpu_seconds": TARGET_SECONDS},
        "cpu_seconds_of_search_and_one_training": seconds,
        "met": met,
    }


if __name__ == "__main__":
    save("anchors/a2", figures(Path(sys.argv[1] if len(sys.argv) > 1 else "runs/anchors-adult")))
