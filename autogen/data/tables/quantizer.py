"""Quantile bins of a numeric column: a number becomes a bin and an offset inside of it, and comes back.

The training values of a column are cut twice. *Segments* hold about five rows or a thousandth of the rows,
whichever is more. A value that alone fills half a segment gets a segment of its own and comes back
exactly. The values between two such values form segments inside of which numbers are spread evenly.
Towards the ends of the column segments shrink by halves, so that a heavy tail keeps its shape. *Bins*
join neighboring segments to at most 100 codes of about equal mass, with at least ten rows each on
average. The position inside of a bin counts rows, not distance: it is uniform on the training rows, like
the output of a quantile transform.

Decoded numbers are rounded like the training values: to a decimal grid (whole numbers, multiples of 5, two
decimals), or to a number of significant digits. The outermost ends are means of the three outermost rows, so
that nobody's extreme value is stored or generated; only the values of those rows are lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

#: Most bins of a column, and the mean number of training rows from which on a bin is worth a code.
MAX_BINS, ROWS_PER_BIN = 100, 10
#: Most segments of a column, and training rows of a segment in small data.
MAX_SEGMENTS, ROWS_PER_SEGMENT = 1000, 5
#: Outermost rows whose mean replaces the extreme value.
GUARDED_ROWS = 3
MOST_DIGITS = 6
_LARGEST = float(np.finfo(np.float64).max)


@dataclass(frozen=True)
class DecimalGrid:
    """Evenly spaced decimals: (base + k * step) / 10**decimals for integers k.

    Attributes:
        base: one of the numbers, in units of the last decimal.
        step: spacing, in units of the last decimal.
        decimals: number of digits after the point.
    """

    base: int
    step: int
    decimals: int

    def round(self, numbers: np.ndarray) -> np.ndarray:
        """Round numbers, any shape, to the grid, exactly as their decimal text would parse."""
        # Integers first, one division last: 0.1 * 3 is not 0.3, but 3 / 10 is.
        steps = np.rint((numbers * 10.0**self.decimals - self.base) / self.step)
        return np.asarray((self.base + steps * self.step) / 10.0**self.decimals)


@dataclass(frozen=True)
class SignificantDigits:
    """Rounding to significant digits, as in ``1.23e-09``, for numbers too small or too wide for a grid.

    Attributes:
        digits: number of significant digits.
    """

    digits: int

    def round(self, numbers: np.ndarray) -> np.ndarray:
        """Round numbers, any shape, exactly as their text would parse."""
        return np.array([float(f"{number:.{self.digits - 1}e}") for number in numbers.ravel()]).reshape(
            numbers.shape
        )


def find_rounding(uniques: np.ndarray, single: bool = False) -> DecimalGrid | SignificantDigits | None:
    """Detect the rounding of numbers: a decimal grid, few significant digits, or ``None``.

    Args:
        uniques: float64 (U,), ascending, distinct.
        single: True if the numbers were float32 before.
    """
    if grid := find_decimal_grid(uniques, single):
        return grid
    kept = uniques.astype(np.float32) if single else uniques
    for digits in range(1, MOST_DIGITS + 1):
        rounded = SignificantDigits(digits).round(uniques[:1])  # most fail on the first number
        if rounded[0] == uniques[0] or single:
            back = SignificantDigits(digits).round(uniques)
            if np.array_equal(back.astype(np.float32) if single else back, kept):
                return SignificantDigits(digits)
    return None


def find_decimal_grid(uniques: np.ndarray, single: bool = False) -> DecimalGrid | None:
    """Find the coarsest decimal grid that holds all numbers, or ``None`` if ten decimals are too few.

    Args:
        uniques: float64 (U,), ascending, distinct.
        single: True if the numbers were float32 before.
    """
    for decimals in range(11):
        scaled = np.rint(uniques * 10.0**decimals)
        if np.abs(scaled).max() >= 2.0**53:  # beyond it float64 does not hold every integer
            return None
        back = scaled / 10.0**decimals
        if np.array_equal(back.astype(np.float32) if single else back, uniques):
            whole = scaled.astype(np.int64)
            step = int(np.gcd.reduce(np.diff(whole))) if len(whole) > 1 else 1
            return DecimalGrid(int(whole[0]), max(step, 1), decimals)
    return None


@dataclass(frozen=True)
class QuantileBins:
    """Quantile bins of S segments; see the module.

    Attributes:
        low: lower end of each segment, float64 (S,), ascending.
        high: upper end of each segment, float64 (S,); equal to ``low`` for a single value.
        mass: number of training rows in each segment, int64 (S,).
        bins: bin of each segment, int64 (S,), 0..count-1, ascending.
        rounding: rounding of decoded numbers, or ``None``.
    """

    low: np.ndarray
    high: np.ndarray
    mass: np.ndarray
    bins: np.ndarray
    rounding: DecimalGrid | SignificantDigits | None

    @classmethod
    def fit(cls, numbers: np.ndarray, single: bool = False) -> "QuantileBins":
        """Cut the training numbers into bins, float64 (N,), N >= 1, all finite."""
        uniques, counts = np.unique(numbers, return_counts=True)
        starts = segment_starts(counts)
        mass = np.add.reduceat(counts, starts)
        low, high = segment_ends(uniques, counts, starts)
        # The middle of a segment decides: its share of rows below it, on the scale of the bins.
        middle = (np.cumsum(mass) - mass / 2) / len(numbers)
        count = int(np.clip(len(numbers) // ROWS_PER_BIN, 1, MAX_BINS))
        # A heavy segment may leave bins empty: ``unique`` numbers the others without gaps.
        bins = np.unique((middle * count).astype(int), return_inverse=True)[1]
        return cls(low, high, mass, bins, find_rounding(uniques, single))

    @property
    def count(self) -> int:
        """Number of bins."""
        return int(self.bins[-1]) + 1

    def ranges(self) -> list[tuple[float, float]]:
        """List the lower and the upper end of each bin."""
        firsts = np.flatnonzero(np.diff(self.bins, prepend=-1))
        lasts = np.append(firsts[1:], len(self.bins)) - 1
        return list(zip(self.low[firsts].tolist(), self.high[lasts].tolist(), strict=True))

    def edges(self) -> np.ndarray:
        """Compute the ends of the segments on the scale bin + position, float64 (S + 1,)."""
        total = np.bincount(self.bins, weights=self.mass)
        # Rows of a bin below each of its segments: all rows below it less those of earlier bins.
        before = np.cumsum(self.mass) - self.mass - (np.cumsum(total) - total)[self.bins]
        return np.append(self.bins + before / total[self.bins], float(self.count))

    def locate(self, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Encode finite numbers, float64 (N,), as bins, int64 (N,), and positions in [0, 1), float32 (N,)."""
        numbers = np.clip(numbers, self.low[0], self.high[-1])
        segment = np.clip(np.searchsorted(self.low, numbers, side="right") - 1, 0, None)
        width = (self.high - self.low)[segment]
        inside = np.where(width > 0, (numbers - self.low[segment]) / np.where(width > 0, width, 1.0), 0.5)
        edges = self.edges()
        scale = edges[segment] + np.clip(inside, 0.0, 1.0) * (edges[segment + 1] - edges[segment])
        bins = self.bins[segment]
        # Position 1 would belong to the next bin; float32 rounds close numbers up to it.
        position = np.clip(scale - bins, 0.0, np.nextafter(np.float32(1), np.float32(0)))
        return bins.astype(np.int64), position.astype(np.float32)

    def numbers(self, bins: np.ndarray, position: np.ndarray) -> np.ndarray:
        """Decode bins, int64 (N,), and positions, float32 (N,), to numbers, float64 (N,)."""
        edges = self.edges()
        scale = bins + np.clip(position.astype(np.float64), 0.0, 1.0 - 1e-9)
        segment = np.clip(np.searchsorted(edges, scale, side="right") - 1, 0, len(self.low) - 1)
        inside = np.clip((scale - edges[segment]) / (edges[segment + 1] - edges[segment]), 0.0, 1.0)
        found = self.low[segment] + inside * (self.high - self.low)[segment]
        return found if self.rounding is None else self.rounding.round(found)

    def to_json(self) -> dict[str, Any]:
        """Describe segments, bins and rounding."""
        return {
            "low": self.low.tolist(),
            "high": self.high.tolist(),
            "mass": self.mass.tolist(),
            "interval": self.bins.tolist(),
            "lattice": self.rounding and list(vars(self.rounding).values()),
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "QuantileBins":
        """Rebuild from ``to_json``."""
        low, high, mass, bins = (np.asarray(record[key]) for key in ("low", "high", "mass", "interval"))
        fields = record["lattice"]
        rounding = fields and (SignificantDigits(*fields) if len(fields) == 1 else DecimalGrid(*fields))
        return cls(low, high, mass, bins, rounding)


def segment_starts(counts: np.ndarray) -> np.ndarray:
    """Cut unique values into segments.

    Args:
        counts: number of rows of each unique value, int64 (U,), values ascending.

    Returns:
        Index of the first unique value of each segment, int64 (S,), ascending.
    """
    target = max(ROWS_PER_SEGMENT, counts.sum() / MAX_SEGMENTS)
    heavy = counts >= target / 2
    starts = np.flatnonzero(heavy)
    # Runs of light values between heavy ones, each of which is cut by rows.
    run_starts = np.flatnonzero(~heavy & np.append(True, heavy[:-1]))
    run_ends = np.flatnonzero(~heavy & np.append(heavy[1:], True)) + 1
    pieces = [starts]
    for first, end in zip(run_starts, run_ends, strict=True):
        cuts = _cut(counts[first:end], target, first == 0, end == len(counts))
        pieces.append(first + cuts)
    return np.unique(np.concatenate(pieces))


def _cut(counts: np.ndarray, target: float, at_low_end: bool, at_high_end: bool) -> np.ndarray:
    """Cut a run of light values: evenly by rows, and by halves towards an end of the column.

    Args:
        counts: number of rows of each value of the run, int64 (U,).
        target: number of rows of a segment.
        at_low_end: True if the run begins with the lowest value of the column.
        at_high_end: True if the run ends with the highest value of the column.

    Returns:
        Index of the first value of each segment, int64 (S,), ascending.
    """
    before = np.cumsum(counts) - counts
    total = counts.sum()
    wanted = np.arange(1, max(1, round(total / target))) * total / max(1, round(total / target))
    # In a heavy tail the last segment would span most of the range, spread evenly: halving its rows down to
    # three keeps the shape of the tail.
    size = (total if wanted.size == 0 else wanted[0]) / 2
    tail = []
    while size >= GUARDED_ROWS:
        tail.append(size)
        size /= 2
    lower = tail if at_low_end else []
    upper = [total - size for size in tail] if at_high_end else []
    marks = np.concatenate([[0.0], lower, wanted, upper])
    return np.unique(np.clip(np.searchsorted(before, marks), 0, len(counts) - 1))


def segment_ends(
    uniques: np.ndarray, counts: np.ndarray, starts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Compute the lower and upper end of each segment, float64 (S,) each.

    A segment of several values, or of one rare value, extends half-way to its neighbors, but no
    farther than half its own spacing, so that no gap of the data is filled.

    Args:
        uniques: unique values, float64 (U,), ascending.
        counts: number of rows of each unique value, int64 (U,).
        starts: index of the first unique value of each segment, int64 (S,).
    """
    ends = np.append(starts[1:], len(uniques))
    first, last = uniques[starts], uniques[ends - 1]
    target = max(ROWS_PER_SEGMENT, counts.sum() / MAX_SEGMENTS)
    exact = (ends - starts == 1) & (counts[starts] >= target / 2)
    # gap[i] is the distance to the value below the i-th, gap[i + 1] to the one above; NaN beyond the ends,
    # where fmin and fmax take the other operand.
    gap = np.diff(uniques, prepend=np.nan, append=np.nan)
    below, above = gap[starts], gap[ends]
    spacing = (last - first) / np.maximum(ends - starts - 1, 1)
    reach = np.fmax(spacing, np.fmin(below, above)) / 2
    with np.errstate(over="ignore"):  # beyond the largest number is as far as that
        low = np.maximum(first - np.where(exact, 0.0, np.fmin(below / 2, reach)), -_LARGEST)
        high = np.minimum(last + np.where(exact, 0.0, np.fmin(above / 2, reach)), _LARGEST)
    # Privacy: an extreme that few rows share is replaced by a mean of the three outermost rows.
    if not exact[0]:
        low[0] = outermost_mean(uniques, counts)
        high[0] = max(high[0], low[0])
    if not exact[-1]:
        high[-1] = max(low[-1], outermost_mean(uniques[::-1], counts[::-1]))
    return low, high


def outermost_mean(uniques: np.ndarray, counts: np.ndarray) -> float:
    """Average the first three rows; see ``segment_ends`` for the arguments."""
    rows = np.repeat(uniques[:GUARDED_ROWS], np.minimum(counts[:GUARDED_ROWS], GUARDED_ROWS))
    return float(rows[:GUARDED_ROWS].mean())
