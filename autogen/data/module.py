"""The data set of a study: its splits and its codec."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from autogen.data.batches import only_trained
from autogen.data.codec import Codec
from autogen.data.kind import ColumnReading, DataKind, RawData
from autogen.data.specs import Arrays, Samples
from autogen.data.split import OLDER, are_values, content_sha256, kept_in_train, owners
from autogen.errors import DataError, agreed, counted, reason


@dataclass(frozen=True)
class Earlier:
    """What an earlier model, from which training may start, was trained with.

    Attributes:
        codec: its codec, which is kept and extended.
        digests: hashes of the rows that it was trained on, which stay in the train split.
        complete: true if these are all of its rows.
    """

    codec: Codec
    digests: frozenset[bytes] = frozenset()
    complete: bool = True


@dataclass(frozen=True)
class DataModule:
    """Data set with its four splits and a codec that was fitted on the training split alone.

    Attributes:
        source: name of the source, as the user gave it.
        kind: reader and writer of this kind of data.
        raw: all N samples.
        rows: row indices of each split, int64 (n,): ``train``, ``tune``, ``select``, ``test``; of data that
            updates older data also ``older``, the held-out rows of that.
        codec: transform of raw samples to arrays and back.
        notes: decisions of reading and splitting, one sentence each.
        sha256: digest of the content of all samples.
        split_sha256: digest of the content of each split.
        private: noisy counts that the codec is made of, with differential privacy; ``None`` without.
    """

    source: str
    kind: DataKind
    raw: RawData
    rows: dict[str, np.ndarray]
    codec: Codec
    notes: tuple[str, ...]
    sha256: str
    split_sha256: dict[str, str]
    private: dict[str, Any] | None = None

    def split(self, name: str) -> Samples:
        """Take the raw samples of one split."""
        return self.kind.take(self.raw.samples, self.rows[name])

    def labels(self, name: str) -> np.ndarray | None:
        """Take the classes of one split's samples, int64 (N,); ``None`` for data without classes."""
        return None if self.raw.labels is None else self.raw.labels[self.rows[name]]

    def encoded(self, name: str) -> Arrays:
        """Encode one split; ``label``, int64 (N,), is added if the data has classes."""
        samples = self.split(name)
        arrays = {**self.codec.encode(samples), **self.codec.augmentation_views(samples)}
        labels = self.labels(name)
        return arrays if labels is None else arrays | {"label": labels}

    @cached_property
    def readings(self) -> list[ColumnReading]:
        """How each column was read; empty for kinds of data without columns."""
        return self.kind.readings(self.raw, self.rows["train"], self.codec)

    @cached_property
    def small(self) -> bool:
        """True if the data is too small for a ``select`` split of its own; ``select`` is then ``tune``."""
        return np.array_equal(self.rows["select"], self.rows["tune"])

    @property
    def held_out(self) -> dict[str, int]:
        """Number of samples of each split that scores a model."""
        return {name: len(part) for name, part in self.rows.items() if name not in ("train", OLDER)}

    def limited(self, most: int, *, asked: bool = False) -> "DataModule":
        """Keep at most this many rows of each held-out split, evenly spaced; the others are not used.

        Args:
            most: maximum number of rows of each of ``tune``, ``select`` and ``test``, at least 1.
            asked: True if the user gave the number, for the note.

        Returns:
            The same data set, or a smaller one with a note on what was left out.
        """
        cut = {name: size for name, size in self.held_out.items() if size > most}
        if not cut:
            return self
        rows = self.rows | {
            name: self.rows[name][np.arange(most) * size // most] for name, size in cut.items()
        }
        hashes = {
            name: content_sha256(self.kind.digests(self.kind.take(self.raw.samples, rows[name])))
            for name in cut
        }
        whose = "by --eval-rows" if asked else "since the budget is short (--eval-rows sets another number)"
        least, largest = min(cut.values()), max(cut.values())
        of = f"{largest:,}" if least == largest else f"{least:,} to {largest:,}"
        note = f"Scores use {most:,} of {of} held-out samples a split, {whose}."
        return replace(self, rows=rows, notes=(*self.notes, note), split_sha256=self.split_sha256 | hashes)

    @property
    def sizes(self) -> dict[str, int]:
        """Number of samples of each split, in the order of their use; no ``select`` where it is ``tune``."""
        names = ("train", "tune", *(() if self.small else ("select",)), "test")
        return {name: len(self.rows[name]) for name in names}


def as_earlier(reader: DataKind, options: Mapping[str, Any], earlier: Earlier | None) -> Mapping[str, Any]:
    """Add the options with which data is read as that of an earlier model was; those of the user win.

    Raises:
        DataError: the earlier model is of another kind of data.
    """
    if earlier is None:
        return options
    if earlier.codec.kind != reader.name:
        raise DataError(
            f"the earlier model is of {earlier.codec.kind} data, but this is {reader.name} data; start from "
            f"a model of {reader.name} data."
        )
    found = reader.earlier_options(earlier.codec)
    columns = found.get("columns", {}) | options.get("columns", {})
    return found | dict(options) | ({"columns": columns} if columns else {})


@contextmanager
def read_as_before(earlier: Earlier | None) -> Iterator[None]:
    """Say of data that cannot be read that it is read as that of an earlier model; nothing without one."""
    try:
        yield
    except DataError as error:
        if earlier is None:
            raise
        raise DataError(f"{reason(error)}. It is read as the data of the earlier model was.") from error


def honored(
    reader: DataKind, raw: RawData, rows: Mapping[str, np.ndarray], earlier: Earlier, equal: Sequence[bytes]
) -> tuple[dict[str, np.ndarray], list[str]]:
    """Keep the rows that an earlier model was trained on in the train split.

    Args:
        reader: kind of the data.
        raw: all samples.
        rows: row indices of each split.
        earlier: what the model was trained with.
        equal: hash by which rows count as equal, (N,).

    Returns:
        Row indices of each split, and notes on what was moved and what cannot be known.
    """
    known = np.array([digest in earlier.digests for digest in reader.known_digests(raw)])
    usual = are_values(equal)
    kept = kept_in_train(rows, owners(equal, raw.groups), known & ~usual)
    moved = len(kept["train"]) - len(rows["train"])
    if raw.batches is not None and earlier.complete:
        kept = only_trained(kept, known, equal, raw.batches)
    left = np.setdiff1d(np.flatnonzero(known & usual), kept["train"])
    unlike = reader.unlike(raw, earlier.codec)
    notes = [
        (
            moved,
            f"{counted(moved, 'sample')} that the earlier model was trained on, or that belong to these, "
            f"{agreed(moved, 'is', 'are')} in train.",
        ),
        (
            len(left),
            f"{counted(len(left), 'held-out sample')} {agreed(len(left), 'is', 'are')} equal to ones that "
            "the earlier model was trained on: in this "
            "data equal samples are values, and no copies.",
        ),
        (
            len(unlike),
            f"The data is read as {unlike} as for the earlier model: whether held-out samples were among its "
            "training rows cannot be known.",
        ),
    ]
    return kept, [note for count, note in notes if count]


def real_rows(data: DataModule, split: str) -> Samples:
    """Take as many real rows as a split has, from splits that will not score anything later."""
    others = ["train"] if data.small and split != "test" else ["tune" if split != "tune" else "select"]
    pool = np.concatenate([data.rows[name] for name in dict.fromkeys([*others, "train"])])
    if data.raw.groups is not None:  # the first rows would come from fewer groups than a model's samples
        pool = np.random.default_rng(0).permutation(pool)
    return data.kind.take(data.raw.samples, pool[: len(data.rows[split])])


def unseen_rows(data: DataModule) -> Samples:
    """Take the rows of ``select`` and ``test``, and held-out older ones: no model was trained on them."""
    names = [name for name in ("select", "test", OLDER) if name in data.rows]
    held_out = np.unique(np.concatenate([data.rows[name] for name in names]))
    return data.kind.take(data.raw.samples, held_out)
