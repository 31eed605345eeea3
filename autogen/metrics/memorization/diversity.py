"""The diversity test: does a model repeat its own samples more often than real rows repeat each other?

Distances of distributions hardly see a model that has few things to say: on digits, 30 distinct images
repeated over and over scored .81 of real data, 100 of them .94. So repeats are counted: samples that all but
equal an earlier sample of the same model, against the same count among as many real rows (the birthday
paradox test, Arora 2018, https://arxiv.org/abs/1706.08224, with real rows as the yardstick).

Two rows all but equal each other if they are equal, or less than half as far apart as two neighboring real
rows are at that place: a third set of real rows, as large as each of the two, gives the spacing. So rows that
lie close together where real rows do are no repeats, and on data that holds many equal rows only equal ones
are. Samples and real rows are treated alike, so that under the null hypothesis any relabeling of the two sets
is as likely as the true one: the p-value is exact whatever the distance.

A model is refused where its repeats exceed those of real rows by more than a tenth of all samples, beyond
chance: a model that is a little too sure of its modes is not collapsed.
"""

from dataclasses import dataclass

import numpy as np

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.errors import MetricError
from autogen.metrics.memorization.gate import MINIMUM, joined, some, taken
from autogen.metrics.memorization.lookup import distance_to
from autogen.metrics.memorization.power import distinct_found

#: Level of the test. A model that collapses is far beyond it, and an honest one must pass on every set.
ALPHA = 0.002
TOLERATED_REPEATS = 0.1
RELABELINGS = 999
#: Most samples that are looked at, and as many real rows twice; fewer where distances cost much.
MOST = 400


@dataclass(frozen=True)
class Diversity:
    """Result of the diversity test.

    Attributes:
        near_duplicates: Samples that all but equal an earlier sample.
        real_near_duplicates: The same among as many real rows.
        p_value: Probability of as large a difference if samples and real rows had one distribution.
        passed: ``False`` where ``p_value`` is below .002 and the difference above a tenth of the samples.
        samples: Number of samples looked at, and of the real rows that they are compared with.
        found_up_to: Largest number of different samples, drawn over and over, that the test would have found
            with a probability of .8.
    """

    near_duplicates: int
    real_near_duplicates: int
    p_value: float
    passed: bool
    samples: int
    found_up_to: int


def diversity(fake: Samples, real: Samples, codec: Codec, seed: int = 0) -> Diversity:
    """Judge whether generated samples repeat each other more than real rows do.

    Args:
        fake: Raw samples of one model, at least 10.
        real: Raw real rows, at least 20: a random half is compared, the other half gives the spacing.
        codec: Codec of the data set.
        seed: Random seed of the relabelings.

    Raises:
        MetricError: fewer samples or real rows, or samples of another shape.
    """
    size = min(len(fake), len(real) // 2)
    if size < MINIMUM:
        raise MetricError(
            f"the diversity test needs at least {MINIMUM} generated samples and {2 * MINIMUM} real ones; "
            f"got {len(fake)} and {len(real)}"
        )
    weight = distance_to(some(real, MINIMUM), codec).weight
    size = min(size, round(MOST / weight**0.5))
    near = _near_pairs(some(fake, size), some(real, 2 * size), codec)
    rng = np.random.default_rng([seed, size])
    # A repeat is counted where it comes second, in a random order without regard to the set.
    order = rng.permutation(2 * size)
    earlier = np.tril(near[order][:, order], k=-1)
    generated = order < size
    labels = np.stack([generated, *(rng.permutation(generated) for _ in range(RELABELINGS))])
    found, others = _repeats(earlier, labels), _repeats(earlier, ~labels)
    counts = int(found[0]), int(others[0])
    reached = int((found - others >= counts[0] - counts[1])[1:].sum())
    p_value = (1 + reached) / (1 + RELABELINGS)
    passed = not (p_value < ALPHA and counts[0] - counts[1] > TOLERATED_REPEATS * size)
    found_up_to = distinct_found(size, counts[1], ALPHA, TOLERATED_REPEATS)
    return Diversity(*counts, p_value, passed, size, found_up_to)


def _repeats(earlier: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Count the rows of each set that are near an earlier one of it, int64 (K,).

    Args:
        earlier: Whether a row is near another one that comes before it, bool (n, n).
        labels: Rows of each of K sets, bool (K, n).
    """
    near = labels.astype(np.float32) @ earlier.T.astype(np.float32)
    return np.asarray((labels & (near > 0)).sum(axis=1))


def _near_pairs(fake: Samples, real: Samples, codec: Codec) -> np.ndarray:
    """Find which of n samples and n compared real rows are nearly equal to each other, bool (2 n, 2 n)."""
    size = len(fake)
    # A random half is compared, the other one gives the spacing.
    everything = joined(fake, taken(real, np.random.default_rng(1).permutation(len(real))))
    distance = distance_to(everything, codec)
    apart = np.concatenate(list(distance.strips(everything)))
    compared, spaced = slice(2 * size), slice(2 * size, None)
    around = apart[spaced, spaced].copy()
    np.fill_diagonal(around, np.inf)
    spacing = around.min(axis=1)[apart[compared, spaced].argmin(axis=1)]
    pairs = apart[compared, compared]
    limit = distance.half * np.minimum(spacing[:, None], spacing)
    return np.asarray((pairs < limit) | (pairs <= 1e-9))
