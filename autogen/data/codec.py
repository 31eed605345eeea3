"""The contract of a codec: raw samples to arrays and back."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np

from autogen.data.specs import Arrays, Samples, Spec


class Codec(ABC):
    """Turns raw samples into arrays and back; fitted on the train split, written to ``data.json``.

    ``decode(encode(samples))`` gives the samples back up to what the codec's class says it loses.

    Attributes:
        kind: Name of the kind of data, set when the codec is fitted or rebuilt: kinds may share a class.
        spec: What families see of the encoded samples.
    """

    kind: str
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


class HasOpenings(ABC):
    """Capability of a codec: samples can be continued from their first tokens."""

    @abstractmethod
    def encode_openings(self, texts: Sequence[Any]) -> np.ndarray:
        """First tokens of samples that are to be continued, int64 (N, T), ``pad`` after them.

        Raises:
            DataError: an opening leaves no room to continue.
        """
