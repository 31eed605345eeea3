"""N-gram counts of tokens with interpolated Kneser-Ney smoothing (Kneser 1995; Chen 1999).

A token's probability given the n-1 before it is a discounted share of its count there, plus the rest of the
mass times its probability given one token less. Below the highest order an n-gram counts once for each
distinct token before it; one that begins a text has nothing before it and keeps its count.
https://doi.org/10.1006/csla.1999.0128
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

_USUAL_DISCOUNT = 0.75


@dataclass(frozen=True)
class Histories:
    """Texts as positions to predict, each with the tokens before it.

    Attributes:
        windows: Tokens before and at each position, int64 (P, order); ``begin`` before a text.
        owner: Index of each position's text, int64 (P,).
        texts: Number of texts.
    """

    windows: np.ndarray
    owner: np.ndarray
    texts: int

    @classmethod
    def of(cls, tokens: np.ndarray, lengths: np.ndarray, order: int, begin: int) -> "Histories":
        """Cut texts into positions.

        Args:
            tokens: Tokens of all texts, one after the other, int64 (P,).
            lengths: Number of tokens of each text, int64 (N,).
            order: Number of tokens in a window.
            begin: Token that stands before a text.
        """
        owner = np.repeat(np.arange(len(lengths)), lengths)
        starts = np.repeat(np.cumsum(lengths) - lengths, lengths)
        place = np.arange(len(tokens))
        windows = np.full((len(tokens), order), begin, dtype=np.int64)
        for back in range(order):
            inside = place - back >= starts
            windows[inside, order - 1 - back] = tokens[place[inside] - back]
        return cls(windows, owner, len(lengths))


@dataclass(frozen=True)
class _Order:
    """Distinct n-grams of one length.

    Attributes:
        contexts: Sorted codes of the contexts, int64 (C,). A code is the index of the context one token
            shorter, times base, plus the token before that; a context's index is its place here.
        grams: Sorted codes of the n-grams, int64 (G,): index of the context times base plus the last token.
        rows: Index of the n-gram that ends at each position, int64 (P,).
        first: Whether an n-gram begins before a text, bool (G,).
        suffix: Index of the n-gram without its first token, int64 (G,).
    """

    contexts: np.ndarray
    grams: np.ndarray
    rows: np.ndarray
    first: np.ndarray
    suffix: np.ndarray


@dataclass(frozen=True)
class Smoothed:
    """Smoothed counts of one order.

    Attributes:
        kept: Discounted count of each n-gram, float64 (G,).
        total: Count of each context, float64 (C,).
        spread: Mass that each context leaves to the order below, float64 (C,).
    """

    kept: np.ndarray
    total: np.ndarray
    spread: np.ndarray

    @cached_property
    def ladder(self) -> np.ndarray:
        """Sum of the discounted counts before each n-gram and of all, float64 (G + 1,)."""
        return np.append(0, np.cumsum(self.kept))


class NGrams:
    """Distinct n-grams of texts, of all lengths up to an order.

    Args:
        histories: Positions of the texts, P of them.
        base: Number larger than any token.
        begin: Token that stands before a text.
    """

    def __init__(self, histories: Histories, base: int, begin: int) -> None:
        self.base, self.order = base, histories.windows.shape[1]
        self.owner, self.texts = histories.owner, histories.texts
        windows = histories.windows
        context = np.zeros(len(windows), dtype=np.int64)
        contexts = np.zeros(1, dtype=np.int64)
        self.orders: list[_Order] = []
        for n in range(1, self.order + 1):
            if n > 1:
                contexts, context = np.unique(context * base + windows[:, -n], return_inverse=True)
            grams, at, rows = np.unique(
                context * base + windows[:, -1], return_index=True, return_inverse=True
            )
            suffix = self.orders[-1].rows[at] if n > 1 else np.zeros(len(grams), dtype=np.int64)
            self.orders.append(_Order(contexts, grams, rows, windows[at, -n] == begin, suffix))

    @classmethod
    def of(cls, contexts: Sequence[np.ndarray], grams: Sequence[np.ndarray], base: int) -> "NGrams":
        """N-grams to draw from, as they were saved: sorted codes of each order, the lowest first."""
        made, none = cls.__new__(cls), np.zeros(0, dtype=np.int64)
        made.base, made.order, made.owner, made.texts = base, len(grams), none, 0
        pairs = zip(contexts, grams, strict=True)
        made.orders = [_Order(own, codes, none, none.astype(bool), none) for own, codes in pairs]
        return made

    @cached_property
    def starts(self) -> list[np.ndarray]:
        """Place of the first n-gram of each context, and the number of n-grams, int64 (C + 1,), by order."""
        ranges = (np.arange(len(order.contexts) + 1) * self.base for order in self.orders)
        return [
            np.searchsorted(order.grams, wanted) for order, wanted in zip(self.orders, ranges, strict=True)
        ]

    def smoothed(self, texts: np.ndarray | None = None, *, repeats: bool = False) -> list[Smoothed]:
        """Compute the smoothed counts of each order, the lowest first.

        Args:
            texts: Texts that count, bool (N,); all where ``None``.
            repeats: Whether n-grams below the highest order count as often as they occur (absolute
                discounting, Ney 1994) rather than once for each distinct token before them.
        """
        weights = None if texts is None else texts[self.owner].astype(np.float64)
        above: np.ndarray | None = None
        found = []
        for n in range(self.order, 0, -1):
            order = self.orders[n - 1]
            counts = np.bincount(order.rows, weights, minlength=len(order.grams)).astype(np.float64)
            if above is not None and not repeats:
                higher = self.orders[n]
                different = np.bincount(higher.suffix, above > 0, minlength=len(order.grams))
                adjusted = np.where(order.first, counts, different)
            else:
                adjusted = counts
            found.append(self._discounted(adjusted, order))
            above = counts
        return found[::-1]

    def places(self, windows: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """Find the context and the n-gram of each window (P, order) at each order.

        Returns:
            For each order, indices of contexts and of n-grams, both int64 (P,); -1 where there is none.
        """
        context = np.zeros(len(windows), dtype=np.int64)
        found = []
        for n, order in enumerate(self.orders, 1):
            if n > 1:
                context = _find(order.contexts, context, windows[:, -n], self.base)
            found.append((context, _find(order.grams, context, windows[:, -1], self.base)))
        return found

    def _discounted(self, counts: np.ndarray, order: _Order) -> Smoothed:
        ones, twos = (counts == 1).sum(), (counts == 2).sum()
        # the discount n1 / (n1 + 2 n2) of Kneser 1995, from the numbers of n-grams seen once and twice
        discount = ones / (ones + 2 * twos) if ones and twos else _USUAL_DISCOUNT
        kept = np.maximum(counts - discount, 0)
        context = order.grams // self.base
        total = np.bincount(context, counts, minlength=len(order.contexts))
        left = total - np.bincount(context, kept, minlength=len(order.contexts))
        return Smoothed(kept, total, left)


def probabilities(
    places: list[tuple[np.ndarray, np.ndarray]], smoothed: list[Smoothed], levels: int
) -> np.ndarray:
    """Compute the probability of each window's last token, float64 (P,).

    Args:
        places: Result of ``NGrams.places``.
        smoothed: Counts of all orders.
        levels: Number of tokens; below all orders each has probability 1 / levels.
    """
    found = np.full(len(places[0][0]), 1 / levels)
    for (context, gram), order in zip(places, smoothed, strict=True):
        total = np.where(context >= 0, order.total[context], 0)
        seen = total > 0
        kept = np.where(gram >= 0, order.kept[gram], 0)
        mixed = (kept + order.spread[context] * found) / np.where(seen, total, 1)
        found = np.where(seen, mixed, found)
    return found


def state_of(grams: NGrams, smoothed: Sequence[Smoothed]) -> dict[str, np.ndarray]:
    """N-grams and their smoothed counts as arrays by name; ``from_state`` reads them."""
    found: dict[str, np.ndarray] = {}
    for place, (order, counts) in enumerate(zip(grams.orders, smoothed, strict=True)):
        arrays = {"contexts": order.contexts, "grams": order.grams, "kept": counts.kept}
        arrays |= {"total": counts.total, "spread": counts.spread}
        found |= {f"{name}.{place}": array for name, array in arrays.items()}
    return found


def from_state(state: Mapping[str, np.ndarray], base: int) -> tuple[NGrams, list[Smoothed]]:
    """The n-grams and smoothed counts behind ``state_of``."""
    orders = range(sum(name.startswith("grams.") for name in state))
    contexts, grams = ([state[f"{name}.{place}"] for place in orders] for name in ("contexts", "grams"))
    smoothed = [Smoothed(*(state[f"{name}.{p}"] for name in ("kept", "total", "spread"))) for p in orders]
    return NGrams.of(contexts, grams, base), smoothed


def draw_tokens(
    grams: NGrams, smoothed: list[Smoothed], windows: np.ndarray, known: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Draw a token after each history from the interpolated distribution.

    Args:
        grams: The n-grams.
        smoothed: Their smoothed counts.
        windows: Tokens before, int64 (N, order - 1).
        known: Tokens that are equally likely below all orders, int64 (K,).
        rng: Source of the random draws.

    Returns:
        Tokens, int64 (N,).
    """
    size = len(windows)
    drawn = np.full(size, -1, dtype=np.int64)
    context = np.zeros(size, dtype=np.int64)
    chain = [context]
    for n, order in enumerate(grams.orders[1:], 2):
        context = _find(order.contexts, context, windows[:, 1 - n], grams.base)
        chain.append(context)
    # From the highest order down: a uniform number below the kept mass chooses an n-gram of that context, one
    # above it backs off to the order below.
    parts = zip(grams.orders, grams.starts, smoothed, chain, strict=True)
    for order, starts, counts, context in reversed(list(parts)):
        target = rng.random(size)
        some = np.flatnonzero((drawn < 0) & (context >= 0))
        first, last = starts[context[some]], starts[context[some] + 1]
        low, target = counts.ladder[first], target[some] * counts.total[context[some]]
        hit = target < counts.ladder[last] - low
        place = np.searchsorted(counts.ladder, (low + target)[hit], side="right") - 1
        drawn[some[hit]] = order.grams[place.clip(first[hit], last[hit] - 1)] % grams.base
    return np.where(drawn < 0, rng.choice(known, size=size), drawn)


def _find(codes: np.ndarray, context: np.ndarray, token: np.ndarray, base: int) -> np.ndarray:
    """Find the place of each code (N,) among the sorted ones; -1 where the context or the code is missing."""
    wanted = context * base + token
    place = np.searchsorted(codes, wanted).clip(0, max(0, len(codes) - 1))
    return np.where((context >= 0) & (codes[place] == wanted), place, -1)
