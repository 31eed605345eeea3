"""Kneser-Ney against a slow one written from the definition, and draws against probabilities."""

from collections import Counter, defaultdict

import numpy as np
import pytest

from autogen.families.baselines.ngrams import Histories, NGrams, draw_tokens, probabilities

LEVELS, BEGIN, ORDER = 6, 0, 3
TEXTS = [[1, 2, 3, 1, 2, 4], [1, 2, 2, 5], [3, 1, 2, 3, 5, 5], [4, 4, 1, 2], [5, 1, 3]]


def histories(texts):
    return Histories.of(np.concatenate(texts), np.array(list(map(len, texts))), ORDER, BEGIN)


def counted(texts=TEXTS):
    return NGrams(histories(texts), LEVELS, BEGIN)


def slow_counts(texts):
    """Adjusted counts of each order by n-gram."""
    raw = {n: Counter() for n in range(1, ORDER + 1)}
    for text in texts:
        padded = [BEGIN] * (ORDER - 1) + list(text)
        for end in range(ORDER - 1, len(padded)):
            for n in raw:
                raw[n][tuple(padded[end - n + 1 : end + 1])] += 1
    found = {ORDER: dict(raw[ORDER])}
    for n in range(1, ORDER):
        before = defaultdict(set)
        for gram in raw[n + 1]:
            before[gram[1:]].add(gram[0])
        found[n] = {g: raw[n][g] if g[0] == BEGIN else len(before[g]) for g in raw[n]}
    return found


def slow(counts, context, token, n=ORDER):
    if n == 0:
        return 1 / (LEVELS - 1)
    here = {g: c for g, c in counts[n].items() if g[:-1] == tuple(context[len(context) - n + 1 :])}
    below = slow(counts, context, token, n - 1)
    if not here:
        return below
    ones, twos = (sum(c == k for c in counts[n].values()) for k in (1, 2))
    discount = ones / (ones + 2 * twos) if ones and twos else 0.75
    kept = max(0, next((c for g, c in here.items() if g[-1] == token), 0) - discount)
    spread = sum(min(c, discount) for c in here.values())
    return (kept + spread * below) / sum(here.values())


def fast(grams, context, texts=None):
    windows = np.array([[*context, token] for token in range(1, LEVELS)])
    return probabilities(grams.places(windows), grams.smoothed(texts), LEVELS - 1)


CONTEXTS = [(0, 0), (0, 1), (1, 2), (2, 3), (5, 5), (4, 3)]


@pytest.mark.parametrize("context", CONTEXTS)
def test_probabilities_are_those_of_the_definition(context):
    expected = [slow(slow_counts(TEXTS), context, token) for token in range(1, LEVELS)]
    assert fast(counted(), context) == pytest.approx(expected)
    assert sum(expected) == pytest.approx(1)


@pytest.mark.parametrize("context", CONTEXTS)
def test_leaving_texts_out_is_the_same_as_never_having_seen_them(context):
    kept = np.array([True, False, True, True, False])
    rest = counted([text for text, keep in zip(TEXTS, kept, strict=True) if keep])
    assert fast(counted(), context, kept) == pytest.approx(fast(rest, context))


def test_windows_do_not_reach_into_the_text_before():
    windows = histories([[1, 2], [3]]).windows
    assert windows.tolist() == [[0, 0, 1], [0, 1, 2], [0, 0, 3]]


@pytest.mark.parametrize("context", [(0, 0), (1, 2), (4, 3)])
def test_draws_come_as_often_as_they_should(context):
    grams = counted()
    drawn = draw_tokens(
        grams, grams.smoothed(), np.array([context] * 20_000), np.arange(1, LEVELS), np.random.default_rng(0)
    )
    shares = np.bincount(drawn, minlength=LEVELS)[1:] / len(drawn)
    assert shares == pytest.approx(fast(grams, context), abs=0.02)
