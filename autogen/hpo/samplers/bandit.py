"""Bandit over model families: the choice of the family of the next trial."""

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import geometric_mean, median

#: Number of pulls without regard to seconds that one pull counts as where seconds are known.
_TIMED = 2.0


def next_arm(
    pulls: Mapping[str, int],
    losses: Mapping[str, Sequence[float]],
    startup: int,
    seconds: Mapping[str, float] | None = None,
) -> str:
    """Choose the family with the largest upper confidence bound on its best result.

    It follows MaxUCB (Balef 2025, arxiv.org/abs/2505.05226), which looks at the best result of an arm rather
    than its mean, with two changes, since on development problems the original abandoned families after
    three trials. The bonus is ``ln t / n`` rather than its square. A reward is 1 for the best loss of all and
    0 for the median of the first results of every family, not of all results: later results are better
    where the search went, and the second-best family would soon look like the worst.

    Where time is short, a pull of an expensive family counts for more, by the root of its seconds over the
    usual ones, and any pull counts twice: see docs/adr/0025.

    Args:
        pulls: number of trials of each family, with pending ones.
        losses: losses of the fully trained trials of each family, in their order.
        startup: number of trials of each family before the bound decides.
        seconds: mean seconds of a trial of each family, 0 if unknown; by default they do not count.
    """
    fewest = min(pulls, key=lambda family: pulls[family])
    if pulls[fewest] < startup:
        return fewest
    rewards = _rewards(losses, startup)
    log_total = math.log(sum(pulls.values()))
    weights = _weights(pulls, seconds or {})
    return max(
        pulls, key=lambda family: rewards.get(family, 0.0) + log_total / (weights[family] * pulls[family])
    )


def _weights(families: Iterable[str], seconds: Mapping[str, float]) -> dict[str, float]:
    """Compute how many pulls one pull of each family counts as."""
    known = {family: one for family, one in seconds.items() if one > 0}
    if not known:
        return dict.fromkeys(families, 1.0)
    usual = geometric_mean(known.values())
    return {family: _TIMED * math.sqrt(known.get(family, usual) / usual) for family in families}


def _rewards(losses: Mapping[str, Sequence[float]], startup: int) -> dict[str, float]:
    """Compute the reward of each family in [0, 1]; families without a result have none."""
    least = {family: min(own) for family, own in losses.items() if own}
    if not least:
        return {}
    best = min(least.values())
    scale = median([loss for own in losses.values() for loss in own[:startup]]) - best
    if scale <= 0:
        return {family: float(loss == best) for family, loss in least.items()}
    return {family: max(0.0, 1.0 - (loss - best) / scale) for family, loss in least.items()}
