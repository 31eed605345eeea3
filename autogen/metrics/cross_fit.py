"""Cross-fitted classifiers: predictions for rows by one that was not fitted on them, and their AUC."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from autogen.errors import MetricError

FOLDS = 5
_FITTING = (1 + FOLDS / (FOLDS - 1)) ** 0.5

#: How generated each row looks, (N,), of rows (N, D).
Classifier = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class HeldOut:
    """Predictions for rows by classifiers that were not fitted on them.

    Attributes:
        rows: Place of each row in its sample; its group is ``rows % groups``. (M,)
        folds: Fold of each row, (M,).
        scores: How generated each row looks, (M,).
    """

    rows: np.ndarray
    folds: np.ndarray
    scores: np.ndarray


def held_out(
    real: np.ndarray,
    made: np.ndarray,
    fit: Callable[[np.ndarray, np.ndarray], Classifier],
    asked: int = FOLDS,
    seed: int = 1,
) -> tuple[HeldOut, HeldOut]:
    """Held-out predictions for equally many real and generated rows.

    Args:
        real: Features of real samples, (N, D).
        made: Features of generated samples, (M, D).
        fit: Fits a classifier on rows of both.
        asked: Of how many of the folds rows are predicted; the others' rows are left out.
        seed: Another odd seed deals the rows to other folds.
    """
    size = min(len(real), len(made))
    kept = [_some(len(side), size) for side in (real, made)]
    folds = [_folds(size, side_seed) for side_seed in (seed, seed + 1)]
    ours, theirs = real[kept[0]], made[kept[1]]
    scores = np.empty((2, size))
    for fold in range(asked):
        inside, outside = (side == fold for side in folds)
        classify = fit(ours[~inside], theirs[~outside])
        scores[0, inside], scores[1, outside] = classify(ours[inside]), classify(theirs[outside])
    told = [side < asked for side in folds]
    one, two = (
        HeldOut(rows[known], own[known], found[known])
        for rows, own, found, known in zip(kept, folds, scores, told, strict=True)
    )
    return one, two


def area(real: HeldOut, made: HeldOut, without: tuple[int, int] = (1, 1)) -> float:
    """Chance that a generated row looks more generated than a real one of its fold: AUC.

    Taken inside each fold, so that for real rows its mean is exactly 1/2 at any number of rows.

    Args:
        real: Predictions for real rows.
        made: Predictions for generated rows.
        without: (groups, g): leave out rows of group g.
    """
    groups, left_out = without
    wins = pairs = 0.0
    for fold in range(FOLDS):
        low, high = (
            np.sort(side.scores[(side.folds == fold) & (side.rows % groups != left_out)])
            for side in (real, made)
        )
        wins += (low.searchsorted(high, "left").sum() + low.searchsorted(high, "right").sum()) / 2
        pairs += len(low) * len(high)
    return float(wins / pairs)


def distance(auc: float) -> float:
    """Distinguishability: 0 where a classifier guesses, 1 where it knows."""
    return 2 * max(0.5, auc) - 1


def left_out_areas(real: HeldOut, made: HeldOut, groups: int) -> np.ndarray:
    """The distance, moved by what AUC does without each group's predictions, one and a half times.

    Not clipped, so that an interval near 0 keeps its width. The classifiers stay those fitted with
    all groups, so predictions left out tell but a part of the variance. What comes with the choice
    of the fitting rows is put in after Nadeau 2003 (https://doi.org/10.1023/A:1024068626366): the
    variance counts 1 + folds / (folds - 1) = 2.25 times. Without it 95 % intervals of ``c2st`` covered
    83 to 95 % on simulated tables.
    """
    if not 2 <= groups <= len(made.rows) // 2:
        raise MetricError(f"{groups} groups need at least {2 * groups} rows; got {len(made.rows)}")
    whole = area(real, made)
    without = np.array([area(real, made, (groups, g)) for g in range(groups)])
    return np.asarray(distance(whole) + 2 * _FITTING * (without - whole))


def _some(n: int, size: int) -> np.ndarray:
    """Which rows of n are used where ``size`` are: always the same ones, in order."""
    return np.sort(np.random.default_rng(0).permutation(n)[:size])


def _folds(size: int, seed: int) -> np.ndarray:
    """Fold of each row: equally large, and independent of the groups of a jackknife."""
    return np.random.default_rng(seed).permutation(np.arange(size) % FOLDS)
