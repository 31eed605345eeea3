"""What else shows copies of train, beside the gate: to be looked at next to the same number of unseen rows.

For tables authenticity (Alaa 2022, https://arxiv.org/abs/2102.08921): the share of samples whose nearest
training row lies nearer to another training row than to the sample. For texts the mean length of the longest
stretch of characters that is found in a training text as well; it grows with the length of a text.
"""

import numpy as np

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.data.tables.codec import TableCodec
from autogen.data.texts.codec import TextCodec
from autogen.metrics.memorization.gate import some
from autogen.metrics.memorization.lookup import distance_to

#: Samples that are looked at, pairs of a sample and a training row, characters of train.
_MOST, _FEWEST, _MOST_PAIRS, _MOST_CHARACTERS = 500, 100, 2_500_000, 1_000_000
#: Stand after each text of train, and after each other text: they match nothing.
_END_OF_TRAIN, _END, _FIRST = 0, 1, 2


def copy_evidence(samples: Samples, train: Samples, codec: Codec) -> dict[str, float]:
    """Evidence of copying by name; none where the kind of data has none.

    Args:
        samples: Raw samples, generated or real ones that the model has not seen.
        train: All raw samples that the model was fitted on.
        codec: Of the data set.
    """
    if isinstance(codec, TableCodec):
        return {"authenticity": authenticity(samples, train, codec)}
    if isinstance(codec, TextCodec):
        return {"copied_span": float(longest_spans(some(samples, _MOST), _within(train)).mean())}
    return {}


def authenticity(samples: Samples, train: Samples, codec: Codec) -> float:
    """Share of samples that lie further from their nearest training row than that does from any other."""
    distance = distance_to(train, codec)
    kept = some(samples, max(_FEWEST, min(_MOST, _MOST_PAIRS // len(train))))
    nearest = [(strip.argmin(axis=1), strip.min(axis=1)) for strip in distance.strips(kept)]
    rows, apart = (np.concatenate(parts) for parts in zip(*nearest, strict=True))
    around = train.iloc[rows].reset_index(drop=True)
    own = np.concatenate([np.partition(strip, 1, axis=1)[:, 1] for strip in distance.strips(around)])
    return float((own < apart).mean())


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
