"""What the report shows of the delivered model: samples beside real ones, columns, nearest neighbours."""

import base64
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autogen.data.base import DataModule, Samples
from autogen.data.notes import TICKS, Piece
from autogen.metrics.memorisation import nearest
from autogen.run_folder import RunFolder, write
from autogen.training.generated import GeneratedModel

#: How many samples are shown beside as many real ones, and how many pairs of neighbours.
SHOWN = {"image": 64, "tabular": 8, "text": 10, "music": 4}
PAIRS = {"image": 18, "tabular": 4, "text": 5, "music": 3}
SUFFIXES = {"image": ".png", "text": ".txt", "music": ".zip"}
#: Samples whose distributions are drawn, at least and at most, and those whose neighbours are sought.
FEWEST, MOST, MOST_NEAREST = 500, 2000, 250
#: Most bins of a quantity, and categories by name before all others are put together.
BINS, CATEGORIES = 20, 12
#: The category of cells without a value.
MISSING = "(missing)"

Record = dict[str, Any]


def save_exhibits(folder: RunFolder, data: DataModule, model: GeneratedModel, seed: int) -> None:
    """Write samples beside real ones into ``best/``, and marginals and neighbours into ``exhibits/``.

    Args:
        folder: Of the run.
        data: The data, split.
        model: That is delivered.
        seed: Of the samples.
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
            write(folder.exhibits / f"{name}.json", json.dumps(_tunes(data, first)))
    record: Record = {"marginals": _marginals(data, unseen, fake)}
    record["nearest"] = _nearest(folder.exhibits / f"pairs{suffix}", data, fake, unseen)
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
        write(path.with_suffix(".json"), json.dumps(_tunes(data, samples)))
    else:
        data.kind.save(samples, path, data.codec)
    told = {"generated": near[:, 0], "unseen": usual[:, 0]}
    return {name: [round(float(d), 6) for d in column] for name, column in told.items()} | {
        "count": len(order)
    }


def _tunes(data: DataModule, pieces: Samples) -> list[Record]:
    """Pieces as notes in seconds, and as MIDI files."""
    told = []
    with tempfile.TemporaryDirectory() as folder:
        for piece in pieces:
            path = Path(folder) / "piece.mid"
            data.kind.save([piece], path, data.codec)
            midi = base64.b64encode(path.read_bytes()).decode()
            told.append({"notes": _in_seconds(piece), "midi": midi})
    return told


def _in_seconds(piece: Piece) -> list[tuple[float, float, int]]:
    """Start, length and pitch of each note."""
    tick = 60 / (piece.tempo * TICKS)
    return [
        (round(on * tick, 4), round(long * tick, 4), int(key)) for on, long, key, *_ in piece.notes.tolist()
    ]


def _marginals(data: DataModule, real: Samples, fake: Samples) -> list[Record]:
    """How each column, or the length of texts, is distributed."""
    if data.kind.name == "tabular":
        return [_marginal(str(name), real[name], fake[name]) for name in real.columns if name in fake]
    if data.kind.name == "text":
        lengths = [np.array([len(text) for text in texts], dtype=float) for texts in (real, fake)]
        return [_binned("length in characters", *lengths)]
    if data.kind.name == "music":
        return _of_notes(*(np.concatenate([piece.notes for piece in pieces]) for pieces in (real, fake)))
    return []


def _of_notes(real: np.ndarray, fake: np.ndarray) -> list[Record]:
    """Pitch classes, pitches, and lengths in quarter notes."""
    names = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
    classes = [[names[pitch % 12] for pitch in notes[:, 2]] for notes in (real, fake)]
    lengths = [[f"{length / TICKS:.3g}" for length in notes[:, 1]] for notes in (real, fake)]
    pitches = [notes[:, 2].astype(float) for notes in (real, fake)]
    return [
        _counted("pitch class", *classes),
        _binned("pitch (MIDI)", *pitches),
        _counted("length in quarter notes", *lengths),
    ]


def _marginal(name: str, real: Any, fake: Any) -> Record:
    """A column's; dates as years, everything that is no quantity by category."""
    kind = real.dtype.kind
    if kind == "M":
        year = np.timedelta64(1, "D") * 365.2425
        real, fake = ((1970 + (c - np.datetime64("1970-01-01")) / year) for c in (real, fake))
    if (kind in "iufM" or str(real.dtype) in ("Int64", "Float64")) and real.nunique() > CATEGORIES:
        gaps = [round(float(column.isna().mean()), 6) for column in (real, fake)]
        told = _binned(name, *(column.dropna().to_numpy(float) for column in (real, fake)))
        return told | ({"missing": gaps} if any(gaps) else {})
    return _counted(name, *(_named(column) for column in (real, fake)))


def _named(column: Any) -> list[str]:
    """Cells as categories, what is missing as one of its own."""
    return [MISSING if gap else str(cell) for cell, gap in zip(column, column.isna(), strict=True)]


def _binned(name: str, real: np.ndarray, fake: np.ndarray) -> Record:
    """Shares in bins of equal width over the middle 98 % of the real ones; the end bins hold the rest."""
    low, high = np.quantile(real, [0.01, 0.99]) if len(real) else (0.0, 1.0)
    # Twice the cube root of their number is about what bins real samples can fill (Rice 1944).
    bins = min(BINS, max(4, round(2 * len(real) ** (1 / 3))))
    edges = np.linspace(low, high if high > low else low + 1, bins + 1)
    middles = [round(float(x), 9) for x in (edges[:-1] + edges[1:]) / 2]
    shares = [
        np.bincount(np.searchsorted(edges[1:-1], part, "right"), minlength=bins) for part in (real, fake)
    ]
    return {"name": name, "places": middles} | _shares(*shares)


def _counted(name: str, real: Sequence[str], fake: Sequence[str]) -> Record:
    """Shares of the most frequent categories, numbers in their order; all others together."""
    names, counts = np.unique(np.array(real, dtype=object), return_counts=True)
    ordered = [str(names[i]) for i in np.argsort(-counts, kind="stable")][:CATEGORIES]
    ordered = _by_size(ordered)
    other = len(names) > CATEGORIES or not set(fake) <= set(ordered)
    parts = [[sum(cell == place for cell in column) for place in ordered] for column in (real, fake)]
    if other:
        parts = [[*part, len(column) - sum(part)] for part, column in zip(parts, (real, fake), strict=True)]
    places = [*ordered, *(["others"] if other else [])]
    return {"name": name, "places": places} | _shares(*map(np.array, parts))


def _by_size(names: list[str]) -> list[str]:
    """Numbers from low to high, what is missing last; the order given where there are other names."""
    try:
        return sorted(names, key=lambda name: float("inf") if name == MISSING else float(name))
    except ValueError:
        return names


def _shares(real: np.ndarray, fake: np.ndarray) -> Record:
    pair = {"real": real, "fake": fake}
    return {
        name: [round(float(count), 6) for count in counts / max(1, counts.sum())]
        for name, counts in pair.items()
    }
