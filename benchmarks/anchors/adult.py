"""Adult (UCI), its official split, and the generated rows that the anchors A1 and A2 judge.

The search sees the official train rows alone and splits them itself; the config that it delivers is then
trained anew, on all train rows and for longer, once for each seed. The official test rows are read
by the anchors, after that.
"""

import json
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

import autogen
from autogen import registry
from autogen.data.open import open_data
from autogen.data.tables.codec import TableCodec
from autogen.families.base import parse_config
from autogen.families.baselines.lookup import baselines_for
from autogen.training.solo import SoloProgram

SPACE = str(Path(__file__).with_name("adult.toml"))
TRIALS, STEPS, SEEDS = 8, 3000, (0, 1, 2)
BASELINES = ("smote", "gaussian_copula")
TARGET = "income"


@dataclass(frozen=True)
class Table:
    """Rows with the codec that was fitted on the official train rows.

    Attributes:
        train: The 32,561 official train rows.
        test: The 16,281 official test rows.
        codec: Fitted on ``train``.
    """

    train: pd.DataFrame
    test: pd.DataFrame
    codec: TableCodec


def read() -> Table:
    """Read the table from ``$AUTOGEN_DATA``."""
    folder = Path(os.environ.get("AUTOGEN_DATA", "../shared/data"))
    rows = pd.read_csv(folder / "tabular" / "adult" / "data.csv.gz")
    train, test = (
        rows[rows["split"] == name].drop(columns="split").reset_index(drop=True) for name in ("train", "test")
    )
    data = open_data(train)
    codec = data.kind.fit(data.raw, np.arange(len(train)))
    assert isinstance(codec, TableCodec)
    return Table(train, test, codec)


def found(table: Table, folder: Path) -> dict[str, Any]:
    """The config that a search over the train rows delivers, with what it cost; kept in the folder."""
    place = folder / "config.json"
    if not place.exists():
        clocks = time.perf_counter(), time.process_time()
        result = autogen.search(
            table.train,
            space=SPACE,
            budget=f"{TRIALS}trials",
            workers=1,
            finalists=1,
            retrain="no",
            out=folder / "search",
        )
        cost = _cost(clocks)
        record = {"config": result.best.config, "tried": result.record["configurations_tried"]} | cost
        place.write_text(json.dumps(record))
    record = json.loads(place.read_text())
    assert isinstance(record, dict)
    return record


def ours(table: Table, folder: Path, seed: int) -> tuple[pd.DataFrame, dict[str, Any]]:
    """As many rows as train has, of the searched config trained with a seed, and what that cost."""
    place = folder / f"ours-{seed}.parquet"
    if not place.exists():
        config = found(table, folder)["config"]
        clocks = time.perf_counter(), time.process_time()
        family = registry.get("family", config["family"])()
        settings = parse_config(family, config)
        settings = replace(settings, training=replace(settings.training, steps=STEPS))
        program = SoloProgram(family, settings, table.codec.spec, table.codec.encode(table.train), seed)
        program.advance(STEPS)
        rows = table.codec.decode(program.sample(len(table.train), seed), seed)
        place.with_suffix(".json").write_text(json.dumps(_cost(clocks)))
        rows.to_parquet(place)
    return pd.read_parquet(place), json.loads(place.with_suffix(".json").read_text())


def baseline(table: Table, name: str, seed: int) -> pd.DataFrame:
    """As many rows as train has, of a baseline fitted on the train rows."""
    made = baselines_for("tabular")[name]()
    made.fit(table.train, table.codec)
    rows = made.sample(len(table.train), np.random.default_rng(seed))
    assert isinstance(rows, pd.DataFrame)
    return rows


def prepare(folder: Path) -> Table:
    """Read the table, search and train; what the folder holds already is not done again."""
    torch.set_num_threads(1)
    folder.mkdir(parents=True, exist_ok=True)
    table = read()
    for seed in SEEDS:
        ours(table, folder, seed)
    return table


def protocol(table: Table, folder: Path) -> dict[str, Any]:
    """What both anchors say of how the rows came about."""
    search = found(table, folder)
    trainings = [ours(table, folder, seed)[1] for seed in SEEDS]
    return {
        "split": f"official: {len(table.train)} train rows, {len(table.test)} test rows, never seen before",
        "search": f"{search['tried']} configs of benchmarks/anchors/adult.toml, on parts of the train rows",
        "training": f"{STEPS} steps on all train rows, once for each seed",
        "config": search["config"],
        "configurations_tried": search["tried"],
        "seeds": list(SEEDS),
        "cost": {"search": {name: search[name] for name in trainings[0]}, "trainings": trainings},
    }


def _cost(clocks: tuple[float, float]) -> dict[str, float]:
    """Seconds since the clocks were read."""
    wall, cpu = clocks
    return {
        "wall_seconds": round(time.perf_counter() - wall, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
    }
