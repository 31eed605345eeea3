"""Check of binding rules on rows: which rows a rule speaks of, and which of these break it.

``refuse_unsuited`` and ``refuse_broken`` are for what the user gives; ``check_binding`` counts for reports.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.tables.quantity import NumericScale
from autogen.data.tables.reading.column_types import MANY_CATEGORIES, ColumnType
from autogen.data.tables.rules.parse import BindingRule
from autogen.errors import DataError, agreed, option

#: Columns by name, float64 (N,): quantities, dates in microseconds, numbers of categories; NaN if missing.
Values = Mapping[str, np.ndarray]
#: A float that equals itself, for missing cells.
_ABSENT = -1e300
_PER_SECOND = {"s": 1e6, "ms": 1e3, "us": 1.0}


@dataclass(frozen=True)
class BindingCheck:
    """Share of rows that break a binding rule.

    Attributes:
        rule: Rule that was checked.
        support: Number of train rows that it speaks of.
        holdout: Share of the unseen real rows it speaks of that break it; ``None`` without any.
        synthetic: Share of the generated rows it speaks of that break it; ``None`` without any.
        rows: Number of generated rows that it speaks of.
    """

    rule: BindingRule
    support: int
    holdout: float | None
    synthetic: float | None
    rows: int

    def to_json(self) -> dict[str, Any]:
        """Convert to JSON values."""
        about = {"rule": self.rule.text, "kind": self.rule.kind, "columns": list(self.rule.columns)}
        shares = {"holdout": self.holdout, "synthetic": self.synthetic}
        return about | {"support": self.support} | shares | {"rows": self.rows}


def check_binding(
    rules: Sequence[BindingRule], train: Values, holdout: Values, synthetic: Values
) -> tuple[BindingCheck, ...]:
    """Count the rows that break each rule; a value that determines another answers as in train.

    Args:
        rules: rules on the columns.
        train: columns of real rows.
        holdout: columns of unseen real rows.
        synthetic: columns of generated rows.
    """
    found = []
    for rule in rules:
        shares = _share(rule, holdout, train), _share(rule, synthetic, train)
        counts = [int(spoken_of(rule, side).sum()) for side in (train, synthetic)]
        found.append(BindingCheck(rule, counts[0], *shares, counts[1]))
    return tuple(found)


def _share(rule: BindingRule, values: Values, known: Values) -> float | None:
    speaks = spoken_of(rule, values)
    return float(np.mean(broken(rule, values, known)[speaks])) if speaks.any() else None


def spoken_of(rule: BindingRule, values: Values) -> np.ndarray:
    """Tell which of N rows a rule is about, bool (N,): those without missing cells, or all if on these."""
    absent = np.any([np.isnan(values[name]) for name in rule.columns], axis=0)
    return np.ones(len(absent), bool) if rule.kind == "missing" else np.asarray(~absent)


def broken(rule: BindingRule, values: Values, real: Values | None = None) -> np.ndarray:
    """Tell which of N rows break a rule, bool (N,).

    Values that determine a column answer with what most rows hold that have them.

    Args:
        rule: rule to check.
        values: columns of the N rows.
        real: columns of other rows; values that determine a column and occur in these answer as there.
    """
    applies = spoken_of(rule, values)
    right = values[rule.right]
    if rule.kind == "missing":
        return np.asarray(np.isnan(values[rule.left[0]]) != np.isnan(right))
    if rule.kind == "ordered":
        low = values[rule.left[0]]
        return np.asarray(applies & (low >= right if rule.strict else low > right))
    sides = [values] if real is None else [values, real]
    columns = {name: _filled(np.concatenate([side[name] for side in sides])) for name in rule.columns}
    weights = np.concatenate([spoken_of(rule, side) for side in sides]).astype(float)
    weights[len(right) :] *= len(right) + 1.0
    keys, answers = grouped([columns[name] for name in rule.left]), grouped([columns[rule.right]])
    return np.asarray(applies & (answers != _usual(keys, answers, weights)[keys])[: len(right)])


def grouped(columns: Sequence[np.ndarray]) -> np.ndarray:
    """Number the distinct rows of some columns, (N,) each: int64 (N,), from 0."""
    numbers = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        codes = np.unique(column, return_inverse=True)[1]
        numbers = np.unique(numbers * (codes.max(initial=0) + 1) + codes, return_inverse=True)[1]
    return numbers


def values_of(columns: Mapping[str, pd.Series], forms: Sequence[ColumnType]) -> dict[str, np.ndarray]:
    """Convert columns, N cells each, to numbers that rules can be checked on."""
    found = {}
    for form in forms:
        column = columns[form.name]
        if form.nominal:
            codes = pd.factorize(column)[0].astype(float)
            found[form.name] = np.where(codes < 0, np.nan, codes)
        else:
            found[form.name] = NumericScale(form, "us" if is_moment(form) else "").numbers(column)
    return found


def values_of_features(features: np.ndarray, encoders: Sequence[Any]) -> dict[str, np.ndarray]:
    """Convert the features of N rows, float64 (N, D), to numbers that rules can be checked on.

    Args:
        features: from the codec.
        encoders: encoders of the D columns.
    """
    return {
        encoder.form.name: column * microseconds(encoder)
        for encoder, column in zip(encoders, features.T, strict=True)
    }


def microseconds(encoder: Any) -> float:
    """Microseconds in a unit of a column of dates or durations; 1 for any other column."""
    return _PER_SECOND.get(getattr(getattr(encoder, "quantity", None), "unit", ""), 1.0)


def is_moment(form: ColumnType) -> bool:
    """True for dates and durations."""
    return form.kind == "datetime" or form.dtype.startswith("timedelta")


def refuse_unsuited(rules: Sequence[BindingRule], forms: Sequence[ColumnType], enforced: bool = True) -> None:
    """Raise ``DataError`` if a rule names a column that is not modeled, or of a kind that it cannot be about.

    Args:
        rules: rules of the user.
        forms: types of the columns that samples have.
        enforced: False if the rules are only checked on rows.
    """
    kinds = {form.name: form for form in forms}
    for rule in rules:
        for name in rule.columns:
            if name not in kinds or kinds[name].kind == "identifier":
                what = "holds identifiers, which are made up" if name in kinds else "is not modeled"
                kind = "continuous" if rule.kind == "ordered" else "categorical"
                raise DataError(
                    f"the rule {rule.text!r} cannot be kept: column {name!r} {what}. Leave the rule out, or "
                    f"set the column's kind, as in {option('column', f'{name}={kind}')}."
                )
        if rule.kind == "ordered":
            _refuse_incomparable(rule, *(kinds[name] for name in rule.columns))
        if rule.kind == "determines" and enforced:
            for form in (kinds[name] for name in rule.left):
                _refuse_no_key(rule, form)


def _refuse_incomparable(rule: BindingRule, low: ColumnType, high: ColumnType) -> None:
    for form in (low, high):
        if form.nominal:
            raise DataError(
                f"the rule {rule.text!r} compares numbers or dates, but column {form.name!r} is {form.kind}; "
                f"leave the rule out, or set the column's kind."
            )
    if (one := _measure(low)) != (other := _measure(high)):
        raise DataError(
            f"the rule {rule.text!r} compares {one} ({low.name}) with {other} ({high.name}); both must be of "
            f"one sort."
        )


def _measure(form: ColumnType) -> str:
    if form.dtype.startswith("timedelta"):
        return "durations"
    if form.kind != "datetime":
        return "numbers"
    return "dates with a time zone" if "," in form.dtype else "dates"


def _refuse_no_key(rule: BindingRule, form: ColumnType) -> None:
    if not form.nominal:
        raise DataError(
            f"the rule {rule.text!r} looks {rule.right!r} up by {form.name!r}, which is {form.kind} and has "
            f"new values in samples; the left side must be categories, or numbers whose values repeat."
        )


def repeats(column: pd.Series) -> bool:
    """Tell if the values of a column repeat, so that other columns can be looked up by them."""
    distinct = column.nunique()
    return distinct <= MANY_CATEGORIES and 2 * distinct <= column.count()


def refuse_broken(
    rules: Sequence[BindingRule], frame: pd.DataFrame, forms: Sequence[ColumnType], source: str
) -> None:
    """Raise ``DataError`` if a row breaks a rule, with the count and the first such row.

    Args:
        rules: rules of the user.
        frame: all rows of the table, indexed by their numbers in the source.
        forms: types of its columns.
        source: name of the table.
    """
    values = values_of({form.name: frame[form.name] for form in forms}, forms)
    for rule in rules:
        wrong = np.flatnonzero(broken(rule, values))
        if not len(wrong):
            continue
        cells = ", ".join(f"{name}={_shown(frame[name].iloc[wrong[0]])}" for name in rule.columns)
        most = ""
        if rule.kind == "determines":
            usual = _usual_answer(rule, values, int(wrong[0]))
            most = f" (most rows like it have {rule.right}={_shown(frame[rule.right].iloc[usual])})"
        raise DataError(
            f"{len(wrong):,} of {len(frame):,} rows of {source} {agreed(len(wrong), 'breaks', 'break')} the "
            f"rule {rule.text!r}, such as row {int(frame.index[wrong[0]]) + 1}: {cells}{most}. Correct "
            f"{agreed(len(wrong), 'this row', 'these rows')}, or leave the rule out: "
            f"the report then shows how often samples break it."
        )


def _usual_answer(rule: BindingRule, values: Values, row: int) -> int:
    """Find a row with the answer of most rows that have the left cells of a row."""
    keys = grouped([_filled(values[name]) for name in rule.left])
    answers = grouped([_filled(values[rule.right])])
    usual = _usual(keys, answers, spoken_of(rule, values).astype(float))
    return int(np.flatnonzero((keys == keys[row]) & (answers == usual[keys[row]]))[0])


def _usual(keys: np.ndarray, answers: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Find the answer of each key with the most weight, int64 (keys,).

    Args:
        keys: number of each row's key, int64 (N,), from 0 without gaps.
        answers: number of each row's answer, int64 (N,).
        weights: weight of each row, float64 (N,).
    """
    width = int(answers.max(initial=0)) + 1
    cells, place = np.unique(keys * width + answers, return_inverse=True)
    order = np.lexsort((-np.bincount(place, weights), cells // width))
    first = np.unique(cells[order] // width, return_index=True)[1]
    return np.asarray(cells[order][first] % width)


def _filled(column: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(column), _ABSENT, column)


def _shown(cell: Any) -> str:
    if pd.isna(cell):
        return "missing"
    if isinstance(cell, pd.Timestamp):
        return str(cell).removesuffix(" 00:00:00")
    return str(cell)
