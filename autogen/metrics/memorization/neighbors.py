"""Nearest rows of a pool of training and unseen rows: what the memorization test counts."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from autogen import registry
from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.metrics.distance import Distance

_EQUAL = 1e-9


@dataclass(frozen=True)
class RecordDistances:
    """Distances of samples to training rows, by the field's names.

    Attributes:
        dcr: Distance to the closest record, float64 (N,).
        nndr: Nearest-neighbor distance ratio, the closest record's distance over the second closest one's,
            float64 (N,); 1 where both are 0.
    """

    dcr: np.ndarray
    nndr: np.ndarray

    def summary(self) -> tuple[float, float, float, float]:
        """5th percentile and median of DCR, then of NNDR."""
        dcr, nndr = (np.quantile(values, [0.05, 0.5]) for values in (self.dcr, self.nndr))
        return float(dcr[0]), float(dcr[1]), float(nndr[0]), float(nndr[1])


@dataclass(frozen=True)
class Neighbors:
    """Find the rows of a pool that are nearest to the samples; training rows come first.

    Attributes:
        hits: Samples to which each row of the pool is the nearest, shared by equally near ones, (M,).
        close: The same of samples that all but equal that row, (M,).
        is_close: Samples that all but equal one row of the pool, bool (N,).
        records: Distances to the training rows.
    """

    hits: np.ndarray
    close: np.ndarray
    is_close: np.ndarray
    records: RecordDistances


def neighbors(samples: Samples, distance: Distance, trained: int, own: np.ndarray | None = None) -> Neighbors:
    """Find the nearest rows of the pool.

    A sample all but equals a row where it is less than half as far from it as from any other row of the pool,
    or would be if the part of each pair that is least alike (one cell of a table) were left out.

    Args:
        samples: Raw samples.
        distance: Distance to the pool of M rows, training rows first.
        trained: Number of training rows.
        own: Where samples are rows of the pool themselves: their places in it, int (N,), so that they are
            no neighbors of themselves; -1 for a sample that may be.
    """
    hits, close = np.zeros((2, distance.size))
    is_close, dcr, nndr, first = [], [], [], 0
    for whole, part in distance.strips_with_part(samples):
        if own is not None:
            places = own[first : first + len(whole)]
            rows = np.flatnonzero(places >= 0)
            for strip in (whole, part):
                if strip is not None:
                    strip[rows, places[rows]] = np.inf
        hits += _shared(whole).sum(axis=0)
        found = _close(whole, distance.half)
        close += _shared(whole[found]).sum(axis=0)
        if part is not None:
            more = ~found & _close(part, distance.half)
            close += _shared(part[more]).sum(axis=0)
            found = found | more
        is_close.append(found)
        least, second = np.partition(whole[:, :trained], 1, axis=1)[:, :2].T
        power = exponent(distance.half)
        dcr.append(least.clip(min=0) ** power)
        nndr.append(np.where(second > _EQUAL, least / np.maximum(second, _EQUAL), 1.0).clip(0, 1) ** power)
        first += len(whole)
    records = RecordDistances(np.concatenate(dcr), np.concatenate(nndr))
    return Neighbors(hits, close, np.concatenate(is_close), records)


def exponent(half: float) -> float:
    """Exponent that turns the numbers of a ``Distance`` into distances: 1, or .5 for squared ones.

    Args:
        half: ``Distance.half``, .25 for squared distances.
    """
    return float(np.log(0.5) / np.log(half))


def _close(strip: np.ndarray, half: float) -> np.ndarray:
    """Samples less than half as far from the nearest row as from the second nearest, bool (b,)."""
    least, second = np.partition(strip, 1, axis=1)[:, :2].T
    return np.asarray(least < half * second)


def _shared(strip: np.ndarray) -> np.ndarray:
    """The hit of each sample, shared by equally near rows, (b, M)."""
    near = strip <= strip.min(axis=1, keepdims=True) + _EQUAL
    return np.asarray(near / near.sum(axis=1, keepdims=True))


def owners(pool: Samples, trained: int, codec: Codec) -> np.ndarray:
    """Group the rows of a pool that are relabeled together, int64 (M,): each one alone, or all equal ones.

    A split may keep equal rows in one part. Then their labels are no independent draws, and a relabeling that
    takes them apart underestimates chance. Where equal rows lie on both sides, rows were dealt one by one.
    """
    digests = registry.get("data", codec.kind)().digests(pool)
    _, same = np.unique(np.array(digests), return_inverse=True)
    in_train = np.bincount(same[:trained], minlength=same.max() + 1) > 0
    in_unseen = np.bincount(same[trained:], minlength=same.max() + 1) > 0
    return np.arange(len(digests)) if (in_train & in_unseen).any() else same


def relabeled(
    statistic: Callable[[float, float], float],
    hits: np.ndarray,
    trained: int,
    tolerance: float,
    seed: int,
    relabelings: int,
    owner: np.ndarray | None = None,
) -> tuple[float, float]:
    """A statistic of the hits, and the probability that a relabeling of the pool gets as high.

    Args:
        statistic: Function of the hits on training rows, and on unseen rows times the ratio of their numbers.
        hits: Hits on each row of the pool, the training rows first, (M,).
        trained: Number of training rows.
        tolerance: Amount that is added to the statistic of each relabeling.
        seed: Random seed of the relabelings.
        relabelings: Number of relabelings.
        owner: Rows with one number are relabeled together, (M,).
    """
    total, rows = float(hits.sum()), len(hits)
    found = statistic(float(hits[:trained].sum()), trained / (rows - trained) * float(hits[trained:].sum()))
    if owner is None:
        owner = np.arange(rows)
    sums, sizes = np.bincount(owner, weights=hits), np.bincount(owner)
    unseen = len(np.unique(owner[trained:]))
    # Of those that were hit, or stand for several rows, it matters which are unseen; of the others, how many.
    marked = np.flatnonzero((sums > 0) | (sizes > 1))
    rng = np.random.default_rng(seed)
    reached = 0
    for count in rng.hypergeometric(unseen, len(sums) - unseen, len(marked), size=relabelings):
        chosen = rng.permutation(marked)[:count]
        of_unseen = int(sizes[chosen].sum()) + unseen - count
        on_unseen = float(sums[chosen].sum())
        weighed = (rows - of_unseen) / of_unseen * on_unseen
        reached += bool(statistic(total - on_unseen, weighed) + tolerance >= found - _EQUAL)
    return found, (1 + reached) / (1 + relabelings)
