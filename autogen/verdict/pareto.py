"""Several objectives at once: who is on the front, whom to look at again, what a choice costs."""

from collections.abc import Mapping, Sequence

import numpy as np

from autogen.verdict.statistics import interval

#: A model's losses in one objective: one a seed (S,), and with groups of rows left out (S, G).
Losses = tuple[np.ndarray, np.ndarray]


def on_front(losses: np.ndarray) -> np.ndarray:
    """Which points no other point dominates: as good in all objectives and better in one.

    Args:
        losses: Lower is better, (N, M).

    Returns:
        bool (N,).
    """
    no_worse = (losses[:, None] <= losses[None]).all(-1)
    better = (losses[:, None] < losses[None]).any(-1)
    return np.asarray(~(no_worse & better).any(axis=0))


def spread_out(losses: np.ndarray, count: int) -> list[int]:
    """Points of the front that stand for all of it, then the best others by the first objective.

    The best in each objective come first, in the objectives' order; then, one by one, the point that
    is farthest from all that are taken, on ranks, so that no objective's scale counts.

    Args:
        losses: Lower is better, (N, M).
        count: How many are wanted; fewer only where there are fewer points.
    """
    front = np.flatnonzero(on_front(losses))
    ranks = np.argsort(np.argsort(losses[front], axis=0, kind="stable"), axis=0).astype(float)
    taken = list(dict.fromkeys(int(place) for place in ranks.argmin(axis=0)))[:count]
    while len(taken) < min(count, len(front)):
        apart = np.abs(ranks[:, None] - ranks[taken][None]).sum(-1).min(axis=1)
        taken.append(int(apart.argmax()))
    chosen = [int(front[place]) for place in taken]
    others = [int(place) for place in np.argsort(losses[:, 0], kind="stable") if place not in set(chosen)]
    return chosen + others[: count - len(chosen)]


def beaten(one: Sequence[Losses], other: Sequence[Losses]) -> bool:
    """Whether another model is no worse in the mean of any objective, and better in one beyond chance.

    Beyond chance: the 95 % interval of the difference, paired by seeds and rows, lies above zero.
    """
    differences = [interval(a[0] - b[0], a[1] - b[1]) for a, b in zip(one, other, strict=True)]
    return all(d.mean >= 0 for d in differences) and any(d.low > 0 for d in differences)


def unbeaten(models: Mapping[str, Sequence[Losses]]) -> frozenset[str]:
    """Names of models that no other one beats."""
    return frozenset(
        name
        for name, own in models.items()
        if not any(beaten(own, other) for rival, other in models.items() if rival != name)
    )
