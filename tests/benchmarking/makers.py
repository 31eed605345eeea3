"""Cells, outcomes and plans made by hand."""

import numpy as np

from autogen.benchmarking.cells import REAL_ROWS, Cell, Role, Scored
from autogen.benchmarking.outcome import Outcome
from autogen.benchmarking.plan import BenchmarkPlan, ModelEntry, SetEntry
from autogen.benchmarking.tables import Entry, scale_of
from autogen.hpo.objective import Objective
from autogen.training.worker.efficiency import Efficiency

LOSS = Objective("distance[test]", 1, "minimize")
GAIN = Objective("likeness[test]", 1, "maximize")


def scored(score, *, spread=0.1, passed=True, seconds=2.0):
    replicates = tuple(float(value) for value in score + spread * np.linspace(-1, 1, 5))
    return Scored(
        score, replicates, 0.5 if passed else 0.9, 0.4 if passed else 1e-6, 0.0, passed, seconds, 40
    )


def entry(data, model, score, *, role=Role.MODEL, seed=0, rows=1.0, steps=1.0, trivial=False, **more):
    cell = Cell(data, model, role, {"family": "vae"}, seed, rows, steps, trivial)
    if score is None:
        return Entry(cell, "failed", reason="the score is nan at step 3")
    cost = more.pop("cost", None)
    return Entry(cell, "complete", scored(score, **more), cost=cost)


def frame(data, floor=1.0, ceiling=0.0):
    """Floor and ceiling of a data set."""
    return [
        entry(data, REAL_ROWS, ceiling, role=Role.REAL),
        entry(data, "train_copy", ceiling, role=Role.CONTROL, passed=False),
        entry(data, "marginals", floor, role=Role.BASELINE, trivial=True),
    ]


def cost(latency=1.0):
    return Efficiency("cpu", 1, 1000, None, latency, 50.0, 2.0, {}, {})


def outcome(entries, *, models=("vae", "gan"), rows=(1.0,), steps=(1.0,), objective=LOSS, absent=None):
    sets = list(dict.fromkeys(one.cell.data for one in entries))
    plan = BenchmarkPlan(
        "made",
        tuple(SetEntry(name) for name in sets),
        tuple(ModelEntry(name, name) for name in models),
        about="Made by hand.",
        rows=rows,
        steps=steps,
    )
    scales = {
        name: scale_of([one for one in entries if one.cell.data == name], "tabular", objective)
        for name in sets
    }
    facts = {
        name: {"rows": {"train": 60, "tune": 20, "select": 20, "test": 20}, "sha256": "0" * 64}
        for name in sets
    }
    return Outcome(plan, entries, scales, absent or {}, facts)


def large():
    """Eight data sets, three models, two seeds, shares of rows and steps, one failure, one copier."""
    rng = np.random.default_rng(0)
    entries = []
    for number in range(8):
        data = f"set <{number}>"
        entries += frame(data)
        for place, model in enumerate(("vae", "gan", "autoregressive")):
            middle = 0.15 + 0.2 * place + 0.03 * number
            for seed in range(2):
                score = middle + 0.05 * float(rng.normal())
                entries.append(entry(data, model, score, seed=seed, cost=cost(0.1 * (1 + place + number))))
                entries += [entry(data, model, score + 0.2, seed=seed, rows=0.3, steps=1.0)]
                entries += [entry(data, model, score + 0.3, seed=seed, steps=0.25)]
    entries[3] = entry("set <0>", "vae", None)
    models = ("vae", "gan", "autoregressive")
    return outcome(
        entries, models=models, rows=(0.3, 1.0), steps=(0.25, 1.0), absent={"away": "there is no away.csv"}
    )
