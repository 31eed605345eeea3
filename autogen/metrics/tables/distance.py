"""Distance of rows of a table, after Gower 1971."""

import numpy as np

from autogen.data.specs import Samples
from autogen.data.tables.codec import TableCodec
from autogen.metrics.distance import Distance
from autogen.metrics.tables.features import table_features

#: Columns from which on one may be left out.
_FEWEST_COLUMNS = 4
#: Columns of a pair that cost as much as a plain distance.
_COLUMNS = 50
#: Pairs whose differences in a column fit the processor's cache.
_BLOCK = 20_000


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
        self._columns = np.ascontiguousarray(self._ranked(features).T)
        self._lacking = np.isnan(self._columns)
        self._lacks = self._lacking.any(axis=1)
        self.weight = max(1, features.shape[1] // _COLUMNS)

    def prepare(self, samples: Samples) -> np.ndarray:
        """Encode N rows, float64 (N, D): ranks of numbers, indices of categories, NaN where missing."""
        return self._ranked(table_features(samples, self._codec))

    def strip(self, prepared: np.ndarray) -> np.ndarray:
        """Compute the distances of b rows from the pool, the mean over the columns, float64 (b, M)."""
        return np.asarray(self._sums(prepared)[0] / prepared.shape[1])

    def strip_with_part(self, prepared: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Compute the mean, and the mean without the cell that differs most; ``None`` below four columns.

        With two or three columns, leaving out one would make unrelated rows near ones.
        """
        total, worst = self._sums(prepared)
        columns = prepared.shape[1]
        part = None if columns < _FEWEST_COLUMNS else (total - worst).clip(min=0) / columns
        return total / columns, part

    def _sums(self, prepared: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Compute sum and maximum of the differences over the columns, float64 (b, M) both."""
        step = max(1, _BLOCK // max(1, self.size))
        blocks = [prepared[first : first + step] for first in range(0, len(prepared), step)]
        total, worst = np.zeros((2, len(prepared), self.size))
        for place, block in enumerate(blocks):
            rows = slice(place * step, place * step + len(block))
            self._add(block, total[rows], worst[rows])
        return total, worst

    def _add(self, prepared: np.ndarray, total: np.ndarray, worst: np.ndarray) -> None:
        """Add the differences of b rows, few enough for the processor's cache, to the sums (b, M)."""
        difference = np.empty_like(total)
        lacking = np.isnan(prepared)
        for place, nominal in enumerate(self._codec.categorical):
            np.subtract(prepared[:, place, None], self._columns[place], out=difference)
            np.abs(difference, out=difference)
            if nominal:
                np.minimum(difference, 1.0, out=difference)
            absent = lacking[:, place, None], self._lacking[place]
            if absent[0].any() or self._lacks[place]:
                np.copyto(difference, absent[0] != absent[1], where=absent[0] | absent[1])
            total += difference
            np.maximum(worst, difference, out=worst)

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
