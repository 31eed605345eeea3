"""What splits are judged by: a column as numbers whose squared error is Gini's index or the CRPS.

A tree on several numbers splits where the sum of their variances falls most (multi-output CART). Of one-hot
codes that sum is Gini's index (Breiman 1984). Where there are many codes, random signs stand for them, which
keep the index in the mean (Joly 2014, https://arxiv.org/abs/1404.3581). Of the indicators of thresholds it is
the continuous ranked probability score, which sees a change of spread as well as one of the mean.
"""

import numpy as np

from autogen.data.specs import ColumnSpec

OUTPUTS = 24  # numbers that stand for a column
PRIOR = 5.0  # rows' worth of the mean of all that a category's own mean is drawn to


def targets_of(column: ColumnSpec, scale: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The numbers that stand for a column, float64 (N, K).

    Args:
        column: Of the table.
        scale: Code + position of the rows, float64 (N,).
        rng: Of the signs.
    """
    codes = scale.astype(np.int64)
    if not column.ordered:
        return _coded(codes, column.levels, rng)
    special = codes < column.specials
    marks = np.equal.outer(codes, np.arange(column.specials)).astype(np.float64)
    ordinary = scale[~special]
    if not len(ordinary):
        return marks
    shares = (np.arange(OUTPUTS) + 1) / (OUTPUTS + 1)
    thresholds = np.unique(np.quantile(ordinary, shares, method="inverted_cdf"))
    steps = np.less_equal.outer(scale, thresholds).astype(np.float64)
    steps[special] = np.less_equal.outer(ordinary, thresholds).mean(axis=0)
    return np.hstack([marks, steps])


def _coded(codes: np.ndarray, levels: int, rng: np.random.Generator) -> np.ndarray:
    """One-hot codes, or random signs where there are many."""
    if levels <= OUTPUTS:
        return np.asarray(np.equal.outer(codes, np.arange(levels)), dtype=np.float64)
    signs = rng.choice([-1.0, 1.0], size=(levels, OUTPUTS)) / OUTPUTS**0.5
    return np.asarray(signs[codes])


def ranks_of(codes: np.ndarray, levels: int, targets: np.ndarray) -> np.ndarray:
    """A place in a row for each category, such that splits of the row are good splits of the target.

    Categories are ordered by the first principal component of their mean targets (Coppersmith 1999;
    Wright 2019, https://doi.org/10.7717/peerj.6339), rare ones near the middle.

    Args:
        codes: Of the training rows, int64 (N,).
        levels: How many categories there are, L.
        targets: Of the same rows, (N, K).

    Returns:
        float32 (L,).
    """
    if levels <= 2:
        return np.arange(levels, dtype=np.float32)
    counts = np.bincount(codes, minlength=levels).astype(np.float64)
    centred = targets - targets.mean(axis=0)
    sums = np.stack([np.bincount(codes, weights=column, minlength=levels) for column in centred.T], axis=1)
    means = sums / (counts + PRIOR)[:, None]
    _, vectors = np.linalg.eigh((means * counts[:, None]).T @ means)
    places = np.empty(levels, np.float32)
    places[np.argsort(means @ vectors[:, -1], kind="stable")] = np.arange(levels)
    return places
