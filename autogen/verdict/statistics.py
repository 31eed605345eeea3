"""Who wins, said so that an honest statistician would sign it.

Contenders are compared on rows that neither training nor search nor the choice of the leader has
seen, over training seeds that all of them share. An interval rests on two sources of chance: the
seeds (variance of the mean over seeds) and the evaluation rows (delete-group jackknife of the mean
over seeds); their sum is judged by Student's t with Welch and Satterthwaite's degrees of freedom.
The jackknife is used because a percentile bootstrap of a distance between distributions has no
coverage (resampling with repeats moves the distance itself).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

#: Chance of a false claim that a verdict may run, over all comparisons of a study together.
ALPHA = 0.05
#: Costs that differ by no more than this share count as equal: seconds are measured, not exact.
SAME_COST = 0.2


@dataclass(frozen=True)
class Contender:
    """A config, or a baseline, with its losses on the test split.

    Attributes:
        name: For the verdict.
        losses: One a seed, lower is better: float64 (S,).
        replicates: The same with one group of rows left out: float64 (S, G).
        cost: What breaks a tie: seconds of training, and the like; lower is better.
    """

    name: str
    losses: np.ndarray
    replicates: np.ndarray
    cost: float = 0.0


@dataclass(frozen=True)
class Interval:
    """A mean with its confidence interval, and the two-sided p-value of the mean being zero."""

    mean: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True)
class Comparison:
    """A rival against the leader: loss of the rival minus loss of the leader, paired by seed and rows.

    Attributes:
        rival: Name.
        difference: Above zero where the leader is better.
        adjusted_p: After Holm's correction over all comparisons.
        separated: Whether the leader is better beyond chance.
    """

    rival: str
    difference: Interval
    adjusted_p: float
    separated: bool


@dataclass(frozen=True)
class Verdict:
    """What a study may claim.

    Attributes:
        kind: ``winner``: the leader beats every rival and baseline. ``tie``: it beats the baselines
            but not all rivals. ``baseline``: the best baseline is not beaten.
        chosen: Name of the contender to return: of those not separated from the leader, the first that is
            about as cheap as the cheapest.
        tied: Leader and the rivals not separated from it, the leader first.
        comparisons: One a rival, baselines included.
    """

    kind: Literal["winner", "tie", "baseline"]
    chosen: str
    tied: tuple[str, ...]
    comparisons: tuple[Comparison, ...]


def interval(losses: np.ndarray, replicates: np.ndarray, alpha: float = ALPHA) -> Interval:
    """Mean over seeds with its two-level interval.

    Args:
        losses: float64 (S,), one a seed.
        replicates: float64 (S, G), the same with each group of rows left out.
        alpha: One minus the coverage.

    Returns:
        An interval of infinite width where there is but one seed, or too few rows for two groups.
    """
    seeds, groups = replicates.shape
    mean = float(np.mean(losses))
    if seeds < 2 or groups < 2:
        return Interval(mean, -np.inf, np.inf, 1.0)
    by_seed = float(np.var(losses, ddof=1)) / seeds
    by_rows = float(np.var(replicates.mean(axis=0)) * (groups - 1))
    variance = by_seed + by_rows
    if variance == 0.0:
        return Interval(mean, mean, mean, float(mean == 0.0))
    freedom = variance**2 / (by_seed**2 / (seeds - 1) + by_rows**2 / (groups - 1))
    error = variance**0.5
    reach = float(stats.t.ppf(1 - alpha / 2, freedom)) * error
    p_value = 2 * float(stats.t.sf(abs(mean) / error, freedom))
    return Interval(mean, mean - reach, mean + reach, p_value)


def interval_of_rows(loss: float, replicates: np.ndarray, alpha: float = ALPHA) -> Interval:
    """One sample set's score with the interval that its rows and the real ones leave it.

    Args:
        loss: The score.
        replicates: float64 (G,), the same with each group of rows left out.
        alpha: One minus the coverage.

    Returns:
        An interval of infinite width where there are too few rows for two groups.
    """
    groups = len(replicates)
    if groups < 2:
        return Interval(loss, -np.inf, np.inf, 1.0)
    error = float(np.var(replicates) * (groups - 1)) ** 0.5
    if error == 0.0:
        return Interval(loss, loss, loss, float(loss == 0.0))
    reach = float(stats.t.ppf(1 - alpha / 2, groups - 1)) * error
    return Interval(loss, loss - reach, loss + reach, 2 * float(stats.t.sf(abs(loss) / error, groups - 1)))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values for being several (Holm 1979); in the order given."""
    order = np.argsort(p_values, kind="stable")
    adjusted = np.empty(len(order))
    highest = 0.0
    for rank, index in enumerate(order):
        highest = max(highest, (len(order) - rank) * p_values[index])
        adjusted[index] = min(1.0, highest)
    return [float(p) for p in adjusted]


def compare(leader: Contender, rivals: Sequence[Contender], alpha: float = ALPHA) -> list[Comparison]:
    """Compare the leader with each rival, paired by seed and by rows, corrected after Holm."""
    differences = [
        interval(rival.losses - leader.losses, rival.replicates - leader.replicates, alpha)
        for rival in rivals
    ]
    adjusted = holm([difference.p_value for difference in differences])
    return [
        Comparison(rival.name, difference, p, difference.mean > 0 and p <= alpha)
        for rival, difference, p in zip(rivals, differences, adjusted, strict=True)
    ]


def judge(leader: Contender, rivals: Sequence[Contender], baselines: Sequence[Contender]) -> Verdict:
    """Say what may be claimed of a leader that was chosen on other rows than these losses'.

    Args:
        leader: The contender that was best on the select split.
        rivals: The other finalists, best first.
        baselines: The baselines it has to beat.
    """
    comparisons = compare(leader, [*rivals, *baselines])
    of_rivals, of_baselines = comparisons[: len(rivals)], comparisons[len(rivals) :]
    tied = [leader, *(r for r, c in zip(rivals, of_rivals, strict=True) if not c.separated)]
    kind: Literal["winner", "tie", "baseline"] = "winner" if len(tied) == 1 else "tie"
    if not all(comparison.separated for comparison in of_baselines):
        kind = "baseline"
    return Verdict(kind, cheapest(tied).name, tuple(c.name for c in tied), tuple(comparisons))


def cheapest(contenders: Sequence[Contender]) -> Contender:
    """The first, in their order, that is about as cheap as the cheapest."""
    least = min(contender.cost for contender in contenders)
    return next(c for c in contenders if c.cost <= least + SAME_COST * abs(least))
