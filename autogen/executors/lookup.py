"""Executors by name, and their options from named values."""

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from autogen import registry
from autogen.errors import SettingsError
from autogen.executors.disk import StopsOnDiskErrors
from autogen.hpo.executor import Executor, Options
from autogen.hpo.space.names import unknown

_WORDS = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}
_TRUTH = {"true": True, "false": False}


def executor_for(name: str, workers: int, options: Options, *, timed: bool = False) -> Executor:
    """A fresh executor; one local worker runs in this process, unless it may have to be given up.

    A full or failing disk ends the study, not a trial.

    Args:
        name: In the registry.
        workers: Number of workers; the executor decides what 0 means.
        options: The executor's own, as from ``read_options``.
        timed: True if there is a time budget, at whose end trials are canceled.
    """
    chosen: type[Executor] = registry.get("executor", name)
    return StopsOnDiskErrors(chosen.for_study(workers, options, timed=timed))


def read_options(name: str, values: Mapping[str, Any]) -> Options:
    """Options of an executor from named values; texts are read as what the option is.

    Raises:
        SettingsError: the executor has no such option, or the value is of another type.
    """
    kind = registry.get("executor", name).Options
    return kind(**typed_options(name, values))  # type: ignore[no-any-return]


def typed_options(name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values, each of the type that the executor's option has. Raises as ``read_options`` does."""
    known = {item.name: type(item.default) for item in fields(registry.get("executor", name).Options)}
    for option in values:
        if option not in known:
            raise SettingsError(_unknown(name, option, tuple(known)))
    return {option: _typed(option, value, known[option]) for option, value in values.items()}


def _unknown(name: str, option: str, known: tuple[str, ...]) -> str:
    """List the options of the executor, or the executors that have this option."""
    others = [
        other
        for other in sorted(registry.names("executor"))
        if option in (item.name for item in fields(registry.get("executor", other).Options))
    ]
    if others:
        return (
            f"{option} is an option of the executor {' or '.join(others)}, not of {name}; "
            f"add executor = {others[-1]!r}, or leave it out"
        )
    return unknown(f"option of the executor {name}:", option, known)


def _typed(option: str, value: Any, kind: type) -> Any:
    """A value as its option's type."""
    try:
        if isinstance(value, str) and kind is not str:
            value = _TRUTH[value.lower()] if kind is bool else kind(value)
        if kind in (float, str) and type(value) is int:  # a text that may be a number, such as replicas
            value = kind(value)
        if type(value) is kind and not (isinstance(value, float) and not math.isfinite(value)):
            return value
    except (KeyError, ValueError):
        pass
    raise SettingsError(f"{option} is {_WORDS[kind]}, not {value!r}")
