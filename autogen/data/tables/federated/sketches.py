"""Sketches of columns: the encoder that the column would get, and the number of rows behind each code.

A sketch is what the codec of a study stores anyway, and counts. Categories, and numbers of columns with few
values, are told with their counts. Of a column of many numbers the segments of its quantile bins are told
(``autogen.data.tables.quantizer``): at most about a thousand, of a thousandth of the rows or five rows each,
so that a rank that is read from them is off by at most one segment. What fewer rows share than the threshold
says is not told: categories of fewer rows are left out, numbers of fewer go into segments, segments are
joined until each has enough, and the outermost ends are means of so many rows. The ends between segments lie
half-way between the values of two rows.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.tables.encoders import Numbers, fit_encoder
from autogen.data.tables.quantizer import DecimalGrid, QuantileBins
from autogen.data.tables.reading.column_types import ColumnType
from autogen.errors import DataError


def sketch_table(meta: Mapping[str, Any], train: pd.DataFrame, threshold: int) -> dict[str, Any]:
    """Sketch a table: each modeled column, and the name of the target; identifiers are left out.

    Args:
        meta: What is known of the table's columns.
        train: The N rows of the training split.
        threshold: Least number of rows of what is told, at least 1.

    Raises:
        DataError: no column is left.
    """
    forms = [ColumnType.from_json(record) for record in meta["columns"]]
    kept = [form for form in forms if form.kind != "identifier"]
    if not kept:
        raise DataError("all columns are identifiers, of which nothing is learned; give a column its kind")
    columns = [sketch_column(form, train[form.name], threshold) for form in kept]
    return {"columns": columns, "target": str(meta.get("target") or "")}


def sketch_column(form: ColumnType, column: pd.Series, threshold: int) -> dict[str, Any]:
    """Sketch one column.

    Args:
        form: Type of the column.
        column: N cells of the training split.
        threshold: Least number of rows of what is told, at least 1.

    Returns:
        JSON values: the type, the record of the encoder, and ``counts``, the rows of each of its codes.

    Raises:
        DataError: no value has enough rows.
    """
    told, missing = column, column.isna()
    if missing.sum() < threshold:
        told = column[~missing]
    if form.nominal:
        rows = told.map(told.astype(object).value_counts()).fillna(len(told))
        told = told[rows.to_numpy(float) >= threshold]
    if threshold > 1:
        categories = tuple(value for value in form.categories if (told == value).any())
        form = replace(form, missing_words=(), categories=categories)
    encoder = fit_encoder(form, told)
    if isinstance(encoder, Numbers) and threshold > 1:
        encoder, told = _told_numbers(encoder, told, threshold)
    if told.notna().sum() < threshold:
        raise DataError(
            f"no value of column {form.name!r} has {threshold} rows or more; leave it out "
            f"(--column '{form.name}=drop'), or tell of fewer rows (--threshold)"
        )
    counts = np.bincount(encoder.encode(told)[0], minlength=encoder.spec.levels)
    record = {"form": form.to_json(), "encoder": encoder.to_json()}
    return record | {"counts": counts.tolist(), "rows": len(told)}


def _told_numbers(encoder: Numbers, cells: pd.Series, threshold: int) -> tuple[Numbers, pd.Series]:
    """Return an encoder of numbers that tells of no fewer rows than a threshold, and the cells it is of.

    Values of too few rows go into segments, and segments are joined. What is then still too little is left
    out.
    """
    quantity, missing = encoder.quantity, encoder.missing
    numbers = quantity.numbers(cells)
    present = numbers[~np.isnan(numbers)]
    uniques, counts = np.unique(present, return_counts=True)
    if encoder.bins is None and counts.min(initial=threshold) >= threshold:
        return encoder, cells
    spikes = encoder.spikes[np.isin(encoder.spikes, uniques[counts >= threshold])]
    rest = present[~np.isin(present, spikes)]
    if len(rest) >= threshold:
        bins = joined(QuantileBins.fit(rest, encoder.form.dtype == "float32"), threshold)
        bins = _with_blurred_ends(bins, np.sort(rest), threshold)
        return Numbers(quantity, missing, spikes, None, bins), cells
    kept = np.isnan(numbers) | np.isin(numbers, spikes)
    return Numbers(quantity, missing, np.empty(0), spikes, None), cells[kept]


def _with_blurred_ends(bins: QuantileBins, rest: np.ndarray, threshold: int) -> QuantileBins:
    """Replace the outermost ends by means of as many outermost numbers as the threshold says.

    Args:
        bins: Segments of at least so many rows each.
        rest: The numbers that they are of, float64 (N,), ascending.
        threshold: Least number of rows of what is told.
    """
    low, high = bins.low.copy(), bins.high.copy()
    low[0], high[-1] = rest[:threshold].mean(), rest[-threshold:].mean()
    return replace(bins, low=low, high=high)


def joined(bins: QuantileBins, threshold: int) -> QuantileBins:
    """Join neighboring segments until each has at least so many rows, or all are one.

    The grid of the numbers is told without the number that it was found from, which is the smallest one.
    """
    starts, rows = [0], 0
    for place, mass in enumerate(bins.mass.tolist()):
        if rows >= threshold:
            starts.append(place)
            rows = 0
        rows += mass
    if rows < threshold and len(starts) > 1:  # what is left at the end joins the last
        starts.pop()
    first = np.asarray(starts)
    last = np.append(first[1:], len(bins.low)) - 1
    grid = bins.rounding
    return QuantileBins(
        bins.low[first],
        bins.high[last],
        np.add.reduceat(bins.mass, first),
        np.unique(bins.bins[first], return_inverse=True)[1],
        replace(grid, base=grid.base % grid.step) if isinstance(grid, DecimalGrid) else grid,
    )
