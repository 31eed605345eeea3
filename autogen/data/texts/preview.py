"""Preview of texts: the distribution of their lengths, and the unit of their likelihood."""

import math
from collections.abc import Sequence

import numpy as np

from autogen.data.codec import Codec
from autogen.data.marginals import Record, binned


def length_marginals(real: Sequence[str], fake: Sequence[str], codec: Codec) -> list[Record]:  # noqa: ARG001
    """Compute the distribution of the lengths in characters."""
    lengths = [np.array([len(text) for text in texts], dtype=float) for texts in (real, fake)]
    return [binned("length in characters", *lengths)]


def bits_a_byte(texts: Sequence[str], codec: Codec) -> tuple[str, float]:  # noqa: ARG001
    """Unit of the likelihood, a scale for all tokens, and its nats in all texts; ends are no bytes."""
    size = sum(len(text.encode("utf-8", "replace")) for text in texts)
    return "bits per byte", size * math.log(2)
