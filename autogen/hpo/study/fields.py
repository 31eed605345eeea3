"""Types of the fields of an event, checked when a journal is read."""

import math
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

#: Tells if a value of JSON has a type.
Fits = Callable[[Any], bool]

_MOST = 2**64  # no number of a trial, step or seed is as large


def misfit(kind: Any, record: Mapping[str, Any]) -> str:
    """Name the first field of a record that holds something else than its type; empty if all fit.

    Args:
        kind: Dataclass whose fields have types that JSON has.
        record: Values by name; fields that are missing, and names that are no field, are left alone.
    """
    checks = _checks(kind)
    for name, value in record.items():
        if name in checks and not checks[name](value):
            return f"{name} is {value!r:.60}"
    return ""


@cache
def _checks(kind: Any) -> dict[str, Fits]:
    hints = get_type_hints(kind)
    return {one.name: _fits(hints[one.name]) for one in fields(kind)}


def _fits(hint: Any) -> Fits:
    """Make the check of a type."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _any_of(inner)
    if origin is Literal:
        return lambda value: value in inner
    if origin is tuple:
        return _list_of(_fits(inner[0]))
    if origin is not None:
        return _object_of(_fits(inner[1]))
    if is_dataclass(hint):
        return lambda value: isinstance(value, Mapping) and not misfit(hint, value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return lambda value: type(value) is str
    return _SCALARS.get(hint, finite)


def _any_of(hints: tuple[Any, ...]) -> Fits:
    if all(one in _SCALARS for one in hints):
        types = frozenset((*hints, *((int,) if float in hints else ())))
        return lambda value: type(value) in types and (type(value) is not float or math.isfinite(value))
    choices = [_fits(one) for one in hints]
    return lambda value: any(fits(value) for fits in choices)


def _list_of(fits: Fits) -> Fits:
    return lambda value: type(value) is list and all(map(fits, value))


def _object_of(fits: Fits) -> Fits:
    return lambda value: type(value) is dict and all(map(fits, value.values()))


def finite(value: Any) -> bool:
    """Tell if no number of a JSON value is infinite, however deep."""
    if type(value) is list:
        return all(map(finite, value))
    if type(value) is dict:
        return all(map(finite, value.values()))
    return type(value) is not float or math.isfinite(value)


def _number(value: Any) -> bool:
    if type(value) is float:
        return math.isfinite(value)
    return type(value) is int and abs(value) < _MOST


_SCALARS: dict[Any, Fits] = {
    bool: lambda value: type(value) is bool,
    int: lambda value: type(value) is int and 0 <= value < _MOST,
    float: _number,
    str: lambda value: type(value) is str,
    NoneType: lambda value: value is None,
}
