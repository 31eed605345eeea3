"""Previews of the delivered model for the report: samples, distributions, and nearest neighbors."""

import json
from pathlib import Path

import numpy as np

from autogen import registry
from autogen.data.declaration import Preview, declared
from autogen.data.marginals import Record
from autogen.data.module import DataModule
from autogen.data.specs import Samples
from autogen.engine.run_folder import RunFolder
from autogen.files import write
from autogen.generator.baseline import BaselineModel
from autogen.generator.generator import GeneratedModel
from autogen.metrics.memorization.gate import nearest
from autogen.metrics.memorization.lookup import distance_to

#: Fewest and most samples for distributions.
FEWEST, MOST = 500, 2000
#: Fewest and most samples whose neighbors are looked up, and pairs that are compared for them.
FEWEST_NEAREST, MOST_NEAREST, MOST_PAIRS = 50, 250, 2_000_000


def save_previews(
    folder: RunFolder,
    data: DataModule,
    model: GeneratedModel | BaselineModel,
    seed: int,
    target: str = "",
) -> Record:
    """Write samples into ``best/``, and real ones, distributions and neighbors into ``exhibits/``.

    Args:
        folder: Folder of the run.
        data: Data set with its splits.
        model: Delivered model.
        seed: Random seed of the samples.
        target: Column of a table that the utility predicts; default none.

    Returns:
        Entries written into ``exhibits/``.
    """
    for place in (folder.best, folder.exhibits):
        place.mkdir(exist_ok=True)
    unseen = data.kind.take(data.raw.samples, _unseen(data))
    count = min(MOST, max(FEWEST, len(unseen)))
    fake = data.codec.from_original_format(model.sample(count, seed=seed))
    preview = declared(data.kind.name).preview
    test = data.split("test")
    for name, samples in (("samples", fake), ("real", test)):
        first = data.kind.take(samples, np.arange(min(preview.shown, len(samples))))
        place = folder.best if name == "samples" else folder.exhibits
        data.kind.save(first, place / f"{name}{preview.suffix}", data.codec)
        if preview.tunes:
            _write_tunes(folder.exhibits / f"{name}.json", data, first, preview)
    record: Record = {"marginals": []}
    if preview.marginals:
        record["marginals"] = registry.load(preview.marginals)(unseen, fake, data.codec)
    record["nearest"] = _nearest(folder.exhibits / f"pairs{preview.suffix}", data, fake, unseen)
    if relations := declared(data.kind.name).relations:
        found = registry.load(relations)(data.split("train"), unseen, fake, data.codec, target)
        record["relations"] = found.to_json()
    write(folder.exhibits / "exhibits.json", json.dumps(record, allow_nan=False))
    return record


def _unseen(data: DataModule) -> np.ndarray:
    """List the rows that no model was fitted on, those of test first."""
    held = np.concatenate([data.rows["test"], data.rows["select"], data.rows["tune"]])
    _, first = np.unique(held, return_index=True)
    return np.asarray(held[np.sort(first)])


def _nearest(path: Path, data: DataModule, fake: Samples, unseen: Samples) -> Record | None:
    """Compute distances to the train split, and save the nearest pairs as samples, alternately."""
    train = data.split("train")
    cost = len(train) * distance_to(data.kind.take(fake, np.arange(1)), data.codec).weight
    most = int(np.clip(MOST_PAIRS // cost, FEWEST_NEAREST, MOST_NEAREST))
    few = data.kind.take(fake, np.arange(min(most, len(fake))))
    real = data.kind.take(unseen, np.arange(min(most, len(unseen))))
    index, distance = nearest(data.kind.concatenate([few, real]), train, data.codec)
    near, usual = np.split(distance, [len(few)])
    preview = declared(data.kind.name).preview
    order = np.argsort(near[:, 0], kind="stable")[: preview.pairs]
    pairs = [
        data.kind.take(samples, np.array([row]))
        for row in order
        for samples, row in ((few, row), (train, index[row, 0]))
    ]
    samples = data.kind.concatenate(pairs)
    if preview.tunes:
        _write_tunes(path.with_suffix(".json"), data, samples, preview)
    else:
        data.kind.save(samples, path, data.codec)
    distances = {"generated": near[:, 0], "unseen": usual[:, 0]}
    return {name: [round(float(d), 6) for d in column] for name, column in distances.items()} | {
        "count": len(order)
    }


def _write_tunes(path: Path, data: DataModule, samples: Samples, preview: Preview) -> None:
    """Write samples of music in the form that the page plays."""
    write(path, json.dumps(registry.load(preview.tunes)(data.kind, data.codec, samples)))
