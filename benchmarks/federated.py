"""Federated learning on Adult: three or eight owners beside each alone and beside all rows in one place.

    python -m benchmarks.federated marital_status 3 trees
    python -m benchmarks.federated occupation 8 search 10m
    python -m benchmarks.federated marital_status 3 [ROUNDS LOCAL_STEPS [STRATEGY]]

6,000 rows of Adult are split among owners by a column: one for each of the most frequent values, one for the
rest. They train trees of merged counts, the best model of a search, or an autoregressive one by local steps.
Beside it stand the models that the owners train alone, each with as many steps as it takes in all rounds, and
one of all rows in one place with as many steps as all owners take together (of trees with as many trees). The
test rows of all owners together judge by the AUC of boosted trees that are cross-fitted on them and as many
generated rows (.5 is perfect, 1 the worst).
"""

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from torch import Tensor

from autogen.data.module import DataModule
from autogen.data.open import open_data
from autogen.families.base import IsGrown
from autogen.federated.config import local, of_model
from autogen.federated.local import global_model, learned, place
from autogen.federated.owner import Owner, save_model
from autogen.federated.parts import split_by
from autogen.federated.study import BEST, Plan, start
from autogen.federated.transport import InProcess
from autogen.generator.generator import GeneratedModel
from autogen.hpo.trial import Config
from autogen.metrics.tables.two_sample.c2st_v1 import TwoSampleTestV1
from autogen.training.grown import GrownProgram
from autogen.training.solo import SoloProgram
from autogen.training.worker.work import typed
from benchmarks.anchors.public import FOLDER
from benchmarks.results import FOLDER as RESULTS
from benchmarks.results import save

ROWS, TARGET = 6000, "income"
SPACE = """
[autoregressive.model]
net = "mlp"
width = 64
depth = 2
[autoregressive.training]
steps = {rounds}
batch_size = 64
optimizer = "adamw"
lr = 4e-3
schedule = "cosine"
clip = 1.0
dropout = 0.05
weight_decay = 0.01
ema = 0.98
shuffled = 0.1
rank_swap = 0.0
[autoregressive.federated]
strategy = "{strategy}"
local_steps = {local_steps}
"""


class Keeping(Owner):
    """Owner that keeps the model it trained alone, for the benchmark."""

    alone: Path

    def train_alone(self, config: Config, seed: int) -> dict[str, Tensor]:
        """Train alone, and save the model."""
        weights = super().train_alone(config, seed)
        self.alone = Path(tempfile.mkdtemp()) / self.name
        save_model(self.alone, config, self.codec, self.own_seed(seed), weights)
        return weights


def owners_of(frame: pd.DataFrame, column: str, count: int) -> list[Keeping]:
    """Owners of the rows of a table."""
    parts = split_by(frame, column, count)
    return [Keeping(name, open_data(part, options={"target": TARGET})) for name, part in parts.items()]


def in_one_place(owners: list[Keeping], config: Config, out: Path) -> None:
    """Train on all owners' training rows together, with as many steps as they take together."""
    family, settings, _ = local(config)
    grown = isinstance(family, IsGrown)
    if not grown:
        settings = typed({**of_model(config), "training.steps": settings.training.steps * len(owners)})[1]
    codec = owners[0].codec
    parts = [codec.encode(owner.data.split("train")) for owner in owners]
    train = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    program = (GrownProgram if grown else SoloProgram)(family, settings, codec.spec, train, 0)
    program.advance(settings.training.steps)
    own = global_model(family, settings, codec.spec, 0)
    names = set(learned(program.average))
    weights = {name: one for name, one in program.weights().items() if name in names}
    place(own, weights)
    save_model(out, config, codec, 0, weights)


def auc(real: pd.DataFrame, folder: Path) -> float:
    """AUC of real rows beside as many of a model."""
    model, test = GeneratedModel.load(folder), TwoSampleTestV1()
    reference = test.prepare(real, model.codec)
    return round((1 + test.signed(reference, model.draw(len(real), 1))) / 2, 4)


def measured(column: str, count: int, plan: Plan) -> dict[str, Any]:
    """Figures of one split of Adult by the best trial of a plan."""
    frame = pd.read_csv(FOLDER / "tabular" / "adult" / "data.csv.gz").drop(columns="split")
    owners = owners_of(frame.sample(ROWS, random_state=0).reset_index(drop=True), column, count)
    folder = Path(tempfile.mkdtemp())
    clock = time.process_time()
    record = start(plan, InProcess([*owners]), folder / "run")
    spent = time.process_time() - clock
    in_one_place(owners, record["best"]["config"], folder / "pooled")
    real = test_rows([owner.data for owner in owners])
    return {
        "column": column,
        "budget": plan.budget,
        "config": record["best"]["config"],
        "trials": record["trials"],
        "rows": {owner.name: len(owner.data.rows["train"]) for owner in owners},
        "test_rows": len(real),
        "auc": {
            "federated": auc(real, folder / "run" / BEST),
            "in_one_place": auc(real, folder / "pooled"),
            "alone": {owner.name: auc(real, owner.alone) for owner in owners},
        },
        "nats": record["test"],
        "bytes_out": {name: one["received"] for name, one in record["owners"].items()},
        "cpu_s": round(spent, 1),
    }


def test_rows(parts: list[DataModule]) -> pd.DataFrame:
    """Test rows of all owners."""
    return pd.concat([part.split("test") for part in parts], ignore_index=True)


def plan_of(words: list[str]) -> tuple[str, Plan]:
    """Name and plan of what the command line asks for."""
    match words:
        case ["search", budget]:
            return f"search_{budget}", Plan(budget)
        case ["trees"]:
            return "trees", Plan("1trials", families=("trees",))
    rounds, local_steps, strategy = [*words, *("15", "20", "fedavg")[len(words) :]]
    space = Path(tempfile.mkdtemp()) / "space.toml"
    space.write_text(SPACE.format(rounds=rounds, local_steps=local_steps, strategy=strategy))
    return f"{rounds}x{local_steps}_{strategy}", Plan("1trials", space=str(space))


def main(arguments: list[str]) -> None:
    """Measure, and add to the figures of other splits."""
    column, count, *words = arguments
    name, plan = plan_of(words)
    figures = measured(column, int(count), plan)
    name = f"{column}_{count}_{name}"
    print(figures)
    path = RESULTS / "federated.json"
    from autogen.documents import parse_json

    known = parse_json(path.read_text())["splits"] if path.exists() else {}
    save("federated", {"about": "times at high load", "splits": known | {name: figures}})


if __name__ == "__main__":
    main(sys.argv[1:])
