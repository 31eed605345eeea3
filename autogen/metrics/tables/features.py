"""Rows of a table as vectors: normal scores of quantities, one-hot categories."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import special

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.data.tables.codec import TableCodec
from autogen.errors import DataError, MetricError
from autogen.metrics.features.space import FeatureSpace


def table_features(frame: Samples, codec: TableCodec) -> np.ndarray:
    """Encode rows as quantities and indices of categories, NaN where a cell is missing, float64 (N, D).

    Raises:
        MetricError: a column is missing, or holds an infinite number.
    """
    try:
        features = codec.features(frame)
    except DataError as error:
        raise MetricError(str(error)) from error
    infinite = np.isinf(features).any(axis=0)
    if infinite.any():
        name = codec.names[int(infinite.argmax())]
        raise MetricError(f"column {name!r} holds infinite numbers; correct or leave out those rows")
    return features


def comparable(codec: TableCodec) -> tuple[str, ...]:
    """Name what each column measures, (D,); only columns with the same name can be compared by size."""
    forms = [encoder.form for encoder in codec.encoders]
    units = [getattr(getattr(encoder, "quantity", None), "unit", "") for encoder in codec.encoders]
    return tuple(
        f"{'time' if form.kind == 'datetime' else 'duration'} in {unit}" if unit else "number"
        for form, unit in zip(forms, units, strict=True)
    )


#: Categories with a one-hot dimension of their own; all others share one.
MOST_CATEGORIES = 50
#: Pairs of columns whose difference is a feature.
MOST_RELATED = 30
#: Standard deviations beyond the real range at which a number is clipped.
_BEYOND = 5.0


@dataclass(frozen=True)
class _Known:
    """State of the feature space.

    Attributes:
        codec: Codec of the data set.
        columns: For each column the ascending real numbers, or the one-hot categories by frequency.
    """

    codec: TableCodec
    columns: tuple[np.ndarray, ...]


class EncodedRows(FeatureSpace):
    """Feature space of tables: all columns side by side on a similar scale.

    A quantity becomes the normal score of its rank among the real numbers; beyond their range it continues
    in standard deviations. A missing quantity is 0, with an indicator beside it. A category is one-hot.
    """

    name = "rows-v1"

    def fit(self, real: Samples, codec: Codec) -> tuple[_Known, np.ndarray]:
        """Collect the numbers and categories of N real rows, and encode these, float64 (N, D)."""
        if not isinstance(codec, TableCodec):
            raise MetricError(f"features {self.name} describe tables, but the data is {codec.kind}")
        features = table_features(real, codec)
        columns = []
        for column, nominal in zip(features.T, codec.categorical, strict=True):
            present = np.sort(column[~np.isnan(column)])
            columns.append(_frequent(present) if nominal else present)
        known = _Known(codec, tuple(columns))
        return known, _placed(features, known)

    def describe(self, known: _Known, samples: Samples) -> np.ndarray:
        """Encode M rows by the real rows' numbers and categories, float64 (M, D)."""
        return _placed(table_features(samples, known.codec), known)


@dataclass(frozen=True)
class _Related:
    """State of the feature space with differences of columns.

    Attributes:
        rows: State of ``EncodedRows``.
        pairs: Two columns that are measured in one unit, each.
        differences: The ascending real differences of each pair.
    """

    rows: _Known
    pairs: tuple[tuple[int, int], ...]
    differences: tuple[np.ndarray, ...]


class RelatedRows(FeatureSpace):
    """``EncodedRows`` with differences of columns beside them, so that an end before its start is seen.

    Each difference of two quantities in one unit has its normal score among the real ones, and its sign; of
    more than 30 pairs those count that correlate most.
    """

    name = "related_rows-v1"

    def fit(self, real: Samples, codec: Codec) -> tuple[_Related, np.ndarray]:
        """Collect the numbers, categories and differences of N real rows, and encode these, (N, D)."""
        known, placed = EncodedRows().fit(real, codec)
        features, units = table_features(real, known.codec), comparable(known.codec)
        numbers = [place for place, nominal in enumerate(known.codec.categorical) if not nominal]
        pairs = [(a, b) for a, b in combinations(numbers, 2) if units[a] == units[b]]
        if len(pairs) > MOST_RELATED:
            ranks = np.stack([normal_scores(features[:, place], known.columns[place]) for place in numbers])
            tied = np.abs(np.nan_to_num(np.corrcoef(ranks + 1e-9)))
            at = {place: index for index, place in enumerate(numbers)}
            pairs = sorted(pairs, key=lambda pair: -tied[at[pair[0]], at[pair[1]]])[:MOST_RELATED]
        found = [_difference(features, pair) for pair in pairs]
        state = _Related(known, tuple(pairs), tuple(np.sort(one[~np.isnan(one)]) for one in found))
        return state, np.concatenate([placed, _compared(features, state)], axis=1)

    def describe(self, known: _Related, samples: Samples) -> np.ndarray:
        """Encode M rows by the real rows' numbers, categories and differences, float64 (M, D)."""
        features = table_features(samples, known.rows.codec)
        return np.concatenate([_placed(features, known.rows), _compared(features, known)], axis=1)


def _difference(features: np.ndarray, pair: tuple[int, int]) -> np.ndarray:
    """Subtract a column from another, in halves, so that none is infinite: float64 (N,)."""
    return np.asarray(features[:, pair[1]] / 2 - features[:, pair[0]] / 2)


def _compared(features: np.ndarray, known: _Related) -> np.ndarray:
    """Encode the differences of pairs of columns, float64 (N, 2 P)."""
    parts = [np.empty((len(features), 0))]
    for pair, real in zip(known.pairs, known.differences, strict=True):
        found = _difference(features, pair)
        parts += [normal_scores(found, real)[:, None], np.sign(np.nan_to_num(found))[:, None]]
    return np.concatenate(parts, axis=1)


def _frequent(present: np.ndarray) -> np.ndarray:
    """Return the most frequent categories, at most 50, in descending order."""
    values, counts = np.unique(present, return_counts=True)
    return np.asarray(values[np.argsort(-counts, kind="stable")[:MOST_CATEGORIES]])


def _placed(features: np.ndarray, known: _Known) -> np.ndarray:
    """Encode cells (N, columns) as vectors, float64 (N, D)."""
    parts = []
    columns = zip(features.T, known.columns, known.codec.categorical, strict=True)
    for column, real, nominal in columns:
        absent = np.isnan(column)[:, None]
        if nominal:
            own = column[:, None] == real
            parts += [own, ~own.any(axis=1, keepdims=True) & ~absent, absent]
        else:
            parts += [normal_scores(column, real)[:, None], absent]
    return np.concatenate(parts, axis=1).astype(np.float64)


def normal_scores(column: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Compute the normal score of each number's mid-rank among ascending ones, (N,); 0 where missing."""
    if not len(known):
        return np.zeros(len(column))
    number = np.where(np.isnan(column), known[0], column)
    rank = (known.searchsorted(number, "left") + known.searchsorted(number, "right")) / 2
    scores = special.ndtri((rank + 0.5) / (len(known) + 1))
    # Ranks end at the real range: without this term an outlier would be as good as the largest real number.
    # In a power of two as unit, squares of numbers such as 1e300 are no overflow.
    unit = np.frexp(np.abs(known).max())[1]
    width = float(np.ldexp(np.ldexp(known, -unit).std(), unit)) or 1.0
    beyond = (np.maximum(number - known[-1], 0) - np.maximum(known[0] - number, 0)) / width
    return np.where(np.isnan(column), 0.0, scores + np.clip(beyond, -_BEYOND, _BEYOND))
