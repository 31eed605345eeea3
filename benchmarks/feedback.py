"""Feedback with a known truth: samples that a rule calls bad are marked, and counted in the next run.

    python -m benchmarks.feedback [BUDGET] [CASE ...]

For each case a model is searched (default budget 45s), 1,000 samples are drawn, those that break the rule of
the case are marked with 0 and all others with 1, and the same data is searched again with ``--feedback``,
from nothing. Figures: the share of bad samples among 1,000 of each run's model, and among the real rows; the
share that the second run estimates; and both normalized scores, which are about the real data, bad rows
included.
The cases:

* ``class``: 1,500 rows of Adult, in which no person should be divorced: a class of real rows;
* ``region``: 1,500 rows of California housing, no block should be in a rectangle of the map: a region;
* ``broken``: intervals whose end is before their start, which no real row has: faults of the model;
* ``names``: 1,500 names, of which none should hold an «x», «y» or «z»;
* ``noise``: as ``class``, but a fifth of all marks is at random.
"""

import gzip
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import autogen
from benchmarks.results import save

DATA = Path(os.environ.get("AUTOGEN_DATA", "../shared/data"))
DRAWN, ROWS, NOISE = 1000, 1500, 0.2
COMMON: dict[str, Any] = {"workers": 1, "finalists": 4, "models_only": True}
#: Real samples, and the rule that calls a sample bad.
Case = tuple[Any, Callable[[Any], np.ndarray]]


def adult() -> Case:
    """Rows of Adult; divorced persons are bad."""
    columns = ["age", "education", "marital_status", "occupation", "sex", "hours_per_week", "income"]
    table = pd.read_csv(DATA / "tabular/adult/data.csv.gz", usecols=columns).sample(ROWS, random_state=0)
    return table, lambda rows: (rows.marital_status == "Divorced").to_numpy()


def housing() -> Case:
    """Blocks of California; those around San Francisco are bad."""
    table = pd.read_csv(DATA / "tabular/california_housing/data.csv.gz").sample(ROWS, random_state=0)
    return table, lambda rows: (rows.latitude.between(37.2, 38.2) & (rows.longitude < -121.8)).to_numpy()


def intervals() -> Case:
    """Starts and ends; an end before its start is bad, and does not occur."""
    rng = np.random.default_rng(0)
    start = rng.uniform(0, 100, ROWS).round(1)
    length = rng.exponential(8, ROWS).round(1)
    table = pd.DataFrame(
        {"start": start, "end": (start + length).round(1), "kind": rng.choice(list("ab"), ROWS)}
    )
    return table, lambda rows: (rows.end < rows.start).to_numpy()


def names() -> Case:
    """Names; those with a rare letter are bad."""
    text = gzip.decompress((DATA / "text/names/data.txt.gz").read_bytes()).decode()
    some = np.random.default_rng(0).choice(sorted({*text.split()}), ROWS, replace=False).tolist()
    return some, lambda texts: np.array([bool({*"xyz"} & {*text.lower()}) for text in texts])


CASES: dict[str, Callable[[], Case]] = {
    "class": adult,
    "region": housing,
    "broken": intervals,
    "names": names,
    "noise": adult,
}


def written(samples: Any, path: Path, marks: np.ndarray | None = None) -> Path:
    """Write samples, with their marks if there are some, as users would."""
    column = {} if marks is None else {"keep": marks}
    if isinstance(samples, pd.DataFrame):
        samples.assign(**column).to_csv(path.with_suffix(".csv"), index=False)
        return path.with_suffix(".csv")
    if marks is None:
        path.with_suffix(".txt").write_text("\n".join(samples))
        return path.with_suffix(".txt")
    pd.DataFrame({"text": samples, **column}).to_csv(path.with_suffix(".csv"), index=False)
    return path.with_suffix(".csv")


def measured(name: str, budget: str, folder: Path) -> dict[str, Any]:
    """Search, mark, and search again."""
    real, bad = CASES[name]()
    source = written(real, folder / name)
    before = autogen.search(source, budget=budget, out=folder / f"{name}-1", **COMMON)
    drawn = before.sample(DRAWN, seed=1)
    marks = (~bad(drawn)).astype(int)
    if name == "noise":
        rng = np.random.default_rng(0)
        marks = np.where(rng.random(DRAWN) < NOISE, rng.integers(0, 2, DRAWN), marks)
    file = written(drawn, folder / f"{name}-marked", marks)
    after = autogen.search(source, budget=budget, out=folder / f"{name}-2", feedback=file, **COMMON)
    found, test = after.document.feedback, after.document.rejection
    assert found is not None
    return {
        "bad": {
            "real": float(bad(real).mean()),
            "before": float(bad(drawn).mean()),
            "after": float(bad(after.sample(DRAWN, seed=2)).mean()),
        },
        "estimated": {"after": None if test is None else test.share, "bound": found.bound, "auc": found.auc},
        "runs": {"before": _outcome(before), "after": _outcome(after)},
        "rows_of_equal_weight": [found.effective, after.document.data.rows["train"]],
    }


def _outcome(result: autogen.StudyResult) -> dict[str, Any]:
    """Verdict and normalized score of a run; refused contenders by name."""
    document = result.document
    test = document.test
    return {
        "verdict": document.verdict,
        "returned": document.best.family,
        "normalized": [test.calibrated, test.calibrated_low, test.calibrated_high],
        "infeasible": document.trials.infeasible,
        "trials": document.trials.total,
    }


def main() -> None:
    """Run the cases."""
    given = sys.argv[1:]
    budget = given.pop(0) if given and given[0][0].isdigit() else "45s"
    found: dict[str, Any] = {"budget": budget, "drawn": DRAWN}
    with tempfile.TemporaryDirectory() as folder:
        for name in given or CASES:
            found[name] = measured(name, budget, Path(folder))
            print(name, found[name], flush=True)
    save("feedback", found)


if __name__ == "__main__":
    main()
