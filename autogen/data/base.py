"""What a data set is to the rest of autogen: raw samples, four splits, and a codec to tensors."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

#: What a user's data set holds: a DataFrame, a uint8 array (N, H, W, C), a list of texts ...
Samples = Any
#: Encoded samples, name to array of B rows, as the families train on and sample: see each spec.
Arrays = Mapping[str, np.ndarray]
SplitName = Literal["train", "tune", "select", "test"]


@dataclass(frozen=True)
class ImageSpec:
    """Images as families see them.

    Encoded: ``{"pixels": uint8 (B, C, H, W) in 0..levels-1}``, and ``"label": int64 (B,)`` in
    0..labels-1 where ``labels`` > 0.

    Attributes:
        channels: 1 grey, 3 RGB, 4 RGBA.
        height: In pixels.
        width: In pixels.
        levels: Distinct values a pixel can take; 256, 17 for ``digits``, 2 for binary images.
        labels: Number of classes; 0 where the data has none.
    """

    channels: int
    height: int
    width: int
    levels: int = 256
    labels: int = 0


@dataclass(frozen=True)
class ColumnSpec:
    """A column of a table as families see it: an alphabet of codes, some with a position inside.

    Codes ``0..specials-1`` stand for themselves (a missing cell, a value at which the column has a
    spike). The other ``levels - specials`` codes are the categories of a categorical column, or, in
    ascending order, the values or intervals of a numeric one.

    Attributes:
        name: Of the column.
        levels: Number of codes, at least 1.
        specials: Number of special codes, which come first.
        ordered: Whether the codes after the specials are in ascending order of a quantity.
        continuous: Whether the codes after the specials are intervals, inside of which a cell has a
            position in [0, 1); elsewhere the position is 0.5 and means nothing. Intervals hold about
            equal shares of the training rows.
    """

    name: str
    levels: int
    specials: int = 0
    ordered: bool = False
    continuous: bool = False


@dataclass(frozen=True)
class TableSpec:
    """Rows of a table as families see them.

    Encoded: ``{"codes": int64 (B, D), "positions": float32 (B, D)}`` for the D columns.

    Attributes:
        columns: The columns that are learnt, in the table's order.
    """

    columns: tuple[ColumnSpec, ...]


@dataclass(frozen=True)
class SequenceSpec:
    """Sequences of tokens as families see them: texts, symbolic music.

    Encoded: ``{"tokens": int64 (B, T) in 0..levels-1}``. A document is a row of symbols, then ``end``
    once, then ``pad`` up to T. A row of a stream is a stretch of one long sequence: it begins and ends
    anywhere and has no ``end``; it is full unless its last symbol would not have fitted, where ``pad``
    stands. ``begin`` is in no row: it is what a model is given in place of a token before the first.

    Attributes:
        levels: Size of the vocabulary, special tokens included.
        length: T, the most tokens of a row; of a document ``end`` included.
        stream: Whether rows are stretches of one long sequence rather than documents.
        pad: Stands for no token.
        begin: Stands before a row.
        end: Ends a document.
        unknown: Stands for symbols that the train split lacks; no sample should hold it.
        pitches: Tokens from the first to before the second stand for successive semitones, so that adding
            to them transposes; there are none where both are 0.
    """

    levels: int
    length: int
    stream: bool = False
    pad: int = 0
    begin: int = 1
    end: int = 2
    unknown: int = 3
    pitches: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class FrameSpec:
    """Piano rolls as families see them.

    Encoded: ``{"frames": uint8 (B, T, 1 + keys) in 0..1}``. Cell 0 of a frame is 1 while the piece goes on;
    after its end all cells are 0. The others say which keys sound, from the lowest.

    Attributes:
        keys: K, successive semitones.
        length: T, the most frames of a piece.
        voices: The most keys that sound at once.
    """

    keys: int
    length: int
    voices: int


Spec = ImageSpec | TableSpec | SequenceSpec | FrameSpec


class Codec(ABC):
    """Turns raw samples into arrays and back; fitted on the train split, written to ``data.json``.

    ``decode(encode(samples))`` gives the samples back up to what the codec's class says it loses.
    """

    kind: ClassVar[str]
    spec: Spec

    @abstractmethod
    def encode(self, samples: Samples) -> Arrays:
        """Arrays of N rows for N samples."""

    @abstractmethod
    def decode(self, arrays: Arrays, seed: int = 0) -> Samples:
        """Samples for arrays of N rows; equal for equal arrays and seed."""

    def variants(self, samples: Samples) -> Arrays:
        """More arrays of the same rows that augmentations of training choose from; none for most kinds."""
        return {}

    def numbered(self, samples: Samples, first: int, total: int, seed: int = 0) -> Samples:
        """Samples of a block of a larger draw, made different from the other blocks' where they must be.

        Args:
            samples: What ``decode`` gave.
            first: Place of the first of them in the draw.
            total: Samples of the draw.
            seed: Of the draw.
        """
        return samples

    def spelt(self, samples: Samples) -> Samples:
        """Samples as the user wrote the data: what reading left out of cells is put back."""
        return samples

    def plain(self, samples: Samples) -> Samples:
        """Samples as they were read, and as metrics see them; undoes ``spelt``."""
        return samples

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """All that ``from_json`` needs, as JSON values; holds no row of the data."""

    @classmethod
    @abstractmethod
    def from_json(cls, record: dict[str, Any]) -> "Codec":
        """Rebuild the codec that ``to_json`` described."""


@dataclass(frozen=True)
class RawData:
    """What a reader found.

    Attributes:
        samples: N raw samples, cleaned.
        notes: Each cleaning decision in one sentence, with counts and names.
        labels: int64 (N,), or ``None``: classes of the samples that are no part of them (images).
        label_names: A name for each class.
        groups: int64 (N,), or ``None``: samples of one number are dealt to one part (excerpts of a piece).
        parts: Where the data comes with an official split: ``train``, ``tune`` or ``test`` for each sample,
            an empty string for one that has none.
        meta: What the codec's ``fit`` wants to know from the reader; JSON values.
    """

    samples: Samples
    notes: tuple[str, ...] = ()
    labels: np.ndarray | None = None
    label_names: tuple[str, ...] = ()
    groups: np.ndarray | None = None
    parts: tuple[str, ...] = ()
    meta: dict[str, Any] = field(default_factory=dict)


class DataKind(ABC):
    """A kind of data (images, tables ...): how it is read, indexed, encoded, and written.

    Attributes:
        name: The kind's name in the registry.
        suffixes: Of the files it reads, lower case with their dot.
        unit: What one sample is called in messages, singular.
        codec: Class of the codecs that ``fit`` returns, so that one can be rebuilt from ``data.json``.
        settings: Names of the options that ``read`` knows.
    """

    name: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]
    unit: ClassVar[str] = "sample"
    codec: ClassVar[type[Codec]]
    settings: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def recognises(self, source: Any) -> bool:
        """Whether a path, an in-memory object or a built-in name is of this kind; reads little."""

    @abstractmethod
    def read(self, source: Any, options: Mapping[str, Any]) -> RawData:
        """Read and clean the data. Raises ``DataError`` in one line for what cannot be used."""

    def read_like(self, source: Any, codec: Codec, options: Mapping[str, Any]) -> RawData:
        """Read samples that are to be compared with the data a codec was fitted on.

        What a cell or a pixel means follows the codec, not the samples. Where a kind's files leave
        no such choice, this is ``read``.

        Raises:
            DataError: samples of another shape or with other columns; says what was expected.
        """
        return self.read(source, options)

    @abstractmethod
    def take(self, samples: Samples, rows: np.ndarray) -> Samples:
        """The samples with these indices, in this order."""

    @abstractmethod
    def concatenate(self, parts: Sequence[Samples]) -> Samples:
        """The samples of all parts, in order."""

    @abstractmethod
    def digests(self, samples: Samples) -> list[bytes]:
        """A hash of each sample's content; the splits are made from it."""

    @abstractmethod
    def fit(self, raw: RawData, rows: np.ndarray) -> Codec:
        """Fit the codec on the given (train) rows alone."""

    @abstractmethod
    def save(self, samples: Samples, path: Path, codec: Codec | None = None) -> None:
        """Write samples to a file or folder; the suffix says how. Raises ``DataError``.

        Args:
            samples: N raw samples.
            path: Where to; an existing file is replaced.
            codec: Of the data they imitate, where what is written depends on it (brightness of images).
        """

    def save_parts(self, parts: Iterable[Samples], path: Path, codec: Codec | None = None) -> None:
        """Write the samples of all parts as ``save`` does; a kind may do so without holding them all."""
        self.save(self.concatenate(list(parts)), path, codec)


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
