"""Capability of a kind of data: a codec of sketches that the owners of rows send, instead of the rows."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np

from autogen.data.codec import Codec
from autogen.data.kind import RawData


class HasSketches(ABC):
    """Capability of a kind of data: its codec can be made of sketches of several owners' samples.

    Attributes:
        federated_space: Name of the shipped search space for training by several owners.
    """

    federated_space: str

    @abstractmethod
    def sketch(self, raw: RawData, rows: np.ndarray, threshold: int) -> dict[str, Any]:
        """Describe samples in as much detail as the codec of several owners needs.

        Args:
            raw: All samples of an owner.
            rows: Indices of the training samples, int64 (n,).
            threshold: Least number of samples that a value must have to be told.

        Returns:
            JSON values, which ``merged_codec`` reads.

        Raises:
            DataError: nothing of the data is left to tell.
        """

    @abstractmethod
    def merged_codec(self, sketches: Mapping[str, Mapping[str, Any]]) -> Codec:
        """Make the codec of the sketches of several owners, by the name of the owner.

        With a single owner and a threshold of 1 it is the codec of a study on that owner's data.

        Raises:
            DataError: what two owners hold does not go together.
        """
