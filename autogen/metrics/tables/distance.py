"""Distance of rows of a table, after Gower 1971."""

import numpy as np

from autogen.data.specs import Samples
from autogen.data.tables.codec import TableCodec
from autogen.metrics.distance import Distance
from autogen.metrics.tables.features import table_features


class TableDistance(Distance):
    """Gower distance: mean over columns of the difference of ranks, or of a mismatch of categories.

    A number counts by its rank among the pool's numbers, from 0 to 1, so that no unit and no outlier
    dominates. A missing cell has distance 1 from any present cell and 0 from a missing one.

    Args:
        pool: M real rows.
        codec: Codec of the data set.
    """

    def __init__(self, pool: Samples, codec: TableCodec) -> None:
        self._codec = codec
        features = table_features(pool, codec)
        self.size = len(features)
        self._sorted = [np.sort(column[~np.isnan(column)]) for column in features.T]
        self._pool = self._ranked(features)

    def prepare(self, samples: Samples) -> np.ndarray:
        """Encode N rows, float64 (N, D): ranks of numbers, indices of categories, NaN where missing."""
        return self._ranked(table_features(samples, self._codec))

    def strip(self, prepared: np.ndarray) -> np.ndarray:
        """Compute the distances of b rows from the pool, float64 (b, M), column by column."""
        total = np.zeros((len(prepared), self.size))
        for place, nominal in enumerate(self._codec.categorical):
            mine, theirs = prepared[:, place, None], self._pool[None, :, place]
            apart = np.abs(mine - theirs)
            if nominal:
                apart = np.where(apart > 0, 1.0, apart)
            absent = np.isnan(mine), np.isnan(theirs)
            if absent[0].any() or absent[1].any():
                apart = np.where(absent[0] | absent[1], (absent[0] != absent[1]) * 1.0, apart)
            total += apart
        return np.asarray(total / prepared.shape[1])

    def _ranked(self, features: np.ndarray) -> np.ndarray:
        """Replace the numbers of (N, D) by their ranks; categories and columns without numbers stay."""
        columns = [
            column if nominal or not len(ascending) else _ranks(column, ascending)
            for column, ascending, nominal in zip(
                features.T, self._sorted, self._codec.categorical, strict=True
            )
        ]
        return np.stack(columns, axis=1)


def _ranks(column: np.ndarray, ascending: np.ndarray) -> np.ndarray:
    """Compute the rank of each number among ascending ones, in [0, 1]; NaN stays."""
    # The middle of tied ranks, so that a frequent value is as far from its neighbors on both sides.
    middle = (ascending.searchsorted(column, "left") + ascending.searchsorted(column, "right")) / 2
    return np.where(np.isnan(column), np.nan, middle / len(ascending))
