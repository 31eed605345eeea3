"""The data set of a study: its splits and its codec."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from autogen.data.codec import Codec
from autogen.data.kind import ColumnReading, DataKind, RawData
from autogen.data.specs import Arrays, Samples


@dataclass(frozen=True)
class DataModule:
    """Data set with its four splits and a codec that was fitted on the training split alone.

    Attributes:
        source: name of the source, as the user gave it.
        kind: reader and writer of this kind of data.
        raw: all N samples.
        rows: row indices of each split, int64 (n,): ``train``, ``tune``, ``select``, ``test``.
        codec: transform of raw samples to arrays and back.
        notes: decisions of reading and splitting, one sentence each.
        sha256: digest of the content of all samples.
        split_sha256: digest of the content of each split.
    """

    source: str
    kind: DataKind
    raw: RawData
    rows: dict[str, np.ndarray]
    codec: Codec
    notes: tuple[str, ...]
    sha256: str
    split_sha256: dict[str, str]

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
    def sizes(self) -> dict[str, int]:
        """Number of samples of each split, in the order of their use; no ``select`` where it is ``tune``."""
        names = ("train", "tune", *(() if self.small else ("select",)), "test")
        return {name: len(self.rows[name]) for name in names}
