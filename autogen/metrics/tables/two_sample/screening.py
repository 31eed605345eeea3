"""Which pairs of a table's many columns are worth a closer look: one multiplication of matrices tells."""

from collections.abc import Iterator

import numpy as np

#: Pairs of columns from which on they are screened first (100 columns have 4,950), and those that are kept.
MOST_COMPARED, MOST_LIKELY = 5_000, 1_000
#: Rows that the screening looks at, codes of a column, and columns whose counts are held at once.
ROWS, CODES, BLOCK = 2_000, 8, 128
#: Cells of a table of which all are compared in search of ordered columns; of larger ones some rows are.
MOST_CELLS, FEWEST_ROWS = 2_000_000, 500
#: Share by which the rows that are looked at may be less ordered than all.
_LESS = 0.03


def likely_dependent(codes: np.ndarray, most: int = MOST_LIKELY) -> set[tuple[int, int]]:
    """Find the pairs of columns with the most mutual information of coarse codes.

    Args:
        codes: Codes of rows, int64 (N, D): neighboring codes of a quantity are neighboring numbers.
        most: Number of pairs, default 1,000.

    Returns:
        Pairs (a, b), a < b.
    """
    some = codes[:ROWS]
    rows, columns = some.shape
    coarse = np.stack([_coarse(column) for column in some.T], axis=1)
    one_hot = np.zeros((rows, columns, CODES), np.float32)
    np.put_along_axis(one_hot, coarse[:, :, None], 1.0, axis=2)
    known = one_hot.reshape(rows, columns * CODES)
    shares = known.mean(axis=0, dtype=np.float64).reshape(columns, CODES)
    entropies = -_weighted_log(shares).sum(axis=1)
    used = (shares > 0).sum(axis=1)
    found: list[tuple[float, int, int]] = []
    for first in range(0, columns, BLOCK):
        width = min(BLOCK, columns - first)
        counts = known[:, first * CODES : (first + width) * CODES].T @ known
        joint = _weighted_log(counts.reshape(width, CODES, columns, CODES) / rows).sum(axis=(1, 3))
        gained = entropies[first : first + width, None] + entropies + joint
        # What independent columns would have by chance (Miller 1955).
        gained -= (used[first : first + width, None] - 1) * (used - 1) / (2 * rows)
        gained[np.arange(columns) <= np.arange(first, first + width)[:, None]] = -np.inf
        best = np.argsort(-gained, axis=None, kind="stable")[:most]
        places = zip(*np.unravel_index(best, gained.shape), strict=True)
        found += [(-float(gained[a, b]), first + int(a), int(b)) for a, b in places]
        found = sorted(found)[:most]
    return {(a, b) for gained, a, b in found if np.isfinite(gained)}


def never_larger(numbers: np.ndarray, fewest: float, share: float) -> Iterator[tuple[int, int]]:
    """Find pairs of columns (a, b) with a <= b in most rows; of large tables some rows are looked at.

    Args:
        numbers: Numbers, NaN where missing, (N, D).
        fewest: Rows in which both must be present.
        share: Share of these rows in which a <= b at least.
    """
    size = int(np.clip(MOST_CELLS // max(1, numbers.shape[1]), FEWEST_ROWS, max(FEWEST_ROWS, len(numbers))))
    some = numbers[:size]
    whole = len(some) == len(numbers)
    present = (~np.isnan(some)).astype(np.float64)
    together = present.T @ present
    least = fewest if whole else fewest * len(some) / len(numbers) / 2
    share = share if whole else share - _LESS
    columns = np.ascontiguousarray(some.T)
    for a, column in enumerate(columns):
        lower = np.count_nonzero(column <= columns, axis=1)
        passing = (together[a] >= max(1.0, least)) & (lower >= share * together[a])
        yield from ((a, int(b)) for b in np.flatnonzero(passing) if b != a)


def _coarse(codes: np.ndarray) -> np.ndarray:
    """Join neighboring codes of a column, (N,), into at most ``CODES`` of about as many rows."""
    values, inverse, counts = np.unique(codes, return_inverse=True, return_counts=True)
    if len(values) <= CODES:
        return np.asarray(inverse)
    before = np.cumsum(counts) - counts
    return np.asarray((before * CODES // len(codes))[inverse])


def _weighted_log(shares: np.ndarray) -> np.ndarray:
    """Compute p log p of shares, 0 where p is 0."""
    return np.asarray(shares * np.log(np.where(shares > 0, shares, 1.0)))
