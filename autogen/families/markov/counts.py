"""Counts of variable-order contexts of tokens, with discounts: what a variable-order Markov model is made of.

A context is the few tokens before a position. One that occurs less often than ``fewest`` times is not kept,
nor is any longer one that ends in it (Rissanen 1983, https://doi.org/10.1109/TIT.1983.1056741): so frequent
contexts are long, rare ones short, and what was seen once is not recited. Each kept context has the
discounted counts of the tokens after it, and leaves the discounted mass to the context one token shorter:
modified Kneser-Ney smoothing (Chen 1999, https://doi.org/10.1006/csla.1999.0128), grown as of Siivola 2007
(https://doi.org/10.1109/TASL.2007.896650): a token after a short context counts once for each longer kept
context that it follows, and as often as it occurs where no longer one is kept.
"""

from dataclasses import dataclass

import numpy as np

from autogen.families.baselines.ngrams import Histories

#: Discounts of counts of 1, 2, and 3 or more where too few of them are there to estimate them.
_USUAL = np.array([0.0, 0.6, 1.0, 1.3])


@dataclass(frozen=True)
class Order:
    """Kept contexts of one length, and the tokens after them.

    Attributes:
        contexts: Ascending codes of the contexts, int64 (C,). A code is the index of the context one token
            shorter, times the number of levels, plus the token before that; a context's index is its place.
        grams: Ascending codes of context and next token, int64 (G,): index of the context times the number
            of levels, plus the token.
        kept: Discounted count of each, float64 (G,).
        total: Count of each context, float64 (C,).
    """

    contexts: np.ndarray
    grams: np.ndarray
    kept: np.ndarray
    total: np.ndarray


@dataclass(frozen=True)
class Counting:
    """How contexts are counted.

    Attributes:
        order: Tokens of the longest context and the one after it.
        fewest: Occurrences that a context needs.
        discount: Factor on the estimated discounts: more than 1 leaves more to shorter contexts.
        distinct: Whether tokens after shorter contexts count once for each longer one; else as they occur.
    """

    order: int
    fewest: int
    discount: float
    distinct: bool


def count(tokens: np.ndarray, lengths: np.ndarray, levels: int, begin: int, how: Counting) -> list[Order]:
    """Count the contexts of rows of tokens.

    Args:
        tokens: Tokens of all rows, one row after the other, int64 (P,).
        lengths: Number of tokens of each row, int64 (N,).
        levels: Number larger than any token.
        begin: Token that stands before a row.
        how: How to count.

    Returns:
        At most ``how.order`` orders, the contexts of no token first.
    """
    windows = Histories.of(tokens, lengths, how.order + 1, begin).windows
    context = np.zeros(len(windows), dtype=np.int64)
    contexts, orders = np.zeros(1, dtype=np.int64), list[Order]()
    for n in range(1, how.order + 1):
        before = windows[:, -n - 1]
        longer, extended, index = _extended(context, before, levels, how.fewest)
        if n == how.order:
            extended[:] = False
        elif n > 1:
            extended &= windows[:, -n] != begin  # nothing stands before the beginning
        grams, rows = np.unique(context * levels + windows[:, -1], return_inverse=True)
        counts = np.bincount(rows, ~extended if how.distinct else None, len(grams)).astype(np.float64)
        if how.distinct:
            pairs = np.unique(rows[extended] * levels + before[extended])
            counts += np.bincount(pairs // levels, minlength=len(grams))
        kept = counts - np.minimum(how.discount * _discounts(counts), counts)
        total = np.bincount(grams // levels, counts, len(contexts))
        orders.append(Order(contexts, grams, kept, total))
        if not extended.any():
            break
        used = np.unique(index[extended])  # all but those that only stand before a beginning
        contexts, windows = longer[used], windows[extended]
        context = np.searchsorted(used, index[extended])
    return orders


def _extended(
    context: np.ndarray, before: np.ndarray, levels: int, fewest: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Extend the context of each position by the token before it.

    Returns:
        Codes of the longer contexts, whether each position's occurs often enough, (P,), and its index, (P,).
    """
    codes, index, times = np.unique(context * levels + before, return_inverse=True, return_counts=True)
    return codes, times[index] >= fewest, index


def _discounts(counts: np.ndarray) -> np.ndarray:
    """Discount of each count (G,), from how many counts of 1 to 4 there are (Chen 1999, equation 17)."""
    seen = np.array([(counts == n).sum() for n in range(1, 5)], dtype=np.float64)
    found = _USUAL
    if seen.all():
        ratio = seen[0] / (seen[0] + 2 * seen[1])
        n = np.arange(1, 4)
        found = np.append(0.0, np.clip(n - (n + 1) * ratio * seen[1:] / seen[:-1], 0.1, n - 0.1))
    return np.asarray(found[np.minimum(counts, 3).astype(np.int64)])
