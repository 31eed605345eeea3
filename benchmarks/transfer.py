"""Training from an earlier model's weights beside training from scratch, at a third of the steps and at all.

    python -m benchmarks.transfer [--search | --only-search] [PAIR ...]

For each pair the default of one family in the space of small trials is trained on the first data set, then on
the second one: from these weights, with the learning rate of the default of ``--init-from``, and from random
ones, with the codec of the start and with the data's own, two seeds each. Figures are the objective of the
kind and the mean nats of a row on the test split: means over the seeds with their standard errors. With the
option ``--search``, a search of the same family over nine trials with ``--init-from`` then says whether the
start won, and the best score of each start on the validation split. ``--only-search`` keeps the figures of
training.
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
import torch

import autogen
from autogen.data.module import DataModule
from autogen.data.open import open_data
from autogen.engine.transfer.earlier import EarlierRun, find_earlier
from autogen.families.base import HasLikelihood
from autogen.generator.generator import write_codec
from autogen.hpo.space.search_space import SearchSpace
from autogen.metrics.lookup import default_metric, metric_for
from autogen.threads import torch_threads
from autogen.training.checkpoint import MODEL, write_tensors
from autogen.training.noise import KeyedNoise
from autogen.training.program import ModelProgram
from autogen.training.solo import SoloProgram
from autogen.training.worker.trial_folder import CONFIG, write_config
from autogen.training.worker.work import typed
from benchmarks.results import FOLDER, save

DATA = Path(os.environ.get("AUTOGEN_DATA", "../shared/data"))
SEEDS = (0, 1)
#: Budget of a search.
SEARCH = "9trials"
#: Two data sets in memory, the space of their kind, the family, and options of the second one's reader.
Pair = tuple[Any, Any, str, str, dict[str, Any]]


def texts() -> Pair:
    """Tiny Shakespeare, then 1,000 names."""
    plays, names = (
        gzip.decompress((DATA / "text" / name / "data.txt.gz").read_bytes()).decode()
        for name in ("tinyshakespeare", "names")
    )
    some = np.random.default_rng(0).choice(sorted({*names.split()}), 1000, replace=False)
    lines = [line for line in plays.split("\n") if len(line) > 8]
    return lines[:6_000], some.tolist(), "text_tiny", "autoregressive", {}


def images() -> Pair:
    """Fashion-MNIST classes 0 to 7, then 100 pictures of 8 and 9 for training and 400 held out."""
    packed = np.load(DATA / "images/fashion_mnist/data.npz")
    pictures, labels = packed["x_train"], packed["y_train"]
    first = pictures[labels < 8][:4000]
    return first, pictures[labels >= 8][:250], "image_tiny", "vae", {}


def tables() -> Pair:
    """Adult: half of the occupations, then 500 rows of the others, 300 of them for training."""
    frame = pd.read_csv(DATA / "tabular/adult/data.csv.gz").drop(columns=["split"]).dropna()
    jobs = sorted(frame["occupation"].unique())
    first = frame[frame["occupation"].isin(jobs[::2])]
    second = frame[frame["occupation"].isin(jobs[1::2])]
    some = [part.sample(count, random_state=0) for part, count in ((first, 4000), (second, 499))]
    return some[0], some[1], "tabular_tiny", "autoregressive", {}


def music() -> Pair:
    """JSB chorales, then 60 tunes of Nottingham, both as notes."""
    from autogen.data.music.files import read_music

    jsb = read_music(DATA / "music/jsb_chorales/data.json.gz", None).pieces
    tunes = read_music(DATA / "music/nottingham_midi/midi.zip", None).pieces
    return jsb, tunes[:60], "music_tiny", "autoregressive", {"representation": "notes"}


PAIRS: dict[str, Callable[[], Pair]] = {
    "shakespeare -> names": texts,
    "fashion 0-7 -> 8-9": images,
    "adult occupations": tables,
    "jsb -> nottingham": music,
}


def scores(program: ModelProgram, data: DataModule, reference: Any, metric: Any) -> dict[str, float]:
    """Objective of samples, and mean nats of a row, on the test split."""
    rows = len(data.rows["test"])
    drawn = data.codec.decode(program.sample(rows, seed=0), 0)
    found = {metric.objective.name: float(metric.score(reference, drawn))}
    family, model = program.family, program.average
    if isinstance(family, HasLikelihood) and family.exact:
        batch = {name: torch.from_numpy(array) for name, array in data.encoded("test").items()}
        with torch.no_grad():
            found["nats"] = -float(family.log_likelihood(model, batch, KeyedNoise(0)).mean())
    return found


def curves(earlier: EarlierRun, second: Any, space: str, options: dict[str, Any]) -> dict[str, Any]:
    """Scores by way of training, share of the steps and seed."""
    kept = open_data(second, options=options, earlier=earlier.data)
    own = open_data(second, options=options)
    ((name, model),) = earlier.models.items()
    default = SearchSpace.load(space).default(name)
    kept_model = {k: v for k, v in model.config.items() if k.startswith("model.")}
    start = {"training.start": "earlier", "training.lr_scale": 0.3}
    ways = {
        "from the earlier model": (kept, default | kept_model | start),
        "from scratch, same codec": (kept, default | kept_model),
        "from scratch, own codec": (own, default),
    }
    found: dict[str, Any] = {}
    for way, (data, config) in ways.items():
        metric = metric_for(default_metric(data.kind.name), data.kind.name)
        reference = metric.prepare_with(data.split("test"), data.codec, data.split("train"))
        initial = (earlier.weights()[name], data.codec.code_names()) if way.startswith("from the") else None
        for share in ("a third", "all"):
            found.setdefault(way, {})[share] = []
        for seed in SEEDS:
            family, settings = typed(config)
            train = data.encoded("train")
            program = SoloProgram(family, settings, data.codec.spec, train, seed, initial=initial)
            for share, step in (("a third", settings.training.steps // 3), ("all", settings.training.steps)):
                program.advance(step)
                found[way][share].append(scores(program, data, reference, metric))
    return found


def means(runs: list[dict[str, float]]) -> dict[str, list[float]]:
    """Mean and standard error over the seeds of each score."""
    scores = {name: np.array([run[name] for run in runs]) for name in runs[0]}
    return {
        name: [round(float(one.mean()), 4), round(float(one.std(ddof=1) / np.sqrt(len(one))), 4)]
        for name, one in scores.items()
    }


def trained(data: Any, space: str, family: str, options: dict[str, Any], folder: Path) -> EarlierRun:
    """Train the default of a family and save it as a model to start from."""
    opened, config = open_data(data, options=options), SearchSpace.load(space).default(family)
    program = SoloProgram(*typed(config), opened.codec.spec, opened.encoded("train"), seed=0)
    program.advance(program.config.training.steps)
    folder.mkdir(parents=True)
    write_codec(folder, opened.codec)
    write_config(folder / CONFIG, config)
    write_tensors(folder / MODEL, program.weights(), {"step": program.step})
    return find_earlier(str(folder))


def searched(pair: Pair, first: Path, out: Path) -> dict[str, Any]:
    """What a search of one family finds that may start from the earlier model."""
    _, second, space, family, options = pair
    common: dict[str, Any] = {"workers": 1, "models_only": True, "retrain": "no", "options": options}
    result = autogen.search(
        second, out=out, space=space, families=[family], budget=SEARCH, init_from=first, **common
    )
    record = result.folder.read_result()
    start = {name: value for name, value in record.to_json()["start"].items() if name != "source"}
    return {"statement": record.statement.replace(str(first), "the first model"), "start": start}


def figures(pair: str, folder: Path, search: bool, known: dict[str, Any]) -> dict[str, Any]:
    """What is recorded of a pair; its scores are those that are known, if any are given."""
    read = PAIRS[pair]()
    first, second, space, family, options = read
    earlier = trained(first, space, family, options, folder / "first")
    if known:
        found = known["scores"]
    else:
        runs = curves(earlier, second, space, options)
        found = {way: {share: means(some) for share, some in of.items()} for way, of in runs.items()}
    more = searched(read, folder / "first", folder / "second") if search else None
    return {"scores": found} | ({"search": more} if more else {})


def main() -> None:
    """Measure the pairs that are named, all by default, and keep the figures of the others."""
    import json

    path = FOLDER / "transfer.json"
    known = json.loads(path.read_text())["pairs"] if path.exists() else {}
    only = "--only-search" in sys.argv
    with torch_threads(1):
        for pair in [one for one in sys.argv[1:] if not one.startswith("--")] or PAIRS:
            with tempfile.TemporaryDirectory() as folder:
                kept = known[pair] if only else {}
                known[pair] = figures(pair, Path(folder), only or "--search" in sys.argv, kept)
            save("transfer", {"pairs": known})
            print(pair, json.dumps(known[pair]), flush=True)


if __name__ == "__main__":
    main()
