"""Comparison of models over data sets by their ranks (Demsar 2006).

https://jmlr.org/papers/v7/demsar06a.html. The Friedman test with the Iman-Davenport correction tests whether
mean ranks differ at all. Nemenyi's critical difference is the smallest significant difference of two mean
ranks. Wilcoxon's signed-rank test with Holm's correction compares each pair by the normalized scores, so
that it does not depend on the other models. The sample is one of data sets: more seeds do not replace them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from scipy import stats

from autogen.errors import agreed, counted

ALPHA = 0.05
#: Data sets below which no test is made: with five, the p-value of Wilcoxon's test is never below .06.
FEWEST_SETS = 6
FEWEST_MODELS = 3


@dataclass(frozen=True)
class Pair:
    """Comparison of two models over all data sets.

    Attributes:
        better: Model with the better mean rank.
        worse: Other model.
        wins: Number of data sets on which ``better`` is better; a draw counts one half.
        adjusted_p: p-value of Wilcoxon's test, after Holm's correction over all pairs.
    """

    better: str
    worse: str
    wins: float
    adjusted_p: float


@dataclass(frozen=True)
class Ranks:
    """Mean ranks over data sets, and their tests.

    Attributes:
        names: Names of the models, the best mean rank first.
        means: Mean rank of each model; 1 is best.
        sets: Names of the data sets.
        by_set: Rank of each model on each data set, (sets, models).
        statistic: Chi-square of the Friedman test; ``None`` without a test, like the next two.
        p_value: p-value of the Iman-Davenport F statistic.
        critical_difference: Nemenyi's critical difference of mean ranks at .05.
        cliques: Groups of models with consecutive ranks and no significant difference.
        pairs: Wilcoxon's test of each pair.
        note: Reason why there is no test; empty with a test.
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
        losses: Loss by data set, then by model: lower is better, infinite for a model that failed. All data
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
    """Compute the smallest significant difference of two mean ranks (Nemenyi 1963).

    Args:
        models: Number of models.
        sets: Number of data sets.
        alpha: Level of significance, default .05.
    """
    # Demsar's table divides the quantile of the studentized range by the root of 2.
    quantile = float(stats.studentized_range.ppf(1 - alpha, models, np.inf)) / 2**0.5
    return quantile * float(np.sqrt(models * (models + 1) / (6 * sets)))


def friedman(by_set: np.ndarray) -> tuple[float, float]:
    """Compute Friedman's chi-square, corrected for ties, and the p-value of the Iman-Davenport F.

    Args:
        by_set: Ranks, float64 (sets, models).
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
    """Add the tests to ranks; ``table`` holds losses, (sets, models), in the order of the ranks."""
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
    """Explain why there can be no test; empty if there can."""
    if models < FEWEST_MODELS:
        having = f"{counted(models, 'model')} {agreed(models, 'has', 'have')}"
        return f"{having} scores on all data sets; a test of ranks needs at least {FEWEST_MODELS}."
    if sets < FEWEST_SETS:
        few = f"{counted(sets, 'data set')} {agreed(sets, 'is', 'are')} too few for a test of ranks"
        return f"{few}: at least {FEWEST_SETS} are needed, and more seeds do not help."
    return ""


def _cliques(names: Sequence[str], means: Sequence[float], difference: float) -> tuple[tuple[str, ...], ...]:
    """Find the maximal runs of two or more models whose ends differ by less than the critical difference."""
    runs = []
    reached = 0
    for first in range(len(names)):
        last = max(place for place in range(len(names)) if means[place] - means[first] < difference)
        if last > first and last + 1 > reached:
            runs.append(tuple(names[first : last + 1]))
            reached = last + 1
    return tuple(runs)


def _pairs(names: Sequence[str], table: np.ndarray) -> list[Pair]:
    """Test each pair by Wilcoxon; the loss of a failed model counts as worse than all finite losses."""
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
    """Compute the two-sided p-value; zeros are split between the signs (Demsar 2006)."""
    if not difference.any():
        return 1.0
    return float(stats.wilcoxon(difference, zero_method="zsplit").pvalue)


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values for multiple tests (Holm 1979), in the order given."""
    order = np.argsort(p_values, kind="stable")
    adjusted = np.empty(len(order))
    highest = 0.0
    for rank, index in enumerate(order):
        highest = max(highest, (len(order) - rank) * p_values[index])
        adjusted[index] = min(1.0, highest)
    return [float(p) for p in adjusted]
