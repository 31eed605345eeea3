"""Importance of the parameters of a search, by ranks, so that scales do not matter.

``trends`` measures monotone trends (Spearman's rank correlation); ``explained`` any difference between low,
middle and high values, or between choices (Kruskal and Wallis 1952).
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, median
from typing import Any

from autogen.report.leaderboard import Trial

#: Fewest trials for a rank correlation.
FEWEST = 5
#: Number of complete trials from which importance is computed on them; with fewer, on an earlier rung.
ENOUGH = 20
#: Bins of a numeric parameter, and fewest trials of each.
BINS, A_BIN = 4, 4


@dataclass(frozen=True)
class Explained:
    """Importance of single parameters.

    Attributes:
        shares: Share of the variance of the scores' ranks that each parameter explains, 0 to 1, by name, the
            largest first.
        certain: Names of parameters that explain more than chance (p < .05 over all of them).
        trials: Number of trials that were compared.
        when: Point of their training, in words.
    """

    shares: dict[str, float]
    certain: frozenset[str]
    trials: int
    when: str


def explained(trials: Sequence[Trial], family: str) -> Explained:
    """Compute the importance of a family's parameters from trials that were measured at the same point.

    Complete trials are compared if there are enough of them; otherwise trials at the rung that most of them
    reached, since pruning leaves few complete trials, and these are much alike.
    """
    own = [trial for trial in trials if trial["family"] == family and trial["curve"]]
    done = [(trial, trial["score"]) for trial in own if trial["state"] == "complete"]
    when = "trained to the end"
    if len(done) < ENOUGH and own:
        (step, _), *_ = Counter(step for trial in own for step, _ in trial["curve"]).most_common()
        early = [(trial, dict(trial["curve"])[step]) for trial in own if step in dict(trial["curve"])]
        if len(early) > len(done):
            done, when = early, f"after {step} steps"
    found = {name: _share(name, done) for name in sorted({n for t, _ in done for n in t["config"]})}
    known = {name: share for name, share in found.items() if share is not None}
    limit = 0.05 / max(1, len(known))
    ordered = sorted(known.items(), key=lambda item: -item[1][0])
    certain = frozenset(name for name, (_, p_value) in ordered if p_value < limit)
    return Explained({name: share for name, (share, _) in ordered}, certain, len(done), when)


def _share(name: str, scored: Sequence[tuple[Trial, float]]) -> tuple[float, float] | None:
    """Compute the share of the ranks' variance between groups, corrected for chance, and its p-value."""
    pairs = [(trial["config"][name], score) for trial, score in scored if name in trial["config"]]
    groups = _groups([value for value, _ in pairs])
    sizes = Counter(groups)
    kept = [(group, score) for group, (_, score) in zip(groups, pairs, strict=True) if sizes[group] > 1]
    n, k = len(kept), len({group for group, _ in kept})
    if name == "family" or k < 2 or n < 2 * A_BIN + k:
        return None
    ranks = places([score for _, score in kept])
    middle = sum(ranks) / n
    total = sum((rank - middle) ** 2 for rank in ranks)
    if not total:
        return None
    sums: dict[Any, list[float]] = {}
    for (group, _), rank in zip(kept, ranks, strict=True):
        sums.setdefault(group, []).append(rank - middle)
    between = sum(sum(column) ** 2 / len(column) for column in sums.values()) / total
    corrected = 1 - (1 - between) * (n - 1) / (n - k)
    return max(0.0, corrected), _chi_squared((n - 1) * between, k - 1)


def _groups(values: Sequence[Any]) -> list[Any]:
    """Group values: choices and few numbers as they are, many numbers in bins of equal counts."""
    if not numeric(values) or len(set(values)) <= BINS:
        return list(values)
    bins = min(BINS, len(values) // A_BIN)
    order = sorted(values)
    cuts = [order[len(order) * i // bins] for i in range(1, bins)] if bins > 1 else []
    return [sum(value >= cut for cut in cuts) for value in values]


def _chi_squared(statistic: float, freedom: int) -> float:
    """P-value of a chi-squared statistic (Wilson and Hilferty 1931), within .01 of the exact one."""
    if statistic <= 0:
        return 1.0
    spread = 2 / (9 * freedom)
    return 1 - NormalDist().cdf(((statistic / freedom) ** (1 / 3) - 1 + spread) / math.sqrt(spread))


def trends(trials: Sequence[Trial]) -> dict[str, float]:
    """Compute the strength of the trend of each parameter with two values or more, the strongest first.

    Args:
        trials: Complete trials of one family.
    """
    names = sorted({name for trial in trials for name in trial["config"]} - {"family"})
    found: dict[str, float] = {}
    for name in names:
        group = having(name, trials)
        if len(group) >= FEWEST and len({trial["config"][name] for trial in group}) > 1:
            found[name] = strength(name, group)
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def having(name: str, trials: Sequence[Trial]) -> list[Trial]:
    """List the trials whose config has the parameter."""
    return [trial for trial in trials if name in trial["config"]]


def strength(name: str, trials: Sequence[Trial]) -> float:
    """Compute the absolute rank correlation of parameter and score, 0 to 1; a choice counts as its median."""
    values = [trial["config"][name] for trial in trials]
    scores = [trial["score"] for trial in trials]
    if not numeric(values):
        typical = {v: median(s for s, w in zip(scores, values, strict=True) if w == v) for v in set(values)}
        values = [typical[value] for value in values]
    return abs(_correlation(places(values), places(scores)))


def numeric(values: Sequence[Any]) -> bool:
    """Tell if all values are numbers, and not booleans."""
    return all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)


def places(values: Sequence[Any]) -> list[float]:
    """Rank each value among the distinct ones in ascending order, evenly spaced from 0 to 1."""
    distinct = sorted(set(values), key=None if numeric(values) else str)
    place = {value: i / max(1, len(distinct) - 1) for i, value in enumerate(distinct)}
    return [place[value] for value in values]


def _correlation(a: Sequence[float], b: Sequence[float]) -> float:
    """Pearson correlation; 0 if either side is constant."""
    middle_a, middle_b = sum(a) / len(a), sum(b) / len(b)
    pairs = [(x - middle_a, y - middle_b) for x, y in zip(a, b, strict=True)]
    spread = math.sqrt(sum(x * x for x, _ in pairs) * sum(y * y for _, y in pairs))
    return sum(x * y for x, y in pairs) / spread if spread else 0.0
