"""The contract of a kind of data: how it is recognized, read, indexed, encoded and written."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from autogen.data.codec import Codec
from autogen.data.declaration import Declaration
from autogen.data.feedback.marks import Marked
from autogen.data.feedback.named_files import read_named_files
from autogen.data.specs import Samples
from autogen.errors import DataError

#: Beginning of the notes on data that are warnings.
WARNING = "Warning: "


@dataclass(frozen=True)
class RawData:
    """Result of a reader.

    Attributes:
        samples: N raw samples, cleaned.
        notes: Each cleaning decision in one sentence, with counts and names.
        labels: int64 (N,), or ``None``: classes of the samples that are no part of them (images).
        label_names: A name for each class.
        groups: int64 (N,), or ``None``: samples of one number are dealt to one part (excerpts of a piece,
            rows of a patient).
        times: float64 (N,), or ``None``: time of each sample in any unit; the latest are tested on.
        parts: Where the data comes with an official split: ``train``, ``tune`` or ``test`` for each sample,
            an empty string for one that has none.
        batches: int64 (N,), or ``None``: number of the source of each sample where there are several.
        meta: JSON values from the reader for the codec's ``fit``.
    """

    samples: Samples
    notes: tuple[str, ...] = ()
    labels: np.ndarray | None = None
    label_names: tuple[str, ...] = ()
    groups: np.ndarray | None = None
    times: np.ndarray | None = None
    parts: tuple[str, ...] = ()
    batches: np.ndarray | None = None
    meta: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ColumnReading:
    """How one column of the data was read.

    Attributes:
        name: name of the column.
        kind: what it was taken for.
        fate: ``learned``, ``made up`` or ``left out``.
        format: how its values are written, such as ``%d.%m.%Y`` or ``$1,234.50``; empty if as they are.
        read: a few cells as they were read.
        back: these cells as they come back, or made-up ones; none of a column that is left out.
        missing: share of missing cells, 0 to 1.
        distinct: number of different values.
        personal: sort of personal data that the column looks like; empty for none.
    """

    name: str
    kind: str
    fate: str
    format: str = ""
    read: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    missing: float = 0.0
    distinct: int = 0
    personal: str = ""


class DataKind(ABC):
    """A kind of data (images, tables ...): how it is read, indexed, encoded, and written.

    Attributes:
        name: The kind's name in the registry.
        suffixes: Suffixes of its files, lower case with their dot.
        also: Suffixes of files that it reads where the kind is named.
        unit: Name of one sample in messages, singular.
        written: Suffixes of the files that ``save`` writes, an empty one for a folder; none if not declared.
        codec: Class of the codecs that ``fit`` returns, so that one can be rebuilt from ``data.json``.
        settings: Names of the options that ``read`` knows.
        declaration: Metric, baselines, search spaces and so on of the kind.
    """

    name: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]
    also: ClassVar[tuple[str, ...]] = ()
    unit: ClassVar[str] = "sample"
    written: ClassVar[tuple[str, ...]] = ()
    codec: ClassVar[type[Codec]]
    settings: ClassVar[tuple[str, ...]] = ()
    declaration: ClassVar[Declaration]

    @abstractmethod
    def recognizes(self, source: Any) -> bool:
        """Tell if a path, an in-memory object or a built-in name is of this kind; reads little."""

    @abstractmethod
    def read(self, source: Any, options: Mapping[str, Any]) -> RawData:
        """Read and clean the data. Raises ``DataError`` in one line for what cannot be used."""

    def read_all(self, sources: Sequence[Any], options: Mapping[str, Any]) -> RawData:
        """Read several sources as one data set.

        Classes are known again by their names. Groups of two sources are never one; a kind overrides this
        where they can be, or where a source must be read in the light of the others.

        Args:
            sources: Sources, the oldest first.
            options: Options of ``read``.

        Raises:
            DataError: a source cannot be read, or does not go with the others.
        """
        found = [self.read(source, options) for source in sources]
        names = tuple(dict.fromkeys(name for raw in found for name in raw.label_names))
        numbers = [np.array([names.index(name) for name in raw.label_names], np.int64) for raw in found]
        labels = [
            number[raw.labels] for raw, number in zip(found, numbers, strict=True) if raw.labels is not None
        ]
        groups = [raw.groups for raw in found if raw.groups is not None]
        firsts = np.cumsum([0, *(int(group.max()) + 1 for group in groups)])
        parts = tuple(part for raw in found for part in raw.parts or ("",) * len(raw.samples))
        if len(labels) not in (0, len(found)) or len(groups) not in (0, len(found)):
            raise DataError("the new data has classes or groups, but the older data has none, or vice versa.")
        return replace(
            found[-1],
            samples=self.concatenate([raw.samples for raw in found]),
            notes=tuple(dict.fromkeys(note for raw in found for note in raw.notes)),
            labels=np.concatenate(labels) if labels else None,
            label_names=names,
            groups=np.concatenate([a + b for a, b in zip(groups, firsts, strict=False)]) if groups else None,
            times=None,
            parts=parts if any(parts) else (),
            batches=np.repeat(np.arange(len(found)), [len(raw.samples) for raw in found]),
        )

    def read_like(self, source: Any, codec: Codec, options: Mapping[str, Any]) -> RawData:
        """Read samples that are to be compared with the data a codec was fitted on.

        What a cell or a pixel means follows the codec, not the samples. Where a kind's files leave
        no such choice, this is ``read``.

        Args:
            source: path, or samples in memory.
            codec: codec of the data that the samples are compared with.
            options: options of ``read``; ``reference`` is the name of that data, for messages.

        Raises:
            DataError: samples of another shape or with other columns; says what was expected.
        """
        return self.read(source, options)

    def read_marked(self, source: str, column: str, codec: Codec, options: Mapping[str, Any]) -> Marked:
        """Read samples that users marked: by default a ``.csv`` with a file's name and a mark in each row.

        Args:
            source: path of the file.
            column: name of the column with the marks; empty for one of ``keep``, ``feedback`` and ``weight``.
            codec: codec of the data that the samples are compared with.
            options: options of ``read``.

        Returns:
            the samples with their marks.

        Raises:
            DataError: the file cannot be read, has no such column, or a mark is no number from 0 up.
        """
        return read_named_files(
            source, column, lambda path: self.read_like(path, codec, options).samples, self.concatenate
        )

    def marked_digests(self, samples: Samples, codec: Codec) -> list[bytes]:
        """A hash of each sample by which a marked sample is known again as one of the data."""
        return self.digests(samples)

    @abstractmethod
    def take(self, samples: Samples, rows: np.ndarray) -> Samples:
        """The samples with these indices, in this order."""

    @abstractmethod
    def concatenate(self, parts: Sequence[Samples]) -> Samples:
        """The samples of all parts, in order."""

    @abstractmethod
    def digests(self, samples: Samples) -> list[bytes]:
        """A hash of each sample's content; the splits are made from it."""

    def equal_digests(self, raw: RawData) -> list[bytes]:
        """A hash of what is learned of each sample: samples with one hash are kept in one part."""
        return self.digests(raw.samples)

    def known_digests(self, raw: RawData) -> list[bytes]:
        """A hash of each sample by which a later run knows it again, however its data is then written."""
        return self.digests(raw.samples)

    def unlike(self, raw: RawData, earlier: Codec) -> str:
        """Say in what samples are cut or sized unlike those of an earlier codec; empty for nothing.

        Samples that a model of that codec was trained on cannot be known again then.
        """
        return ""

    @abstractmethod
    def fit(self, raw: RawData, rows: np.ndarray) -> Codec:
        """Fit the codec on the given (train) rows alone."""

    def earlier_options(self, codec: Codec) -> dict[str, Any]:
        """Return the options of ``read`` with which data is read as that of an earlier codec was.

        Options that the user gives win; ``fit_from`` refuses what then does not go together.
        """
        return {}

    def fit_from(self, raw: RawData, rows: np.ndarray, earlier: Codec) -> Codec:
        """Fit a codec that keeps the codes of an earlier one and adds those that the new data needs.

        Args:
            raw: all samples, read with ``earlier_options``.
            rows: indices of the training samples, int64 (n,).
            earlier: codec of the data that a model was trained on before.

        Raises:
            DataError: the data differs too much; says in what.
        """
        raise DataError(f"{self.name} data cannot start from an earlier model: its codec cannot be extended.")

    def round_trip(self, raw: RawData, rows: np.ndarray, codec: Codec) -> list[str]:
        """Encode and decode the training rows before training, and note what does not come back.

        Raises:
            DataError: something cannot be written again; the message names it.
        """
        return []

    def readings(self, raw: RawData, rows: np.ndarray, codec: Codec) -> list[ColumnReading]:
        """Describe how each column was read; kinds without columns have none.

        Args:
            raw: all samples.
            rows: indices of the training samples, int64 (n,).
            codec: codec that was fitted on these.
        """
        return []

    @abstractmethod
    def save(self, samples: Samples, path: Path, codec: Codec | None = None) -> None:
        """Write samples to a file or folder; the suffix says how. Raises ``DataError``.

        Args:
            samples: N raw samples.
            path: Where to; an existing file is replaced.
            codec: Codec of the data, for kinds whose files depend on it (brightness of images).
        """

    def save_parts(self, parts: Iterable[Samples], path: Path, codec: Codec | None = None) -> None:
        """Write the samples of all parts as ``save`` does; a kind may do so without holding them all."""
        self.save(self.concatenate(list(parts)), path, codec)
