"""Baselines for tables: independent columns, a Gaussian copula, interpolation between neighbors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy import special

from autogen.data.codec import Codec
from autogen.data.specs import ColumnSpec, Samples, TableSpec
from autogen.data.tables.codec import TableCodec
from autogen.families.baselines.base import Baseline, HasState, some, take

_SMOTE_ROWS = 10_000
_SMOTE_PAIRS = 250_000  # pairs of rows that are compared together; with fewer, calls cost more than sums
_BELOW_ONE = float(np.nextafter(np.float32(1), np.float32(0)))


class ColumnMarginals(Baseline):
    """Each column, missing cells included, drawn from that column of random training rows.

    With binding rules it is the modeled columns that are independent, and the others follow from them.
    """

    trivial: ClassVar[bool] = True

    def fit(self, train: Samples, codec: Codec) -> None:
        """Keep the rows."""
        self._train, self._codec = train, codec
        bound = isinstance(codec, TableCodec) and codec.derivation.rules
        self._arrays = codec.encode(train) if bound else {}

    def sample(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw a DataFrame of n rows with the dtypes of the train split."""
        if self._arrays:
            rows = rng.integers(len(self._train), size=(n, len(_spec_of(self._codec).columns)))
            arrays = {name: np.take_along_axis(a, rows, axis=0) for name, a in self._arrays.items()}
            return self._codec.decode(arrays, int(rng.integers(2**31)))
        drawn = {name: rng.integers(len(self._train), size=n) for name in self._train}
        return take(self._train, np.zeros(n, dtype=int)).assign(
            **{name: take(self._train[name], rows) for name, rows in drawn.items()}
        )


@dataclass(frozen=True)
class _Step:
    """Piecewise uniform distribution of a column's codes, or of a part of them, driven by one normal score.

    Attributes:
        column: Index of the column.
        first: Lowest code.
        ends: Shares of the training rows up to the end of each code, from 0 to 1, float64 (steps + 1,).
    """

    column: int
    first: int
    ends: np.ndarray

    def level(self, codes: np.ndarray, positions: np.ndarray) -> np.ndarray:
        """Compute the cumulative probability, in (0, 1), of cells (N,); codes above count as the top one."""
        step = np.minimum(codes - self.first, len(self.ends) - 2)
        return np.asarray(self.ends[step] + np.diff(self.ends)[step] * positions)

    def code(self, level: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Invert ``level``: return codes and in-bin offsets, both (N,)."""
        step = np.clip(np.searchsorted(self.ends, level, side="right") - 1, 0, len(self.ends) - 2)
        inside = (level - self.ends[step]) / np.maximum(np.diff(self.ends)[step], 1e-12)
        return self.first + step, inside


class GaussianCopula(Baseline, HasState):
    """Gaussian copula: columns with their own distributions, tied by the correlations of their normal scores.

    A column with special codes (missing cells, spikes) has two scores: whether it is special, and what it is
    otherwise. The second is correlated where it is defined. Categories are ordered by their codes. A code
    without a position gets a random one.
    """

    def fit(self, train: Samples, codec: Codec) -> None:
        """Fit the marginal distributions and the correlations."""
        self._codec, spec = codec, _spec_of(codec)
        arrays, rng = codec.encode(train), np.random.default_rng(0)
        codes = arrays["codes"]
        inside = np.where(_has_position(codes, spec), arrays["positions"], rng.random(codes.shape))
        self._columns = len(spec.columns)
        self._steps = [
            step for place, column in enumerate(spec.columns) for step in _steps(codes, place, column)
        ]
        scores = np.zeros((len(self._steps), len(codes)))
        defined = np.zeros(scores.shape)
        for row, step in enumerate(self._steps):
            known = codes[:, step.column] >= step.first
            level = step.level(codes[known, step.column], inside[known, step.column])
            margin = 0.5 / len(codes)  # keeps the normal scores finite
            scores[row, known] = special.ndtri(np.clip(level, margin, 1 - margin))
            defined[row, known] = 1
        self._root = _root(scores @ scores.T / np.maximum(defined @ defined.T, 1))

    def sample(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw a DataFrame of n rows."""
        levels = special.ndtr(self._root @ rng.normal(size=(len(self._root), n)))
        codes = np.full((n, self._columns), -1, np.int64)
        positions = np.zeros((n, self._columns))
        for step, level in zip(self._steps, levels, strict=True):
            code, inside = step.code(level)
            # The top step of a column's special ladder leads to its ordinary one, which comes next.
            open_yet = (codes[:, step.column] < 0) | (codes[:, step.column] == step.first)
            codes[open_yet, step.column] = code[open_yet]
            positions[open_yet, step.column] = inside[open_yet]
        positions = np.clip(positions, 0, _BELOW_ONE).astype(np.float32)
        return self._codec.decode({"codes": codes, "positions": positions}, int(rng.integers(2**31)))

    def state(self) -> dict[str, np.ndarray]:
        """Correlations, and the marginal distribution behind each normal score."""
        return {
            "root": self._root,
            "columns": np.array([step.column for step in self._steps]),
            "firsts": np.array([step.first for step in self._steps]),
            "sizes": np.array([len(step.ends) for step in self._steps]),
            "ends": np.concatenate([step.ends for step in self._steps]),
        }

    def restore(self, state: Mapping[str, np.ndarray], codec: Codec) -> None:
        """Take the place of ``fit``."""
        self._codec, self._columns, self._root = codec, len(_spec_of(codec).columns), state["root"]
        ends = np.split(state["ends"], np.cumsum(state["sizes"])[:-1])
        named = zip(state["columns"], state["firsts"], ends, strict=True)
        self._steps = [_Step(int(column), int(first), own) for column, first, own in named]


class Smote(Baseline):
    """SMOTE: a point between a training row and one of its five nearest neighbors (Chawla 2002).

    Numbers are interpolated on the scale of bin ids plus in-bin offsets, which is about that of ranks. A
    category, or a cell that is special in either row, is taken from one of the two.
    """

    neighbors = 5

    def fit(self, train: Samples, codec: Codec) -> None:
        """Keep the rows, at most 10,000 of them; neighbors are looked up of those that are drawn."""
        arrays = codec.encode(some(train, _SMOTE_ROWS))
        self._codec, self._spec = codec, _spec_of(codec)
        self._codes = arrays["codes"]
        self._scale = arrays["codes"] + arrays["positions"].astype(np.float64)
        ordered = np.array([column.ordered or column.continuous for column in self._spec.columns])
        self._ordinary = ordered & (self._codes >= [column.specials for column in self._spec.columns])
        self._levels = np.array([column.levels for column in self._spec.columns])
        count = min(self.neighbors, len(self._codes) - 1)
        self._neighbors = np.full((len(self._codes), count), -1, np.int32)

    def sample(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw a DataFrame of n rows."""
        first = rng.integers(len(self._codes), size=n)
        self._look_up(first)
        second = self._neighbors[first, rng.integers(self._neighbors.shape[1], size=n)]
        weight = rng.random((n, 1))
        between = (1 - weight) * self._scale[first] + weight * self._scale[second]
        either = np.where(rng.random(between.shape) < weight, self._scale[second], self._scale[first])
        scale = np.where(self._ordinary[first] & self._ordinary[second], between, either)
        codes = np.clip(np.floor(scale).astype(np.int64), 0, self._levels - 1)
        positions = np.clip(scale - codes, 0, _BELOW_ONE).astype(np.float32)
        return self._codec.decode({"codes": codes, "positions": positions}, int(rng.integers(2**31)))

    def _look_up(self, drawn: np.ndarray) -> None:
        """Find the neighbors of rows, unless they are known."""
        rows = np.unique(drawn)
        rows = rows[self._neighbors[rows, 0] < 0]
        blocks = -(-len(rows) * len(self._codes) // _SMOTE_PAIRS)
        for block in np.array_split(rows, blocks) if len(rows) else ():
            self._neighbors[block] = self._nearest(block)

    def _nearest(self, rows: np.ndarray) -> np.ndarray:
        """Find the nearest other rows of some rows, int32 (len(rows), neighbors)."""
        apart = np.zeros((len(rows), len(self._codes)), np.float32)
        for place, levels in enumerate(self._levels):
            apart += self._apart(rows, place, levels)
        apart[np.arange(len(rows)), rows] = np.inf
        count = self._neighbors.shape[1]
        return np.asarray(np.argpartition(apart, count - 1, axis=1)[:, :count], dtype=np.int32)

    def _apart(self, rows: np.ndarray, place: int, levels: int) -> np.ndarray:
        """Compute the distances of some rows to all in one column, (len(rows), N)."""
        ordinary, codes = self._ordinary[:, place], self._codes[:, place].astype(np.int32)
        other = codes[rows, None] != codes
        if not ordinary.any():
            return np.asarray(other)
        scale = (self._scale[:, place] / levels).astype(np.float32)
        step = np.abs(scale[rows, None] - scale)
        mixed = not ordinary.all()
        return np.asarray(np.where(ordinary[rows, None] & ordinary, step, other) if mixed else step)


def _spec_of(codec: Codec) -> TableSpec:
    assert isinstance(codec.spec, TableSpec)
    return codec.spec


def _steps(codes: np.ndarray, place: int, column: ColumnSpec) -> list[_Step]:
    """Return a column's distributions: of its special codes with all others as one, and of the others."""
    found, own = [], codes[:, place]
    if column.specials:
        kinds = np.minimum(own, column.specials)
        found.append(_Step(place, 0, _ends(kinds, min(column.specials + 1, column.levels))))
    if column.levels > column.specials:
        others = own[own >= column.specials] - column.specials
        found.append(_Step(place, column.specials, _ends(others, column.levels - column.specials)))
    return found


def _ends(codes: np.ndarray, levels: int) -> np.ndarray:
    """Compute the share of the rows up to the end of each level, from 0 to 1, (levels + 1,)."""
    counts = np.bincount(codes, minlength=levels)
    return np.asarray(np.cumsum(np.append(0, counts)) / max(len(codes), 1))


def _root(products: np.ndarray) -> np.ndarray:
    """Compute the Cholesky factor (S, S) of the nearest correlation matrix, shrunk toward independence."""
    # Each entry comes from the rows in which both scores are defined, so the matrix need not be a correlation
    # matrix: negative eigenvalues are clipped, and the diagonal is scaled back to 1.
    values, vectors = np.linalg.eigh(products)
    rooted = vectors * np.sqrt(np.maximum(values, 1e-6))
    rooted /= np.linalg.norm(rooted, axis=1, keepdims=True)
    return np.asarray(np.linalg.cholesky(0.99 * rooted @ rooted.T + 0.01 * np.eye(len(rooted))))


def _has_position(codes: np.ndarray, spec: TableSpec) -> np.ndarray:
    """Tell which cells (N, D) have a position inside a bin, bool."""
    continuous = np.array([column.continuous for column in spec.columns])
    return np.asarray(continuous & (codes >= [column.specials for column in spec.columns]))
