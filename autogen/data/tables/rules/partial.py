"""Rows of which some cells are known, under binding rules: what follows from these, and what fits them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from autogen.data.specs import Arrays
from autogen.data.tables.codec import TableCodec
from autogen.data.tables.rules.bounded import Bounded
from autogen.data.tables.rules.cells import Cells
from autogen.data.tables.rules.check import broken, values_of_features
from autogen.data.tables.rules.derivation import put_known
from autogen.data.tables.rules.parse import BindingRule
from autogen.data.tables.rules.sources import Fixed, unfit, with_sources
from autogen.errors import DataError


def refuse_contradiction(codec: TableCodec, fixed: Fixed) -> None:
    """Raise ``DataError`` if the known cells of a condition break a rule by themselves.

    Args:
        codec: codec of the table.
        fixed: known cells of one row.
    """
    with_sources(codec.derivation, fixed, 0, strict=True)
    numbers = Cells(codec.derivation.encoders, {name: cell for name, (cell, _) in fixed.items()})
    for low, bounds in codec.derivation.plan.above.items():
        for high, strict in bounds:
            if {low, high} <= set(fixed) and numbers.outside(
                high, numbers.numbers(high), [(low, strict)], lowest=True
            ):
                _refuse(fixed, (low, high), BindingRule("ordered", (low,), high, strict).text)
    for rule in codec.derivation.rules:
        told = [bool(fixed[name][0].isna().iloc[0]) for name in rule.columns if name in fixed]
        if rule.kind == "missing" and told in ([True, False], [False, True]):
            _refuse(fixed, rule.columns, rule.text)


def _refuse(fixed: Fixed, names: tuple[str, ...], rule: str) -> None:
    cells = (f"{name}={fixed[name][0].iloc[0]}" for name in names)
    raise DataError(
        f"the condition {', '.join(cells)} breaks the rule {rule!r}; change one of these, or leave it out."
    )


def pulled(codec: TableCodec, fixed: Fixed, known: np.ndarray) -> tuple[str, ...]:
    """Name the known columns that are modeled as distances from unknown ones, so that no code tells them.

    Args:
        codec: codec of the table.
        fixed: known cells.
        known: mask of the known modeled cells, bool (N, M).
    """
    derivation, found = codec.derivation, []
    for name, maker in derivation.makers.items():
        if isinstance(maker, Bounded) and name in fixed:
            places = list(derivation.places[name])
            if (fixed[name][1] & ~known[:, places].all(axis=1)).any():
                found.append(name)
    return tuple(found)


def mismatch(
    codec: TableCodec, arrays: Arrays, fixed: Fixed, names: tuple[str, ...], seed: int
) -> np.ndarray:
    """Measure how far drawn rows are from known cells that they were drawn without, float64 (N,).

    Args:
        codec: codec of the table.
        arrays: codes and positions of N rows.
        fixed: known cells.
        names: known columns that the rows were drawn without.
        seed: random seed of the decoding.

    Returns:
        Sum of the distances on the scale of codes, 1 for a missing cell; 2 more if the known cells would
        break a rule.
    """
    others = {name: given for name, given in fixed.items() if name not in names}
    made = codec.decode_with(arrays, seed, others)
    total = np.zeros(len(made))
    for name in names:
        encoder, (given, there) = codec.derivation.encoders[name], fixed[name]
        scales = []
        for column in (made[name], given):
            codes, positions = encoder.encode(column)
            absent = np.isnan(encoder.feature(column))
            scales.append(np.where(absent, np.nan, (codes + positions) / encoder.spec.levels))
        apart = np.where(np.isnan(scales[0]) != np.isnan(scales[1]), 1.0, np.abs(scales[0] - scales[1]))
        total += np.where(there, np.nan_to_num(apart), 0.0)
    return total + 2.0 * breaking(codec, made, fixed)


def breaking(codec: TableCodec, made: pd.DataFrame, fixed: Fixed) -> np.ndarray:
    """Tell which of N rows break a rule, lookups aside, once known cells are put in, bool (N,)."""
    columns = {
        name: put_known(made[name], *fixed[name]) if name in fixed else made[name] for name in codec.names
    }
    return _broken(codec, _own(codec), columns)


def _own(codec: TableCodec) -> tuple[BindingRule, ...]:
    return tuple(rule for rule in codec.derivation.rules if rule.kind != "determines")


def _broken(
    codec: TableCodec, rules: tuple[BindingRule, ...], columns: Mapping[str, pd.Series]
) -> np.ndarray:
    names = {name for rule in rules for name in rule.columns}
    encoders = [encoder for encoder in codec.encoders if encoder.form.name in names]
    if not encoders:
        return np.zeros(len(next(iter(columns.values()))), bool)
    features = np.column_stack([encoder.feature(columns[encoder.form.name]) for encoder in encoders])
    values = values_of_features(features, encoders)
    return np.asarray(np.any([broken(rule, values) for rule in rules], axis=0))


def refuse_broken_rows(codec: TableCodec, made: pd.DataFrame, fixed: Fixed) -> None:
    """Raise ``DataError`` if drawn cells beside known ones break a rule.

    Args:
        codec: codec of the table.
        made: N rows, the known cells among them.
        fixed: known cells.
    """
    nothing, columns = np.zeros(len(made), bool), {name: made[name] for name in codec.names}
    known = {name: fixed[name][1] if name in fixed else nothing for name in codec.names}
    found = unfit(codec.derivation, columns, known)
    for rule in _own(codec):
        open_ = ~np.all([known[name] for name in rule.columns], axis=0)
        wrong = int((open_ & _broken(codec, (rule,), columns)).sum())
        found = found or ((rule.text, wrong) if wrong else None)
    if found:
        raise DataError(
            f"{found[1]} of {len(made)} rows cannot keep the rule {found[0]!r} beside the cells that are "
            f"given; give all its columns, or leave one of them open."
        )
