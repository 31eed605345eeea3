"""Data of several sources, the oldest first: joined, and split so that old rows keep their part."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autogen.data.kind import DataKind, RawData
from autogen.data.split import MINIMUM, OLDER, are_values, owners, split_rows
from autogen.errors import DataError

#: Share of the older rows from which on a new source that has them holds the older data, and adds to it.
HOLDS_OLDER = 0.9


def read_batches(reader: DataKind, sources: Sequence[Any], options: Mapping[str, Any]) -> RawData:
    """Read sources as one data set, without those rows of the newest one that it repeats of older ones.

    Args:
        reader: kind of the data.
        sources: sources, the oldest first.
        options: options of the reader.

    Returns:
        All samples, with the number of its source for each.

    Raises:
        DataError: a source cannot be read, or has other columns; or the newest one has too few new rows.
    """
    raw = reader.read_all(sources, options)
    assert raw.batches is not None
    newest, digests = raw.batches == len(sources) - 1, reader.digests(raw.samples)
    left = dict.fromkeys(digests, 0)
    for place in np.flatnonzero(~newest):
        left[digests[place]] += 1
    repeats = np.zeros(len(digests), bool)
    for place in np.flatnonzero(newest):
        if left[digests[place]]:
            left[digests[place]] -= 1
            repeats[place] = True
    if repeats.sum() >= HOLDS_OLDER * (~newest).sum():
        note = f"{repeats.sum()} {reader.unit}s of the new data are those of the older data, and count once."
        raw = replace(kept(raw, reader, ~repeats), notes=(*raw.notes, note))
        newest = newest[~repeats]
    if newest.sum() < MINIMUM:
        raise DataError(
            f"the new data has {newest.sum()} {reader.unit}s that the older data has not; at least {MINIMUM} "
            "are needed to hold out unseen ones. Wait for more."
        )
    return raw


def kept(raw: RawData, reader: DataKind, chosen: np.ndarray) -> RawData:
    """Keep some samples of the data.

    Args:
        raw: all N samples.
        reader: kind of the data.
        chosen: indices of those to keep, int64 (n,), or true for each of them, bool (N,).
    """
    rows = np.arange(len(raw.samples))[chosen]

    def of(column: np.ndarray | None) -> np.ndarray | None:
        return None if column is None else column[rows]

    return replace(
        raw,
        samples=reader.take(raw.samples, rows),
        labels=of(raw.labels),
        groups=of(raw.groups),
        times=of(raw.times),
        batches=of(raw.batches),
        parts=tuple(raw.parts[row] for row in rows) if raw.parts else (),
    )


def deal(raw: RawData, digests: Sequence[bytes], equal: Sequence[bytes], seed: int) -> dict[str, np.ndarray]:
    """Split each source on its own, by the hash of content; only the newest one is held out for scores.

    A new row that equals an older one, or belongs to its group, gets the part of that.

    Args:
        raw: samples of several sources.
        digests: hash of the content of each sample, (N,).
        equal: hash by which samples count as equal, (N,).
        seed: random seed of the split.

    Returns:
        Row indices of each split, int64, newest rows first: ``train`` of all sources; ``tune``, ``select``
        and ``test`` of the newest one; ``older``, all other rows of older sources.
    """
    batches = raw.batches
    assert batches is not None
    newest = int(batches.max())
    split = [_split(raw, np.flatnonzero(batches == one), digests, equal, seed) for one in range(newest + 1)]
    part = np.full(len(digests), "train", dtype="<U6")
    for rows in split:
        for name in ("tune", "select", "test"):
            part[rows[name]] = name if name == "test" or rows["select"] is not rows["tune"] else "tune"
    owner = owners(equal, raw.groups)
    leads: dict[int, str] = {}
    for row in np.flatnonzero(batches < newest):  # one older row in train takes the whole block along
        leads[owner[row]] = "train" if "train" in (part[row], leads.get(owner[row])) else str(part[row])
    small = split[newest]["select"] is split[newest]["tune"]
    order = [np.concatenate([rows["train"], *(rows[name] for name in _held_out(rows))]) for rows in split]
    found: dict[str, list[int]] = {name: [] for name in ("train", "tune", "select", "test", OLDER)}
    for one in (newest, *range(newest)):
        for row in order[one].tolist():
            name = leads.get(owner[row], str(part[row])) if one == newest else str(part[row])
            name = "tune" if small and name == "select" else name
            found[name if one == newest or name == "train" else OLDER].append(row)
    parts = {name: np.array(rows, np.int64) for name, rows in found.items()}
    return parts | {"select": parts["tune"]} if small else parts


def _held_out(rows: Mapping[str, np.ndarray]) -> list[str]:
    return ["tune", *(["select"] if rows["select"] is not rows["tune"] else []), "test"]


def _split(
    raw: RawData, rows: np.ndarray, digests: Sequence[bytes], equal: Sequence[bytes], seed: int
) -> dict[str, np.ndarray]:
    """Split the rows of one source as if there were no others, int64 by name of the split."""
    given = [raw.parts[row] for row in rows] if raw.parts else ()
    groups = None if raw.groups is None else raw.groups[rows]
    times = None if raw.times is None else raw.times[rows]
    own, alike = ([hashes[row] for row in rows] for hashes in (digests, equal))
    found = split_rows(own, seed, groups, given, times, alike)
    small = found["select"] is found["tune"]
    placed = {name: rows[part] for name, part in found.items()}
    return placed | {"select": placed["tune"]} if small else placed


def only_trained(
    rows: Mapping[str, np.ndarray], known: np.ndarray, equal: Sequence[bytes], batches: np.ndarray
) -> dict[str, np.ndarray]:
    """Leave out older rows of the train split that the earlier model was not trained on.

    Args:
        rows: row indices of each split, as of ``deal``.
        known: true for each row that the earlier model was trained on, bool (N,).
        equal: hash by which samples count as equal, (N,).
        batches: number of the source of each row, int64 (N,).
    """
    train = rows["train"]
    out = (batches < batches.max()) & ~known & ~are_values(equal)
    return {**rows, "train": train[~out[train]], OLDER: np.concatenate([rows[OLDER], train[out[train]]])}
