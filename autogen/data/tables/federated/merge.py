"""Codec of a table made of the sketches of several owners, and of nothing else.

Sketches that say the same need no merging: their encoder is kept. Else each is written out as a column with
its counts, numbers evenly spread over their segments, and the usual codec is fitted on the columns of all
owners together: every decision about codes is taken where it always is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.tables.codec import TableCodec
from autogen.data.tables.encoders import Categories, ColumnEncoder, Numbers, encoder_from_json, fit_encoder
from autogen.data.tables.reading.column_types import ColumnType
from autogen.errors import DataError, listed

#: Most rows that the sketches of all owners together stand for.
MOST_ROWS = 50_000_000
_NUMBERS = ("integer", "continuous")


def merged_codec(sketches: Mapping[str, Mapping[str, Any]]) -> TableCodec:
    """Make the codec of several owners' sketches; see ``HasSketches.merged_codec``."""
    owners = list(sketches)
    columns = {owner: {one["form"]["name"]: one for one in sketches[owner]["columns"]} for owner in owners}
    names = list(columns[owners[0]])
    for owner in owners[1:]:
        if other := set(names) ^ set(columns[owner]):
            has, lacks = (owner, owners[0]) if min(other) in columns[owner] else (owners[0], owner)
            raise DataError(
                f"all owners must have the same columns, but {min(other)!r} is in the table of {has} and not "
                f"in that of {lacks}; drop it there (--column '{min(other)}=drop') or add it"
            )
    encoders = [merged_column({owner: columns[owner][name] for owner in owners}) for name in names]
    targets = {str(sketches[owner].get("target", "")) for owner in owners}
    if len(targets) > 1:
        raise DataError(f"all owners must name the same target, but they name {listed(sorted(targets))}")
    return TableCodec(encoders, target=targets.pop())


def merged_column(sketches: Mapping[str, Mapping[str, Any]]) -> ColumnEncoder:
    """Make the encoder of one column of the owners' sketches of it.

    Raises:
        DataError: the column is of one kind with one owner and of another kind with another.
    """
    forms = {owner: ColumnType.from_json(one["form"]) for owner, one in sketches.items()}
    form = merged_form(forms)
    records = [one["encoder"] for one in sketches.values()]
    if all(known == form for known in forms.values()) and all(one == records[0] for one in records):
        return encoder_from_json(form, records[0])
    if sum(sum(one["counts"]) for one in sketches.values()) > MOST_ROWS:
        raise DataError(f"the sketches of column {form.name!r} stand for more than {MOST_ROWS:,} rows")
    parts = [written_out(forms[owner], one) for owner, one in sketches.items()]
    if form.nominal:
        cells: pd.Series = pd.concat([part.astype(object) for part in parts], ignore_index=True)
    else:
        cells = pd.concat(parts, ignore_index=True)
    return fit_encoder(form, cells)


def merged_form(forms: Mapping[str, ColumnType]) -> ColumnType:
    """Find the one type of a column: whole numbers join numbers, and steps of a scale join categories.

    Raises:
        DataError: the kinds, or the ways to write values, do not go together.
    """
    owners, known = list(forms), list(forms.values())
    first = known[0]
    if all(one == first for one in known):
        return first
    kinds = {one.kind for one in known}
    if kinds <= set(_NUMBERS) or len(kinds) == 1:
        kind = first.kind if len(kinds) == 1 else "continuous"
    elif kinds == {"ordinal", "categorical"}:
        kind = "categorical"
    else:
        other = next(owner for owner in owners if forms[owner].kind != first.kind)
        raise DataError(
            f"column {first.name!r} is {first.kind} with {owners[0]} and {forms[other].kind} with {other}; "
            f"all owners must give one kind, such as --column '{first.name}={first.kind}'"
        )
    for one, owner in zip(known, owners, strict=True):
        if (one.format, one.text_format) != (first.format, first.text_format):
            raise DataError(
                f"column {first.name!r} is written in another way with {owner} than with {owners[0]}; write "
                "it alike"
            )
    order = _merged_order([one.categories for one in known])
    ordinal = kind == "ordinal" and order is not None
    ordered = all(one.ordered for one in known) and order is not None
    dtypes = [one.dtype for one in known]
    return replace(
        first,
        kind=kind if ordinal or kind != "ordinal" else "categorical",
        dtype=dtypes[0] if len(set(dtypes)) == 1 else _wider(dtypes, kind),
        categories=order or () if ordered or first.dtype == "category" else (),
        ordered=ordered,
        missing_words=(),
    )


def _merged_order(orders: Sequence[tuple[Any, ...]]) -> tuple[Any, ...] | None:
    """Join orders of values where the longest has them all, in the same order; else ``None``."""
    longest = max(orders, key=len)
    for order in orders:
        if tuple(value for value in longest if value in set(order)) != tuple(order):
            return None
    return longest


def _wider(dtypes: Sequence[str], kind: str) -> str:
    """Find a dtype that holds the cells of all owners."""
    if kind in _NUMBERS:
        return "float64"
    return "object" if kind != "datetime" else dtypes[0]


def written_out(form: ColumnType, sketch: Mapping[str, Any]) -> pd.Series:
    """Write a sketch out as a column with its counts, numbers evenly spread over their segments."""
    encoder = encoder_from_json(form, sketch["encoder"])
    counts = np.asarray(sketch["counts"], np.int64)
    missing = int(sketch["encoder"]["missing"])
    if isinstance(encoder, Categories):
        values = np.array([*[None] * missing, *sketch["encoder"]["values"]], dtype=object)
        return pd.Series(np.repeat(values, counts), dtype=object)
    assert isinstance(encoder, Numbers)
    absent = np.full(int(counts[0]) if missing else 0, np.nan)
    if encoder.bins is None:
        numbers = np.repeat(encoder.singles, counts[missing:])
    else:
        singles = np.repeat(encoder.spikes, counts[missing : encoder.spec.specials])
        bins = encoder.bins
        if bins.mass.sum() != counts[encoder.spec.specials :].sum():
            raise DataError(f"the sketch of column {form.name!r} contradicts itself in its counts")
        inside = [
            low + (high - low) * (np.arange(mass) + 0.5) / mass
            for low, high, mass in zip(bins.low, bins.high, bins.mass.tolist(), strict=True)
        ]
        spread = np.concatenate(inside)
        spread = spread if bins.rounding is None else bins.rounding.round(spread)
        numbers = np.concatenate([singles, spread])
    return encoder.quantity.column(np.concatenate([absent, numbers]))
