"""Models compared over data sets by their ranks (Demsar 2006).

https://jmlr.org/papers/v7/demsar06a.html. Friedman's test with the correction of Iman and Davenport
asks whether mean ranks differ at all; Nemenyi's critical difference says by how much two have to; and
Wilcoxon's signed-rank test with Holm's correction asks the same of each pair by the calibrated scores,
whatever else is compared. Data sets are what is sampled here, so seeds do not make up for too few.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from scipy import stats

ALPHA = 0.05
#: Data sets below which no test is made: with five, the p-value of Wilcoxon's test is never below .06.
FEWEST_SETS = 6
FEWEST_MODELS = 3


@dataclass(frozen=True)
class Pair:
    """Two models compared over all data sets.

    Attributes:
        better: The one with the better mean rank.
        worse: The other one.
        wins: Data sets on which ``better`` is better; a draw counts by half.
        adjusted_p: Of Wilcoxon's test, after Holm's correction over all pairs.
    """

    better: str
    worse: str
    wins: float
    adjusted_p: float


@dataclass(frozen=True)
class Ranks:
    """Mean ranks over data sets, and what may be claimed of them.

    Attributes:
        names: Models, the best mean rank first.
        means: Their mean ranks; 1 is best.
        sets: Data sets they are ranked on.
        by_set: Rank of each model on each data set, float (sets, models).
        statistic: Of Friedman's test, chi-square; ``None`` where no test was made, as are the next two.
        p_value: By Iman and Davenport's F.
        critical_difference: Nemenyi's, at .05.
        cliques: Runs of models that the critical difference does not separate.
        pairs: Wilcoxon's tests.
        note: Why there is no test; empty where there is one.
    """

    names: tuple[str, ...]
    means: tuple[float, ...]
    sets: tuple[str, ...]
    by_set: tuple[tuple[float, ...], ...]
    statistic: float | None = None
    p_value: float | None = None
    critical_difference: float | None = None
    cliques: tuple[tuple[str, ...], ...] = ()
    pairs: tuple[Pair, ...] = ()
    note: str = ""


def rank(losses: Mapping[str, Mapping[str, float]]) -> Ranks:
    """Rank models on each data set and compare them.

    Args:
        losses: By data set, then by model; lower is better, infinite for a model that failed. All data
            sets have the same models.
    """
    sets = tuple(losses)
    models = tuple(losses[sets[0]]) if sets else ()
    table = np.array([[losses[data][model] for model in models] for data in sets]).reshape(len(sets), -1)
    by_set = stats.rankdata(table, axis=1)
    means = by_set.mean(axis=0) if sets else np.empty(0)
    order = np.argsort(means, kind="stable")
    names = tuple(models[place] for place in order)
    ranked = Ranks(
        names,
        tuple(float(mean) for mean in means[order]),
        sets,
        tuple(tuple(float(value) for value in row) for row in by_set[:, order]) if sets else (),
    )
    if note := _too_few(len(sets), len(models)):
        return replace(ranked, note=note)
    return _tested(ranked, table[:, order])


def critical_difference(models: int, sets: int, alpha: float = ALPHA) -> float:
    """By how much two mean ranks have to differ (Nemenyi 1963)."""
    quantile = float(stats.studentized_range.ppf(1 - alpha, models, np.inf)) / 2**0.5
    return quantile * float(np.sqrt(models * (models + 1) / (6 * sets)))


def friedman(by_set: np.ndarray) -> tuple[float, float]:
    """Friedman's chi-square, corrected for ties, and the p-value of Iman and Davenport's F.

    Args:
        by_set: Ranks, float (sets, models).
    """
    sets, models = by_set.shape
    if (by_set == by_set[:, :1]).all():  # all models draw everywhere
        return 0.0, 1.0
    statistic = float(stats.friedmanchisquare(*by_set.T).statistic)
    room = sets * (models - 1) - statistic
    if room <= 0:  # the same order everywhere
        return statistic, 0.0
    ratio = (sets - 1) * statistic / room
    return statistic, float(stats.f.sf(ratio, models - 1, (models - 1) * (sets - 1)))


def _tested(ranks: Ranks, table: np.ndarray) -> Ranks:
    by_set = np.array(ranks.by_set)
    statistic, p_value = friedman(by_set)
    difference = critical_difference(len(ranks.names), len(ranks.sets))
    return replace(
        ranks,
        statistic=statistic,
        p_value=p_value,
        critical_difference=difference,
        cliques=_cliques(ranks.names, ranks.means, difference),
        pairs=tuple(_pairs(ranks.names, table)),
    )


def _too_few(sets: int, models: int) -> str:
    if models < FEWEST_MODELS:
        return f"{models} models stand on all data sets; a test of ranks needs at least {FEWEST_MODELS}."
    if sets < FEWEST_SETS:
        few = f"{sets} data set{' is' if sets == 1 else 's are'} too few to tell models apart by ranks"
        return f"{few}: at least {FEWEST_SETS} are needed, and more seeds do not help."
    return ""


def _cliques(names: Sequence[str], means: Sequence[float], difference: float) -> tuple[tuple[str, ...], ...]:
    """The longest runs of two models or more whose ends are not separated."""
    runs = []
    reached = 0
    for first in range(len(names)):
        last = max(place for place in range(len(names)) if means[place] - means[first] < difference)
        if last > first and last + 1 > reached:
            runs.append(tuple(names[first : last + 1]))
            reached = last + 1
    return tuple(runs)


def _pairs(names: Sequence[str], table: np.ndarray) -> list[Pair]:
    """Wilcoxon's test of each pair; losses of models that failed count as worse than all others."""
    finite = np.where(np.isfinite(table), table, np.nan)
    worst = np.nanmax(finite) + 1.0 if np.isfinite(finite).any() else 1.0
    filled = np.where(np.isfinite(table), table, worst)
    places = list(combinations(range(len(names)), 2))
    differences = [filled[:, second] - filled[:, first] for first, second in places]
    adjusted = holm([_wilcoxon(difference) for difference in differences])
    return [
        Pair(names[a], names[b], float((d > 0).sum() + 0.5 * (d == 0).sum()), p)
        for (a, b), d, p in zip(places, differences, adjusted, strict=True)
    ]


def _wilcoxon(difference: np.ndarray) -> float:
    """Two-sided p-value; draws are shared between the signs (Demsar 2006)."""
    if not difference.any():
        return 1.0
    return float(stats.wilcoxon(difference, zero_method="zsplit").pvalue)


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values for being several (Holm 1979); in the order given."""
    order = np.argsort(p_values, kind="stable")
    adjusted = np.empty(len(order))
    highest = 0.0
    for rank, index in enumerate(order):
        highest = max(highest, (len(order) - rank) * p_values[index])
        adjusted[index] = min(1.0, highest)
    return [float(p) for p in adjusted]
