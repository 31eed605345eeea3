"""How much each parameter of a search has to do with the score: by rank, so that scales do not matter."""

import math
from collections.abc import Sequence
from statistics import median
from typing import Any

from autogen.report.leaderboard import Trial

#: Trials below which a rank correlation says nothing.
FEWEST = 5


def telling(trials: Sequence[Trial]) -> dict[str, float]:
    """Parameters with at least two values and enough trials, with their strength, the strongest first.

    Args:
        trials: Of one family, trained to the end.
    """
    names = sorted({name for trial in trials for name in trial["config"]} - {"family"})
    found: dict[str, float] = {}
    for name in names:
        group = having(name, trials)
        if len(group) >= FEWEST and len({trial["config"][name] for trial in group}) > 1:
            found[name] = strength(name, group)
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def having(name: str, trials: Sequence[Trial]) -> list[Trial]:
    """The trials whose config has the parameter."""
    return [trial for trial in trials if name in trial["config"]]


def strength(name: str, trials: Sequence[Trial]) -> float:
    """Rank correlation of a parameter with the score, absolute, in [0, 1]; a choice counts as its median."""
    values = [trial["config"][name] for trial in trials]
    scores = [trial["score"] for trial in trials]
    if not numeric(values):
        typical = {v: median(s for s, w in zip(scores, values, strict=True) if w == v) for v in set(values)}
        values = [typical[value] for value in values]
    return abs(_correlation(places(values), places(scores)))


def numeric(values: Sequence[Any]) -> bool:
    """Whether all values are numbers, and not truth values."""
    return all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)


def places(values: Sequence[Any]) -> list[float]:
    """Place of each value among the distinct ones in ascending order, evenly spaced from 0 to 1."""
    distinct = sorted(set(values), key=None if numeric(values) else str)
    place = {value: i / max(1, len(distinct) - 1) for i, value in enumerate(distinct)}
    return [place[value] for value in values]


def _correlation(a: Sequence[float], b: Sequence[float]) -> float:
    """Pearson's; 0 where either side does not vary."""
    middle_a, middle_b = sum(a) / len(a), sum(b) / len(b)
    pairs = [(x - middle_a, y - middle_b) for x, y in zip(a, b, strict=True)]
    spread = math.sqrt(sum(x * x for x, _ in pairs) * sum(y * y for _, y in pairs))
    return sum(x * y for x, y in pairs) / spread if spread else 0.0
