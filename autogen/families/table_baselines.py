"""Baselines for tables: independent columns, a Gaussian copula, interpolation between neighbours."""

from typing import ClassVar

import numpy as np
from scipy import special

from autogen.data.base import Codec, Samples, TableSpec
from autogen.families.baselines import Baseline, some, take

_SMOTE_ROWS = 10_000
_BELOW_ONE = float(np.nextafter(np.float32(1), np.float32(0)))


class ColumnMarginals(Baseline):
    """Each column, missing cells included, drawn from that column of random training rows."""

    trivial: ClassVar[bool] = True

    def fit(self, train: Samples, codec: Codec) -> None:
        """Keep the rows."""
        self._train = train

    def sample(self, n: int, rng: np.random.Generator) -> Samples:
        """A DataFrame of n rows with the dtypes of the train split."""
        drawn = {name: rng.integers(len(self._train), size=n) for name in self._train}
        return take(self._train, np.zeros(n, dtype=int)).assign(
            **{name: take(self._train[name], rows) for name, rows in drawn.items()}
        )


class GaussianCopula(Baseline):
    """Columns with their own distributions, tied by the correlations of their normal scores.

    Categories are put in the order of their codes; a cell inside a code that has no position gets a
    random one, in fitting as in drawing.
    """

    def fit(self, train: Samples, codec: Codec) -> None:
        """Find the shares of all codes and the correlations."""
        arrays, rng = codec.encode(train), np.random.default_rng(0)
        codes, spec = arrays["codes"], _spec_of(codec)
        self._codec = codec
        counts = [np.bincount(c, minlength=s.levels) for c, s in zip(codes.T, spec.columns, strict=True)]
        self._ends = [np.cumsum(np.append(0, count)) / len(codes) for count in counts]
        inside = np.where(_has_position(codes, spec), arrays["positions"], rng.random(codes.shape))
        levels = np.stack(
            [ends[c] + np.diff(ends)[c] * p for ends, c, p in zip(self._ends, codes.T, inside.T, strict=True)]
        )
        scores = special.ndtri(np.clip(levels, 0.5 / len(codes), 1 - 0.5 / len(codes)))
        correlation = np.atleast_2d(np.corrcoef(scores))
        self._root = np.linalg.cholesky(0.99 * correlation + 0.01 * np.eye(len(correlation)))

    def sample(self, n: int, rng: np.random.Generator) -> Samples:
        """A DataFrame of n rows."""
        levels = special.ndtr(self._root @ rng.normal(size=(len(self._root), n)))
        codes = np.empty((n, len(self._ends)), np.int64)
        positions = np.empty((n, len(self._ends)), np.float32)
        for place, (ends, level) in enumerate(zip(self._ends, levels, strict=True)):
            code = np.clip(np.searchsorted(ends, level, side="right") - 1, 0, len(ends) - 2)
            codes[:, place] = code
            positions[:, place] = (level - ends[code]) / np.maximum(np.diff(ends)[code], 1e-12)
        positions = np.clip(positions, 0, _BELOW_ONE)
        return self._codec.decode({"codes": codes, "positions": positions}, int(rng.integers(2**31)))


class Smote(Baseline):
    """A point between a training row and one of its five nearest (Chawla 2002).

    Numbers are interpolated on the scale of codes and positions, which is about that of ranks; a
    category, or a cell that is special in either row, is taken from one of the two.
    """

    neighbours = 5

    def fit(self, train: Samples, codec: Codec) -> None:
        """Keep the rows, at most 10,000 of them."""
        arrays = codec.encode(some(train, _SMOTE_ROWS))
        self._codec, self._spec = codec, _spec_of(codec)
        self._codes = arrays["codes"]
        self._scale = arrays["codes"] + arrays["positions"].astype(np.float64)
        ordered = np.array([column.ordered or column.continuous for column in self._spec.columns])
        self._ordinary = ordered & (self._codes >= [column.specials for column in self._spec.columns])
        self._levels = np.array([column.levels for column in self._spec.columns])

    def sample(self, n: int, rng: np.random.Generator) -> Samples:
        """A DataFrame of n rows."""
        first = rng.integers(len(self._codes), size=n)
        nearest = np.concatenate([self._nearest(rows) for rows in np.array_split(first, -(-n // 64))])
        second = nearest[np.arange(n), rng.integers(nearest.shape[1], size=n)]
        weight = rng.random((n, 1))
        between = (1 - weight) * self._scale[first] + weight * self._scale[second]
        either = np.where(rng.random(between.shape) < weight, self._scale[second], self._scale[first])
        scale = np.where(self._ordinary[first] & self._ordinary[second], between, either)
        codes = np.clip(np.floor(scale).astype(np.int64), 0, self._levels - 1)
        positions = np.clip(scale - codes, 0, _BELOW_ONE).astype(np.float32)
        return self._codec.decode({"codes": codes, "positions": positions}, int(rng.integers(2**31)))

    def _nearest(self, rows: np.ndarray) -> np.ndarray:
        """The nearest other rows of some rows, (len(rows), neighbours)."""
        apart = np.zeros((len(rows), len(self._codes)))
        for place, levels in enumerate(self._levels):
            mine, theirs = rows, slice(None)
            step = np.abs(self._scale[mine, place, None] - self._scale[None, theirs, place]) / levels
            both = self._ordinary[mine, place, None] & self._ordinary[None, theirs, place]
            other = self._codes[mine, place, None] != self._codes[None, theirs, place]
            apart += np.where(both, step, other)
        apart[np.arange(len(rows)), rows] = np.inf
        count = min(self.neighbours, len(self._codes) - 1)
        return np.argpartition(apart, count - 1, axis=1)[:, :count]


def _spec_of(codec: Codec) -> TableSpec:
    assert isinstance(codec.spec, TableSpec)
    return codec.spec


def _has_position(codes: np.ndarray, spec: TableSpec) -> np.ndarray:
    """Which cells lie at a position inside of an interval, (N, D)."""
    continuous = np.array([column.continuous for column in spec.columns])
    return np.asarray(continuous & (codes >= [column.specials for column in spec.columns]))
