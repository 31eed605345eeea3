"""Data of several sources, the oldest first: joined, and split so that old rows keep their part."""

from collections import Counter
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
    """Read sources as one data set, each without those rows that it repeats of older ones.

    The sources are gone through in their order, so that the rows that are kept of one never depend on newer
    ones. Where equal rows are values of the data, repeats cannot be told from fresh rows: none is left out.

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
    batches, digests, unit = raw.batches, reader.digests(raw.samples), reader.unit
    assert batches is not None
    equal: Sequence[bytes] = ()
    single = np.ones(len(digests), bool)
    note = ""
    for one in range(1, len(sources)):
        older = np.flatnonzero(single & (batches < one))
        repeats = _repeats(digests, older, np.flatnonzero(batches == one))
        note = ""
        if len(repeats) < HOLDS_OLDER * len(older):
            continue
        equal = equal or reader.equal_digests(raw)
        if are_values([equal[row] for row in older.tolist()]).mean() > 0.5:
            note = (
                f"{len(repeats)} {unit}s of the new data equal older ones: in this data equal {unit}s are "
                f"values, and no copies, so all count as fresh; give fresh {unit}s alone."
            )
        else:
            note = f"{len(repeats)} {unit}s of the new data are those of the older data, and count once."
            single[repeats] = False
    newest = int((single & (batches == len(sources) - 1)).sum())
    if newest < MINIMUM:
        raise DataError(
            f"the new data has {newest} {unit}s that the older data has not; at least {MINIMUM} "
            "are needed to hold out unseen ones. Wait for more."
        )
    found = raw if single.all() else kept(raw, reader, single)
    return replace(found, notes=(*raw.notes, note)) if note else found


def _repeats(digests: Sequence[bytes], older: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Find the rows that repeat older ones, each of which is repeated once at most, int64 (n,)."""
    left = Counter(digests[row] for row in older)
    found = []
    for row in rows:
        if left[digests[row]] > 0:
            left[digests[row]] -= 1
            found.append(row)
    return np.array(found, np.int64)


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

    A row that equals one of an older source, or belongs to its group, gets the part of that. Sources are
    dealt in their order, so that the part of a row never depends on newer sources.

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
    part = np.full(len(digests), "train", dtype="<U6")
    order, small = [], False
    for one in range(newest + 1):
        split = _split(raw, np.flatnonzero(batches == one), digests, equal, seed)
        small = split["select"] is split["tune"]
        order.append(np.concatenate([split["train"], *(split[name] for name in _held_out(split))]))
        for name in _held_out(split):
            part[split[name]] = name
        if small:  # as leads of a larger source, they have to serve both
            part[split["tune"][len(split["tune"]) // 2 :]] = "select"
        _follow(part, one, raw, equal)
    found: dict[str, list[int]] = {name: [] for name in ("train", "tune", "select", "test", OLDER)}
    for one in (newest, *range(newest)):
        for row in order[one].tolist():
            name = "tune" if small and part[row] == "select" else str(part[row])
            found[name if one == newest or name == "train" else OLDER].append(row)
    parts = {name: np.array(rows, np.int64) for name, rows in found.items()}
    return parts | {"select": parts["tune"]} if small else parts


def _follow(part: np.ndarray, one: int, raw: RawData, equal: Sequence[bytes]) -> None:
    """Give rows of a source the part of the older rows that they equal, or whose group they belong to.

    Args:
        part: part of each row, (N,); changed in place.
        one: number of the source.
        raw: samples of several sources.
        equal: hash by which samples count as equal, (N,).
    """
    assert raw.batches is not None
    known = np.flatnonzero(raw.batches <= one)
    rows, groups = known.tolist(), None if raw.groups is None else raw.groups[known]
    owner = dict(zip(rows, owners([equal[row] for row in rows], groups).tolist(), strict=True))
    leads: dict[int, str] = {}
    for row in np.flatnonzero(raw.batches < one).tolist():  # one row in train takes the whole block along
        leads[owner[row]] = "train" if "train" in (part[row], leads.get(owner[row])) else str(part[row])
    for row in np.flatnonzero(raw.batches == one).tolist():
        part[row] = leads.get(owner[row], str(part[row]))


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
