"""Markov models of music and texts beside the n-gram baseline and real ones: quality, and how much they copy.

    python -m benchmarks.markov [nottingham_abc|names|...]      15 minutes of one core

For each set the shipped configs of the small space (the default and those of its portfolio), fitted on train:
their score by the metric of the data on as many samples as ``tune`` has, on ``tune`` and on ``test``, and the
share of samples that lie nearer to train than to unseen ones (1/2 for samples that know nothing of it; the
memorization test tolerates .55). ``refused`` counts draws that the memorization test refuses. ``before`` is
the default until December 2026. Each figure is the mean of three draws. Real samples are those of ``test``,
on ``tune``. Sets that are not named keep their figures in ``results/markov.json``.
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
from autogen.data.module import DataModule, unseen_rows
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
    "nottingham_abc": "music/nottingham_abc/data.abc.gz",
    "nottingham_midi": "music/nottingham_midi/midi.zip",
    "nottingham_pianoroll": "music/nottingham_pianoroll/data.mat",
    "jsb_chorales": "music/jsb_chorales/data.json.gz",
    "jsb_chorales_pianoroll": "music/jsb_chorales_pianoroll/data.mat",
    "names": "text/names/data.txt.gz",
    "tinyshakespeare": "text/tinyshakespeare/data.txt.gz",
    "wikitext2_valid": "text/wikitext2_valid/data.txt.gz",
}
BEFORE = {
    "music": {"order": 4, "fewest": 1, "discount": 0.8},
    "text": {"order": 7, "fewest": 20, "discount": 0.6},
}
SEED, DRAWS = 0, 3


def measured(data: DataModule, draw: Callable[[int, int], Samples]) -> dict[str, float]:
    """Mean score on tune and on test, and how draws fare in the memorization test.

    Args:
        data: Data of the set.
        draw: Function of a number of samples and a random seed.
    """
    metric = metric_for(data.kind.declaration.metric, data.kind.name)
    pool = RealPool(data.split("train"), unseen_rows(data), data.codec)
    samples = [draw(len(data.rows["tune"]), seed) for seed in range(DRAWS)]
    found = {}
    for split in ("tune", "test"):
        reference = metric.prepare_with(data.split(split), data.codec, data.split("train"))
        found[split] = round(float(np.mean([metric.score(reference, one) for one in samples])), 3)
    judged = [pool.judge(one) for one in samples]
    share = round(float(np.mean([one.share for one in judged])), 3)
    return found | {"share": share, "refused": sum(not one.passed for one in judged)}


def of_model(data: DataModule, **settings: Any) -> dict[str, float]:
    """Figures of the model with the defaults of the small space but for some settings."""
    family = registry.get("family", "markov")()
    space = SearchSpace.load(f"{data.kind.name}_tiny")
    config = parse_config(family, space.default("markov"))
    config = FamilyConfig(replace(config.model, **settings), config.training)
    program = program_for(family, config, data.codec.spec, data.encoded("train"), SEED)
    program.advance(config.training.steps)
    return measured(data, lambda n, seed: data.codec.decode(program.sample(n, seed), seed))


def figures(name: str) -> dict[str, Any]:
    """Figures of a set."""
    data = open_data(str(FOLDER / SETS[name]), seed=SEED)
    kind = data.kind.name
    baseline = baselines_for(kind)["ngram"]()
    baseline.fit(data.split("train"), data.codec)
    metric = metric_for(data.kind.declaration.metric, kind)
    reference = metric.prepare_with(data.split("tune"), data.codec, data.split("train"))
    real = metric.score(reference, data.split("test"))
    found: dict[str, Any] = {"real": {"tune": round(real, 3)}}
    found["ngram"] = measured(data, lambda n, seed: baseline.sample(n, np.random.default_rng(seed)))
    found["before"] = of_model(data, **BEFORE[kind])
    found["default"] = of_model(data)
    for entry in SearchSpace.load(f"{kind}_tiny").portfolio:
        model = {key: entry[f"model.{key}"] for key in BEFORE[kind]}
        found[", ".join(f"{key} {value:g}" for key, value in model.items())] = of_model(data, **model)
    return found


def main() -> None:
    """Measure and write down the sets that are named, or all."""
    torch.set_num_threads(1)
    path = Path(RESULTS / "markov.json")
    kept: dict[str, Any] = json.loads(path.read_text())["sets"] if path.exists() else {}
    for name in sys.argv[1:] or SETS:
        kept[name] = figures(name)
        print(name, json.dumps(kept[name]), flush=True)
        save("markov", {"protocol": "small spaces, three draws", "sets": kept})


if __name__ == "__main__":
    main()
