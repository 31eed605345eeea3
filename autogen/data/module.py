"""A data set, split once and encoded by a codec that saw the training split alone."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from autogen.data.codec import Codec
from autogen.data.kind import DataKind, RawData
from autogen.data.specs import Arrays, Samples


@dataclass(frozen=True)
class DataModule:
    """A data set, split once and encoded by a codec that saw the train split alone.

    Attributes:
        source: Where it came from, as the user named it.
        kind: Reader and writer of this kind of data.
        raw: All samples.
        rows: Indices of each split: ``train``, ``tune``, ``select``, ``test``.
        codec: Raw samples to arrays and back.
        notes: Decisions of reading and splitting, each in one sentence.
        sha256: Of the content of all samples.
        split_sha256: Of the content of each split.
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
        """Raw samples of one split."""
        return self.kind.take(self.raw.samples, self.rows[name])

    def labels(self, name: str) -> np.ndarray | None:
        """Classes of one split's samples, int64 (N,), or ``None``."""
        return None if self.raw.labels is None else self.raw.labels[self.rows[name]]

    def encoded(self, name: str) -> Arrays:
        """One split encoded; ``label`` is added where the data has classes."""
        samples = self.split(name)
        arrays = {**self.codec.encode(samples), **self.codec.variants(samples)}
        labels = self.labels(name)
        return arrays if labels is None else arrays | {"label": labels}

    @cached_property
    def small(self) -> bool:
        """Whether the data was too small for a select split of its own (it falls back on tune)."""
        return np.array_equal(self.rows["select"], self.rows["tune"])
