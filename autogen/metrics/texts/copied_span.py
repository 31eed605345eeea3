"""Longest substring that a text shares with any training text; longer texts share longer ones."""

import numpy as np

from autogen.data.codec import Codec
from autogen.metrics.memorization.gate import some

#: Most generated texts, and most characters of the train split, that are compared.
_MOST, _MOST_CHARACTERS = 500, 1_000_000
#: Codes after each text of train and after each other text (they match nothing); code of character 0.
_END_OF_TRAIN, _END, _FIRST = 0, 1, 2


def copied_span(texts: list[str], train: list[str], codec: Codec) -> float:  # noqa: ARG001
    """Mean length, in characters, of the longest piece of a text that also occurs in train: high for copies.

    Args:
        texts: N generated texts.
        train: M texts that the generator was fitted on.
        codec: Codec of the data set; unused, as all such functions take it.
    """
    return float(longest_spans(some(texts, _MOST), _within(train)).mean())


def longest_spans(texts: list[str], train: list[str]) -> np.ndarray:
    """Find the length of the longest substring of each text that occurs in train, int64 (N,).

    It sorts all suffixes of both sides together (Manber 1993, suffix array): the training suffix with the
    longest common prefix is the last one before or the first one after a text's suffix.

    Args:
        texts: N texts.
        train: M training texts.
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
    # The suffix with the longest match is the text's: a maximum over the positions of each text.
    sizes = np.array([len(text) + 1 for text in texts])
    return np.asarray(np.maximum.reduceat(shared[begin:], np.cumsum(sizes) - sizes))


def _coded(texts: list[str], end: int) -> np.ndarray:
    """Encode the characters of all texts as int64 codes, with an end code after each text."""
    joined = "".join(text + "\0" for text in texts)
    points = np.frombuffer(joined.encode("utf-32-le", "replace"), dtype="<u4").astype(np.int64)
    ends = np.cumsum([len(text) + 1 for text in texts]) - 1
    points += _FIRST
    points[ends] = end
    return points


def _ranks(codes: np.ndarray, longest: int) -> list[np.ndarray]:
    """Rank the substrings of 1, 2, 4, ... characters at each position, up to the longest text."""
    # Prefix doubling: a rank of 2w characters follows from the ranks of its two halves of w characters.
    found = [np.unique(codes, return_inverse=True)[1]]
    width = 1
    while width < longest and found[-1].max() + 1 < len(codes):
        rank = found[-1] + 1
        following = np.append(rank[width:], np.zeros(min(width, len(rank)), dtype=rank.dtype))
        found.append(np.unique(rank * (rank.max() + 1) + following, return_inverse=True)[1])
        width *= 2
    return found


def _shared(ours: np.ndarray, theirs: np.ndarray, ranks: list[np.ndarray]) -> np.ndarray:
    """Compute the length of the common prefix of the suffixes at two positions, int64 (K,)."""
    # Equal ranks mean equal substrings, so the length is built from its largest power of two down.
    length = np.zeros(len(ours), dtype=np.int64)
    for power in range(len(ranks) - 1, -1, -1):
        rank = ranks[power]
        alike = rank[ours + length] == rank[theirs + length]
        length += np.where(alike, 1 << power, 0)
    return length


def _within(train: list[str]) -> list[str]:
    """Choose training texts of about a million characters together, always the same ones."""
    mean = max(1.0, sum(map(len, train)) / len(train))
    return some(train, max(1, int(_MOST_CHARACTERS / mean)))  # type: ignore[no-any-return]
