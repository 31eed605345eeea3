"""What the report shows of the delivered model: samples beside real ones, columns, nearest neighbours."""

import json
from pathlib import Path

import numpy as np

from autogen.data.marginals import Record, binned
from autogen.data.module import DataModule
from autogen.data.music.preview import note_marginals, playable
from autogen.data.specs import Samples
from autogen.data.tables.codec import TableCodec
from autogen.data.tables.preview import column_marginal
from autogen.engine.run_folder import RunFolder
from autogen.files import write
from autogen.generator.generator import GeneratedModel
from autogen.metrics.memorization.gate import nearest
from autogen.metrics.tables.relations import find_relations

#: How many samples are shown beside as many real ones, and how many pairs of neighbours.
SHOWN = {"image": 64, "tabular": 8, "text": 10, "music": 4}
PAIRS = {"image": 18, "tabular": 4, "text": 5, "music": 3}
SUFFIXES = {"image": ".png", "text": ".txt", "music": ".zip"}
#: Samples whose distributions are drawn, at least and at most, and those whose neighbours are sought.
FEWEST, MOST, MOST_NEAREST = 500, 2000, 250


def save_exhibits(
    folder: RunFolder, data: DataModule, model: GeneratedModel, seed: int, target: str = ""
) -> None:
    """Write samples beside real ones into ``best/``, and marginals and neighbours into ``exhibits/``.

    Args:
        folder: Of the run.
        data: The data, split.
        model: That is delivered.
        seed: Of the samples.
        target: Column that a table is about; none where empty.
    """
    for place in (folder.best, folder.exhibits):
        place.mkdir(exist_ok=True)
    unseen = data.kind.take(data.raw.samples, _unseen(data))
    count = min(MOST, max(FEWEST, len(unseen)))
    fake = data.codec.plain(model.sample(count, seed=seed))
    shown = SHOWN.get(data.kind.name, 10)
    suffix = SUFFIXES.get(data.kind.name, ".csv")
    test = data.split("test")
    for name, samples in (("samples", fake), ("real", test)):
        first = data.kind.take(samples, np.arange(min(shown, len(samples))))
        data.kind.save(first, folder.best / f"{name}{suffix}", data.codec)
        if data.kind.name == "music":
            write(folder.exhibits / f"{name}.json", json.dumps(playable(data, first)))
    record: Record = {"marginals": _marginals(data, unseen, fake)}
    record["nearest"] = _nearest(folder.exhibits / f"pairs{suffix}", data, fake, unseen)
    if isinstance(data.codec, TableCodec):
        found = find_relations(data.split("train"), unseen, fake, data.codec, target)
        record["relations"] = found.to_json()
    write(folder.exhibits / "exhibits.json", json.dumps(record, allow_nan=False))


def _unseen(data: DataModule) -> np.ndarray:
    """Rows that no model was fitted on, the test split first."""
    held = np.concatenate([data.rows["test"], data.rows["select"], data.rows["tune"]])
    _, first = np.unique(held, return_index=True)
    return np.asarray(held[np.sort(first)])


def _nearest(path: Path, data: DataModule, fake: Samples, unseen: Samples) -> Record | None:
    """Distances from the train split, and the nearest pairs as a file of samples, alternately."""
    train = data.split("train")
    few = data.kind.take(fake, np.arange(min(MOST_NEAREST, len(fake))))
    real = data.kind.take(unseen, np.arange(min(MOST_NEAREST, len(unseen))))
    index, near = nearest(few, train, data.codec)
    _, usual = nearest(real, train, data.codec)
    order = np.argsort(near[:, 0], kind="stable")[: PAIRS.get(data.kind.name, 5)]
    pairs = [
        data.kind.take(samples, np.array([row]))
        for row in order
        for samples, row in ((few, row), (train, index[row, 0]))
    ]
    samples = data.kind.concatenate(pairs)
    if data.kind.name == "music":
        write(path.with_suffix(".json"), json.dumps(playable(data, samples)))
    else:
        data.kind.save(samples, path, data.codec)
    told = {"generated": near[:, 0], "unseen": usual[:, 0]}
    return {name: [round(float(d), 6) for d in column] for name, column in told.items()} | {
        "count": len(order)
    }


def _marginals(data: DataModule, real: Samples, fake: Samples) -> list[Record]:
    """How each column, or the length of texts, is distributed."""
    if data.kind.name == "tabular":
        return [column_marginal(str(name), real[name], fake[name]) for name in real.columns if name in fake]
    if data.kind.name == "text":
        lengths = [np.array([len(text) for text in texts], dtype=float) for texts in (real, fake)]
        return [binned("length in characters", *lengths)]
    if data.kind.name == "music":
        return note_marginals(*(np.concatenate([piece.notes for piece in pieces]) for pieces in (real, fake)))
    return []
