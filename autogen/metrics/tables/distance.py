"""Distance of rows of a table, after Gower 1971."""

import numpy as np

from autogen.data.specs import Samples
from autogen.data.tables.codec import TableCodec
from autogen.metrics.distance import Distance
from autogen.metrics.tables.features import table_features

#: Columns from which on one may be left out.
_FEWEST_COLUMNS = 4


class TableDistance(Distance):
    """Mean over columns of the difference of ranks, or of being another category (after Gower 1971).

    A number's place is its rank among the pool's, from 0 to 1; a missing cell is 1 from any other
    and 0 from a missing one.

    Args:
        pool: The real rows.
        codec: Of the data set.
    """

    def __init__(self, pool: Samples, codec: TableCodec) -> None:
        self._codec = codec
        features = table_features(pool, codec)
        self.size = len(features)
        self._ladders = [np.sort(column[~np.isnan(column)]) for column in features.T]
        self._pool = self._ranked(features)

    def prepare(self, samples: Samples) -> np.ndarray:
        """float64 (N, D): ranks, indices of categories, NaN."""
        return self._ranked(table_features(samples, self._codec))

    def strip(self, prepared: np.ndarray) -> np.ndarray:
        """Mean over the columns, float64 (b, M)."""
        return np.asarray(self._sums(prepared)[0] / prepared.shape[1])

    def strip_with_part(self, prepared: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """The mean, and the mean without the cell that differs most; not of tables of under four columns.

        Of two or three columns, one less would make strangers of many rows near ones.
        """
        total, worst = self._sums(prepared)
        columns = prepared.shape[1]
        part = None if columns < _FEWEST_COLUMNS else (total - worst).clip(min=0) / columns
        return total / columns, part

    def _sums(self, prepared: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Sum and maximum over columns of the differences, column by column, (b, M) both."""
        total, worst = np.zeros((2, len(prepared), self.size))
        for place, nominal in enumerate(self._codec.categorical):
            mine, theirs = prepared[:, place, None], self._pool[None, :, place]
            apart = np.abs(mine - theirs)
            if nominal:
                apart = np.where(apart > 0, 1.0, apart)
            absent = np.isnan(mine), np.isnan(theirs)
            if absent[0].any() or absent[1].any():
                apart = np.where(absent[0] | absent[1], (absent[0] != absent[1]) * 1.0, apart)
            total += apart
            np.maximum(worst, apart, out=worst)
        return total, worst

    def _ranked(self, features: np.ndarray) -> np.ndarray:
        columns = [
            column if nominal or not len(ladder) else _ranks(column, ladder)
            for column, ladder, nominal in zip(
                features.T, self._ladders, self._codec.categorical, strict=True
            )
        ]
        return np.stack(columns, axis=1)


def _ranks(column: np.ndarray, ladder: np.ndarray) -> np.ndarray:
    """Mid-rank of each number among the ladder's, in [0, 1]; NaN stays."""
    middle = (ladder.searchsorted(column, "left") + ladder.searchsorted(column, "right")) / 2
    return np.where(np.isnan(column), np.nan, middle / len(ladder))
