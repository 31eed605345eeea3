"""The memorization test: are generated samples nearer to the training samples than chance allows?

The share is of generated samples whose nearest training sample is nearer than the nearest of *as
many* unseen real samples: 1/2 for samples that know nothing of the training rows but their
distribution, 1 for copies. There are usually fewer unseen samples than training ones. Comparing
them with training blocks of their own size would hide a copy whenever its original lies in another
block (at four training rows to an unseen one, plain copies would get 0.63). So the nearest sample is sought
in the pool of both, and a hit among the unseen counts as often as there are training samples to an
unseen one; on ``digits``, ``breast_cancer`` and wine quality, at ratios of 2 to 8, that agrees with
the share against truly as many unseen samples within 0.02 for copies, noisy copies and SMOTE; where
a fifth of the samples are copies it says 0.53 to 0.59 instead of 0.59 or 0.60.

Every honest model lies a little nearer to the rows it was fitted on (on ``digits``, Gaussian mixtures
of 10, 30 and 100 components get 0.52, 0.57 and 0.71), so the test is of a share above 0.55, not above
1/2. Its chance distribution comes from relabeling the pool, which is exact whatever the distance: for
samples independent of which real ones were trained on, any relabeling is as likely as the true one.

That share hides a model that copies now and then, so copies are also counted: samples less than half
as far from one real sample as from any other. Honest samples are that near to unseen samples too, in
proportion; what there is beyond that near training samples, if certain, must not be above 5 %.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.errors import MetricError
from autogen.metrics.memorization.lookup import distance_to
from autogen.metrics.memorization.neighbors import (
    Neighbors,
    RecordDistances,
    exponent,
    neighbors,
    owners,
    relabeled,
)
from autogen.metrics.memorization.power import copied_share_found

#: Chance that the gate refuses samples of the tolerated share; for a share of 1/2 it is less.
ALPHA = 0.01
TOLERATED_SHARE = 0.55
TOLERATED_COPIES = 0.05
RELABELLINGS = 1999
MINIMUM = 10
MOST_SAMPLES, FEWEST_SAMPLES = 1000, 250
MOST_POOL, MOST_PAIRS = 100_000, 5_000_000
#: Most real rows, unseen and training ones, whose own neighbors tell what the test can find, and pairs.
MOST_REAL, MOST_REAL_PAIRS = 250, 1_000_000


@dataclass(frozen=True)
class Memorization:
    """Result of the memorization test.

    Attributes:
        share: Share of generated samples nearer to train than to as many unseen real samples; ties count
            by half.
        p_value: Probability of a share as high where the true one is 0.55.
        copied: Estimated share of generated samples that are copies; may be slightly below 0.
        copied_p_value: Probability of as many copies for samples independent of the training rows.
        passed: ``False`` where ``p_value`` is below 0.01, or ``copied_p_value`` is and ``copied`` above 0.05.
        samples: Number of generated samples looked at.
        train: Number of training samples looked at.
        holdout: Number of unseen real samples looked at.
        found_from: Smallest share of copies that the test would have found with a probability of .8; ``None``
            where not even copies alone would be found.
        dcr_p5: 5th percentile of the samples' distances to the closest training record (DCR).
        dcr_median: Median of these distances.
        nndr_p5: 5th percentile of the samples' nearest-neighbor distance ratios (NNDR), the distance to the
            closest training record over that to the second closest.
        nndr_median: Median of these ratios.
        holdout_dcr_p5: 5th percentile of the DCR of unseen real samples.
        holdout_dcr_median: Median of the DCR of unseen real samples.
        holdout_nndr_p5: 5th percentile of the NNDR of unseen real samples.
        holdout_nndr_median: Median of the NNDR of unseen real samples.
    """

    share: float
    p_value: float
    copied: float
    copied_p_value: float
    passed: bool
    samples: int
    train: int
    holdout: int
    found_from: float | None
    dcr_p5: float
    dcr_median: float
    nndr_p5: float
    nndr_median: float
    holdout_dcr_p5: float
    holdout_dcr_median: float
    holdout_nndr_p5: float
    holdout_nndr_median: float


@dataclass(frozen=True)
class RealNeighbors:
    """How near real rows lie to other real rows: the same for all sets of samples.

    Attributes:
        close_unseen: Share of unseen rows that all but equal another real row.
        close_copies: Share of training rows of which a copy would be seen to be one.
        records: Summary of the unseen rows' DCR and NNDR to training rows, as of ``RecordDistances``.
    """

    close_unseen: float
    close_copies: float
    records: tuple[float, float, float, float]


def memorisation(
    fake: Samples,
    train: Samples,
    holdout: Samples,
    codec: Codec,
    seed: int = 0,
) -> Memorization:
    """Judge whether generated samples are too near to the training samples.

    At most 1,000 generated samples are looked at, fewer (but 250) where the pool has more than 5,000 or its
    distances cost much, and at most 100,000 of the pool.

    Args:
        fake: Raw generated samples.
        train: All raw samples that the model was fitted on.
        holdout: Raw real samples that it has not seen, the more the better.
        codec: Codec of the data set.
        seed: Random seed of the relabelings.

    Raises:
        MetricError: fewer than 10 of any, or samples of another shape.
    """
    return RealPool(train, holdout, codec).judge(fake, seed)


@dataclass(frozen=True)
class _Evidence:
    """What relabelings say of a set of samples: shares with their p-values, and the neighbors."""

    share: float
    p_value: float
    copied: float
    copied_p_value: float
    found: Neighbors

    def passes(self, level: float) -> bool:
        """Tell if the samples pass at a level."""
        too_many = self.copied_p_value < level and self.copied > TOLERATED_COPIES
        return self.p_value >= level and not too_many


class RealPool:
    """Real rows, prepared for the memorization test of any number of sets of samples.

    Args:
        train: Raw samples that the models were fitted on.
        holdout: Raw real samples that they have not seen.
        codec: Codec of the data set.

    Raises:
        MetricError: fewer than 10 of either.
    """

    def __init__(self, train: Samples, holdout: Samples, codec: Codec) -> None:
        _enough(("training", train), ("unseen real", holdout))
        holdout = some(holdout, MOST_POOL // 2)
        train = some(train, MOST_POOL - len(holdout))
        self.rows = joined(train, holdout)
        self.trained, self.unseen = len(train), len(holdout)
        self.distance = distance_to(self.rows, codec)
        self.owner = owners(self.rows, self.trained, codec)

    def judge(self, fake: Samples, seed: int = 0) -> Memorization:
        """Judge a set of samples; see ``memorisation``."""
        fake = some(fake, self.most(MOST_PAIRS, FEWEST_SAMPLES))
        evidence, real = self._evidence(fake, seed), self.neighbors
        sizes = len(fake), self.trained, self.unseen
        shares = real.close_unseen, real.close_copies
        return Memorization(
            evidence.share,
            evidence.p_value,
            evidence.copied,
            evidence.copied_p_value,
            evidence.passes(ALPHA),
            *sizes,
            copied_share_found(sizes, *shares, ALPHA, TOLERATED_COPIES),
            *evidence.found.records.summary(),
            *real.records,
        )

    def suspects(self, fake: Samples, level: float) -> bool:
        """Tell if samples seem to copy, at a level of one's own; all of them are looked at.

        Raises:
            MetricError: fewer than 10 samples, or samples of another shape.
        """
        return not self._evidence(fake, 0).passes(level)

    def most(self, pairs: int, fewest: int) -> int:
        """Most samples that are looked at for so many pairs, from so many on: at most 1,000."""
        return max(fewest, min(MOST_SAMPLES, pairs // (self.distance.weight * len(self.rows))))

    @cached_property
    def neighbors(self) -> RealNeighbors:
        """How near real rows lie to other real rows, at most 250 of either side."""
        trained, distance = self.trained, self.distance
        most = max(MINIMUM, min(MOST_REAL, MOST_REAL_PAIRS // (distance.weight * distance.size)))
        rng = np.random.default_rng(0)
        known, fresh = (np.sort(rng.permutation(size)[:most]) for size in (trained, self.unseen))
        places = np.concatenate([known, fresh + trained])
        # A copy of a training row is as near to the pool as the row; an unseen row is no copy of itself.
        own = np.where(places < trained, -1, places)
        found = neighbors(taken(self.rows, places), distance, trained, own)
        copies, others = np.split(found.is_close, [len(known)])
        records = RecordDistances(found.records.dcr[len(known) :], found.records.nndr[len(known) :])
        return RealNeighbors(float(others.mean()), float(copies.mean()), records.summary())

    def _evidence(self, fake: Samples, seed: int) -> _Evidence:
        _enough(("generated", fake))
        found = neighbors(fake, self.distance, self.trained)
        chance = self.trained, TOLERATED_SHARE - 0.5, seed, RELABELLINGS, self.owner
        share, p_value = relabeled(_share, found.hits, *chance)
        copies, copied_p_value = relabeled(
            _excess, found.close, self.trained, 0.0, seed, RELABELLINGS, self.owner
        )
        return _Evidence(share, p_value, copies / len(fake), copied_p_value, found)


def _enough(*parts: tuple[str, Samples]) -> None:
    for name, part in parts:
        if len(part) < MINIMUM:
            raise MetricError(
                f"the memorization test needs at least {MINIMUM} {name} samples; got {len(part)}"
            )


def nearest(fake: Samples, train: Samples, codec: Codec, k: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Find the training samples nearest to generated ones, by the distance of the memorization test.

    Returns:
        Indices, int64 (N, k), the nearest first, and their distances, float64 (N, k).
    """
    indices, distances = [], []
    distance = distance_to(train, codec)
    for strip in distance.strips(fake):
        order = strip.argmin(1)[:, None] if k == 1 else np.argsort(strip, axis=1, kind="stable")[:, :k]
        indices.append(order)
        distances.append(np.take_along_axis(strip, order, axis=1))
    found = np.concatenate(distances).clip(min=0) ** exponent(distance.half)
    return np.concatenate(indices), found


def _share(on_train: float, on_unseen: float) -> float:
    return on_train / (on_train + on_unseen)


def _excess(on_train: float, on_unseen: float) -> float:
    return on_train - on_unseen


def some(samples: Samples, most: int) -> Samples:
    """At most so many of the samples, always the same ones."""
    if len(samples) <= most:
        return samples
    return taken(samples, np.sort(np.random.default_rng(0).permutation(len(samples))[:most]))


def taken(samples: Samples, rows: np.ndarray) -> Samples:
    """Samples at places, int (n,)."""
    if isinstance(samples, list):
        return [samples[row] for row in rows]
    return samples[rows] if isinstance(samples, np.ndarray) else samples.iloc[rows]


def joined(first: Samples, second: Samples) -> Samples:
    """Both one after the other."""
    if isinstance(first, np.ndarray):
        return np.concatenate([first, second])
    if isinstance(first, list):
        return first + second
    import pandas as pd

    return pd.concat([first, second], ignore_index=True)
