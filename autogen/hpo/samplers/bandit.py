"""Which family to spend the next trial on."""

import math
from collections.abc import Mapping, Sequence
from statistics import median


def next_arm(pulls: Mapping[str, int], losses: Mapping[str, Sequence[float]], startup: int) -> str:
    """The family with the best prospects: its best result so far plus a bonus that falls with its trials.

    After MaxUCB (Balef 2025, arxiv.org/abs/2505.05226), which cares for the best result of an arm and
    not for its mean. Two things differ, since on development problems the original left families
    for good after three trials. The bonus is ``ln t / n`` and not its square. A reward is 1 for the
    best loss of all and 0 for the median of every family's first results, not of all results: these
    get better where the search goes, and what was second best soon looks worst.

    Args:
        pulls: Family to how many trials it has had, pending ones included.
        losses: Family to losses of its fully trained trials, in their order.
        startup: Trials every family has before any is preferred.
    """
    fewest = min(pulls, key=lambda family: pulls[family])
    if pulls[fewest] < startup:
        return fewest
    rewards = _rewards(losses, startup)
    log_total = math.log(sum(pulls.values()))
    return max(pulls, key=lambda family: rewards.get(family, 0.0) + log_total / pulls[family])


def _rewards(losses: Mapping[str, Sequence[float]], startup: int) -> dict[str, float]:
    """Each family's reward in [0, 1]; families without a result have none."""
    least = {family: min(own) for family, own in losses.items() if own}
    if not least:
        return {}
    best = min(least.values())
    scale = median([loss for own in losses.values() for loss in own[:startup]]) - best
    if scale <= 0:
        return {family: float(loss == best) for family, loss in least.items()}
    return {family: max(0.0, 1.0 - (loss - best) / scale) for family, loss in least.items()}
