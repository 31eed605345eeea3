"""Histograms of columns with noise.

A quantity is counted in fixed cells of its declared range: one for each value if they are few, else 64 of
equal width, and one for each end, where real columns have spikes. Categories are not known before: those that
occur are counted, and the ones whose noisy count reaches a threshold are kept (stability-based histogram,
Korolova 2009, https://doi.org/10.1145/1526709.1526733). A row adds one to one cell of each histogram.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.tables.quantity import NumericScale
from autogen.data.tables.reading.column_types import ColumnType
from autogen.errors import DataError
from autogen.privacy.noise import noisy_counts
from autogen.privacy.settings import Range

#: Cells of equal width between the ends of a range, and most values with a cell each.
CELLS, MOST_VALUES = 64, 128
#: Standard deviations of the noise above which a count of missing cells is taken to be above 0.
_SEEN = 3.0
#: Kinds of columns that are counted.
_COUNTED = ("continuous", "integer", "categorical", "ordinal", "boolean")


def check_columns(forms: Sequence[ColumnType], ranges: Mapping[str, Range]) -> None:
    """Refuse columns that cannot be counted, ranges of no column, and quantities without a range.

    Raises:
        DataError: all such columns in one line, with what to give.
    """
    if others := [form for form in forms if form.kind not in _COUNTED]:
        shown = ", ".join(f"{form.name} ({form.personal or form.kind})" for form in others)
        drop = " ".join(f"--column '{form.name}=drop'" for form in others)
        raise DataError(
            f"columns without a guarantee for epsilon: {shown}; only numbers and categories are counted with "
            f"noise. Leave them out ({drop}), or give them as numbers."
        )
    quantities = [form.name for form in forms if not form.nominal]
    if unknown := [name for name in ranges if name not in quantities]:
        raise DataError(
            f"the range of {unknown[0]!r} is given, but that is no column of numbers; there are "
            f"{', '.join(quantities) or 'none'}."
        )
    if lacking := [name for name in quantities if name not in ranges]:
        wanted = " ".join(f"--range '{name}=LOW:HIGH'" for name in lacking)
        raise DataError(
            "epsilon needs the range of each column of numbers, as it is known without looking at the rows "
            "(the smallest and the largest value would give away two of them): "
            f"{wanted}{_steps(forms, lacking)}"
        )


def _steps(forms: Sequence[ColumnType], lacking: Sequence[str]) -> str:
    """Say that a column which is not read as whole numbers may have a step."""
    first = next((form.name for form in forms if form.name in lacking and not _is_whole(form)), "")
    return (
        f"; LOW:HIGH:STEP, such as '{first}=0:110:1', where its values have a spacing (whole numbers with "
        "missing cells)"
        if first
        else ""
    )


def count_column(
    form: ColumnType, column: pd.Series, given: Range | None, scale: float, threshold: float
) -> dict[str, Any]:
    """Count the cells of a column with noise; see ``HasNoisyCodec.count``.

    Args:
        form: Type of the column.
        column: Cells, one of each unit.
        given: Range of a quantity.
        scale: Standard deviation of the noise on each count.
        threshold: Least noisy count of a category.

    Returns:
        JSON values: the type, ``counts``, the count of missing cells, and ``values`` or ``edges``.
    """
    if form.nominal:
        return _count_categories(form, column, scale, threshold)
    assert given is not None
    lows, highs = cells_of(form, given)
    numbers = NumericScale(form).numbers(column)
    known = np.clip(numbers[~np.isnan(numbers)], given.low, given.high)
    if given.step or _is_whole(form):  # a value between two steps counts as the nearer one
        step = given.step or 1.0
        known = np.clip(given.low + np.rint((known - given.low) / step) * step, given.low, given.high)
    place = np.clip(np.searchsorted(lows, known, side="right") - 1, 0, len(lows) - 1)
    counts = np.bincount(place, minlength=len(lows))
    if _can_miss(form):
        counts = np.append(counts, len(numbers) - len(known))
    noisy = noisy_counts(counts, scale)
    return {
        "form": replace(form, missing_words=()).to_json(),
        "edges": [lows.tolist(), highs.tolist()],
        "step": given.step or float(_is_whole(form)),
        "counts": noisy[: len(lows)].tolist(),
        "missing": _missing(form, int(noisy[-1]), scale),
    }


def cells_of(form: ColumnType, given: Range) -> tuple[np.ndarray, np.ndarray]:
    """Compute the lower and upper ends of the cells of a range, float64 (C,) each, ascending.

    A value is in the last cell whose lower end it reaches; the first and the last cell hold the ends alone.
    """
    step = given.step or float(_is_whole(form))
    if step and (given.high - given.low) / step < MOST_VALUES:
        values = given.low + step * np.arange(int((given.high - given.low) / step + 1e-9) + 1)
        return values, values
    inner = np.linspace(given.low, given.high, CELLS + 1)
    if step:
        inner = given.low + step * np.ceil((inner - given.low) / step - 1e-9)
    just_above = given.low + (step or (given.high - given.low) * 1e-9)
    lows = np.concatenate([[given.low], [just_above], inner[1:-1], [given.high]])
    highs = np.concatenate([[given.low], inner[1:], [given.high]])
    return lows, highs


def _count_categories(form: ColumnType, column: pd.Series, scale: float, threshold: float) -> dict[str, Any]:
    counts = column.astype(object).value_counts(dropna=True)
    counts = counts[counts > 0]
    noisy = noisy_counts(np.append(counts.to_numpy(), column.isna().sum()), scale)
    kept = noisy[:-1] >= threshold
    found = sorted(zip(map(_plain, counts.index[kept]), noisy[:-1][kept].tolist(), strict=True), key=_by_text)
    values = [value for value, _ in found]
    order = tuple(value for value in map(_plain, form.categories) if value in values)
    return {
        "form": replace(form, missing_words=(), categories=order).to_json(),
        "values": values,
        "counts": [count for _, count in found],
        "missing": _missing(form, int(noisy[-1]), scale),
    }


def lost_categories(columns: Sequence[Mapping[str, Any]], frame: pd.DataFrame) -> list[str]:
    """Say of each column how many of its categories were left out, one sentence each.

    Args:
        columns: Histograms of ``count_column``.
        frame: All rows; these sentences have no noise.
    """
    found = []
    for column in columns:
        name, kept = column["form"]["name"], column.get("values")
        there = frame[name].nunique()
        if kept is not None and len(kept) < there:
            some = f"{len(kept)} of the {there}" if kept else f"none of the {there}"
            found.append(
                f"Samples have {some} categories of column {name!r}: noise hides those of too few rows."
            )
    return found


def _missing(form: ColumnType, noisy: int, scale: float) -> int:
    """Count missing cells: 0 for what may well be noise alone, so that whole columns stay whole."""
    return noisy if _can_miss(form) and noisy > _SEEN * scale else 0


def _by_text(pair: tuple[Any, int]) -> str:
    return str(pair[0])  # an order of its own: that of the data says which values are frequent


def _plain(value: Any) -> Any:
    """Convert a number of numpy to one that JSON knows."""
    return value.item() if isinstance(value, np.generic) else value


def _is_whole(form: ColumnType) -> bool:
    return form.dtype.lower().startswith(("int", "uint"))


def _can_miss(form: ColumnType) -> bool:
    """Tell if the dtype of a column can hold missing cells."""
    return not form.dtype.startswith(("int", "uint", "bool"))
