"""Tables: sequential trees untuned, the search of two minutes, and baselines, on the public sets.

    python -m benchmarks.tables trees [SET ...]     the default of the family, and the baselines: minutes
    python -m benchmarks.tables search [SET ...]    the search without any option: over two minutes a set
    python -m benchmarks.tables large               100,000 and 1,000,000 rows of 20 columns

Each set is dealt to train, tune, select and test parts by another seed than the one by which the family's
defaults were chosen. The test rows judge: AUC of boosted trees that are cross-fitted on them and as many
generated rows (.5 is perfect; equal rows lie in one fold), the share of generated rows nearer to a training
row than to one of as many test rows (.5 for rows that know nothing of the training rows), and what a model
trained on generated rows gets of the target, as a share of what one trained on test rows gets (1 is as good
as real). Figures are means over three draws. Seconds are those of one core that the process had, other jobs
left out.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

import autogen
from autogen.data.module import DataModule
from autogen.data.open import open_data
from autogen.errors import MetricError
from autogen.families.base import parse_config
from autogen.families.baselines.lookup import baselines_for
from autogen.families.trees.trees import Trees
from autogen.hpo.space import SearchSpace
from autogen.metrics.cross_fit import blocks_of, held_out, made_blocks, roc_auc
from autogen.metrics.memorization.gate import memorisation
from autogen.metrics.tables.features import table_features
from autogen.metrics.tables.tstr import TrainOnSynthetic
from autogen.metrics.tables.two_sample.c2st import TwoSampleTest
from autogen.metrics.tables.two_sample.c2st_v1 import TwoSampleTestV1, fitted
from autogen.training.grown import GrownProgram
from benchmarks.anchors.public import FOLDER
from benchmarks.results import FOLDER as RESULTS
from benchmarks.results import save

SPLIT, DRAWS, BUDGET = 1, 3, "2m"
BASELINES = ("smote", "gaussian_copula", "marginals")
OFFICIAL = {"adult": ("split",)}  # columns that are no part of the table
LARGE = (100_000, 1_000_000)

Draw = Callable[[int, int], pd.DataFrame]


def sets(names: list[str]) -> Iterator[tuple[str, DataModule, str]]:
    """Name, data and target of the public sets, all where none is named; the smallest first."""
    files = sorted((FOLDER / "tabular").glob("*/data.csv.gz"), key=lambda path: path.stat().st_size)
    if not files:
        raise SystemExit(f"{FOLDER} has no tables; set AUTOGEN_DATA to the folder of the public data sets")
    for folder in (path.parent for path in files):
        if not names or folder.name in names:
            meta = json.loads((folder / "meta.json").read_text())
            frame = pd.read_csv(folder / "data.csv.gz").drop(columns=list(OFFICIAL.get(folder.name, ())))
            target = meta.get("target") or ""
            options = {"target": target} if target in frame else {}
            yield folder.name, open_data(frame, seed=SPLIT, options=options), target


def judged(data: DataModule, target: str, draw: Draw) -> dict[str, float]:
    """AUC (of the classifier of ``c2st_v1``), ``c2st``, share and TSTR of generated rows, means of draws."""
    real, codec = data.split("test"), data.codec
    test, pairs, tstr = TwoSampleTestV1(), TwoSampleTest(), TrainOnSynthetic(target)
    reference = test.prepare(real, codec)
    train = table_features(data.split("train"), reference.codec)
    blocks = blocks_of(reference.features, train)
    plausible = pairs.prepare_with(real, codec, data.split("train"))
    skill = None
    with suppress(MetricError):  # no target, or one that real rows do not predict
        skill = tstr.prepare_with(real, codec, data.split("train")) if target in real else None
    found: dict[str, list[float]] = {"auc": [], "c2st": [], "share": [], "copied": [], "tstr": []}
    for seed in range(DRAWS):
        rows = draw(len(real), seed)
        gate = memorisation(rows, data.split("train"), real, codec)
        made = reference.encode(rows)
        both = blocks, made_blocks(made, reference.features, blocks)
        found["auc"].append(roc_auc(*held_out(reference.features, made, fitted, blocks=both)))
        found["c2st"].append(pairs.score(plausible, rows))
        found["share"].append(gate.share)
        found["copied"].append(gate.copied)
        if skill is not None:
            with suppress(ValueError):  # scikit-learn bins no column without a single value in a fold
                found["tstr"].append(tstr.score(skill, rows))
    return {name: round(float(np.mean(values)), 4) for name, values in found.items() if values}


def trees(data: DataModule, target: str) -> dict[str, Any]:
    """Figures of the default of the family, as the space of tables has it."""
    clock = time.process_time()
    program = grown(data)
    fitted = time.process_time() - clock
    clock = time.process_time()
    program.sample(len(data.rows["test"]), 0)
    drawn = time.process_time() - clock

    def draw(n: int, seed: int) -> pd.DataFrame:
        rows = data.codec.decode(program.sample(n, seed), seed)
        assert isinstance(rows, pd.DataFrame)
        return rows

    return {"fit_s": round(fitted, 2), "sample_s": round(drawn, 3)} | judged(data, target, draw)


def grown(data: DataModule) -> GrownProgram:
    """The default of the family, grown on the train part."""
    config = parse_config(Trees(), SearchSpace.load("tabular").default("trees"))
    program = GrownProgram(Trees(), config, data.codec.spec, data.encoded("train"), 0)
    program.advance(config.training.steps)
    return program


def baseline(data: DataModule, target: str, name: str) -> dict[str, Any]:
    """Figures of a baseline."""
    made = baselines_for("tabular")[name]()
    clock = time.process_time()
    made.fit(data.split("train"), data.codec)
    fitted = time.process_time() - clock

    def draw(n: int, seed: int) -> pd.DataFrame:
        rows = made.sample(n, np.random.default_rng(seed))
        assert isinstance(rows, pd.DataFrame)
        return rows

    return {"fit_s": round(fitted, 2)} | judged(data, target, draw)


def searched(name: str, data: DataModule, target: str) -> dict[str, Any]:
    """What a search without any option returns, judged in the same way on rows that it has not seen."""
    rest = data.kind.concatenate([data.split(part) for part in ("train", "tune", "select")])
    began = time.perf_counter()
    result = autogen.search(rest, budget=BUDGET, out=Path("runs") / f"tables-{name}-{int(began)}")
    model = result.best.load()
    seen = {"verdict": result.verdict, "family": result.record["best"]["family"]}
    seen |= {"trials": result.record["trials"], "seconds": round(time.perf_counter() - began, 1)}
    return seen | judged(data, target, lambda n, seed: model.sample(n, seed))


def large(rows: int) -> dict[str, Any]:
    """Seconds and memory of a table of 20 columns, half of them quantities that depend on each other."""
    draw = np.random.default_rng(0)
    base = draw.normal(size=rows)
    columns: dict[str, Any] = {f"x{i}": np.round(base * i + draw.normal(size=rows), 3) for i in range(10)}
    labels = [np.digitize(base + draw.normal(size=rows), np.linspace(-2, 2, i + 1)) for i in range(10)]
    columns |= {f"c{i}": np.char.add("v", label.astype(str)) for i, label in enumerate(labels)}
    data = open_data(pd.DataFrame(columns))
    before, clock = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    program = grown(data)
    fitted = time.process_time() - clock
    clock = time.process_time()
    program.sample(20_000, 0)
    drawn = time.process_time() - clock
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    size = sum(tensor.numel() * tensor.element_size() for tensor in program.weights().values())
    return {
        "rows": len(data.rows["train"]),
        "fit_s": round(fitted, 1),
        "samples_per_s": round(20_000 / drawn),
        "peak_gb": round(peak / 1e6, 2),
        "peak_gb_before": round(before / 1e6, 2),
        "model_mb": round(size / 1e6, 1),
    }


def main(mode: str, names: list[str]) -> None:
    """Measure and write; sets that were measured before are kept."""
    torch.set_num_threads(1)
    path = RESULTS / "tables.json"
    kept: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    figures = {key: kept.get(key, {}) for key in ("sets", "large")}
    if mode == "large":
        for rows in LARGE:
            figures["large"][str(rows)] = large(rows)
            print(rows, figures["large"][str(rows)], flush=True)
            save("tables", figures)
        return
    for name, data, target in sets(names):
        found = figures["sets"].setdefault(name, {})
        found["rows"] = {part: len(rows) for part, rows in data.rows.items()}
        found |= {"columns": len(data.codec.spec.columns), "target": target}
        if mode == "search":
            found["search"] = searched(name, data, target)
        else:
            found["trees"] = trees(data, target)
            found |= {other: baseline(data, target, other) for other in BASELINES}
        print(name, json.dumps(found), flush=True)
        save("tables", figures)


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in ("trees", "search", "large"):
        raise SystemExit(__doc__)
    main(sys.argv[1], sys.argv[2:])
