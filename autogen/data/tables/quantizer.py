"""A number's place among the training values: an interval, a position inside, and back exactly.

The training values of a column are cut twice. *Atoms* hold about five rows or a thousandth of them,
whichever is more: a value that alone fills half an atom gets one of its own and comes back
exactly; the values between two such are joined in spans, inside of which numbers lie evenly.
Towards the ends of the column atoms shrink by halves, so that a heavy tail keeps its shape. *Intervals*
join neighbouring atoms to at most 100 codes of about equal mass, with at least ten rows each on
average. A position inside an interval counts rows, not distance: it is uniform on the training rows.

Numbers are decoded onto the lattice of the training values (whole numbers, multiples of 5, two
decimals), or to their significant digits. The outermost knots of a span are means of the three
outermost rows, so that nobody's extreme value is stored or generated; only those rows' values are not
given back.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

MOST_INTERVALS = 100
ROWS_AN_INTERVAL = 10
MOST_ATOMS = 1000
ROWS_AN_ATOM = 5
GUARDED_ROWS = 3
MOST_DIGITS = 6


@dataclass(frozen=True)
class Lattice:
    """Evenly spaced decimals: (base + k * step) / 10**decimals for whole k.

    Attributes:
        base: One of the numbers, in units of the last decimal.
        step: Spacing, in units of the last decimal.
        decimals: Digits after the point.
    """

    base: int
    step: int
    decimals: int

    def round(self, numbers: np.ndarray) -> np.ndarray:
        """The nearest numbers of the lattice, exactly as a decimal text would read."""
        steps = np.rint((numbers * 10.0**self.decimals - self.base) / self.step)
        return np.asarray((self.base + steps * self.step) / 10.0**self.decimals)


@dataclass(frozen=True)
class Significant:
    """Numbers of so many significant digits, as in ``1.23e-09``: too small or too wide for a lattice.

    Attributes:
        digits: Of each number.
    """

    digits: int

    def round(self, numbers: np.ndarray) -> np.ndarray:
        """The nearest such numbers, exactly as their text would read."""
        return np.array([float(f"{number:.{self.digits - 1}e}") for number in numbers.ravel()]).reshape(
            numbers.shape
        )


def find_precision(uniques: np.ndarray, single: bool = False) -> Lattice | Significant | None:
    """How the numbers were rounded: to a lattice, to few significant digits, or not at all.

    Args:
        uniques: float64, ascending, distinct.
        single: Whether the numbers were float32 before.
    """
    if lattice := find_lattice(uniques, single):
        return lattice
    kept = uniques.astype(np.float32) if single else uniques
    for digits in range(1, MOST_DIGITS + 1):
        rounded = Significant(digits).round(uniques[:1])  # most fail on the first number
        if rounded[0] == uniques[0] or single:
            back = Significant(digits).round(uniques)
            if np.array_equal(back.astype(np.float32) if single else back, kept):
                return Significant(digits)
    return None


def find_lattice(uniques: np.ndarray, single: bool = False) -> Lattice | None:
    """The coarsest lattice that holds all numbers, or ``None`` where ten decimals do not tell them.

    Args:
        uniques: float64, ascending, distinct.
        single: Whether the numbers were float32 before.
    """
    for decimals in range(11):
        scaled = np.rint(uniques * 10.0**decimals)
        if np.abs(scaled).max() >= 2.0**53:
            return None
        back = scaled / 10.0**decimals
        if np.array_equal(back.astype(np.float32) if single else back, uniques):
            whole = scaled.astype(np.int64)
            step = int(np.gcd.reduce(np.diff(whole))) if len(whole) > 1 else 1
            return Lattice(int(whole[0]), max(step, 1), decimals)
    return None


@dataclass(frozen=True)
class Intervals:
    """Atoms grouped to intervals; see the module.

    Attributes:
        low: Lower end of each atom, ascending.
        high: Upper end of each atom; equal to ``low`` for a single value.
        mass: Training rows of each atom.
        interval: Interval of each atom, 0..count-1, ascending.
        lattice: What numbers are rounded to, or ``None``.
    """

    low: np.ndarray
    high: np.ndarray
    mass: np.ndarray
    interval: np.ndarray
    lattice: Lattice | Significant | None

    @classmethod
    def fit(cls, numbers: np.ndarray, single: bool = False) -> "Intervals":
        """Cut the training numbers, float64 (N,), N >= 1, all finite."""
        uniques, counts = np.unique(numbers, return_counts=True)
        starts = atom_starts(counts)
        mass = np.add.reduceat(counts, starts)
        low, high = spans(uniques, counts, starts)
        middle = (np.cumsum(mass) - mass / 2) / len(numbers)
        count = int(np.clip(len(numbers) // ROWS_AN_INTERVAL, 1, MOST_INTERVALS))
        interval = np.unique((middle * count).astype(int), return_inverse=True)[1]
        return cls(low, high, mass, interval, find_precision(uniques, single))

    @property
    def count(self) -> int:
        """Number of intervals."""
        return int(self.interval[-1]) + 1

    def edges(self) -> np.ndarray:
        """Ends of the atoms on the scale interval + position, float64 (atoms + 1,)."""
        total = np.bincount(self.interval, weights=self.mass)
        before = np.cumsum(self.mass) - self.mass - (np.cumsum(total) - total)[self.interval]
        return np.append(self.interval + before / total[self.interval], float(self.count))

    def locate(self, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Interval, int64, and position in [0, 1), float32, of finite numbers (N,)."""
        numbers = np.clip(numbers, self.low[0], self.high[-1])
        atom = np.clip(np.searchsorted(self.low, numbers, side="right") - 1, 0, None)
        width = (self.high - self.low)[atom]
        inside = np.where(width > 0, (numbers - self.low[atom]) / np.where(width > 0, width, 1.0), 0.5)
        edges = self.edges()
        scale = edges[atom] + np.clip(inside, 0.0, 1.0) * (edges[atom + 1] - edges[atom])
        interval = self.interval[atom]
        position = np.clip(scale - interval, 0.0, np.nextafter(np.float32(1), np.float32(0)))
        return interval.astype(np.int64), position.astype(np.float32)

    def numbers(self, interval: np.ndarray, position: np.ndarray) -> np.ndarray:
        """The numbers at positions inside intervals, float64 (N,)."""
        edges = self.edges()
        scale = interval + np.clip(position.astype(np.float64), 0.0, 1.0 - 1e-9)
        atom = np.clip(np.searchsorted(edges, scale, side="right") - 1, 0, len(self.low) - 1)
        inside = np.clip((scale - edges[atom]) / (edges[atom + 1] - edges[atom]), 0.0, 1.0)
        found = self.low[atom] + inside * (self.high - self.low)[atom]
        return found if self.lattice is None else self.lattice.round(found)

    def to_json(self) -> dict[str, Any]:
        """Knots, masses and lattice."""
        lattice = self.lattice
        return {
            "low": self.low.tolist(),
            "high": self.high.tolist(),
            "mass": self.mass.tolist(),
            "interval": self.interval.tolist(),
            "lattice": lattice and list(vars(lattice).values()),
        }

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "Intervals":
        """Rebuild from ``to_json``."""
        low, high, mass, interval = (np.asarray(record[key]) for key in ("low", "high", "mass", "interval"))
        told = record["lattice"]
        lattice = told and (Significant(*told) if len(told) == 1 else Lattice(*told))
        return cls(low, high, mass, interval, lattice)


def atom_starts(counts: np.ndarray) -> np.ndarray:
    """Index of the first unique value of each atom, given how many rows each value has."""
    target = max(ROWS_AN_ATOM, counts.sum() / MOST_ATOMS)
    heavy = counts >= target / 2
    starts = np.flatnonzero(heavy)
    run_starts = np.flatnonzero(~heavy & np.append(True, heavy[:-1]))
    run_ends = np.flatnonzero(~heavy & np.append(heavy[1:], True)) + 1
    pieces = [starts]
    for first, end in zip(run_starts, run_ends, strict=True):
        cuts = _cut(counts[first:end], target, first == 0, end == len(counts))
        pieces.append(first + cuts)
    return np.unique(np.concatenate(pieces))


def _cut(counts: np.ndarray, target: float, at_low_end: bool, at_high_end: bool) -> np.ndarray:
    """Where to cut a run of light values: evenly by rows, by halves towards an end of the column."""
    before = np.cumsum(counts) - counts
    total = counts.sum()
    wanted = np.arange(1, max(1, round(total / target))) * total / max(1, round(total / target))
    size = (total if wanted.size == 0 else wanted[0]) / 2
    tail = []
    while size >= GUARDED_ROWS:
        tail.append(size)
        size /= 2
    lower = tail if at_low_end else []
    upper = [total - size for size in tail] if at_high_end else []
    marks = np.concatenate([[0.0], lower, wanted, upper])
    return np.unique(np.clip(np.searchsorted(before, marks), 0, len(counts) - 1))


def spans(uniques: np.ndarray, counts: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper end of each atom.

    A span of several values, or of one rare value, reaches out half-way to its neighbours, but no
    farther than half its own spacing, so that no gap of the data is filled.
    """
    ends = np.append(starts[1:], len(uniques))
    first, last = uniques[starts], uniques[ends - 1]
    target = max(ROWS_AN_ATOM, counts.sum() / MOST_ATOMS)
    exact = (ends - starts == 1) & (counts[starts] >= target / 2)
    gap = np.diff(uniques, prepend=np.nan, append=np.nan)
    below, above = gap[starts], gap[ends]
    spacing = (last - first) / np.maximum(ends - starts - 1, 1)
    reach = np.fmax(spacing, np.fmin(below, above)) / 2
    low = first - np.where(exact, 0.0, np.fmin(below / 2, reach))
    high = last + np.where(exact, 0.0, np.fmin(above / 2, reach))
    if not exact[0]:
        low[0] = outermost_mean(uniques, counts)
        high[0] = max(high[0], low[0])
    if not exact[-1]:
        high[-1] = max(low[-1], outermost_mean(uniques[::-1], counts[::-1]))
    return low, high


def outermost_mean(uniques: np.ndarray, counts: np.ndarray) -> float:
    """Mean of the first three rows."""
    rows = np.repeat(uniques[:GUARDED_ROWS], np.minimum(counts[:GUARDED_ROWS], GUARDED_ROWS))
    return float(rows[:GUARDED_ROWS].mean())
