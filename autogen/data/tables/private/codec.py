"""Codec of a table made of noisy histograms, and of nothing else.

Each histogram is written out as a column with about these counts, and the usual codec is fitted on these
columns: whatever it stores is computed from noisy counts.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.tables.codec import TableCodec
from autogen.data.tables.reading.column_types import ColumnType


def codec_of_counts(columns: Sequence[Mapping[str, Any]], rows: int, target: str = "") -> TableCodec:
    """Make the codec of the histograms of ``count_column``.

    Args:
        columns: Histogram of each column.
        rows: Number of rows to write out, at least 1.
        target: Name of the column that users predict from the others; empty where it is not known.
    """
    forms = [ColumnType.from_json(column["form"]) for column in columns]
    frame = pd.DataFrame(
        {form.name: _written(form, column, rows) for form, column in zip(forms, columns, strict=True)}
    )
    return TableCodec.fit(frame, forms, target=target)


def project(counts: np.ndarray, total: int) -> np.ndarray:
    """Find the nearest counts that are not negative and sum to a total: float64 (C,).

    Noise around zero is then cut off, and frequent cells keep their share (Duchi 2008).

    Args:
        counts: Noisy counts, (C,).
        total: The sum, above 0.
    """
    ordered = np.sort(counts)[::-1].astype(float)
    excess = (np.cumsum(ordered) - total) / np.arange(1, len(counts) + 1)
    last = np.flatnonzero(ordered > excess)[-1]
    return np.asarray(np.maximum(counts - excess[last], 0.0))


def _written(form: ColumnType, column: Mapping[str, Any], rows: int) -> pd.Series:
    """Write a histogram out as a column of this many cells."""
    noisy = np.array([*column["counts"], column["missing"]], float)
    if form.nominal and not column["values"]:  # a refusal would let users count again, which spends epsilon
        return pd.Series([None] * rows, dtype=object)
    shares = project(noisy, int(max(1, noisy.sum())))
    counts = _whole(shares, rows)
    if form.nominal:
        counts[:-1] = np.maximum(counts[:-1], 1)  # what passed the threshold stays
        values = np.repeat(np.array([*column["values"], None], dtype=object), counts)
        return pd.Series(_cut(values, rows), dtype=object)
    lows, highs = map(np.asarray, column["edges"])
    cells = [
        _spread(low, high, count, column["step"])
        for low, high, count in zip(lows, highs, counts[:-1], strict=True)
    ]
    numbers = np.concatenate([*cells, np.full(counts[-1], np.nan)])
    return pd.Series(_cut(numbers, rows))


def _whole(shares: np.ndarray, rows: int) -> np.ndarray:
    """Round shares to counts that sum to ``rows``, the largest remainders up: int64 (C,)."""
    exact = shares * rows / shares.sum()
    counts: np.ndarray = np.floor(exact).astype(np.int64)
    up = np.argsort(counts - exact, kind="stable")[: rows - int(counts.sum())]
    counts[up] += 1
    return counts


def _spread(low: float, high: float, count: int, step: float) -> np.ndarray:
    """Spread numbers evenly over a cell [low, high), on the grid of its steps: float64 (count,)."""
    numbers = low + (high - low) * (np.arange(count) + 0.5) / max(1, count)
    if step and high > low:
        numbers = low + np.floor((numbers - low) / step + 1e-9) * step
    return np.asarray(np.round(numbers, 10))


def _cut(cells: np.ndarray, rows: int) -> np.ndarray:
    """Cut or repeat to an exact number of cells, evenly."""
    return np.asarray(cells[np.arange(rows) * len(cells) // rows])
