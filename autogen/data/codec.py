"""The contract of a codec: raw samples to arrays and back."""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from autogen.data.specs import Arrays, Samples, Spec

#: Names of the codes of each modeled part: a column, the tokens, the classes.
CodeNames = tuple[tuple[str, tuple[Hashable, ...]], ...]


class Codec(ABC):
    """Transform of raw samples to arrays and back; fitted on the training split, saved in ``data.json``.

    ``decode(encode(samples))`` returns the samples, up to the losses that the docstring of the codec names.

    Attributes:
        kind: name of the kind of data, set when the codec is fitted or rebuilt: kinds may share a class.
        spec: shapes, levels and columns of the encoded arrays, as model families see them.
    """

    kind: str
    spec: Spec

    @abstractmethod
    def encode(self, samples: Samples) -> Arrays:
        """Encode N samples as arrays of N rows; the spec's class names the arrays and their shapes."""

    @abstractmethod
    def decode(self, arrays: Arrays, seed: int = 0) -> Samples:
        """Decode arrays of N rows to N samples; the same arrays and seed give the same samples."""

    def code_names(self) -> CodeNames:
        """Name what each code stands for, equally in all codecs of this class.

        Weights that belong to a code go from a model of one codec to a model of another by these names.

        Returns:
            For each column of a table, the tokens, or the classes: its name and the names of its codes, as
            many as the spec has levels; empty for kinds of data whose codes are quantities.
        """
        return ()

    def augmentation_views(self, samples: Samples) -> Arrays:
        """Encode augmented views of the same N samples, name to array; most kinds have none."""
        return {}

    def renumber_ids(self, samples: Samples, first: int, total: int, seed: int = 0) -> Samples:
        """Renumber identifiers in one block of a larger draw, so that they differ from those of other blocks.

        Args:
            samples: N samples from ``decode``.
            first: index of the first of them in the draw.
            total: number of samples in the draw.
            seed: random seed of the draw.
        """
        return samples

    def to_original_format(self, samples: Samples) -> Samples:
        """Write samples in the user's format, with the signs and separators that reading removed."""
        return samples

    def from_original_format(self, samples: Samples) -> Samples:
        """Read samples in the user's format into what metrics see; the inverse of ``to_original_format``."""
        return samples

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Describe the codec in JSON values for ``from_json``; they hold no row of the data."""

    @classmethod
    @abstractmethod
    def from_json(cls, record: Mapping[str, Any]) -> "Codec":
        """Rebuild a codec from the record of ``to_json``."""


class HasOpenings(ABC):
    """Capability of a codec: samples can be continued from their first tokens."""

    @abstractmethod
    def encode_openings(self, texts: Sequence[Any]) -> np.ndarray:
        """Encode prompts for N samples as int64 (N, T), padded with ``pad``.

        Raises:
            DataError: a prompt leaves no room for a continuation.
        """
