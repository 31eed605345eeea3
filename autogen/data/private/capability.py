"""Capability of a kind of data: a codec of noisy counts instead of one that is fitted on rows."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np

from autogen.data.codec import Codec
from autogen.data.kind import RawData
from autogen.privacy.settings import Range


class HasNoisyCodec(ABC):
    """Capability of a kind of data: its codec can be made of counts with noise.

    Attributes:
        private_space: Registered name of the search space for training with epsilon.
    """

    private_space: str

    @abstractmethod
    def histograms(self, raw: RawData, ranges: Mapping[str, Range]) -> tuple[int, int]:
        """Count the histograms to each of which a sample adds one, and those of them with unknown values.

        Raises:
            DataError: the data cannot be counted so; the message says why and what to give.
        """

    @abstractmethod
    def count(
        self, raw: RawData, rows: np.ndarray, ranges: Mapping[str, Range], scale: float, threshold: float
    ) -> dict[str, Any]:
        """Count samples into histograms, and add noise.

        Args:
            raw: All samples.
            rows: Indices of the samples to count, one of each unit, int64 (n,).
            ranges: Range of each column of numbers by name.
            scale: Standard deviation of the noise on each count.
            threshold: Noisy count below which a value that was not known before is left out.

        Returns:
            JSON values, which ``noisy_codec`` reads.
        """

    @abstractmethod
    def lost_values(self, raw: RawData, record: Mapping[str, Any]) -> list[str]:
        """List what samples lack of the data, since noise hides it, one sentence each; not for ``best/``."""

    @abstractmethod
    def noisy_codec(self, record: Mapping[str, Any]) -> Codec:
        """Make the codec of noisy counts; it depends on nothing else."""
