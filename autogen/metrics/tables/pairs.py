"""Pairs of columns whose association or joint distribution differs most between real and generated rows."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from autogen.data.specs import Samples
from autogen.data.tables.codec import TableCodec
from autogen.metrics.tables.features import table_features
from autogen.metrics.tables.two_sample.plausibility import Bins, entropy, shuffled_entropy
from autogen.metrics.tables.two_sample.screening import MOST_COMPARED, likely_dependent

#: Rows of each side that are compared; an association needs no more.
MOST_ROWS = 10_000
#: Of many columns, pairs of each side that are compared, and pairs whose columns are in the heat map.
MOST_LIKELY, SHOWN_PAIRS = 300, 50
#: Entropy in nats that columns must have beyond chance for an association to mean anything.
_LEAST_ENTROPY = 0.02


@dataclass(frozen=True)
class PairDifference:
    """Two columns in real, hold-out and generated rows.

    Attributes:
        columns: Names of the two columns.
        real: Association in the real rows, adjusted mutual information, 0 independent to 1 determined.
        holdout: Association in the real hold-out rows.
        synthetic: Association in the generated rows.
        distance: Total variation distance of the generated rows' joint distribution from the real rows'.
        holdout_distance: Total variation distance of the hold-out rows' joint distribution, by chance alone.
    """

    columns: tuple[str, str]
    real: float
    holdout: float
    synthetic: float
    distance: float
    holdout_distance: float

    @property
    def excess(self) -> float:
        """Difference of association from the real rows, beyond that of the hold-out rows."""
        return abs(self.synthetic - self.real) - abs(self.holdout - self.real)


@dataclass(frozen=True)
class PairComparison:
    """Pairs of columns.

    Attributes:
        columns: Names of the modeled columns, D; of more than 100, those of the most different pairs.
        pairs: Each pair of them, the most different first; of more than 100 columns, the pairs that are most
            dependent in the real or in the generated rows.
    """

    columns: tuple[str, ...]
    pairs: tuple[PairDifference, ...]

    def differences(self) -> np.ndarray:
        """Return generated minus real associations, float64 (D, D), symmetric, 0 on the diagonal."""
        place = {name: i for i, name in enumerate(self.columns)}
        found = np.zeros((len(place), len(place)))
        for pair in self.pairs:
            if all(name in place for name in pair.columns):
                a, b = (place[name] for name in pair.columns)
                found[a, b] = found[b, a] = pair.synthetic - pair.real
        return found


def compare_pairs(real: Samples, holdout: Samples, synthetic: Samples, codec: TableCodec) -> PairComparison:
    """Compare each pair of columns between real, hold-out and generated rows; of many columns, likely pairs.

    Quantities are cut into bins at quantiles of the real rows, for all sides alike. All sides are cut to
    the same number of rows, since a distance between samples grows as they shrink.

    Args:
        real: Real rows.
        holdout: Other real rows.
        synthetic: Generated rows.
        codec: Codec of the data set.

    Raises:
        MetricError: a column is missing, or holds an infinite number.
    """
    tables = [table_features(side, codec) for side in (real, holdout, synthetic)]
    size = min(MOST_ROWS, *map(len, tables))
    tables = [table[np.random.default_rng(0).permutation(len(table))[:size]] for table in tables]
    bins = Bins.fit(tables[0], codec.categorical)
    codes = [bins.codes(table) for table in tables]
    names = codec.names
    places = list(combinations(range(len(names)), 2))
    wide = len(places) > MOST_COMPARED
    if wide:
        both = (side[:, : len(names)] for side in (codes[0], codes[2]))
        places = sorted(set[tuple[int, int]]().union(*(likely_dependent(one, MOST_LIKELY) for one in both)))
    pairs = [
        _difference((names[a], names[b]), codes, _coding(codes[0], bins, (a, b)), bins.sizes)
        for a, b in places
    ]
    pairs.sort(key=lambda pair: (-pair.excess, -pair.distance))
    if wide:
        shown = {name for pair in pairs[:SHOWN_PAIRS] for name in pair.columns}
        names = tuple(name for name in names if name in shown)
    return PairComparison(names, tuple(pairs))


def association(first: np.ndarray, second: np.ndarray, width: int) -> float:
    """Compute the adjusted mutual information of two columns: 0 by chance, 1 if one determines the other.

    Adjusted for chance as by Vinh 2010 (https://jmlr.org/papers/v11/vinh10a.html), with one shuffled column
    in place of the expectation, and divided by the smaller of both entropies.

    Args:
        first: Codes of a column, int64 (N,).
        second: Codes of another, int64 (N,).
        width: Number of codes of the second.
    """
    by_chance = shuffled_entropy(first, second, width)
    own = entropy(first), entropy(second)
    # Room between chance and determination: columns that are nearly constant have none.
    room = by_chance - max(own)
    if room < _LEAST_ENTROPY:
        return 0.0
    return float(np.clip((by_chance - entropy(first * width + second)) / room, 0, 1))


def _coding(codes: np.ndarray, bins: Bins, columns: tuple[int, int]) -> tuple[int, int]:
    """Choose the codings of two columns, by bins or by value, with the highest association in (N, K)."""
    first, second = ([c for c, place in enumerate(bins.places) if place == column] for column in columns)
    options = [(a, b) for a in first for b in second]
    if len(options) == 1:
        return options[0]
    return max(
        options, key=lambda pair: association(codes[:, pair[0]], codes[:, pair[1]], bins.sizes[pair[1]])
    )


def _difference(
    names: tuple[str, str], codes: list[np.ndarray], coding: tuple[int, int], sizes: tuple[int, ...]
) -> PairDifference:
    width = sizes[coding[1]]
    sides = [tuple(side[:, place] for place in coding) for side in codes]
    real, holdout, synthetic = (association(first, second, width) for first, second in sides)
    cells = [first * width + second for first, second in sides]
    distances = (_total_variation(cells[0], other) for other in cells[:0:-1])
    return PairDifference(names, real, holdout, synthetic, *distances)


def _total_variation(one: np.ndarray, two: np.ndarray) -> float:
    """Compute the total variation distance of two samples of cells, (N,) and (M,): in [0, 1]."""
    values, where = np.unique(np.concatenate([one, two]), return_inverse=True)
    shares = [np.bincount(part, minlength=len(values)) / len(part) for part in np.split(where, [len(one)])]
    return float(np.abs(shares[0] - shares[1]).sum() / 2)
