"""Scores on a scale that reads alike for every metric and kind of data: 0 trivial, 1 real.

The floor is the best score of the baselines flagged ``trivial``: for tables the independent columns,
which know nothing of what columns have to do with each other; for images independent pixels and a
Gaussian on principal components, since independent pixels alone are so far from images (a kernel
distance of 50 on Fashion-MNIST where the Gaussian has 0.5) that everything else would look perfect.
The ceiling is the score of a real hold-out sample as large as the generated one. Where floor and
ceiling lie so near to each other that chance explains it, there is no scale. The other
baselines (kernel density, Gaussian copula, SMOTE) are rivals, not the floor.
"""

import math
from collections.abc import Iterable

from autogen.hpo.objective import Direction


def calibrated(
    score: float, floor: float, ceiling: float, direction: Direction = "minimize", noise: float = 0.0
) -> float | None:
    """Place a score between floor and ceiling.

    Args:
        score: Of the generated samples.
        floor: Of the best trivial baseline, on the same reference.
        ceiling: Of a real hold-out sample, on the same reference.
        direction: Of the metric.
        noise: By how much floor and ceiling differ by chance, see ``noise_of``.

    Returns:
        0 at the floor, 1 at the ceiling, below 0 where worse than trivial, above 1 by chance;
        ``None`` where real samples score no better than trivial ones, beyond chance: then the metric
        cannot tell them apart, and no score means anything.
    """
    room = floor - ceiling if direction == "minimize" else ceiling - floor
    if not (math.isfinite(score) and math.isfinite(room)) or room <= max(0.0, noise):
        return None
    return (floor - score) / (floor - ceiling)


def noise_of(low: float, high: float) -> float:
    """By how much the score of the floor and one as uncertain, of real rows, may differ by chance.

    Args:
        low: Lower end of the floor's 95 % interval.
        high: Upper end. Where there is no interval, no noise is known of.
    """
    reach = (high - low) / 2
    return math.sqrt(2.0) * reach if math.isfinite(reach) else 0.0


def floor_of(trivial: Iterable[float], direction: Direction = "minimize") -> float:
    """The best of the trivial baselines' scores."""
    return min(trivial) if direction == "minimize" else max(trivial)
