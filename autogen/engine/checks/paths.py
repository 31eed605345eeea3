"""Paths in settings, as a run keeps them."""

from collections.abc import Iterable
from pathlib import Path


def absolute(name: str, known: Iterable[str]) -> str:
    """Make a path absolute, so that a run can be resumed from any folder; known names stay as they are."""
    return str(Path(name).absolute()) if name and name not in known else name
