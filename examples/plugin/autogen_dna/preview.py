"""What the report tells of strands: distributions, and the unit of their likelihood."""

import math
from collections.abc import Sequence

import numpy as np

from autogen.data.codec import Codec
from autogen.data.marginals import Record, binned


def marginals(real: Sequence[str], fake: Sequence[str], codec: Codec) -> list[Record]:  # noqa: ARG001
    """Distributions of the share of G and C, and of the length."""
    gc, lengths = (
        [np.array([of(strand) for strand in side], dtype=float) for side in (real, fake)]
        for of in (lambda strand: (strand.count("G") + strand.count("C")) / max(1, len(strand)), len)
    )
    return [binned("share of G and C", *gc), binned("length in bases", *lengths)]


def bits_a_base(strands: Sequence[str], codec: Codec) -> tuple[str, float]:  # noqa: ARG001
    """Unit of the likelihood, and its nats in all strands."""
    return "bits per base", sum(map(len, strands)) * math.log(2)
