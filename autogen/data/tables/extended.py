"""Codec of a table that keeps the codes of an earlier table's codec, with codes of new values added."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autogen.data.tables.codec import TableCodec
from autogen.data.tables.encoders import FEW_VALUES, Categories, ColumnEncoder, Numbers
from autogen.data.tables.quantizer import QuantileBins, find_rounding
from autogen.data.tables.rules.derivation import Derivation
from autogen.errors import DataError


def kinds_of(codec: TableCodec) -> dict[str, str]:
    """Return the kind of each learned column, as the option ``columns`` takes it."""
    # New values may lie between those of a known order, which is found again; booleans, and dates that are
    # numbers, cannot be asked for.
    forms = [encoder.form for encoder in codec.encoders]
    return {
        form.name: form.kind
        for form in forms
        if form.kind in ("continuous", "integer", "categorical")
        or (form.kind == "datetime" and not form.dtype.lower().startswith(("int", "uint")))
    }


def extended(earlier: TableCodec, fresh: TableCodec, frame: Any) -> TableCodec:
    """Return the fresh codec with the codes of an earlier one, wherever a column allows.

    Args:
        earlier: codec that a model was trained with before.
        fresh: codec of the new training rows.
        frame: DataFrame of these rows.

    Raises:
        DataError: the learned columns are others.
    """
    _refuse_other_columns(earlier, fresh)
    known = {encoder.form.name: encoder for encoder in earlier.encoders}
    columns = [
        joined(known[column.form.name], column, frame[column.form.name])
        if isinstance(column, ColumnEncoder)
        else column
        for column in fresh.columns
    ]
    learned = [column for column in columns if isinstance(column, ColumnEncoder)]
    rules = fresh.derivation.rules
    made = TableCodec(columns, Derivation.fit(learned, rules, frame) if rules else None, fresh.target)
    before, now = ([name for name, _ in codec.code_names()] for codec in (earlier, made))
    if before != now:
        raise DataError(
            f"the earlier model draws the columns {_shown(before)}, but with these rules they would be "
            f"{_shown(now)}; give the rules of the earlier run, or start without it."
        )
    return made


def _refuse_other_columns(earlier: TableCodec, fresh: TableCodec) -> None:
    """Raise ``DataError`` unless both have the same learned columns in the same order."""
    lacking = [name for name in earlier.names if name not in fresh.names]
    beyond = [name for name in fresh.names if name not in earlier.names]
    if lacking or beyond:
        found = [f"lacks {_shown(lacking)}"] * bool(lacking) + [f"adds {_shown(beyond)}"] * bool(beyond)
        raise DataError(
            f"the data has other columns than the earlier model: it {' and '.join(found)}; "
            "rename or drop columns, or start without the model."
        )
    if earlier.names != fresh.names:
        raise DataError(
            f"the earlier model has the columns in the order {_shown(earlier.names)}, the data "
            f"{_shown(fresh.names)}; reorder them."
        )


def _shown(names: Any) -> str:
    return ", ".join(list(names)[:6]) + (" ..." if len(names) > 6 else "")


def joined(earlier: ColumnEncoder, fresh: ColumnEncoder, column: Any) -> ColumnEncoder:
    """Return an encoder with the codes of both; the fresh one where they have nothing in common.

    Args:
        earlier: encoder of the earlier column.
        fresh: encoder of the new one.
        column: cells of the new training rows, N.

    Raises:
        DataError: a column of categories is one of quantities now, or the other way round.
    """
    if isinstance(earlier, Categories) and isinstance(fresh, Categories):
        return _categories(earlier, fresh)
    if isinstance(earlier, Numbers) and isinstance(fresh, Numbers):
        return _numbers(earlier, fresh, _distinct(fresh.feature(column)))
    name = fresh.form.name
    raise DataError(
        f"column {name!r} is {fresh.form.kind} here, but {earlier.form.kind} to the earlier model; "
        f"set its kind, columns.{name} = {earlier.form.kind!r}."
    )


def _categories(earlier: Categories, fresh: Categories) -> Categories:
    """Return an encoder with the categories of both, in one order if one of them has an order.

    Raises:
        DataError: the earlier categories cannot be cells of the column.
    """
    form = fresh.form
    if form.categories or earlier.form.categories:
        values = merged(earlier.form.categories or earlier.values, form.categories or fresh.values)
        form = replace(form, categories=tuple(values)) if form.categories else form
    else:
        values = _sorted([*fresh.values, *(value for value in earlier.values if value not in fresh.values)])
    known = {*earlier.values, *fresh.values}
    values = [value for value in values if value in known]
    common = values.index(fresh.values[fresh.common]) if fresh.values else earlier.common
    made = Categories(form, values, earlier.missing or fresh.missing, common)
    try:
        back = made.cells(np.arange(len(values))).tolist()
    except (ValueError, TypeError):
        back = []
    if back != values:
        raise DataError(
            f"column {form.name!r} holds {form.dtype} here, but values such as {earlier.values[0]!r} in the "
            "data of the earlier model; convert it."
        )
    return made


def merged(first: Sequence[Any], second: Sequence[Any]) -> list[Any]:
    """Merge two orders: a value that the first lacks comes after the one before it in the second."""
    order = list(first)
    for place, value in enumerate(second):
        if value not in order:
            order.insert(order.index(second[place - 1]) + 1 if place else 0, value)
    return order


def _sorted(values: list[Any]) -> list[Any]:
    """Sort values; those of several types by type, then by their text."""
    try:
        return sorted(values)
    except TypeError:
        return sorted(values, key=lambda value: (type(value).__name__, str(value)))


def _distinct(numbers: np.ndarray) -> np.ndarray:
    """Distinct numbers without missing ones, float64 (U,), ascending."""
    return np.unique(numbers[~np.isnan(numbers)])


def _numbers(earlier: Numbers, fresh: Numbers, numbers: np.ndarray) -> ColumnEncoder:
    """Return an encoder with the values or the bins of the earlier one, and what new numbers need besides.

    Args:
        earlier: encoder of the earlier column.
        fresh: encoder of the new one.
        numbers: distinct new numbers, float64 (U,), ascending.
    """
    if earlier.quantity.unit != fresh.quantity.unit:
        return fresh  # dates in days before and in seconds now: other codes altogether
    missing = earlier.missing or fresh.missing
    if earlier.bins is None:
        values = np.union1d(earlier.singles, numbers)
        if len(values) > FEW_VALUES:
            return fresh
        return Numbers(fresh.quantity, missing, np.empty(0), values, None)
    spikes = np.union1d(earlier.spikes, fresh.spikes)
    return Numbers(fresh.quantity, missing, spikes, None, widened(earlier.bins, fresh, numbers))


def widened(bins: QuantileBins, fresh: Numbers, numbers: np.ndarray) -> QuantileBins:
    """Add a bin at each end of earlier bins that new numbers lie beyond, and round as these are rounded.

    Args:
        bins: bins of the earlier column.
        fresh: encoder of the new column, whose outermost ends hide single rows.
        numbers: distinct new numbers, float64 (U,), ascending.
    """
    # A spike has a code of its own, also where it lies beyond the bins.
    lowest, highest = fresh.reach if fresh.bins is None else (fresh.bins.low[0], fresh.bins.high[-1])
    low, high, mass, codes = bins.low, bins.high, bins.mass, bins.bins
    if lowest < low[0]:
        low, high = np.append(lowest, low), np.append(low[0], high)
        mass, codes = np.append(1, mass), np.append(0, codes + 1)
    if highest > high[-1]:
        low, high = np.append(low, high[-1]), np.append(high, highest)
        mass, codes = np.append(mass, 1), np.append(codes, codes[-1] + 1)
    rounding = find_rounding(numbers, fresh.form.dtype == "float32") if len(numbers) else bins.rounding
    return QuantileBins(low, high, mass, codes, rounding)
