"""Authenticity of a table's rows (Alaa 2022, https://arxiv.org/abs/2102.08921).

The share of samples whose nearest training row is nearer to another training row than to the sample.
"""

from typing import Any

import numpy as np

from autogen.data.codec import Codec
from autogen.metrics.memorization.gate import some
from autogen.metrics.memorization.lookup import distance_to

#: Largest and smallest number of samples, and largest number of pairs of a sample and a training row.
_MOST, _FEWEST, _MOST_PAIRS = 500, 100, 2_500_000


def authenticity(samples: Any, train: Any, codec: Codec) -> float:
    """Share of samples farther from their nearest training row than it is from any other: low for copies.

    Args:
        samples: N generated rows, a data frame.
        train: M rows that the generator was fitted on, a data frame.
        codec: Codec of the data set.
    """
    distance = distance_to(train, codec)
    kept = some(samples, max(_FEWEST, min(_MOST, _MOST_PAIRS // len(train))))
    nearest = [(strip.argmin(axis=1), strip.min(axis=1)) for strip in distance.strips(kept)]
    rows, distances = (np.concatenate(parts) for parts in zip(*nearest, strict=True))
    around = train.iloc[rows].reset_index(drop=True)
    own = np.concatenate([np.partition(strip, 1, axis=1)[:, 1] for strip in distance.strips(around)])
    return float((own < distances).mean())
