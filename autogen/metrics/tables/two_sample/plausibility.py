"""Plausibility of each pair of cells in a row, as features for a classifier of tables.

Trees on single columns do not see that a zip code lies in another city: they would have to learn every zip
code from the rows at hand. These features say it in one number a pair of columns: the pointwise mutual
information of both cells, log (count + 1/2) / (expected + 1/2), where the count is of background rows with
both values and the expected count is that of independent columns. A pair of frequent values that never meet
is far below 0; two rare values that never meet are about 0, as nothing can be known of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from autogen.metrics.tables.two_sample.screening import MOST_COMPARED, likely_dependent, never_larger

#: Rows of the background that are counted, and those that decide which pairs of columns are dependent.
MOST_ROWS, CHOOSING_ROWS = 20_000, 5_000
#: Dependent pairs that are kept, those with a feature of their own, and ordered pairs of columns.
MOST_PAIRS, OWN_FEATURES, MOST_ORDERED = 60, 24, 12
#: Mutual information, in nats beyond what shuffled columns have, from which a pair counts as dependent.
DEPENDENT = 0.02
#: Different numbers that are counted each by itself; of more, quantile bins are.
FEW_VALUES = 32
#: Rows a value from which numbers of more values are also counted by value.
RECURRING = 3
_PRIOR = 0.5
#: Share of rows in which a <= b, from which two columns count as ordered, and the share in which
#: shuffled columns would break the order, since columns without overlap are ordered trivially.
_ORDERED, _TRIVIAL = 0.98, 0.05


@dataclass(frozen=True)
class Bins:
    """Cells as small whole numbers: 0 for missing, then categories, single numbers or quantile bins.

    Numbers of many values that recur are coded twice, by bins and by value: they may be quantities, or names
    written in digits, such as zip codes. There are K >= D codings.

    Attributes:
        places: Column of each coding.
        cuts: Bounds between numbers or bins, one array a coding; ``None`` for a categorical column.
        sizes: Number of codes of each coding, one for values that the background lacks included.
    """

    places: tuple[int, ...]
    cuts: tuple[np.ndarray | None, ...]
    sizes: tuple[int, ...]

    @classmethod
    def fit(cls, features: np.ndarray, categorical: Sequence[bool]) -> "Bins":
        """Cut quantities at quantiles, into as many bins as the rows can fill in pairs.

        Args:
            features: Background rows, NaN where a cell is missing, (N, D).
            categorical: True for each column of categories, (D,).
        """
        # About 20 rows for each of the count^2 cells of a pair of columns.
        count = int(np.clip((len(features) / 20) ** 0.5, 4, 32))
        cuts: list[np.ndarray | None] = []
        places = list(range(features.shape[1]))
        by_value = {}
        for place, (column, nominal) in enumerate(zip(features.T, categorical, strict=True)):
            present = column[~np.isnan(column)]
            values = np.unique(present)
            if nominal:
                cuts.append(None)
            elif len(values) <= FEW_VALUES:
                cuts.append((values[1:] + values[:-1]) / 2)
            else:
                cuts.append(np.unique(np.quantile(present, np.linspace(0, 1, count + 1)[1:-1])))
                if RECURRING * len(values) <= len(present):
                    by_value[place] = (values[1:] + values[:-1]) / 2
        places += by_value
        cuts += by_value.values()
        codes = cls(tuple(places), tuple(cuts), (np.iinfo(np.int32).max,) * len(cuts)).codes(features)
        return cls(tuple(places), tuple(cuts), tuple(int(top) + 2 for top in codes.max(axis=0, initial=0)))

    def codes(self, features: np.ndarray) -> np.ndarray:
        """Encode rows (N, D) as codes, int64 (N, K)."""
        found = np.zeros((len(features), len(self.places)), np.int64)
        for coding, (place, cuts, size) in enumerate(zip(self.places, self.cuts, self.sizes, strict=True)):
            column = features[:, place]
            present = ~np.isnan(column)
            known = column[present]
            inner = known.astype(np.int64) if cuts is None else cuts.searchsorted(known, "right")
            found[present, coding] = np.clip(1 + inner, 1, size - 1)
        return found


@dataclass(frozen=True)
class _Counts:
    """Contingency table of the background rows by two columns, sparse.

    Attributes:
        places: Indices of the two codings.
        width: Number of codes of the second.
        cells: Codes of both in one number, first * width + second, ascending, (C,).
        counts: Background rows in each cell, (C,).
        margins: Background rows with each code of the first, and of the second.
    """

    places: tuple[int, int]
    width: int
    cells: np.ndarray
    counts: np.ndarray
    margins: tuple[np.ndarray, np.ndarray]

    def information(self, codes: np.ndarray, rows: int, own: int) -> np.ndarray:
        """Compute the pointwise mutual information of both cells of each row, (N,).

        Args:
            codes: Codes of the rows, (N, K).
            rows: Number of background rows.
            own: 1 if the rows are background rows, which must not count themselves; else 0.
        """
        first, second = (codes[:, place] for place in self.places)
        wanted = first * self.width + second
        where = np.minimum(self.cells.searchsorted(wanted), len(self.cells) - 1)
        count = np.where(self.cells[where] == wanted, self.counts[where], 0) - own
        expected = (self.margins[0][first] - own) * (self.margins[1][second] - own) / max(rows - own, 1)
        return np.asarray(np.log((count + _PRIOR) / (expected + _PRIOR)))


@dataclass(frozen=True)
class Plausibility:
    """Plausibility of pairs of cells, counted on background rows.

    Attributes:
        bins: Bins of all columns.
        rows: Number of background rows.
        pairs: Dependent pairs of columns, the most dependent first.
        ordered: Indices of columns a and b with a <= b in nearly all background rows.
    """

    bins: Bins
    rows: int
    pairs: tuple[_Counts, ...]
    ordered: tuple[tuple[int, int], ...]

    @classmethod
    def fit(
        cls, features: np.ndarray, categorical: Sequence[bool], comparable: Sequence[str]
    ) -> "Plausibility":
        """Find the dependent pairs of columns of background rows and count them.

        Args:
            features: Background rows, NaN where a cell is missing, (N, D).
            categorical: True for each column of categories, (D,).
            comparable: Name of what each column measures, (D,); only equal names can be ordered.
        """
        features = features[np.random.default_rng(0).permutation(len(features))[:MOST_ROWS]]
        bins = Bins.fit(features, categorical)
        codes = bins.codes(features)
        some = codes[:CHOOSING_ROWS]
        strength = {pair: excess_information(some, bins.sizes, pair) for pair in _candidates(bins, some)}
        chosen = sorted((pair for pair in strength if strength[pair] > DEPENDENT), key=lambda p: -strength[p])
        pairs = tuple(_count(codes, bins.sizes, pair) for pair in chosen[:MOST_PAIRS])
        return cls(bins, len(codes), pairs, _ordered(features, categorical, comparable))

    @property
    def columns(self) -> list[int]:
        """Indices of columns that depend on others or are ordered with them."""
        places = {self.bins.places[coding] for counts in self.pairs for coding in counts.places}
        return sorted(places.union(*self.ordered))

    @property
    def monotone(self) -> int:
        """Number of features that are higher for more plausible rows; they come first."""
        return min(len(self.pairs), OWN_FEATURES) + 4 * bool(self.pairs)

    def describe(self, features: np.ndarray, own: bool = False) -> np.ndarray:
        """Compute the features of rows: dependent pairs, summaries of all pairs, differences of ordered ones.

        Args:
            features: Rows, (N, D).
            own: True if these are the background rows, which must not count themselves.

        Returns:
            float64 (N, ``monotone`` + ordered pairs).
        """
        codes = self.bins.codes(features)
        differences = [features[:, b] - features[:, a] for a, b in self.ordered]
        if not self.pairs:
            return np.stack(differences, axis=1) if differences else np.empty((len(features), 0))
        found = np.stack([pair.information(codes, self.rows, int(own)) for pair in self.pairs], axis=1)
        # The second lowest tells a row with one implausible pair from a row with several.
        lowest = np.partition(found, min(1, found.shape[1] - 1), axis=1)
        together = [
            found.min(axis=1),
            lowest[:, min(1, found.shape[1] - 1)],
            found.mean(axis=1),
            np.minimum(found, 0).sum(axis=1),
        ]
        return np.column_stack([found[:, :OWN_FEATURES], *together, *differences])


def excess_information(codes: np.ndarray, sizes: Sequence[int], pair: tuple[int, int]) -> float:
    """Compute the mutual information of two columns in nats, beyond that of the same columns shuffled.

    Few rows in many cells have a high mutual information by chance; the shuffled columns measure it.

    Args:
        codes: Codes of rows, int64 (N, K).
        sizes: Number of codes of each coding, (K,).
        pair: Indices of the two codings.
    """
    first, second = (codes[:, place] for place in pair)
    width = sizes[pair[1]]
    return shuffled_entropy(first, second, width) - entropy(first * width + second)


def shuffled_entropy(first: np.ndarray, second: np.ndarray, width: int) -> float:
    """Compute the joint entropy of two columns in nats after a shuffle of the second.

    Args:
        first: Codes of a column, int64 (N,).
        second: Codes of another, int64 (N,).
        width: Number of codes of the second.
    """
    shuffled = second[np.random.default_rng(1).permutation(len(second))]
    return entropy(first * width + shuffled)


def entropy(cells: np.ndarray) -> float:
    """Compute the entropy of cells, int64 (N,) from 0 on, in nats."""
    # The table of counts is as long as the largest code, so larger codes are sorted instead.
    if int(cells.max(initial=0)) < 50_000:
        counts = np.bincount(cells)
        counts = counts[counts > 0]
    else:
        counts = np.unique(cells, return_counts=True)[1]
    return float(np.log(len(cells)) - (counts * np.log(counts)).sum() / len(cells))


def _count(codes: np.ndarray, sizes: Sequence[int], pair: tuple[int, int]) -> _Counts:
    first, second = (codes[:, place] for place in pair)
    width = sizes[pair[1]]
    cells, counts = np.unique(first * width + second, return_counts=True)
    margins = tuple(np.bincount(codes[:, place], minlength=sizes[place]) for place in pair)
    return _Counts(pair, width, cells, counts, (margins[0], margins[1]))


def _candidates(bins: Bins, codes: np.ndarray) -> Iterator[tuple[int, int]]:
    """Name the pairs of codings of different columns that may be dependent; of few columns all are.

    Args:
        bins: Bins of all columns; the codings by value stand behind the D columns' own.
        codes: Codes of rows, int64 (N, K).
    """
    columns = len(set(bins.places))
    likely = None
    if columns * (columns - 1) // 2 > MOST_COMPARED:
        likely = likely_dependent(codes[:, :columns])
    for a, b in combinations(range(len(bins.places)), 2):
        first, second = sorted((bins.places[a], bins.places[b]))
        if first != second and (likely is None or (first, second) in likely):
            yield a, b


def _ordered(
    features: np.ndarray, categorical: Sequence[bool], comparable: Sequence[str]
) -> tuple[tuple[int, int], ...]:
    """Find pairs of quantities of which one is nearly never larger, though their ranges overlap."""
    found = []
    numbers = [place for place, nominal in enumerate(categorical) if not nominal]
    for first, second in never_larger(features[:, numbers], len(features) / 20, _ORDERED):
        a, b = numbers[first], numbers[second]
        if comparable[a] != comparable[b]:
            continue
        present = ~np.isnan(features[:, a]) & ~np.isnan(features[:, b])
        low, high = features[present, a], features[present, b]
        shuffled = high[np.random.default_rng(2).permutation(len(high))]
        if (low <= high).mean() >= _ORDERED and (low > shuffled).mean() >= _TRIVIAL:
            found.append((a, b))
            if len(found) == MOST_ORDERED:
                break
    return tuple(found)
