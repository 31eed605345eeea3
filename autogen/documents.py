"""JSON and TOML from anybody: whatever is wrong with a document is a ``ValueError`` of one line."""

import json
import re
import tomllib
from typing import Any

_HALF, _HALF_BYTES = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]"), re.compile(rb"\\u[dD][89a-fA-F]")
_DEEP = "it is nested too deeply"


def parse_json(text: str | bytes) -> Any:
    """Parse JSON; halves of a character (U+D800 alone), which no text can have, become U+FFFD.

    Raises:
        ValueError: it is no JSON, is nested too deeply, or has a number with thousands of digits.
    """
    try:
        found = json.loads(text)
        return _whole_characters(found) if _has_halves(text) else found
    except RecursionError:
        raise ValueError(_DEEP) from None


def _has_halves(text: str | bytes) -> bool:
    """Tell if JSON may hold halves of a character."""
    return bool(_HALF_BYTES.search(text) if isinstance(text, bytes) else _HALF.search(text))


def _whole_characters(value: Any) -> Any:
    """Replace halves of a character in texts and names."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_whole_characters(one) for one in value]
    if isinstance(value, dict):
        return {_whole_characters(name): _whole_characters(one) for name, one in value.items()}
    return value


def parse_toml(text: str) -> dict[str, Any]:
    """Parse TOML.

    Raises:
        ValueError: it is no TOML, is nested too deeply, or has a number with thousands of digits.
    """
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError(_DEEP) from None
