"""Five updates of a run, beside fresh searches of three times the budget on the same rows; drift tests' size.

    python -m benchmarks.update [BUDGET]
    python -m benchmarks.update drift

Six slices of the California housing table by the year of building (1990 less ``housing_median_age``), the
oldest first, 700 rows each; the year itself is dropped. The first slice is searched, then updated with each
later one, even if nothing moved, for a third of BUDGET (default 60s). Beside each update, a search from
nothing has all of BUDGET, the same training rows (of all slices so far) and the same test rows (of the
newest). The objective is the kernel distance. Both delivered models are drawn five times and compared on
these: loss of the update minus loss of the fresh search, with its 95 % interval; ``with_report`` are seconds
with the drift report. Families: trees and VAEs, one worker.

With ``drift``, the size and the power of both drift tests on normal tables of eight columns, 600 older and
300 newer rows: how often they find a move of one column by so many standard deviations, or of a correlation.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import autogen
from autogen.data.open import open_data
from autogen.engine.engine import start
from autogen.engine.plan import Plan
from autogen.engine.settings import Settings
from autogen.engine.transfer.update import needed, third
from autogen.metrics.features.permutation import dealings, kernel_test
from autogen.metrics.features.space import scale_of, standardize
from autogen.metrics.tables.drift import column_shifts
from autogen.report.result import Result
from autogen.verdict.statistics import Scores, compare_scores
from benchmarks.results import save

DATA = Path(os.environ.get("AUTOGEN_DATA", "../shared/data"))
SLICES, ROWS, DRAWS, TABLES = 6, 700, 5, 60
COMMON: dict[str, Any] = {"families": ("trees", "vae"), "objective": "kd", "workers": 1, "finalists": 3}
#: Level of each of the two tests of a drift report.
LEVEL = 0.025


def slices(folder: Path) -> list[Path]:
    """Write the table in slices by the year of building, each a random part of its years."""
    table = pd.read_csv(DATA / "tabular/california_housing/data.csv.gz")
    ordered = table.sort_values("housing_median_age", ascending=False, kind="stable")
    rng = np.random.default_rng(0)
    paths = []
    for place, rows in enumerate(np.array_split(np.arange(len(ordered)), SLICES)):
        part = ordered.iloc[np.sort(rng.choice(rows, ROWS, replace=False))]
        paths.append(folder / f"slice{place}.csv")
        part.drop(columns="housing_median_age").to_csv(paths[-1], index=False)
    return paths


def losses(plan: Plan, run: Path) -> Scores:
    """Score the delivered model of a run on the test rows of a plan."""
    metric, data = plan.metric, plan.data
    reference = metric.prepare_with(data.split("test"), data.codec, data.split("train"))
    rows, model = len(data.rows["test"]), autogen.load(run)
    sign = metric.objective.loss(1.0)
    pairs = [
        metric.jackknife(reference, model.draw(rows, 1000 + draw), metric.groups(rows))
        for draw in range(DRAWS)
    ]
    return Scores(sign * np.array([one for one, _ in pairs]), sign * np.array([left for _, left in pairs]))


def update_of(run: Path, paths: list[Path], budget: str, folder: Path) -> dict[str, Any]:
    """Update a run with the last slice, search all from nothing, and compare what both deliver."""
    number = len(paths) - 1
    out, other = folder / f"update{number}", folder / f"fresh{number}"
    began = time.monotonic()
    found = autogen.update(run, paths[-1], budget=third(budget), train_anyway=True, out=out)
    whole = time.monotonic() - began
    assert found.result is not None
    result = found.result.folder.read_result()
    settings = Settings(data=str(paths[-1]), older=tuple(map(str, paths[:-1])), budget=budget, **COMMON)
    fresh = start(settings, out=other).folder.read_result()
    plan = Plan(settings, settings.data)
    ours, theirs = losses(plan, out), losses(plan, other)
    difference = compare_scores(theirs, ours)
    assert result.start is not None
    assert result.start.update is not None
    return {
        "moved_columns": [one.name for one in found.drift.columns if one.drifted],
        "moved_as_a_whole": bool(found.drift.joint and found.drift.joint.drifted),
        "would_train": needed(found.drift),
        "answer": result.start.update.answer,
        "rows": dict(result.data.rows),
        "update": _outcome(result, ours) | {"with_report": round(whole, 1)},
        "fresh": _outcome(fresh, theirs),
        "difference": {"mean": difference.mean, "low": difference.low, "high": difference.high},
        "worse_beyond_chance": bool(difference.low > 0),
    }


def _outcome(result: Result, scored: Scores) -> dict[str, Any]:
    """What a search returned, its seconds, and its loss on the common test rows."""
    returned = {"returned": result.best.family, "withheld": result.best.withheld}
    return returned | {"verdict": result.verdict, "seconds": round(result.seconds, 1), "loss": scored.mean}


def simulated(shift: float, correlation: float) -> dict[str, float]:
    """Count how often each drift test finds a move in simulated tables."""
    found, codec = [], None
    for seed in range(TABLES):
        dealt = dealings(np.repeat([False, True], [600, 300]), seed=seed)
        draw = np.random.default_rng(seed)
        values = draw.normal(size=(900, 8))
        values[600:, 0] += shift
        values[600:, 2] = correlation * values[600:, 1] + np.sqrt(1 - correlation**2) * values[600:, 2]
        table = pd.DataFrame(values, columns=[f"x{place}" for place in range(8)])
        older, newer = table[:600], table[600:].reset_index(drop=True)
        codec = codec or open_data(older).codec
        columns = column_shifts(older, newer, codec, dealt)
        kernel = kernel_test(standardize(values, *scale_of(values)), dealt)
        found.append((min(one.p_value for one in columns.values()) <= LEVEL, kernel.p_value <= LEVEL))
    columns_found, whole_found = np.mean(found, axis=0)
    return {"columns": float(columns_found), "whole": float(whole_found)}


def drift() -> None:
    """Simulate drift and write ``benchmarks/results/update_drift.json``."""
    moves = {"none": (0.0, 0.0), "shift .2": (0.2, 0.0), "shift .4": (0.4, 0.0), "correlation .5": (0.0, 0.5)}
    power = {name: simulated(*move) for name, move in moves.items()}
    save("update_drift", {"level": LEVEL, "tables": TABLES, "found": power})


def main(budget: str) -> None:
    """Run all updates and write ``benchmarks/results/update.json``."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = slices(folder)
        run, updates = folder / "first", []
        start(Settings(data=str(paths[0]), budget=budget, **COMMON), out=run)
        for number in range(1, SLICES):
            updates.append(update_of(run, paths[: number + 1], budget, folder))
            run = folder / f"update{number}"
            print(json.dumps(updates[-1]), flush=True)
    save("update", {"budget": budget, "updates": updates})


if __name__ == "__main__":
    drift() if sys.argv[1:] == ["drift"] else main(*(sys.argv[1:] or ["60s"]))
