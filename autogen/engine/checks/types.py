"""Types of the settings of a study."""

import math
from collections.abc import Sequence

from autogen.errors import SettingsError

#: Settings that are tables.
TABLES = ("constraints", "columns", "options", "privacy", "asking", "executor_options")
_WORDS = {
    tuple: "a list of texts",
    str: "a text",
    int: "a whole number",
    float: "a number",
    dict: "a table",
    bool: "true or false",
}


def check_type(name: str, value: object, expected: type) -> None:
    """Check the type of a value. Raises ``SettingsError`` for a text in place of a number, and the like."""
    expected = dict if name in TABLES else expected
    if expected is float and isinstance(value, int):
        expected = int
    if (
        not isinstance(value, expected)
        or (isinstance(value, bool) and expected is not bool)
        or value != value
        or value == math.inf
    ):
        word = _WORDS[expected]
        raise SettingsError(f"{name} must be {word}; got {value!r}")
    if isinstance(value, tuple) and (odd := [one for one in value if not isinstance(one, str)]):
        raise SettingsError(f"{name} must be a list of names; got {odd[0]!r} in it")
    if name in ("constraints", "columns") and isinstance(value, dict):
        for key, one in value.items():
            if not isinstance(one, str):
                example = '"<= 20ms"' if name == "constraints" else '"categorical"'
                raise SettingsError(f"{name}.{key} must be a text such as {example}; got {one!r}")
    if name in ("options", "asking", "privacy") and isinstance(value, dict):
        for key, one in value.items():
            if not all(isinstance(part, str | int | float) for part in _parts(one)):
                raise SettingsError(f"{name}.{key} must be a text, a number or a list of them; got {one!r}")


def _parts(value: object) -> Sequence[object]:
    """Return the entries of a list, or the value alone."""
    return value if isinstance(value, list | tuple) else [value]
