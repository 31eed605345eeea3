"""The memorisation gate: are generated samples nearer to the training samples than chance allows?

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
1/2. Its chance distribution comes from relabelling the pool, which is exact whatever the distance: for
samples independent of which real ones were trained on, any relabelling is as likely as the true one.

That share hides a model that copies now and then, so copies are also counted: samples less than half
as far from one real sample as from any other. Honest samples are that near to unseen samples too, in
proportion; what there is beyond that near training samples, if certain, must not be above 5 %.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.errors import MetricError
from autogen.metrics.memorization.lookup import distance_to

#: Chance that the gate refuses samples of the tolerated share; for a share of 1/2 it is less.
ALPHA = 0.01
TOLERATED_SHARE = 0.55
TOLERATED_COPIES = 0.05
RELABELLINGS = 1999
MINIMUM = 10
MOST_SAMPLES, FEWEST_SAMPLES = 1000, 250
MOST_POOL, MOST_PAIRS = 100_000, 5_000_000


@dataclass(frozen=True)
class Memorisation:
    """What the gate found.

    Attributes:
        share: Of generated samples nearer to train than to as many unseen real samples; ties count
            by half.
        p_value: Chance of a share as high where the true one is 0.55.
        copied: Estimated share of generated samples that are copies; may be slightly below 0.
        copied_p_value: Chance of as many copies for samples independent of the training rows.
        passed: False where ``p_value`` is below 0.01, or ``copied_p_value`` is and ``copied`` above 0.05.
        samples: Generated samples looked at.
        train: Training samples looked at.
        holdout: Unseen real samples looked at.
    """

    share: float
    p_value: float
    copied: float
    copied_p_value: float
    passed: bool
    samples: int
    train: int
    holdout: int


def memorisation(
    fake: Samples, train: Samples, holdout: Samples, codec: Codec, seed: int = 0
) -> Memorisation:
    """Judge whether generated samples are too near to the training samples.

    At most 1,000 generated samples are looked at, fewer (but 250) where the pool has more than 5,000, and
    at most 100,000 of the pool.

    Args:
        fake: Raw generated samples.
        train: All raw samples that the model was fitted on.
        holdout: Raw real samples that it has not seen, the more the better.
        codec: Of the data set.
        seed: Of the relabellings.

    Raises:
        MetricError: fewer than 10 of any, or samples of another shape.
    """
    for name, part in (("generated", fake), ("training", train), ("unseen real", holdout)):
        if len(part) < MINIMUM:
            raise MetricError(
                f"the memorisation gate needs at least {MINIMUM} {name} samples; got {len(part)}"
            )
    holdout = some(holdout, MOST_POOL // 2)
    train = some(train, MOST_POOL - len(holdout))
    pool = _joined(train, holdout)
    fake = some(fake, max(FEWEST_SAMPLES, min(MOST_SAMPLES, MOST_PAIRS // len(pool))))
    hits, close = _hits(fake, pool, codec)
    share, p_value = _tested(_share, hits, len(train), TOLERATED_SHARE - 0.5, seed)
    copies, copied_p_value = _tested(_excess, close, len(train), 0.0, seed)
    copied = copies / len(fake)
    too_many = copied_p_value < ALPHA and copied > TOLERATED_COPIES
    passed = p_value >= ALPHA and not too_many
    sizes = len(fake), len(train), len(holdout)
    return Memorisation(share, p_value, copied, copied_p_value, passed, *sizes)


def nearest(fake: Samples, train: Samples, codec: Codec, k: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Find the training samples nearest to generated ones, by the gate's distance.

    Returns:
        Indices, int64 (N, k), the nearest first, and their distances, float64 (N, k).
    """
    indices, distances = [], []
    for strip in distance_to(train, codec).strips(fake):
        order = np.argsort(strip, axis=1, kind="stable")[:, :k]
        indices.append(order)
        distances.append(np.take_along_axis(strip, order, axis=1))
    return np.concatenate(indices), np.concatenate(distances)


def _hits(fake: Samples, pool: Samples, codec: Codec) -> tuple[np.ndarray, np.ndarray]:
    """How often each sample of the pool is the nearest to a generated one, and how often by far.

    Returns:
        Hits, shared by equals, and those at less than half the distance of the second, (M,) both.
    """
    distance = distance_to(pool, codec)
    hits, close = np.zeros((2, distance.size))
    for strip in distance.strips(fake):
        least, second = np.partition(strip, 1, axis=1)[:, :2].T
        near = strip <= least[:, None] + 1e-9
        shared = near / near.sum(axis=1, keepdims=True)
        hits += shared.sum(axis=0)
        close += shared[least < distance.half * second].sum(axis=0)
    return hits, close


def _share(on_train: float, on_unseen: float) -> float:
    return on_train / (on_train + on_unseen)


def _excess(on_train: float, on_unseen: float) -> float:
    return on_train - on_unseen


def _tested(
    statistic: Callable[[float, float], float],
    hits: np.ndarray,
    trained: int,
    tolerance: float,
    seed: int,
) -> tuple[float, float]:
    """A statistic of the hits, and the chance that a relabelling of the pool gets as high.

    Args:
        statistic: Of the hits on training samples and on unseen ones, were these as many.
        hits: On each of the pool, the training samples first.
        trained: How many these are.
        tolerance: What relabellings are put up by.
        seed: Of the relabellings.
    """
    unseen = len(hits) - trained
    ratio, total = trained / unseen, float(hits.sum())
    found = statistic(float(hits[:trained].sum()), ratio * float(hits[trained:].sum()))
    rng = np.random.default_rng(seed)
    hit = hits[hits > 0]
    reached = 0
    # Only the labels of those that were hit matter: how many of them are unseen, and which.
    for count in rng.hypergeometric(unseen, trained, len(hit), size=RELABELLINGS):
        on_unseen = float(rng.permutation(hit)[:count].sum())
        reached += statistic(total - on_unseen, ratio * on_unseen) + tolerance >= found - 1e-9
    return found, (1 + reached) / (1 + RELABELLINGS)


def some(samples: Samples, most: int) -> Samples:
    """At most so many of the samples, always the same ones."""
    if len(samples) <= most:
        return samples
    rows = np.sort(np.random.default_rng(0).permutation(len(samples))[:most])
    if isinstance(samples, list):
        return [samples[row] for row in rows]
    return samples[rows] if isinstance(samples, np.ndarray) else samples.iloc[rows]


def _joined(first: Samples, second: Samples) -> Samples:
    """Both one after the other."""
    if isinstance(first, np.ndarray):
        return np.concatenate([first, second])
    if isinstance(first, list):
        return first + second
    import pandas as pd

    return pd.concat([first, second], ignore_index=True)
