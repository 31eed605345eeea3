"""Preview of texts: the distribution of their lengths, and the unit of their likelihood."""

import math
from collections.abc import Sequence

import numpy as np

from autogen.data.codec import Codec
from autogen.data.marginals import Record, binned

#: Most texts of each side whose words are counted.
MOST = 2_000


def length_marginals(real: Sequence[str], fake: Sequence[str], codec: Codec) -> list[Record]:  # noqa: ARG001
    """Compute the distributions of lengths: of texts in characters and in words, and of words in characters.

    Those of words are left out where no real text has spaces.
    """
    lengths = [np.array([len(text) for text in texts], dtype=float) for texts in (real, fake)]
    found = [binned("length in characters", *lengths)]
    sides = [[text.split() for text in texts[:MOST]] for texts in (real, fake)]
    if max((len(words) for words in sides[0]), default=0) > 1:
        counts = [np.array([len(words) for words in side], dtype=float) for side in sides]
        found.append(binned("length in words", *counts))
        sizes = [np.array([len(word) for words in side for word in words], dtype=float) for side in sides]
        found.append(binned("length of words in characters", *sizes))
    return found


def bits_a_byte(texts: Sequence[str], codec: Codec) -> tuple[str, float]:  # noqa: ARG001
    """Unit of the likelihood, a scale for all tokens, and its nats in all texts; ends are no bytes."""
    size = sum(len(text.encode("utf-8", "replace")) for text in texts)
    return "bits per byte", size * math.log(2)
