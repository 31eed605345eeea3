"""The longest stretch of characters that a text shares with a training text; it grows with the text."""

import numpy as np

from autogen.data.codec import Codec
from autogen.metrics.memorization.gate import some

#: Most texts that are looked at, and most characters of train.
_MOST, _MOST_CHARACTERS = 500, 1_000_000
#: Stand after each text of train, and after each other text: they match nothing.
_END_OF_TRAIN, _END, _FIRST = 0, 1, 2


def copied_span(texts: list[str], train: list[str], codec: Codec) -> float:  # noqa: ARG001
    """Mean length of the longest copied stretch, in characters."""
    return float(longest_spans(some(texts, _MOST), _within(train)).mean())


def longest_spans(texts: list[str], train: list[str]) -> np.ndarray:
    """Characters of the longest stretch of each text that some training text holds too, int64 (N,).

    By sorting all suffixes of both together (Manber 1993): the training suffix that shares most with one of
    a text is the last before it or the first after it.
    """
    codes = np.concatenate([_coded(train, _END_OF_TRAIN), _coded(texts, _END)])
    begin = sum(map(len, train)) + len(train)
    ranks = _ranks(codes, max(map(len, texts)))
    order = np.argsort(ranks[-1], kind="stable")
    of_train = order < begin
    place = np.arange(len(order))
    before = np.maximum.accumulate(np.where(of_train, place, -1))
    after = np.minimum.accumulate(np.where(of_train, place, len(order))[::-1])[::-1]
    shared = np.zeros(len(order), dtype=np.int64)
    for beside in (before, after):
        known = ~of_train & (beside >= 0) & (beside < len(order))
        ours, theirs = order[known], order[beside[known]]
        shared[ours] = np.maximum(shared[ours], _shared(ours, theirs, ranks))
    sizes = np.array([len(text) + 1 for text in texts])
    return np.asarray(np.maximum.reduceat(shared[begin:], np.cumsum(sizes) - sizes))


def _coded(texts: list[str], end: int) -> np.ndarray:
    """Characters of all texts as numbers, with an end after each."""
    joined = "".join(text + "\0" for text in texts)
    points = np.frombuffer(joined.encode("utf-32-le", "replace"), dtype="<u4").astype(np.int64)
    ends = np.cumsum([len(text) + 1 for text in texts]) - 1
    points += _FIRST
    points[ends] = end
    return points


def _ranks(codes: np.ndarray, longest: int) -> list[np.ndarray]:
    """Place in order of the stretch of 1, 2, 4, ... characters at each position, up to the longest text."""
    found = [np.unique(codes, return_inverse=True)[1]]
    width = 1
    while width < longest and found[-1].max() + 1 < len(codes):
        rank = found[-1] + 1
        following = np.append(rank[width:], np.zeros(min(width, len(rank)), dtype=rank.dtype))
        found.append(np.unique(rank * (rank.max() + 1) + following, return_inverse=True)[1])
        width *= 2
    return found


def _shared(ours: np.ndarray, theirs: np.ndarray, ranks: list[np.ndarray]) -> np.ndarray:
    """Characters that the suffixes at two positions have in common at their beginning."""
    length = np.zeros(len(ours), dtype=np.int64)
    for power in range(len(ranks) - 1, -1, -1):
        rank = ranks[power]
        alike = rank[ours + length] == rank[theirs + length]
        length += np.where(alike, 1 << power, 0)
    return length


def _within(train: list[str]) -> list[str]:
    """As many training texts as have a million characters together, always the same ones."""
    mean = max(1.0, sum(map(len, train)) / len(train))
    return some(train, max(1, int(_MOST_CHARACTERS / mean)))  # type: ignore[no-any-return]
