"""Arguments of draws as users write them: each is read, or answered with one line."""

from collections.abc import Mapping
from numbers import Integral
from typing import Any

from autogen.errors import SettingsError


def whole(name: str, value: object, least: int) -> int:
    """Read a whole number, of Python or numpy.

    Raises:
        SettingsError: it is none, or too small.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise SettingsError(f"{name} must be a whole number, at least {least}; got {value!r:.80}")
    return int(value)


def one_of(first: str, one: Any, second: str, other: Any, default: Any) -> Any:
    """Read a setting that has two names.

    Raises:
        SettingsError: both are given.
    """
    if one is not None and other is not None:
        raise SettingsError(f"give {first} or {second}, but not both: they mean the same")
    return next((value for value in (one, other) if value is not None), default)


def seed_of(seed: object, random_state: object, default: int = 0) -> int:
    """Read a seed by its two names.

    Raises:
        SettingsError: both are given, or it is no whole number.
    """
    name = "random_state" if seed is None else "seed"
    return whole(name, one_of("seed", seed, "random_state", random_state, default), 0)


def table_of(name: str, value: object) -> dict[str, Any]:
    """Read a dictionary whose keys are texts; empty for ``None``.

    Raises:
        SettingsError: it is none.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise SettingsError(f"{name} must be a dictionary with names as keys; got {value!r:.80}")
    return dict(value)


def checked_draw(n: object, chunk: object, condition: object) -> None:
    """Refuse what is no number of samples, no number of rows of a piece, or no condition.

    Raises:
        SettingsError: one of them is none.
    """
    whole("n", n, 1)
    if chunk is not None:
        whole("chunk", chunk, 1)
    table_of("condition", condition)
