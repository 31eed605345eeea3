"""Rows of a table as the numbers that metrics of tables share."""

import numpy as np

from autogen.data.base import Samples
from autogen.data.tabular import TableCodec
from autogen.errors import DataError, MetricError


def table_features(frame: Samples, codec: TableCodec) -> np.ndarray:
    """Quantities and indices of categories, NaN where a cell is missing, float64 (N, D).

    Raises:
        MetricError: a column is missing, or holds an infinite number.
    """
    try:
        features = codec.features(frame)
    except DataError as error:
        raise MetricError(str(error)) from error
    infinite = np.isinf(features).any(axis=0)
    if infinite.any():
        name = codec.spec.columns[int(infinite.argmax())].name
        raise MetricError(f"column {name!r} holds infinite numbers; mend or leave out those rows")
    return features
