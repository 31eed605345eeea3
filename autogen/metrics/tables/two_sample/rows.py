"""Rows of a table as the two-sample tests compare them: as numbers, in the real rows' precision."""

from dataclasses import dataclass

import numpy as np

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.data.tables.codec import TableCodec
from autogen.errors import MetricError
from autogen.metrics.cross_fit import blocks_of, made_blocks
from autogen.metrics.tables.features import table_features

MINIMUM = 15


@dataclass(frozen=True)
class RealRows:
    """Real rows as a two-sample test sees them.

    Attributes:
        codec: Codec of the data set.
        features: Cells of the real rows as numbers, NaN where missing, float64 (N, D).
        decimals: Digits after the point of each column's real numbers, (D,); -1 for more than ten.
        blocks: Rows that stay in one fold, as of ``cross_fit.blocks_of``, int64 (N,).
    """

    codec: TableCodec
    features: np.ndarray
    decimals: tuple[int, ...]
    blocks: np.ndarray

    @classmethod
    def of(cls, real: Samples, codec: Codec, metric: str, train: np.ndarray | None = None) -> "RealRows":
        """Turn N real rows into numbers.

        Args:
            real: Raw rows, at least 15.
            codec: Codec of the data set.
            metric: Name of the metric, for errors.
            train: Rows of the train split as numbers, (M, D), by which equal rows are told from values;
                default unknown.

        Raises:
            MetricError: no table, fewer rows, a column is missing or holds an infinite number.
        """
        if not isinstance(codec, TableCodec):
            raise MetricError(f"{metric} scores tables, but the data is {codec.kind}")
        features = _enough(table_features(real, codec))
        return cls(codec, features, decimals_of(features, codec.categorical), blocks_of(features, train))

    def blocks_with(self, made: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Blocks of the real rows, (N,), and of generated rows (M, D), (M,), that stay in one fold."""
        return self.blocks, made_blocks(made, self.features, self.blocks)

    def encode(self, fake: Samples) -> np.ndarray:
        """Turn M generated rows into numbers of the real rows' precision, float64 (M, D).

        Raises:
            MetricError: fewer than 15 rows, a column is missing or holds an infinite number.
        """
        return _enough(round_like(table_features(fake, self.codec), self.decimals))


def decimals_of(features: np.ndarray, categorical: tuple[bool, ...]) -> tuple[int, ...]:
    """Count the digits after the point that each column of (N, D) needs; -1 if ten are not enough.

    Args:
        features: Cells as numbers, NaN where missing, (N, D).
        categorical: True for each column of categories, (D,); these get -1.
    """
    found = []
    for column, nominal in zip(features.T, categorical, strict=True):
        present = column[~np.isnan(column)]
        fitting = (k for k in range(11) if np.array_equal(np.round(present, k), present))
        found.append(-1 if nominal else next(fitting, -1))
    return tuple(found)


def round_like(features: np.ndarray, decimals: tuple[int, ...]) -> np.ndarray:
    """Round each column of (N, D) to its decimals, (D,); -1 leaves it as it is."""
    columns = [
        column if digits < 0 else np.round(column, digits)
        for column, digits in zip(features.T, decimals, strict=True)
    ]
    return np.stack(columns, axis=1)


def _enough(features: np.ndarray) -> np.ndarray:
    if len(features) < MINIMUM:
        raise MetricError(f"the two-sample test needs at least {MINIMUM} rows; got {len(features)}")
    return features
