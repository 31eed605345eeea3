"""Rows of a table as vectors: normal scores of quantities, and one place a category."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.data.tables.codec import TableCodec
from autogen.errors import DataError, MetricError
from autogen.metrics.features.space import FeatureSpace


def table_features(frame: Samples, codec: TableCodec) -> np.ndarray:
    """Quantities and indices of categories, NaN where a cell is missing, float64 (N, D).

    Raises:
        MetricError: a column is missing, or holds an infinite number.
    """
    try:
        features = codec.features(frame)
    except DataError as error:
        raise MetricError(str(error)) from error
    infinite = np.isinf(features).any(axis=0)
    if infinite.any():
        name = codec.spec.columns[int(infinite.argmax())].name
        raise MetricError(f"column {name!r} holds infinite numbers; mend or leave out those rows")
    return features


def comparable(codec: TableCodec) -> tuple[str, ...]:
    """What each learnt column measures, D names; only columns of one name can be ordered."""
    forms = [encoder.form for encoder in codec.encoders]
    units = [getattr(getattr(encoder, "quantity", None), "unit", "") for encoder in codec.encoders]
    return tuple(
        f"{'time' if form.kind == 'datetime' else 'duration'} in {unit}" if unit else "number"
        for form, unit in zip(forms, units, strict=True)
    )


#: Categories with a place of their own; all others share one.
MOST_CATEGORIES = 50
_BEYOND = 5.0


@dataclass(frozen=True)
class _Known:
    """Codec, and of each column the sorted real numbers, or the categories with a place, by frequency."""

    codec: TableCodec
    columns: tuple[np.ndarray, ...]


class EncodedRows(FeatureSpace):
    """Columns side by side, each about as wide as the others.

    A quantity is the normal score of its rank among the real ones, and goes on in standard deviations
    beyond their range; a missing one is 0, and 1 in a place beside it. A category is 1 in its place.
    """

    name = "rows-v1"

    def fit(self, real: Samples, codec: Codec) -> tuple[_Known, np.ndarray]:
        """Ladders and categories of the real rows."""
        if not isinstance(codec, TableCodec):
            raise MetricError(f"features {self.name} are of tables, but the data is {codec.kind}")
        features = table_features(real, codec)
        columns = []
        for column, nominal in zip(features.T, codec.categorical, strict=True):
            present = np.sort(column[~np.isnan(column)])
            columns.append(_frequent(present) if nominal else present)
        known = _Known(codec, tuple(columns))
        return known, _placed(features, known)

    def describe(self, known: _Known, samples: Samples) -> np.ndarray:
        """By the real rows' ladders and categories."""
        return _placed(table_features(samples, known.codec), known)


def _frequent(present: np.ndarray) -> np.ndarray:
    values, counts = np.unique(present, return_counts=True)
    return np.asarray(values[np.argsort(-counts, kind="stable")[:MOST_CATEGORIES]])


def _placed(features: np.ndarray, known: _Known) -> np.ndarray:
    parts = []
    columns = zip(features.T, known.columns, known.codec.categorical, strict=True)
    for column, real, nominal in columns:
        absent = np.isnan(column)[:, None]
        if nominal:
            own = column[:, None] == real
            parts += [own, ~own.any(axis=1, keepdims=True) & ~absent, absent]
        else:
            parts += [_normal_scores(column, real)[:, None], absent]
    return np.concatenate(parts, axis=1).astype(np.float64)


def _normal_scores(column: np.ndarray, ladder: np.ndarray) -> np.ndarray:
    """Normal score of each number's mid-rank among the ladder's; 0 where missing."""
    if not len(ladder):
        return np.zeros(len(column))
    number = np.where(np.isnan(column), ladder[0], column)
    rank = (ladder.searchsorted(number, "left") + ladder.searchsorted(number, "right")) / 2
    scores = special.ndtri((rank + 0.5) / (len(ladder) + 1))
    width = float(ladder.std()) or 1.0
    beyond = (np.maximum(number - ladder[-1], 0) - np.maximum(ladder[0] - number, 0)) / width
    return np.where(np.isnan(column), 0.0, scores + np.clip(beyond, -_BEYOND, _BEYOND))
