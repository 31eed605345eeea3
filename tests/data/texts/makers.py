"""Invented words, for tests of texts."""

import numpy as np

_ONSETS = ("b", "br", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "st", "t", "v", "z")
_VOWELS = ("a", "e", "i", "o", "u", "ai", "é")
_CODAS = ("", "", "n", "r", "s", "l", "nd")


def words(n: int, seed: int = 0) -> list[str]:
    """Words of one to four syllables whose vowels are often alike within a word."""
    rng = np.random.default_rng(seed)
    return [_word(rng) for _ in range(n)]


def _word(rng: np.random.Generator) -> str:
    own = _VOWELS[rng.integers(len(_VOWELS))]
    found = ""
    for _ in range(1 + rng.integers(4)):
        vowel = own if rng.random() < 0.7 else _VOWELS[rng.integers(len(_VOWELS))]
        found += _ONSETS[rng.integers(len(_ONSETS))] + vowel + _CODAS[rng.integers(len(_CODAS))]
    return found
