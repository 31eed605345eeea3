"""Normalized scores, on one scale for every metric and kind of data: 0 trivial, 1 real.

The floor is the best score of the baselines flagged ``trivial``: for tables the independent columns,
which know nothing of the dependence between columns; for images independent pixels and a Gaussian on
principal components, since independent pixels alone are so far from images (a kernel distance of 50 on
Fashion-MNIST where the Gaussian has 0.5) that every model would look perfect. The ceiling is the score of
a real hold-out sample as large as the generated one. If chance explains the difference of floor and
ceiling, there is no scale. The other baselines (kernel density, Gaussian copula, SMOTE) are competitors,
not the floor.
"""

import math
from collections.abc import Iterable

from autogen.hpo.objective import Direction


def calibrated(
    score: float, floor: float, ceiling: float, direction: Direction = "minimize", noise: float = 0.0
) -> float | None:
    """Normalize a score: 0 at the floor, 1 at the ceiling.

    Args:
        score: Score of the generated samples.
        floor: Score of the best trivial baseline, on the same reference.
        ceiling: Score of a real hold-out sample, on the same reference.
        direction: Direction of improvement of the metric.
        noise: Difference of floor and ceiling that chance alone explains, see ``noise_of``; default 0.

    Returns:
        The normalized score: below 0 if worse than trivial, above 1 only by chance. ``None`` if real
        samples do not score better than trivial ones beyond chance: then the metric cannot distinguish
        them, and no score means anything.
    """
    room = floor - ceiling if direction == "minimize" else ceiling - floor
    if not (math.isfinite(score) and math.isfinite(room)) or room <= max(0.0, noise):
        return None
    return (floor - score) / (floor - ceiling)


def noise_of(low: float, high: float) -> float:
    """Estimate by how much the floor and an equally uncertain score of real rows may differ by chance.

    Args:
        low: Lower end of the floor's 95 % interval.
        high: Upper end. Without a finite interval the noise is taken as 0.
    """
    reach = (high - low) / 2
    return math.sqrt(2.0) * reach if math.isfinite(reach) else 0.0


def floor_of(trivial: Iterable[float], direction: Direction = "minimize") -> float:
    """Return the best of the trivial baselines' scores."""
    return min(trivial) if direction == "minimize" else max(trivial)
