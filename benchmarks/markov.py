"""The Markov model of music beside the n-gram baseline and real pieces: quality, and how much it copies.

    python -m benchmarks.markov [nottingham_abc|nottingham_midi|jsb_chorales ...]      minutes of one core

For each set and each ``order``: the defaults of the search space, fitted on train, scored by the metric of
music on as many pieces as ``tune`` has, and the share of pieces that lie nearer to train than to unseen ones
(1/2 for pieces that know nothing of it; the memorization test tolerates .55). ``former`` is the model as it
was: the end of a piece drawn as any other note, tokens instead of notes. Each figure is the mean of three
draws. Real pieces are those of ``select``. Sets that are not named keep their figures in
``results/markov.json``.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from autogen import registry
from autogen.data.module import DataModule, real_rows, unseen_rows
from autogen.data.open import open_data
from autogen.data.specs import Samples
from autogen.families.base import FamilyConfig, parse_config
from autogen.families.baselines.lookup import baselines_for
from autogen.hpo.space import SearchSpace
from autogen.metrics.lookup import metric_for
from autogen.metrics.memorization.gate import RealPool
from autogen.training.lookup import program_for
from benchmarks.anchors.public import FOLDER
from benchmarks.results import FOLDER as RESULTS
from benchmarks.results import save

SETS = {
    "nottingham_abc": "data.abc.gz",
    "nottingham_midi": "midi.zip",
    "jsb_chorales": "data.json.gz",
}
ORDERS = (4, 5, 6)
FORMER = {"order": 7, "fewest": 10, "ends": "context", "units": "tokens"}
SEED, DRAWS = 0, 3


def measured(data: DataModule, draw: Callable[[int, int], Samples]) -> dict[str, float]:
    """Mean score on tune, and mean share nearer to train, of draws.

    Args:
        data: Data of the set.
        draw: Function of a number of samples and a random seed.
    """
    metric = metric_for(data.kind.declaration.metric, data.kind.name)
    reference = metric.prepare_with(data.split("tune"), data.codec, data.split("train"))
    pool = RealPool(data.split("train"), unseen_rows(data), data.codec)
    samples = [draw(len(data.rows["tune"]), seed) for seed in range(DRAWS)]
    scores = [metric.score(reference, one) for one in samples]
    shares = [pool.judge(one).share for one in samples]
    return {"score": round(float(np.mean(scores)), 3), "share": round(float(np.mean(shares)), 3)}


def of_model(data: DataModule, **settings: Any) -> dict[str, float]:
    """Figures of the model with its defaults but for some settings."""
    family = registry.get("family", "markov")()
    config = parse_config(family, SearchSpace.load("music").default("markov"))
    config = FamilyConfig(replace(config.model, **settings), config.training)
    program = program_for(family, config, data.codec.spec, data.encoded("train"), SEED)
    program.advance(config.training.steps)
    return measured(data, lambda n, seed: data.codec.decode(program.sample(n, seed), seed))


def figures(name: str) -> dict[str, Any]:
    """Figures of a set."""
    data = open_data(str(FOLDER / "music" / name / SETS[name]), seed=SEED)
    baseline = baselines_for("music")["ngram"]()
    baseline.fit(data.split("train"), data.codec)
    metric = metric_for(data.kind.declaration.metric, data.kind.name)
    reference = metric.prepare_with(data.split("tune"), data.codec, data.split("train"))
    real = metric.score(reference, real_rows(data, "select"))
    found: dict[str, Any] = {"real": {"score": round(real, 3)}}
    found["ngram"] = measured(data, lambda n, seed: baseline.sample(n, np.random.default_rng(seed)))
    found["former"] = of_model(data, **FORMER)
    for order in ORDERS:
        found[f"order {order}"] = of_model(data, order=order)
    return found


def main() -> None:
    """Measure and write down the sets that are named, or all."""
    torch.set_num_threads(1)
    path = Path(RESULTS / "markov.json")
    kept: dict[str, Any] = json.loads(path.read_text())["sets"] if path.exists() else {}
    for name in sys.argv[1:] or SETS:
        kept[name] = figures(name)
        print(name, json.dumps(kept[name]), flush=True)
        save("markov", {"protocol": "defaults of the space music, three draws, on tune", "sets": kept})


if __name__ == "__main__":
    main()
