"""JSON and TOML from anybody: whatever is wrong with a document is a ``ValueError`` of one line."""

import json
import tomllib
from typing import Any

_DEEP = "it is nested too deeply"


def parse_json(text: str | bytes) -> Any:
    """Parse JSON.

    Raises:
        ValueError: it is no JSON, is nested too deeply, or has a number with thousands of digits.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError(_DEEP) from None


def parse_toml(text: str) -> dict[str, Any]:
    """Parse TOML.

    Raises:
        ValueError: it is no TOML, is nested too deeply, or has a number with thousands of digits.
    """
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError(_DEEP) from None
